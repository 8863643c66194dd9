// SPDX-License-Identifier: Apache-2.0
/* What is said of the user's lines (import.h). */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "import.h"

static void __printf(4, 0)
	add(struct import *im, unsigned int line, bool is_error, const char *fmt, va_list ap)
{
	struct import_remark *more;
	char *text = NULL;

	if (is_error && im->errors++ >= IMPORT_MAX_ERRORS) {
		return;
	}
	if (vasprintf(&text, fmt, ap) < 0) {
		fail("no memory for a message");
	}
	more = realloc(im->remarks, (im->nr_remarks + 1) * sizeof(*more));
	if (more == NULL) {
		fail("no memory for a message");
	}
	im->remarks = more;
	more[im->nr_remarks++] =
		(struct import_remark){ .line = line, .is_error = is_error, .text = text };
}

void import_error(struct import *im, unsigned int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(im, line, true, fmt, ap);
	va_end(ap);
}

void import_note(struct import *im, unsigned int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(im, line, false, fmt, ap);
	va_end(ap);
}

/* Insertion: those of one line stay in the order in which they were said. */
static void sort(struct import_remark *r, size_t n)
{
	size_t i, j;

	for (i = 1; i < n; i++) {
		struct import_remark one = r[i];

		for (j = i; j > 0 && r[j - 1].line > one.line; j--) {
			r[j] = r[j - 1];
		}
		r[j] = one;
	}
}

void import_say(const struct import *im)
{
	size_t i;

	sort(im->remarks, im->nr_remarks);
	for (i = 0; i < im->nr_remarks; i++) {
		const struct import_remark *r = &im->remarks[i];
		FILE *to = r->is_error ? stderr : stdout;

		fflush(r->is_error ? stdout : stderr);
		if (r->line == 0) {
			fprintf(to, "%s: %s\n", im->path, r->text);
		} else {
			fprintf(to, "%s:%u: %s\n", im->path, r->line, r->text);
		}
	}
	fflush(stdout);
	if (im->errors > IMPORT_MAX_ERRORS) {
		fprintf(stderr, "%s: more than %u errors, the first are shown\n", im->path,
			IMPORT_MAX_ERRORS);
	}
}

const char *import_option(const struct string_list *list, const char *key)
{
	size_t n = strlen(key), i;

	for (i = 0; i < list->count; i++) {
		const char *s = list->items[i];

		if (strncmp(s, key, n) == 0 && s[n] == '=') {
			return s + n + 1;
		}
	}
	return NULL;
}

const char *import_file_name(const struct import *im)
{
	const char *slash = strrchr(im->path, '/');
	const char *name = slash != NULL ? slash + 1 : im->path;
	static const char possible[] = "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return name[0] != '\0' && name[strspn(name, possible)] == '\0' ? name : "a file";
}
