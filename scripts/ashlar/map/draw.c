// SPDX-License-Identifier: Apache-2.0
/*
 * Drawings of a map, in SVG. Their texts are in a font of one width, so that their places can be computed here: none
 * overlaps another, however narrow what it names is.
 */
#include <stdlib.h>
#include <string.h>

#include "map.h"

#define CHARACTER    7.5 /* width of one, at 12 px, and a little more */
#define LINE	     18.0
#define MIN_HEIGHT   420.0
#define MARGIN	     8.0
#define BAR_WIDTH    90.0
#define LABELS_AT    (MARGIN + BAR_WIDTH + 40)
#define SHARE_WIDTH  300.0
#define LINK_SPACING 28.0

static const char *class_of(const char *owner)
{
	if (strcmp(owner, MAP_FREE) == 0) {
		return "free";
	}
	return strcmp(owner, MAP_HYPERVISOR) == 0 || strcmp(owner, "board") == 0 ? "ours" : "guest";
}

static void begin(double width, double height, const char *title, FILE *out)
{
	fprintf(out,
		"<svg role=\"img\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" xmlns=\"http://www.w3.org/2000/svg\">\n<title>%s</title>\n",
		width, height, width, height, title);
}

static void put_text(double x, double y, const char *text, FILE *out)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">", x, y);
	put_xml(text, out);
	fputs("</text>\n", out);
}

static void put_rect(double x, double y, double w, double h, const char *class, FILE *out)
{
	fprintf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.2f\" width=\"%.1f\" height=\"%.2f\"/>\n",
		class, x, y, w, h);
}

static void put_line(double x1, double y1, double x2, double y2, const char *class, FILE *out)
{
	fprintf(out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
		class, x1, y1, x2, y2);
}

static double width_of(char *const *labels, size_t n)
{
	size_t longest = 0, i;

	for (i = 0; i < n; i++) {
		longest = MAX(longest, strlen(labels[i]));
	}
	return (double)longest * CHARACTER;
}

static void free_labels(char **labels, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(labels[i]);
	}
	free(labels);
}

/* ---- memory ---- */

static char **memory_labels(const struct table *t)
{
	char **labels = xalloc((t->nr_rows + 1) * sizeof(*labels));
	size_t i;

	for (i = 0; i < t->nr_rows; i++) {
		const struct table_cell *c = t->rows[i].cell;

		labels[i] = xasprintf("%s%s%s, %lu KiB", c[MEMORY_OWNER].text,
				      c[MEMORY_USE].text[0] != '\0' ? ": " : "", c[MEMORY_USE].text,
				      c[MEMORY_KIB].number);
	}
	return labels;
}

/* A line each, as near as may be to the middle of what it names: down as far as needed, then up again from the end. */
static double *label_places(const double *middle, size_t n, double height)
{
	double *at = xalloc((n + 1) * sizeof(*at));
	double limit = height - LINE / 2;
	size_t i;

	for (i = 0; i < n; i++) {
		double first = i == 0 ? LINE / 2 : at[i - 1] + LINE;

		at[i] = middle[i] > first ? middle[i] : first;
	}
	for (i = n; i-- > 0; limit = at[i] - LINE) {
		at[i] = at[i] < limit ? at[i] : limit;
	}
	return at;
}

/* Ranges of memory far apart stand one below the other: only what is there has a height. */
static void draw_bar(const struct table *t, double height, double *middle, FILE *out)
{
	double total = 0, y = 0;
	size_t i;

	for (i = 0; i < t->nr_rows; i++) {
		total += (double)t->rows[i].cell[MEMORY_KIB].number;
	}
	for (i = 0; i < t->nr_rows; i++) {
		double h = height * (double)t->rows[i].cell[MEMORY_KIB].number / total;

		put_rect(MARGIN, MARGIN + y, BAR_WIDTH, h,
			 class_of(t->rows[i].cell[MEMORY_OWNER].text), out);
		middle[i] = y + h / 2;
		y += h;
	}
}

void map_draw_memory(const struct map *m, FILE *out)
{
	const struct table *t = &m->tables[MAP_MEMORY];
	double height = MAX(MIN_HEIGHT, LINE * (double)(t->nr_rows + 1));
	double *middle = xalloc((t->nr_rows + 1) * sizeof(*middle)), *at;
	char **labels = memory_labels(t);
	size_t i;

	begin(LABELS_AT + width_of(labels, t->nr_rows) + MARGIN, height + 2 * MARGIN, "Memory",
	      out);
	draw_bar(t, height, middle, out);
	at = label_places(middle, t->nr_rows, height);
	for (i = 0; i < t->nr_rows; i++) {
		put_line(MARGIN + BAR_WIDTH, MARGIN + middle[i], LABELS_AT - 6, MARGIN + at[i],
			 "lead", out);
		put_text(LABELS_AT, MARGIN + at[i] + 4, labels[i], out);
	}
	fputs("</svg>\n", out);
	free_labels(labels, t->nr_rows);
	free(middle);
	free(at);
}

/* ---- CPUs ---- */

static char **cpu_labels(const struct table *t)
{
	char **labels = xalloc((t->nr_rows + 1) * sizeof(*labels));
	size_t i;

	for (i = 0; i < t->nr_rows; i++) {
		const struct table_cell *c = t->rows[i].cell;

		if (strcmp(c[CPU_DOMAIN].text, MAP_FREE) == 0) {
			labels[i] = xasprintf("CPU %lu  %s", c[CPU_NUMBER].number, MAP_FREE);
		} else {
			labels[i] = xasprintf("CPU %lu  %s, vCPU %lu", c[CPU_NUMBER].number,
					      c[CPU_DOMAIN].text, c[CPU_VCPU].number);
		}
	}
	return labels;
}

/* A lane for each vCPU; those of one CPU follow each other in the lane's width. */
void map_draw_cpus(const struct map *m, FILE *out)
{
	const struct table *t = &m->tables[MAP_CPUS];
	char **labels = cpu_labels(t);
	double lane = MARGIN + width_of(labels, t->nr_rows) + 12, from = 0;
	size_t i;

	begin(lane + SHARE_WIDTH + 12 * CHARACTER + MARGIN, LINE * (double)t->nr_rows + 2 * MARGIN,
	      "CPUs", out);
	for (i = 0; i < t->nr_rows; i++) {
		const struct table_cell *c = t->rows[i].cell;
		double y = MARGIN + LINE * (double)i;
		double width = SHARE_WIDTH * (double)c[CPU_PERMILLE].number / 1000;
		char *share = xasprintf("%lu of 1000", c[CPU_PERMILLE].number);

		if (i == 0 || t->rows[i - 1].cell[CPU_NUMBER].number != c[CPU_NUMBER].number) {
			from = 0;
		}
		put_text(MARGIN, y + 13, labels[i], out);
		put_rect(lane, y + 2, SHARE_WIDTH, LINE - 4, "free", out);
		if (width > 0 && strcmp(c[CPU_DOMAIN].text, MAP_FREE) != 0) {
			put_rect(lane + from, y + 2, width, LINE - 4, "guest", out);
		}
		put_text(lane + SHARE_WIDTH + 8, y + 13, share, out);
		from += width;
		free(share);
	}
	fputs("</svg>\n", out);
	free_labels(labels, t->nr_rows);
}

/* ---- time ---- */

static char **time_labels(const struct table *t)
{
	char **labels = xalloc((t->nr_rows + 1) * sizeof(*labels));
	size_t i;

	for (i = 0; i < t->nr_rows; i++) {
		const struct table_cell *c = t->rows[i].cell;

		labels[i] = xasprintf("CPU %lu  %s", c[TIME_CPU].number, c[TIME_DOMAIN].text);
	}
	return labels;
}

/* A lane for each window, in the width of the major frame. */
void map_draw_time(const struct map *m, FILE *out)
{
	const struct table *t = &m->tables[MAP_TIME];
	char **labels = time_labels(t);
	double lane = MARGIN + width_of(labels, t->nr_rows) + 12;
	double scale = SHARE_WIDTH / (double)MAX(m->plan->frame_us, 1U);
	size_t i;

	begin(lane + SHARE_WIDTH + 26 * CHARACTER + MARGIN, LINE * (double)t->nr_rows + 2 * MARGIN,
	      "Time", out);
	for (i = 0; i < t->nr_rows; i++) {
		const struct table_cell *c = t->rows[i].cell;
		double y = MARGIN + LINE * (double)i;
		bool is_free = strcmp(c[TIME_DOMAIN].text, MAP_FREE) == 0;
		char *when = xasprintf("%lu to %lu us", c[TIME_FROM].number, c[TIME_TO].number);

		put_text(MARGIN, y + 13, labels[i], out);
		put_rect(lane, y + 2, SHARE_WIDTH, LINE - 4, "free", out);
		if (!is_free) {
			put_rect(lane + scale * (double)c[TIME_FROM].number, y + 2,
				 scale * (double)(c[TIME_TO].number - c[TIME_FROM].number),
				 LINE - 4, "guest", out);
		}
		put_text(lane + SHARE_WIDTH + 8, y + 13, when, out);
		free(when);
	}
	fputs("</svg>\n", out);
	free_labels(labels, t->nr_rows);
}

/* ---- links ---- */

/* The hypervisor has the first row, domains follow in their order. */
static size_t row_of(const struct plan *p, const char *name)
{
	uint32_t i;

	for (i = 0; i < p->nr_domains; i++) {
		if (strcmp(p->domains[i].name, name) == 0) {
			return i + 1;
		}
	}
	return 0;
}

static double draw_rows(const struct plan *p, double width, FILE *out)
{
	double names = MARGIN + PLAN_NAME_LEN * CHARACTER;
	uint32_t i;

	for (i = 0; i <= p->nr_domains; i++) {
		double y = MARGIN + LINE * (i + 1.5);

		put_text(MARGIN, y + 4, i == 0 ? MAP_HYPERVISOR : p->domains[i - 1].name, out);
		put_line(names, y, width - MARGIN, y, "row", out);
	}
	return names;
}

static void draw_link(const struct plan *p, const struct table_cell *c, double x, FILE *out)
{
	double from = MARGIN + LINE * ((double)row_of(p, c[LINK_FROM].text) + 1.5);
	double to = MARGIN + LINE * ((double)row_of(p, c[LINK_TO].text) + 1.5);
	char *number = xasprintf("%lu", c[LINK_NUMBER].number);

	put_text(x - (double)strlen(number) * CHARACTER / 2, MARGIN + 12, number, out);
	put_line(x, from, x, to, "link", out);
	fprintf(out,
		"<circle class=\"end\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n<circle class=\"end\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n",
		x, from, x, to);
	free(number);
}

void map_draw_links(const struct map *m, FILE *out)
{
	const struct table *t = &m->tables[MAP_LINKS];
	double width =
		2 * MARGIN + PLAN_NAME_LEN * CHARACTER + LINK_SPACING * ((double)t->nr_rows + 1);
	double names;
	size_t i;

	begin(width, 2 * MARGIN + LINE * (m->plan->nr_domains + 2.0), "Links", out);
	names = draw_rows(m->plan, width, out);
	for (i = 0; i < t->nr_rows; i++) {
		draw_link(m->plan, t->rows[i].cell, names + LINK_SPACING * ((double)i + 0.7), out);
	}
	fputs("</svg>\n", out);
}
