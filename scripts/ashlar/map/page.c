// SPDX-License-Identifier: Apache-2.0
/*
 * A map as one page that needs nothing else: drawings, and the tables that they are made from. It is readable without
 * colours, which only repeat what is written, in light and in dark.
 */
#include <stdlib.h>

#include "map.h"

/* Texts stand on the page's ground: --ink on --ground is 15:1 and better, --dim 5:1. */
static const char style[] =
	":root{color-scheme:light dark;--ground:#ffffff;--ink:#1b1f24;--dim:#57606a;--line:#8c959f;--free:#f0f2f4;"
	"--ours:#f3c969;--guest:#9cc8f0}\n"
	"@media (prefers-color-scheme:dark){:root{--ground:#0f1318;--ink:#e8ebee;--dim:#a3adb8;--line:#6b7682;"
	"--free:#1c232b;--ours:#8a6414;--guest:#1f5688}}\n"
	"body{background:var(--ground);color:var(--ink);font:15px/1.45 sans-serif;margin:2em auto;max-width:70em;"
	"padding:0 1em}\n"
	"h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}\n"
	"figure{margin:1em 0;overflow-x:auto}figcaption{color:var(--dim)}\n"
	"svg text{font:12px monospace;fill:var(--ink)}svg .free{fill:var(--free)}svg .ours{fill:var(--ours)}"
	"svg .guest{fill:var(--guest)}svg rect{stroke:var(--ink);stroke-width:.6}svg .lead{stroke:var(--line);fill:none}"
	"svg .row{stroke:var(--line);stroke-dasharray:1 4}svg .link{stroke:var(--ink);stroke-width:1.6}"
	"svg .end{fill:var(--ink)}\n"
	"table{border-collapse:collapse}th,td{text-align:left;padding:.15em .9em .15em 0;border-bottom:1px solid "
	"var(--free)}th{color:var(--dim);font-weight:600}td.n,td.a,th.n{font-family:monospace}td.n,th.n{text-align:right}\n";

void put_xml(const char *s, FILE *out)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*s, out);
			break;
		}
	}
}

static const char *class_of(const struct table_column *c)
{
	static const char *const classes[] = {
		[COLUMN_TEXT] = "",
		[COLUMN_NUMBER] = " class=\"n\"",
		[COLUMN_ADDRESS] = " class=\"a\"",
	};

	return classes[c->form];
}

static void put_head(const struct table *t, FILE *out)
{
	const struct table_column *c;

	fprintf(out, "<table data-table=\"%s\">\n<thead><tr>", t->key);
	for (c = t->columns; c->key != NULL; c++) {
		fprintf(out, "<th scope=\"col\"%s>%s</th>", class_of(c), c->head);
	}
	fputs("</tr></thead>\n<tbody>\n", out);
}

static void put_row(const struct table *t, const struct table_row *row, FILE *out)
{
	size_t column;

	fputs("<tr>", out);
	for (column = 0; t->columns[column].key != NULL; column++) {
		char *text = cell_text(&t->columns[column], &row->cell[column]);

		fprintf(out, "<td%s>", class_of(&t->columns[column]));
		put_xml(text, out);
		fputs("</td>", out);
		free(text);
	}
	fputs("</tr>\n", out);
}

static void put_table(const struct table *t, FILE *out)
{
	size_t i;

	put_head(t, out);
	for (i = 0; i < t->nr_rows; i++) {
		put_row(t, &t->rows[i], out);
	}
	fputs("</tbody>\n</table>\n", out);
}

static void put_section(const struct map *m, enum map_table which,
			void (*draw)(const struct map *m, FILE *out), const char *caption,
			FILE *out)
{
	const struct table *t = &m->tables[which];

	if (t->nr_rows == 0) {
		return;
	}
	fprintf(out, "<h2>%s</h2>\n", t->head);
	if (draw != NULL) {
		fputs("<figure>\n", out);
		draw(m, out);
		fprintf(out, "<figcaption>%s</figcaption>\n</figure>\n", caption);
	}
	put_table(t, out);
}

void map_page(const struct map *m, FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Plan of ",
	      out);
	put_xml(m->plan->board, out);
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>Plan of ", style);
	put_xml(m->plan->model[0] != '\0' ? m->plan->model : m->plan->board, out);
	fputs("</h1>\n", out);
	put_section(m, MAP_MEMORY, map_draw_memory, "Memory, to scale, lowest address at the top.",
		    out);
	put_section(m, MAP_CPUS, map_draw_cpus, "Each vCPU's share of its CPU when all want it.",
		    out);
	put_section(m, MAP_TIME, map_draw_time,
		    "The time table: one major frame of each CPU that has windows.", out);
	put_section(m, MAP_DEVICES, NULL, NULL, out);
	put_section(m, MAP_INTERRUPTS, NULL, NULL, out);
	put_section(m, MAP_LINKS, map_draw_links,
		    "Who has a link with whom; the numbers are the table's.", out);
	fputs("</body>\n</html>\n", out);
}
