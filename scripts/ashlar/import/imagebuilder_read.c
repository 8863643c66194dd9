// SPDX-License-Identifier: Apache-2.0
/*
 * The words of an ImageBuilder `config`. ImageBuilder lets the shell execute it; what is read here is one setting a line,
 * its value a word, or a string in quotes of either kind, with nothing in it that the shell would work out.
 * Spec: ImageBuilder's README.md, "scripts/uboot-script-gen".
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "imagebuilder.h"

#define MAX_INDEX 1000000U

struct reader {
	struct import *im;
	const char *at;
	unsigned int line;
};

static bool refuse(const struct reader *r, const char *what)
{
	import_error(r->im, r->line, "%s", what);
	return false;
}

static char *copy_of(const char *s, size_t n)
{
	char *copy = xalloc(n + 1);

	memcpy(copy, s, n);
	return copy;
}

static bool read_index(struct reader *r, uint32_t *index)
{
	*index = IB_NO_INDEX;
	if (*r->at != '[') {
		return true;
	}
	*index = 0;
	for (r->at++; isdigit((unsigned char)*r->at) && *index < MAX_INDEX; r->at++) {
		*index = *index * 10 + (uint32_t)(*r->at - '0');
	}
	if (r->at[0] != ']' || r->at[-1] == '[') {
		return refuse(r, "an index is no number; write such as DOMU_MEM[0]=512");
	}
	r->at++;
	return true;
}

static bool read_name(struct reader *r, struct ib_setting *s)
{
	const char *begin = r->at;

	while (isalnum((unsigned char)*r->at) || *r->at == '_') {
		r->at++;
	}
	s->name = copy_of(begin, (size_t)(r->at - begin));
	if (!read_index(r, &s->index)) {
		return false;
	}
	if (s->name[0] == '\0' || isdigit((unsigned char)s->name[0]) || *r->at != '=') {
		return refuse(
			r,
			"no setting of ImageBuilder's: write NAME=value; nothing is executed here");
	}
	r->at++;
	return true;
}

/* Inside double quotes. Return: false, reported: the shell would work something out. */
static bool read_double(struct reader *r, char *out)
{
	for (r->at++; *r->at != '"'; r->at++) {
		if (*r->at == '\0' || *r->at == '\n') {
			return refuse(r, "a string has no end on its line");
		}
		if (*r->at == '$' || *r->at == '`') {
			return refuse(
				r,
				"a $ or a ` in a string: nothing is executed here; write the value itself");
		}
		if (*r->at == '\\' && *++r->at != '"' && *r->at != '\\') {
			return refuse(
				r,
				"a backslash in a string with something else behind it than a quote or a backslash");
		}
		*out++ = *r->at;
	}
	r->at++;
	return true;
}

static bool read_single(struct reader *r, char *out)
{
	size_t n = strcspn(r->at + 1, "'\n");

	if (r->at[n + 1] != '\'') {
		return refuse(r, "a string has no end on its line");
	}
	memcpy(out, r->at + 1, n);
	r->at += n + 2;
	return true;
}

static bool read_value(struct reader *r, struct ib_setting *s)
{
	size_t n = strcspn(r->at, " \t\r\n#;&|<>$`\"'()\\*?[]{}~!");

	s->value = xalloc(strcspn(r->at, "\n") + 1);
	if (*r->at == '"') {
		return read_double(r, s->value);
	}
	if (*r->at == '\'') {
		return read_single(r, s->value);
	}
	memcpy(s->value, r->at, n);
	r->at += n;
	return true;
}

static bool read_setting(struct reader *r, struct ib_setting *s)
{
	s->line = r->line;
	if (!read_name(r, s) || !read_value(r, s)) {
		return false;
	}
	r->at += strspn(r->at, " \t\r");
	if (*r->at == ';') {
		r->at++;
		r->at += strspn(r->at, " \t\r");
	}
	return *r->at == '\0' || *r->at == '\n' || *r->at == '#' ||
	       refuse(r, "something else stands behind a value; nothing is executed here");
}

static void free_setting(struct ib_setting *s)
{
	free(s->name);
	free(s->value);
}

static struct ib_setting *find(const struct ib_config *c, const char *name, uint32_t index)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		if (c->settings[i].index == index && strcmp(c->settings[i].name, name) == 0) {
			return &c->settings[i];
		}
	}
	return NULL;
}

const struct ib_setting *ib_find(const struct ib_config *c, const char *name, uint32_t index)
{
	const struct ib_setting *s = find(c, name, index);

	return s != NULL && s->value[0] != '\0' ? s : NULL;
}

static void store(struct import *im, struct ib_config *c, struct ib_setting *s)
{
	struct ib_setting *old = find(c, s->name, s->index), *more;

	if (old != NULL) {
		import_note(im, old->line, "%s: \"%s\" is forgotten, line %u sets it again",
			    s->name, old->value, s->line);
		free_setting(old);
		*old = *s;
		return;
	}
	if (c->count == IB_MAX_SETTINGS) {
		import_error(im, s->line, "more than %u settings", IB_MAX_SETTINGS);
		free_setting(s);
		return;
	}
	more = realloc(c->settings, (c->count + 1) * sizeof(*more));
	if (more == NULL) {
		fail("no memory for a setting");
	}
	c->settings = more;
	more[c->count++] = *s;
}

void ib_read(struct import *im, const char *text, struct ib_config *c)
{
	struct reader r = { .im = im, .at = text, .line = 1 };

	while (im->errors < IMPORT_MAX_ERRORS) {
		struct ib_setting s = { 0 };

		r.at += strspn(r.at, " \t\r");
		if (*r.at != '\0' && *r.at != '\n' && *r.at != '#') {
			if (read_setting(&r, &s)) {
				store(im, c, &s);
			} else {
				free_setting(&s);
			}
		}
		r.at += strcspn(r.at, "\n");
		if (*r.at == '\0') {
			return;
		}
		r.at++;
		r.line++;
	}
}

void ib_free(struct ib_config *c)
{
	while (c->count > 0) {
		free_setting(&c->settings[--c->count]);
	}
	free(c->settings);
	c->settings = NULL;
}
