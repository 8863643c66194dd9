// SPDX-License-Identifier: Apache-2.0
/* The few lines of formatting that our guests need. */
#include "guest.h"

#include <stdarg.h>

static void print_string(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\n') {
			uart_put('\r');
		}
		uart_put(*s);
	}
}

static void print_number(uint64_t value, unsigned int radix)
{
	char digits[21];
	size_t at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = "0123456789abcdef"[value % radix];
		value /= radix;
	} while (value != 0);
	print_string(&digits[at]);
}

void print_list(const char *fmt, va_list args)
{
	char one[2] = { 0, 0 };

	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			one[0] = *fmt;
			print_string(one);
			continue;
		}
		switch (*++fmt) {
		case 's':
			print_string(va_arg(args, const char *));
			break;
		case 'u':
			print_number(va_arg(args, uint64_t), 10);
			break;
		default:
			print_number(va_arg(args, uint64_t), 16);
			break;
		}
	}
}

void print(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_list(fmt, args);
	va_end(args);
}
