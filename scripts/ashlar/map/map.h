/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who owns what of a board, as tables: of memory, CPUs, time, devices, interrupts and links. The same tables are shown as text,
 * as JSON and on a page with drawings, so that no two of these can say different things.
 */
#ifndef ASHLAR_MAP_H
#define ASHLAR_MAP_H

#include "../ashlar.h"

#define TABLE_COLUMNS 7

/** enum column_form - how a column is shown. */
enum column_form {
	COLUMN_TEXT,
	COLUMN_NUMBER,
	COLUMN_ADDRESS, /* hexadecimal for people, a number in JSON */
};

/** struct table_column - @key: its name in JSON; @head: for people. NULL ends the columns. */
struct table_column {
	const char *key;
	const char *head;
	enum column_form form;
};

/** struct table_cell - text, or a number where the column says so. */
struct table_cell {
	const char *text;
	uint64_t number;
};

struct table_row {
	struct table_cell cell[TABLE_COLUMNS];
};

struct table {
	const char *key;
	const char *head;
	const struct table_column *columns; /* at most TABLE_COLUMNS */
	struct table_row *rows;
	size_t nr_rows;
};

/** enum map_table - the tables of a map, in the order in which they are shown. */
enum map_table {
	MAP_MEMORY,
	MAP_CPUS,
	MAP_TIME,
	MAP_DEVICES,
	MAP_INTERRUPTS,
	MAP_LINKS,
	MAP_TABLES
};

/* Their columns, by number. */
enum {
	MEMORY_FROM,
	MEMORY_TO, /* the first byte behind */
	MEMORY_KIB,
	MEMORY_OWNER,
	MEMORY_USE
};
enum {
	CPU_NUMBER,
	CPU_AFFINITY,
	CPU_DOMAIN,
	CPU_VCPU,
	CPU_PERMILLE
};
enum {
	TIME_CPU,
	TIME_FROM,
	TIME_TO,
	TIME_DOMAIN,
	TIME_VCPU
};
enum {
	LINK_NUMBER,
	LINK_KIND,
	LINK_FROM,
	LINK_TO,
	LINK_WHAT
};

#define MAP_FREE       "free"
#define MAP_HYPERVISOR "hypervisor"

/** struct map - a plan's tables. */
struct map {
	const struct plan *plan;
	struct table tables[MAP_TABLES];
};

/** map_make() - the tables of @plan, which is packed and outlives them. */
void map_make(struct map *m, const struct plan *plan);

/** map_make_time() - the windows of each CPU's time table, and what is between them. */
void map_make_time(struct table *t, const struct plan *p);

/** map_row() - one more row of @t, empty. */
struct table_row *map_row(struct table *t);

/** map_text() / map_json() / map_page() - write them all to @out. */
void map_text(const struct map *m, FILE *out);
void map_json(const struct map *m, FILE *out);
void map_page(const struct map *m, FILE *out);

/** map_draw_memory() and its like - drawings of the page: SVG elements. */
void map_draw_memory(const struct map *m, FILE *out);
void map_draw_cpus(const struct map *m, FILE *out);
void map_draw_time(const struct map *m, FILE *out);
void map_draw_links(const struct map *m, FILE *out);

/** cell_text() - a cell for people, in memory of its own. */
char *cell_text(const struct table_column *c, const struct table_cell *cell);

/** put_xml() - @s as text of HTML or SVG. */
void put_xml(const char *s, FILE *out);

#endif
