// SPDX-License-Identifier: Apache-2.0
/*
 * JSON into a tree. Bounded in bytes and depth; a NUL inside a string is refused, for what reads it would see less of it.
 * Spec: RFC 8259.
 */
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"
#include "json.h"

struct reader {
	const char *at;
	const char *end;
	const char *why;
	unsigned long line;
};

static struct json *read_value(struct reader *r, unsigned int depth);

static struct json *refuse(struct reader *r, const char *why)
{
	if (r->why == NULL) {
		r->why = why;
	}
	return NULL;
}

static void skip_blanks(struct reader *r)
{
	for (; r->at < r->end && strchr(" \t\r\n", *r->at) != NULL && *r->at != '\0'; r->at++) {
		r->line += *r->at == '\n';
	}
}

static bool take(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->at >= r->end || *r->at != c) {
		return false;
	}
	r->at++;
	return true;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *p = c != '\0' ? strchr(digits, c) : NULL;

	return p != NULL ? (int)(p - digits) % 16 : -1;
}

/* Four hexadecimal digits. Return: -1 if they are none. */
static int read_code(struct reader *r)
{
	int i, digit, code = 0;

	for (i = 0; i < 4; i++) {
		digit = r->at < r->end ? hex_digit(*r->at++) : -1;
		if (digit < 0) {
			return -1;
		}
		code = code << 4 | digit;
	}
	return code;
}

/* Spec: RFC 3629 section 3. */
static char *put_utf8(char *to, unsigned long code)
{
	if (code < 0x80) {
		*to++ = (char)code;
		return to;
	}
	if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
	} else if (code < 0x10000) {
		*to++ = (char)(0xe0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
	} else {
		*to++ = (char)(0xf0 | code >> 18);
		*to++ = (char)(0x80 | (code >> 12 & 0x3f));
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (code & 0x3f));
	return to;
}

/* Behind "\u"; a character beyond 16 bits is two of them (RFC 8259 section 7). */
static char *read_unicode(struct reader *r, char *to)
{
	int code = read_code(r), low;

	if (code >= 0xd800 && code < 0xdc00) {
		if (r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u') {
			return NULL;
		}
		r->at += 2;
		low = read_code(r);
		if (low < 0xdc00 || low > 0xdfff) {
			return NULL;
		}
		return put_utf8(to, 0x10000UL + ((unsigned long)(code - 0xd800) << 10) +
					    (unsigned long)(low - 0xdc00));
	}
	if (code <= 0 || (code >= 0xdc00 && code <= 0xdfff)) {
		return NULL;
	}
	return put_utf8(to, (unsigned long)code);
}

static char *read_escape(struct reader *r, char *to)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	char c = r->at < r->end ? *r->at++ : '\0';
	const char *p;

	if (c == 'u') {
		return read_unicode(r, to);
	}
	p = c != '\0' ? strchr(from, c) : NULL;
	if (p == NULL) {
		return NULL;
	}
	*to++ = into[p - from];
	return to;
}

/* A string whose opening quote was taken: its text, never longer than what was written. */
static char *read_string(struct reader *r)
{
	const char *close = r->at;
	char *text, *to;

	while (close < r->end && *close != '"') {
		close += *close == '\\' && close + 1 < r->end ? 2 : 1;
	}
	text = xalloc((size_t)(close - r->at) + 1);
	to = text;
	while (to != NULL && r->at < r->end && *r->at != '"') {
		if ((unsigned char)*r->at < ' ') {
			to = NULL;
		} else if (*r->at == '\\') {
			r->at++;
			to = read_escape(r, to);
		} else {
			*to++ = *r->at++;
		}
	}
	if (to == NULL || r->at >= r->end) {
		free(text);
		refuse(r, to == NULL ? "a character that a string cannot have"
				     : "a string does not end");
		return NULL;
	}
	r->at++;
	*to = '\0';
	return text;
}

static struct json *new_value(enum json_kind kind, char *text)
{
	struct json *j = xalloc(sizeof(*j));

	j->kind = kind;
	j->text = text;
	return j;
}

/* Digits, at least one. */
static const char *skip_digits(const char *p, const char *end)
{
	const char *begin = p;

	while (p < end && *p >= '0' && *p <= '9') {
		p++;
	}
	return p > begin ? p : NULL;
}

static struct json *read_number(struct reader *r)
{
	const char *begin = r->at, *p = r->at;

	p += *p == '-';
	p = p + 1 < r->end && p[0] == '0' && p[1] >= '0' && p[1] <= '9' ? NULL
									: skip_digits(p, r->end);
	if (p != NULL && p < r->end && *p == '.') {
		p = skip_digits(p + 1, r->end);
	}
	if (p != NULL && p < r->end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < r->end && (*p == '+' || *p == '-');
		p = skip_digits(p, r->end);
	}
	if (p == NULL) {
		return refuse(r, "a number that is none");
	}
	r->at = p;
	return new_value(JSON_NUMBER, xasprintf("%.*s", (int)(p - begin), begin));
}

static struct json *read_word(struct reader *r)
{
	static const struct {
		const char *word;
		enum json_kind kind;
	} words[] = { { "true", JSON_BOOL }, { "false", JSON_BOOL }, { "null", JSON_NULL } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i].word);

		if ((size_t)(r->end - r->at) >= n && memcmp(r->at, words[i].word, n) == 0) {
			r->at += n;
			return new_value(words[i].kind, xstrdup(words[i].word));
		}
	}
	return refuse(r, "a value is expected");
}

/* One member of an object, or of an array where @is_named is false. */
static struct json *read_member(struct reader *r, bool is_named, unsigned int depth)
{
	char *name = NULL;
	struct json *j;

	if (is_named) {
		if (!take(r, '"')) {
			return refuse(r, "a name in quotes is expected");
		}
		name = read_string(r);
		if (name == NULL || !take(r, ':')) {
			free(name);
			return refuse(r, "a colon is expected");
		}
	}
	j = read_value(r, depth);
	if (j == NULL) {
		free(name);
		return NULL;
	}
	j->name = name;
	return j;
}

static struct json *read_group(struct reader *r, enum json_kind kind, unsigned int depth)
{
	struct json *group = new_value(kind, NULL), **end = &group->first;
	char close = kind == JSON_OBJECT ? '}' : ']';

	if (depth >= JSON_MAX_DEPTH) {
		json_free(group);
		return refuse(r, "too many levels");
	}
	if (take(r, close)) {
		return group;
	}
	do {
		*end = read_member(r, kind == JSON_OBJECT, depth + 1);
		if (*end == NULL) {
			json_free(group);
			return NULL;
		}
		end = &(*end)->next;
	} while (take(r, ','));
	if (!take(r, close)) {
		json_free(group);
		return refuse(r, "a comma or the closing bracket is expected");
	}
	return group;
}

static struct json *read_value(struct reader *r, unsigned int depth)
{
	char *text;

	skip_blanks(r);
	if (r->at >= r->end) {
		return refuse(r, "it ends too early");
	}
	switch (*r->at) {
	case '{':
	case '[':
		return read_group(r, *r->at++ == '{' ? JSON_OBJECT : JSON_ARRAY, depth);
	case '"':
		r->at++;
		text = read_string(r);
		return text != NULL ? new_value(JSON_STRING, text) : NULL;
	default:
		return *r->at == '-' || (*r->at >= '0' && *r->at <= '9') ? read_number(r)
									 : read_word(r);
	}
}

struct json *json_read(const char *text, size_t size, const char **why, unsigned long *line)
{
	struct reader r = { .at = text, .end = text + size, .line = 1 };
	struct json *j = size <= JSON_MAX_BYTES ? read_value(&r, 0)
						: refuse(&r, "it is larger than 16 MiB");

	if (j != NULL) {
		skip_blanks(&r);
		if (r.at < r.end) {
			json_free(j);
			j = refuse(&r, "something stands behind its end");
		}
	}
	*why = r.why;
	*line = r.line;
	return j;
}

void json_free(struct json *j)
{
	while (j != NULL) {
		struct json *next = j->next;

		json_free(j->first);
		free(j->name);
		free(j->text);
		free(j);
		j = next;
	}
}

struct json *json_file(const char *path, const char *what)
{
	struct file f = file_read(path, what);
	const char *why = NULL;
	unsigned long line = 0;
	struct json *j = json_read((const char *)f.data, f.size, &why, &line);

	if (j == NULL) {
		fail("%s %s:%lu: not JSON: %s", what, path, line, why);
	}
	if (j->kind != JSON_OBJECT) {
		fail("%s %s: not an object of JSON", what, path);
	}
	file_free(&f);
	return j;
}

const struct json *json_member(const struct json *j, const char *name)
{
	const struct json *m = j != NULL && j->kind == JSON_OBJECT ? j->first : NULL;

	while (m != NULL && strcmp(m->name, name) != 0) {
		m = m->next;
	}
	return m;
}

const char *json_text(const struct json *j, const char *name)
{
	const struct json *m = json_member(j, name);

	return m != NULL && (m->kind == JSON_STRING || m->kind == JSON_NUMBER) ? m->text : NULL;
}
