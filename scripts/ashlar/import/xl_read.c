// SPDX-License-Identifier: Apache-2.0
/*
 * The words of an xl.cfg: settings, each `name = value` or `name += value`, a value being a string in quotes, a number or
 * a list in brackets, with "#" for comments. What is more than that was a program once, and is an error here.
 * Spec: Xen docs/man/xl.cfg.5.pod, "SYNTAX".
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "xl.h"

struct reader {
	struct import *im;
	const char *at;
	unsigned int line;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Blanks and comments; the ends of lines too inside a list. */
static void skip(struct reader *r, bool lines_too)
{
	for (; *r->at != '\0'; r->at++) {
		if (*r->at == '#') {
			r->at += strcspn(r->at, "\n");
		}
		if (*r->at == '\n' && lines_too) {
			r->line++;
		} else if (*r->at != ' ' && *r->at != '\t' && *r->at != '\r') {
			return;
		}
	}
}

static void skip_line(struct reader *r)
{
	r->at += strcspn(r->at, "\n");
}

char *xl_word(const char *s, size_t n)
{
	char *copy;

	while (n > 0 && isspace((unsigned char)s[0])) {
		s++;
		n--;
	}
	while (n > 0 && isspace((unsigned char)s[n - 1])) {
		n--;
	}
	copy = xalloc(n + 1);
	memcpy(copy, s, n);
	return copy;
}

/* The character behind a backslash. Return: false: there is no such. */
static bool unescape(char c, char *out)
{
	static const char names[] = "\"'\\nt", means[] = "\"'\\\n\t";
	const char *p = c != '\0' ? strchr(names, c) : NULL;

	if (p != NULL) {
		*out = means[p - names];
	}
	return p != NULL;
}

static char *read_string(struct reader *r)
{
	char quote = *r->at++, *out = xalloc(strcspn(r->at, "\n") + 1), *o = out;

	for (; *r->at != quote; r->at++) {
		if (*r->at == '\0' || *r->at == '\n') {
			import_error(r->im, r->line, "a string has no end on its line");
			free(out);
			return NULL;
		}
		if (*r->at != '\\') {
			*o++ = *r->at;
		} else if (!unescape(*++r->at, o++)) {
			import_error(
				r->im, r->line,
				"a backslash in a string with something else behind it than a quote, a backslash, n or t");
			free(out);
			return NULL;
		}
	}
	r->at++;
	return out;
}

static char *read_atom(struct reader *r)
{
	const char *begin = r->at;

	if (*r->at == '"' || *r->at == '\'') {
		return read_string(r);
	}
	while (is_word(*r->at)) {
		r->at++;
	}
	if (r->at == begin || !isdigit((unsigned char)*begin)) {
		import_error(
			r->im, r->line,
			"no value of an xl.cfg: write a \"string\", a number or a [ list ]; nothing is executed here");
		return NULL;
	}
	return xl_word(begin, (size_t)(r->at - begin));
}

static void add_item(struct import *im, struct xl_setting *s, char *text, unsigned int line)
{
	struct xl_item *more;

	if (s->nr_items == XL_MAX_ITEMS) {
		import_error(im, line, "%s: its list has more than %u items", s->name,
			     XL_MAX_ITEMS);
		free(text);
		return;
	}
	more = realloc(s->items, (s->nr_items + 1) * sizeof(*more));
	if (more == NULL) {
		fail("no memory for a list");
	}
	s->items = more;
	more[s->nr_items++] = (struct xl_item){ .text = text, .line = line };
}

/* A list; what lists in it hold counts as its own. */
static bool read_list(struct reader *r, struct xl_setting *s)
{
	unsigned int depth = 1;
	bool needs_comma = false;

	for (r->at++; depth > 0;) {
		skip(r, true);
		if (*r->at == ']') {
			depth--;
			r->at++;
			needs_comma = true;
		} else if (*r->at == ',' && needs_comma) {
			r->at++;
			needs_comma = false;
		} else if (*r->at == '[' && !needs_comma && depth < XL_MAX_DEPTH) {
			depth++;
			r->at++;
		} else if (*r->at == '\0' || needs_comma) {
			import_error(r->im, r->line, "%s: its list of line %u %s", s->name, s->line,
				     *r->at == '\0' ? "has no \"]\"" : "misses a comma here");
			return false;
		} else {
			unsigned int line = r->line;
			char *text = read_atom(r);

			if (text == NULL) {
				return false;
			}
			add_item(r->im, s, text, line);
			needs_comma = true;
		}
	}
	return true;
}

static bool read_value(struct reader *r, struct xl_setting *s)
{
	char *text;

	skip(r, false);
	s->is_list = *r->at == '[';
	if (s->is_list) {
		return read_list(r, s);
	}
	text = read_atom(r);
	if (text != NULL) {
		add_item(r->im, s, text, r->line);
	}
	return text != NULL;
}

static bool read_setting(struct reader *r, struct xl_setting *s)
{
	const char *begin = r->at;

	s->line = r->line;
	while (is_word(*r->at) || *r->at == '-') {
		r->at++;
	}
	s->name = xl_word(begin, (size_t)(r->at - begin));
	skip(r, false);
	s->adds = r->at[0] == '+' && r->at[1] == '=';
	r->at += s->adds;
	if (s->name[0] == '\0' || isdigit((unsigned char)s->name[0]) || *r->at != '=') {
		import_error(
			r->im, r->line,
			"no setting of an xl.cfg: write name = value; nothing is executed here");
		return false;
	}
	r->at++;
	if (!read_value(r, s)) {
		return false;
	}
	skip(r, false);
	if (*r->at != '\0' && *r->at != '\n' && *r->at != ';') {
		import_error(r->im, r->line, "%s: something else stands behind its value", s->name);
		return false;
	}
	return true;
}

static void free_setting(struct xl_setting *s)
{
	while (s->nr_items > 0) {
		free(s->items[--s->nr_items].text);
	}
	free(s->items);
	free(s->name);
}

static struct xl_setting *find(const struct xl_config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		if (strcmp(c->settings[i].name, name) == 0) {
			return &c->settings[i];
		}
	}
	return NULL;
}

const struct xl_setting *xl_find(const struct xl_config *c, const char *name)
{
	return find(c, name);
}

/* "+=": the items of a list, the characters of a string. */
static void append(struct import *im, struct xl_setting *to, struct xl_setting *s)
{
	char *text;
	size_t i;

	if (to->is_list != s->is_list) {
		import_error(im, s->line, "%s: += adds a list to a list, or a string to a string",
			     s->name);
		return;
	}
	if (!s->is_list) {
		text = xasprintf("%s%s", to->items[0].text, s->items[0].text);
		free(to->items[0].text);
		to->items[0].text = text;
		return;
	}
	for (i = 0; i < s->nr_items; i++) {
		add_item(im, to, s->items[i].text, s->items[i].line);
	}
	s->nr_items = 0;
}

static void store(struct import *im, struct xl_config *c, struct xl_setting *s)
{
	struct xl_setting *old = find(c, s->name), *more;

	if (old != NULL && s->adds) {
		append(im, old, s);
		free_setting(s);
	} else if (old != NULL) {
		import_note(im, old->line, "%s: line %u sets it again, and that counts", s->name,
			    s->line);
		free_setting(old);
		*old = *s;
	} else if (c->count == XL_MAX_SETTINGS) {
		import_error(im, s->line, "more than %u settings", XL_MAX_SETTINGS);
		free_setting(s);
	} else {
		more = realloc(c->settings, (c->count + 1) * sizeof(*more));
		if (more == NULL) {
			fail("no memory for a setting");
		}
		c->settings = more;
		more[c->count++] = *s;
	}
}

void xl_read(struct import *im, const char *text, struct xl_config *c)
{
	struct reader r = { .im = im, .at = text, .line = 1 };

	while (im->errors < IMPORT_MAX_ERRORS) {
		struct xl_setting s = { 0 };

		for (skip(&r, true); *r.at == ';'; skip(&r, true)) {
			r.at++;
		}
		if (*r.at == '\0') {
			return;
		}
		if (read_setting(&r, &s)) {
			store(im, c, &s);
		} else {
			free_setting(&s);
			skip_line(&r);
		}
	}
}

void xl_free(struct xl_config *c)
{
	while (c->count > 0) {
		free_setting(&c->settings[--c->count]);
	}
	free(c->settings);
	c->settings = NULL;
}
