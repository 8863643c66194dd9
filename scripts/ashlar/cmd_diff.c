// SPDX-License-Identifier: Apache-2.0
/*
 * ashlar diff: what differs between two images or plans: parts, sizes, what their configurations say, and who owns what.
 * As with diff(1), the exit status is 0 when nothing does and 1 when something does.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "map/map.h"
#include "parts.h"

static const char usage[] =
	"usage: ashlar diff [--detail LEVEL] OLD NEW\n"
	"Compare two images (FITs) or two plans. Exit status: 0 the same, 1 different, 2 trouble.\n"
	"  --detail LEVEL  quiet: nothing but the exit status; default; info: what is the same too;\n"
	"                  debug: with digests";

enum detail {
	QUIET,
	DEFAULT,
	INFO,
	DEBUG
};

struct diff {
	enum detail detail;
	bool is_different;
};

static void __printf(3, 4) say(const struct diff *d, enum detail from, const char *fmt, ...)
{
	va_list ap;

	if (d->detail < from) {
		return;
	}
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

static void say_digest(const struct diff *d, char sign, const struct part *p)
{
	char text[2 * SHA256_BYTES + 1];

	if (p != NULL) {
		hex(text, p->sha256, SHA256_BYTES);
		say(d, DEBUG, "  %c sha256 %s\n", sign, text);
	}
}

/* Lines that only one of the two has; those of both, where they are asked for. */
static void compare_lines(struct diff *d, char *const *old, size_t nr_old, char *const *new,
			  size_t nr_new)
{
	size_t i, j;

	for (i = 0; i < nr_old; i++) {
		for (j = 0; j < nr_new && strcmp(old[i], new[j]) != 0; j++) {
		}
		d->is_different |= j == nr_new;
		say(d, j == nr_new ? DEFAULT : INFO, "%c %s\n", j == nr_new ? '-' : ' ', old[i]);
	}
	for (j = 0; j < nr_new; j++) {
		for (i = 0; i < nr_old && strcmp(old[i], new[j]) != 0; i++) {
		}
		if (i == nr_old) {
			d->is_different = true;
			say(d, DEFAULT, "+ %s\n", new[j]);
		}
	}
}

static char *row_line(const struct table *t, const struct table_row *row)
{
	char *line = xasprintf("%s:", t->key);
	size_t column;

	for (column = 0; t->columns[column].key != NULL; column++) {
		char *text = cell_text(&t->columns[column], &row->cell[column]);
		char *more = xasprintf("%s%s%s", line, text[0] != '\0' ? " " : "", text);

		free(text);
		free(line);
		line = more;
	}
	return line;
}

/* A plan as lines: its map's rows. Return: how many; 0: it is not packed, or no plan. */
static size_t plan_lines(const struct part *p, char ***lines)
{
	struct plan *plan = xalloc(sizeof(*plan));
	size_t n = 0, i, j;
	struct map m;

	*lines = NULL;
	if (plan_read(p->data.data, p->data.size, true, plan, NULL, NULL) != 0) {
		return 0;
	}
	map_make(&m, plan);
	for (i = 0; i < MAP_TABLES; i++) {
		n += m.tables[i].nr_rows;
	}
	*lines = xalloc((n + 1) * sizeof(**lines));
	for (i = 0, n = 0; i < MAP_TABLES; i++) {
		for (j = 0; j < m.tables[i].nr_rows; j++) {
			(*lines)[n++] = row_line(&m.tables[i], &m.tables[i].rows[j]);
		}
	}
	return n;
}

static void compare_plans(struct diff *d, const struct part *old, const struct part *new)
{
	char **a, **b;
	size_t n = plan_lines(old, &a), m = plan_lines(new, &b);

	if (n > 0 && m > 0) {
		compare_lines(d, a, n, b, m);
	}
}

static bool is_same(const struct part *a, const struct part *b)
{
	return a != NULL && b != NULL && memcmp(a->sha256, b->sha256, SHA256_BYTES) == 0;
}

static void compare_part(struct diff *d, const struct part *old, const struct part *new)
{
	if (is_same(old, new)) {
		say(d, INFO, "  %s: the same, %zu bytes\n", old->name, old->data.size);
		say_digest(d, ' ', old);
		return;
	}
	d->is_different = true;
	if (old == NULL) {
		say(d, DEFAULT, "+ %s: new, %zu bytes\n", new->name, new->data.size);
	} else if (new == NULL) {
		say(d, DEFAULT, "- %s: gone, had %zu bytes\n", old->name, old->data.size);
	} else {
		say(d, DEFAULT, "! %s: other content, %zu bytes, now %zu (%+ld)\n", old->name,
		    old->data.size, new->data.size, (long)(new->data.size - old->data.size));
	}
	say_digest(d, '-', old);
	say_digest(d, '+', new);
	if (old != NULL && new != NULL) {
		compare_plans(d, old, new);
	}
}

static void compare(struct diff *d, const struct parts *old, const struct parts *new)
{
	size_t i;

	compare_lines(d, old->facts, old->nr_facts, new->facts, new->nr_facts);
	for (i = 0; i < old->count; i++) {
		compare_part(d, &old->items[i], parts_find(new, old->items[i].name));
	}
	for (i = 0; i < new->count; i++) {
		if (parts_find(old, new->items[i].name) == NULL) {
			compare_part(d, NULL, &new->items[i]);
		}
	}
}

static enum detail parse_detail(const char *s)
{
	static const char *const names[] = {
		[QUIET] = "quiet", [DEFAULT] = "default", [INFO] = "info", [DEBUG] = "debug"
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (s == NULL || strcmp(s, names[i]) == 0) {
			return s == NULL ? DEFAULT : (enum detail)i;
		}
	}
	fail("--detail %s: possible are quiet, default, info and debug", s);
}

int cmd_diff(int argc, char **argv)
{
	struct string_list rest = { 0 };
	const char *detail = NULL;
	const struct option_spec specs[] = { { .name = "detail", .value = &detail }, { 0 } };
	struct diff d = { 0 };
	struct parts old, new;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 2 ? &rest : NULL, "two files", usage);
	d.detail = parse_detail(detail);
	parts_read(&old, rest.items[0]);
	parts_read(&new, rest.items[1]);
	compare(&d, &old, &new);
	return d.is_different ? EXIT_REFUSED : EXIT_OK;
}
