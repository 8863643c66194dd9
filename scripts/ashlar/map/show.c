// SPDX-License-Identifier: Apache-2.0
/* A map as text for people, and as JSON for programs. */
#include <stdlib.h>
#include <string.h>

#include "map.h"

char *cell_text(const struct table_column *c, const struct table_cell *cell)
{
	switch (c->form) {
	case COLUMN_NUMBER:
		return xasprintf("%lu", cell->number);
	case COLUMN_ADDRESS:
		return xasprintf("0x%010lx", cell->number);
	default:
		return xstrdup(cell->text != NULL ? cell->text : "");
	}
}

static size_t width_of(const struct table *t, size_t column)
{
	size_t width = strlen(t->columns[column].head), i;

	for (i = 0; i < t->nr_rows; i++) {
		char *text = cell_text(&t->columns[column], &t->rows[i].cell[column]);

		width = MAX(width, strlen(text));
		free(text);
	}
	return width;
}

static bool is_last(const struct table *t, size_t column)
{
	return t->columns[column + 1].key == NULL;
}

/* Numbers stand to the right, and nothing but them has spaces before it; no line ends in spaces. */
static void put_cell(const struct table *t, size_t column, const char *text, FILE *out)
{
	int width = (int)width_of(t, column);

	if (t->columns[column].form == COLUMN_NUMBER) {
		fprintf(out, "  %*s", width, text);
	} else {
		fprintf(out, "  %-*s", is_last(t, column) ? 0 : width, text);
	}
}

static void table_text(const struct table *t, FILE *out)
{
	size_t column, i;

	fprintf(out, "%s\n", t->head);
	for (column = 0; t->columns[column].key != NULL; column++) {
		put_cell(t, column, t->columns[column].head, out);
	}
	fputc('\n', out);
	for (i = 0; i < t->nr_rows; i++) {
		for (column = 0; t->columns[column].key != NULL; column++) {
			char *text = cell_text(&t->columns[column], &t->rows[i].cell[column]);

			put_cell(t, column, text, out);
			free(text);
		}
		fputc('\n', out);
	}
}

void map_text(const struct map *m, FILE *out)
{
	size_t i;

	fprintf(out, "%s (%s)\n", m->plan->model, m->plan->board);
	for (i = 0; i < MAP_TABLES; i++) {
		if (m->tables[i].nr_rows > 0) {
			fputc('\n', out);
			table_text(&m->tables[i], out);
		}
	}
}

static void row_json(const struct table *t, const struct table_row *row, FILE *out)
{
	size_t column;

	fputs("\n    {", out);
	for (column = 0; t->columns[column].key != NULL; column++) {
		const struct table_column *c = &t->columns[column];

		fprintf(out, "%s\"%s\": ", column > 0 ? ", " : "", c->key);
		if (c->form == COLUMN_TEXT) {
			put_json(row->cell[column].text != NULL ? row->cell[column].text : "", out);
		} else {
			fprintf(out, "%lu", row->cell[column].number);
		}
	}
	fputc('}', out);
}

static void table_json(const struct table *t, FILE *out)
{
	size_t i;

	fprintf(out, ",\n  \"%s\": [", t->key);
	for (i = 0; i < t->nr_rows; i++) {
		fputs(i > 0 ? "," : "", out);
		row_json(t, &t->rows[i], out);
	}
	fputs(t->nr_rows > 0 ? "\n  ]" : "]", out);
}

void map_json(const struct map *m, FILE *out)
{
	size_t i;

	fputs("{\n  \"board\": ", out);
	put_json(m->plan->board, out);
	fputs(",\n  \"model\": ", out);
	put_json(m->plan->model, out);
	for (i = 0; i < MAP_TABLES; i++) {
		table_json(&m->tables[i], out);
	}
	fputs("\n}\n", out);
}
