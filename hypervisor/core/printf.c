/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hyp_snprintf(): the C library's formats that the hypervisor uses, no more; never reads past its
 * arguments' types.
 */
#include <hyp/log.h>
#include <stdarg.h>

struct out {
	char *buf;
	size_t size;
	size_t len; /* what it would have been */
};

struct spec {
	bool left;
	bool zero;
	unsigned int width;
	unsigned int precision; /* of %s; UINT32_MAX: none */
	unsigned int longs;	/* 0 int, 1 long, 2 long long */
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size) {
		o->buf[o->len] = c;
	}
	o->len++;
}

static void put_field(struct out *o, const struct spec *s, const char *text, size_t len)
{
	size_t pad = s->width > len ? s->width - len : 0;

	if (!s->left) {
		for (; pad > 0; pad--) {
			put(o, ' ');
		}
	}
	for (size_t i = 0; i < len; i++) {
		put(o, text[i]);
	}
	for (; pad > 0; pad--) {
		put(o, ' ');
	}
}

static void put_number(struct out *o, const struct spec *s, uint64_t value, unsigned int base,
		       const char *prefix)
{
	char text[40];
	size_t at = sizeof(text);
	size_t prefix_len = 0;
	size_t zeros;

	do {
		text[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	while (prefix[prefix_len] != '\0') {
		prefix_len++;
	}
	zeros = s->zero && !s->left ? MIN(s->width, 32U) : 0;
	while (sizeof(text) - at + prefix_len < zeros) {
		text[--at] = '0';
	}
	while (prefix_len > 0) {
		text[--at] = prefix[--prefix_len];
	}
	put_field(o, s, text + at, sizeof(text) - at);
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	size_t len = 0;

	if (text == NULL) {
		text = "(null)";
	}
	while (len < s->precision && text[len] != '\0') {
		len++;
	}
	put_field(o, s, text, len);
}

static uint64_t arg_unsigned(const struct spec *s, va_list *ap)
{
	return s->longs == 0 ? va_arg(*ap, unsigned int) : va_arg(*ap, unsigned long);
}

static void put_signed(struct out *o, const struct spec *s, va_list *ap)
{
	int64_t value = s->longs == 0 ? va_arg(*ap, int) : va_arg(*ap, long);
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	put_number(o, s, magnitude, 10, value < 0 ? "-" : "");
}

static const char *parse_spec(const char *f, struct spec *s, va_list *ap)
{
	*s = (struct spec){ .precision = UINT32_MAX };
	for (;; f++) {
		if (*f == '-') {
			s->left = true;
		} else if (*f == '0') {
			s->zero = true;
		} else {
			break;
		}
	}
	for (; *f >= '0' && *f <= '9'; f++) {
		s->width = s->width * 10 + (unsigned int)(*f - '0');
	}
	if (f[0] == '.' && f[1] == '*') {
		int precision = va_arg(*ap, int);

		s->precision = precision < 0 ? UINT32_MAX : (unsigned int)precision;
		f += 2;
	}
	for (; *f == 'l' || *f == 'z'; f++) {
		s->longs++;
	}
	return f;
}

static int format(struct out *o, const char *f, va_list *ap)
{
	struct spec s;
	char c;

	for (; *f != '\0'; f++) {
		if (*f != '%') {
			put(o, *f);
			continue;
		}
		f = parse_spec(f + 1, &s, ap);
		switch (*f) {
		case 's':
			put_string(o, &s, va_arg(*ap, const char *));
			break;
		case 'c':
			c = (char)va_arg(*ap, int);
			put_field(o, &s, &c, 1);
			break;
		case 'd':
		case 'i':
			put_signed(o, &s, ap);
			break;
		case 'u':
			put_number(o, &s, arg_unsigned(&s, ap), 10, "");
			break;
		case 'x':
			put_number(o, &s, arg_unsigned(&s, ap), 16, "");
			break;
		case 'p':
			put_number(o, &s, (uint64_t)(uintptr_t)va_arg(*ap, void *), 16, "0x");
			break;
		case '\0':
			return (int)o->len;
		default:
			put(o, *f);
			break;
		}
	}
	return (int)o->len;
}

int hyp_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out o = { .buf = buf, .size = size };
	va_list copy;
	int len;

	va_copy(copy, ap);
	len = format(&o, fmt, &copy);
	va_end(copy);
	if (size > 0) {
		buf[MIN(o.len, size - 1)] = '\0';
	}
	return len;
}

int hyp_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = hyp_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return len;
}
