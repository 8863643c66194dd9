// SPDX-License-Identifier: Apache-2.0
/*
 * Where the user wrote what: dtc's annotated source (`dtc -I dts -O dts -T`) has a comment with file and line on
 * every node and property. It is read line by line into a table of (node, property, place).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ashlar.h"

#define MAX_DEPTH 32

struct place {
	char *path;  /* of the node, "/chosen/linux-a" */
	char *prop;  /* NULL: the node itself */
	char *where; /* "file:line" */
};

struct source_map {
	struct place *places;
	size_t count;
	size_t room;
	const char *folder; /* before places that have none */
	char cwd[4096];
};

struct reader {
	struct source_map *map;
	char *path[MAX_DEPTH]; /* of each open node */
	size_t depth;
};

static void add_place(struct source_map *m, const char *path, const char *prop, char *where)
{
	if (m->count == m->room) {
		struct place *more = xalloc((m->room * 2 + 256) * sizeof(*more));

		if (m->count > 0) {
			memcpy(more, m->places, m->count * sizeof(*more));
		}
		free(m->places);
		m->places = more;
		m->room = m->room * 2 + 256;
	}
	m->places[m->count++] =
		(struct place){ xstrdup(path), prop != NULL ? xstrdup(prop) : NULL, where };
}

static char *named(const struct source_map *m, const char *place)
{
	size_t n = strlen(m->cwd);

	if (place[0] != '/') {
		return xasprintf("%s%s", m->folder,
				 strncmp(place, "./", 2) == 0 ? place + 2 : place);
	}
	if (strncmp(place, m->cwd, n) == 0 && place[n] == '/') {
		place += n + 1;
	}
	return xstrdup(place);
}

/*
 * The place in the line's comment, cut off the line. A node that several files open has several: the root's first is the
 * board's file, of any other the last is the one that the user added.
 */
static char *take_comment(const struct source_map *m, char *line, bool is_root)
{
	char *start = NULL, *end, *next, *comma;

	for (next = line; (next = strstr(next, "/* ")) != NULL; next++) {
		start = next;
	}
	if (start == NULL || (end = strstr(start, " */")) == NULL) {
		return NULL;
	}
	*start = '\0';
	*end = '\0';
	start += 3;
	comma = is_root ? strchr(start, ',') : strrchr(start, ',');
	if (comma != NULL && is_root) {
		*comma = '\0';
	} else if (comma != NULL) {
		start = comma + 2;
	}
	return named(m, start);
}

static char *trim(char *s)
{
	size_t n;

	while (isspace((unsigned char)*s)) {
		s++;
	}
	for (n = strlen(s); n > 0 && isspace((unsigned char)s[n - 1]); n--) {
		s[n - 1] = '\0';
	}
	return s;
}

/* "label: name" to "name"; names themselves contain no colon. */
static char *skip_labels(char *s)
{
	char *colon;

	while ((colon = strstr(s, ": ")) != NULL && strcspn(s, " \"=<") > (size_t)(colon - s)) {
		s = colon + 2;
	}
	return s;
}

static void open_node(struct reader *r, char *name, char *where)
{
	const char *parent = r->depth > 0 ? r->path[r->depth - 1] : "";

	if (r->depth == MAX_DEPTH) {
		fail("the plan's annotated source is nested more than %d deep", MAX_DEPTH);
	}
	if (r->depth == 0) {
		r->path[0] = xstrdup("/");
	} else {
		r->path[r->depth] =
			xasprintf("%s/%s", strcmp(parent, "/") == 0 ? "" : parent, name);
	}
	add_place(r->map, r->path[r->depth], NULL, where);
	r->depth++;
}

static void read_line(struct reader *r, char *line)
{
	char *where = take_comment(r->map, line, r->depth == 0);
	char *s = trim(line);
	size_t n = strlen(s);

	if (strcmp(s, "};") == 0 && r->depth > 0) {
		free(r->path[--r->depth]);
	} else if (where != NULL && n > 1 && s[n - 1] == '{') {
		s[n - 1] = '\0';
		open_node(r, skip_labels(trim(s)), where);
		return;
	} else if (where != NULL && r->depth > 0) {
		s = skip_labels(s);
		s[strcspn(s, " =;")] = '\0';
		add_place(r->map, r->path[r->depth - 1], s, where);
		return;
	}
	free(where);
}

struct source_map *source_map_read(const char *path, const char *folder)
{
	struct source_map *m = xalloc(sizeof(*m));
	struct file f = file_read(path, "map");
	struct reader r = { .map = m, .depth = 0 };
	char *save = NULL, *line;

	m->folder = folder;
	if (getcwd(m->cwd, sizeof(m->cwd)) == NULL) {
		m->cwd[0] = '\0';
	}
	for (line = strtok_r((char *)f.data, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		read_line(&r, line);
	}
	while (r.depth > 0) {
		free(r.path[--r.depth]);
	}
	file_free(&f);
	m->folder = NULL;
	return m;
}

static const char *find_exact(const struct source_map *m, const char *path, const char *prop)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		const struct place *p = &m->places[i];

		if (strcmp(p->path, path) == 0 &&
		    (prop == NULL ? p->prop == NULL
				  : p->prop != NULL && strcmp(p->prop, prop) == 0)) {
			return p->where;
		}
	}
	return NULL;
}

const char *source_map_find(const struct source_map *m, const char *path, const char *prop)
{
	const char *where;

	if (m == NULL) {
		return NULL;
	}
	where = prop != NULL ? find_exact(m, path, prop) : NULL;
	if (where == NULL) {
		where = find_exact(m, path, NULL);
	}
	return where;
}
