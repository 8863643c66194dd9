// SPDX-License-Identifier: Apache-2.0
/* Requirement: time-table */
/*
 * The time table: ashlar,major-frame-us of /chosen, and ashlar,windows of the domains, each an offset in that frame and a
 * length, in microseconds. A domain has all its CPUs in its windows.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define FRAME	"ashlar,major-frame-us"
#define WINDOWS "ashlar,windows"

static void read_frame(struct plan_reader *r)
{
	int node = fdt_path_offset(r->fdt, "/chosen");
	bool is_table = r->plan->scheduler == PLAN_TIME_TABLE;
	uint32_t us;

	if (node < 0) {
		return;
	}
	if (!plan_u32(r, node, FRAME, &us)) {
		if (is_table && fdt_getprop(r->fdt, node, FRAME, NULL) == NULL) {
			plan_error(
				r, node, "ashlar,scheduler",
				"ashlar,scheduler is \"time-table\" and how long the table is stands nowhere; add " FRAME
				" = <10000> (%u to %u)",
				PLAN_MIN_FRAME_US, PLAN_MAX_FRAME_US);
		}
		return;
	}
	if (!is_table) {
		plan_error(
			r, node, FRAME,
			FRAME
			" means nothing without a time table; remove it, or write ashlar,scheduler = \"time-table\"");
	} else if (us < PLAN_MIN_FRAME_US || us > PLAN_MAX_FRAME_US) {
		plan_error(r, node, FRAME, FRAME " is %u us, possible are %u to %u", us,
			   PLAN_MIN_FRAME_US, PLAN_MAX_FRAME_US);
	} else {
		r->plan->frame_us = us;
	}
}

/* @w follows those before it, inside the frame. */
static bool window_fits(struct plan_reader *r, const struct plan_domain *d,
			const struct plan_window *w)
{
	const struct plan_time *t = &d->time;
	const struct plan_window *before = t->nr_windows > 0 ? w - 1 : NULL;

	if (w->length_us < PLAN_MIN_WINDOW_US) {
		plan_error(
			r, d->node, WINDOWS,
			"domain \"%s\": the window at %u us is %u us long, at least %u are needed",
			d->name, w->from_us, w->length_us, PLAN_MIN_WINDOW_US);
	} else if (w->from_us >= t->frame_us || w->length_us > t->frame_us - w->from_us) {
		plan_error(
			r, d->node, WINDOWS,
			"domain \"%s\": the window at %u us, %u us long, ends behind the major frame of %u us; shorten it, or begin it by %u us",
			d->name, w->from_us, w->length_us, t->frame_us,
			w->length_us < t->frame_us ? t->frame_us - w->length_us : 0);
	} else if (before != NULL && w->from_us < before->from_us + before->length_us) {
		plan_error(
			r, d->node, WINDOWS,
			"domain \"%s\": its window at %u us begins before the one at %u us has ended, at %u us; write them in order, or as one",
			d->name, w->from_us, before->from_us, before->from_us + before->length_us);
	} else {
		return true;
	}
	return false;
}

static void read_each(struct plan_reader *r, struct plan_domain *d, const fdt32_t *cells,
		      uint32_t count)
{
	struct plan_time *t = &d->time;
	uint32_t i;

	for (i = 0; i < count; i++) {
		struct plan_window *w = &t->windows[t->nr_windows];

		w->from_us = fdt32_ld(&cells[2 * i]);
		w->length_us = fdt32_ld(&cells[2 * i + 1]);
		if (!window_fits(r, d, w)) {
			return;
		}
		t->nr_windows++;
	}
}

static void read_windows(struct plan_reader *r, struct plan_domain *d)
{
	const uint32_t each = 2 * (uint32_t)sizeof(fdt32_t);
	int len;
	const fdt32_t *cells = fdt_getprop(r->fdt, d->node, WINDOWS, &len);

	if (cells == NULL) {
		return;
	}
	if (r->plan->scheduler != PLAN_TIME_TABLE) {
		plan_error(
			r, d->node, WINDOWS,
			"domain \"%s\": " WINDOWS
			" means nothing without a time table; remove it, or write ashlar,scheduler = \"time-table\" in /chosen",
			d->name);
	} else if (len == 0 || (uint32_t)len % each != 0) {
		plan_error(
			r, d->node, WINDOWS,
			"domain \"%s\": " WINDOWS
			" has %d bytes; a window is two cells, its begin in the major frame and its length, in us",
			d->name, len);
	} else if ((uint32_t)len / each > PLAN_MAX_WINDOWS) {
		plan_error(r, d->node, WINDOWS,
			   "domain \"%s\": " WINDOWS " has %u windows, at most %u are possible",
			   d->name, (uint32_t)len / each, PLAN_MAX_WINDOWS);
	} else if (r->plan->frame_us > 0) { /* else reported */
		d->time.frame_us = r->plan->frame_us;
		read_each(r, d, cells, (uint32_t)len / each);
	}
}

/* ---- one at a time on each CPU ---- */

static bool is_on(const struct plan_domain *d, uint32_t cpu)
{
	uint32_t v;

	for (v = 0; v < d->nr_vcpus; v++) {
		if (d->cpus[v] == cpu) {
			return true;
		}
	}
	return false;
}

/* Two of its own on one CPU would have the same windows. */
static void check_own(struct plan_reader *r, const struct plan_domain *d)
{
	uint32_t v, w;

	for (v = 1; v < d->nr_vcpus; v++) {
		for (w = 0; w < v; w++) {
			if (d->cpus[v] == d->cpus[w]) {
				plan_error(
					r, d->node, "ashlar,cpus",
					"domain \"%s\": vCPUs %u and %u are both on CPU %u, where a domain with " WINDOWS
					" has one at most; move one",
					d->name, w, v, d->cpus[v]);
				return;
			}
		}
	}
}

/* Return: false, reported, if they meet. */
static bool are_apart(struct plan_reader *r, const struct plan_domain *a,
		      const struct plan_domain *b, const struct plan_window *w,
		      const struct plan_window *x, uint32_t cpu)
{
	if (w->from_us >= x->from_us + x->length_us || x->from_us >= w->from_us + w->length_us) {
		return true;
	}
	plan_error(
		r, b->node, WINDOWS,
		"domain \"%s\": its window at %u us, %u us long, meets that of \"%s\" at %u us, %u us long, on CPU %u; move or shorten one",
		b->name, x->from_us, x->length_us, a->name, w->from_us, w->length_us, cpu);
	return false;
}

static void check_windows(struct plan_reader *r, const struct plan_domain *a,
			  const struct plan_domain *b, uint32_t cpu)
{
	uint32_t i, j;

	for (i = 0; i < a->time.nr_windows; i++) {
		for (j = 0; j < b->time.nr_windows; j++) {
			if (!are_apart(r, a, b, &a->time.windows[i], &b->time.windows[j], cpu)) {
				return; /* one of them is enough to look at the table again */
			}
		}
	}
}

static bool has_windows(const struct plan_reader *r, const struct plan_domain *d)
{
	return fdt_getprop(r->fdt, d->node, WINDOWS, NULL) != NULL;
}

static void check_pair(struct plan_reader *r, const struct plan_domain *a,
		       const struct plan_domain *b)
{
	uint32_t v, cpu;

	for (v = 0; v < b->nr_vcpus; v++) {
		cpu = b->cpus[v];
		if (!is_on(a, cpu)) {
			continue;
		}
		if (has_windows(r, a) && has_windows(r, b)) {
			check_windows(r, a, b, cpu);
		} else {
			plan_error(
				r, b->node, "ashlar,cpus",
				"domain \"%s\": \"%s\" is on CPU %u too, and \"%s\" has no " WINDOWS
				"; give it some, or a CPU of its own",
				b->name, a->name, cpu, has_windows(r, a) ? b->name : a->name);
		}
		return;
	}
}

/* Where a vCPU is put by pack, its windows cannot be held against others'. */
static bool is_placed(struct plan_reader *r, const struct plan_domain *d)
{
	if (fdt_getprop(r->fdt, d->node, "ashlar,cpus", NULL) != NULL) {
		return true;
	}
	plan_error(
		r, d->node, NULL,
		"domain \"%s\": in a time table it needs ashlar,cpus = <...>, the CPU of each vCPU",
		d->name);
	return false;
}

/* The one that is too many is named. */
static void check_count(struct plan_reader *r, uint32_t cpu)
{
	const struct plan *p = r->plan;
	uint32_t before = 0, i;

	for (i = 0; i < p->nr_domains; i++) {
		const struct plan_domain *d = &p->domains[i];
		uint32_t own = is_on(d, cpu) ? d->time.nr_windows : 0;

		if (before <= PLAN_MAX_CPU_WINDOWS && before + own > PLAN_MAX_CPU_WINDOWS) {
			plan_error(
				r, d->node, WINDOWS,
				"domain \"%s\": with its %u CPU %u has %u windows, at most %u are possible; make some one, or move it",
				d->name, own, cpu, before + own, PLAN_MAX_CPU_WINDOWS);
		}
		before += own;
	}
}

static void check_all(struct plan_reader *r)
{
	const struct plan *p = r->plan;
	bool all = true;
	uint32_t i, j;

	for (i = 0; i < p->nr_domains; i++) {
		all = is_placed(r, &p->domains[i]) && all;
	}
	for (i = 0; all && i < p->nr_domains; i++) {
		check_own(r, &p->domains[i]);
		for (j = 0; j < i; j++) {
			check_pair(r, &p->domains[j], &p->domains[i]);
		}
	}
	for (i = 0; all && i < p->nr_cpus; i++) {
		check_count(r, i);
	}
}

void plan_read_time_table(struct plan_reader *r)
{
	uint32_t i;

	read_frame(r);
	for (i = 0; i < r->plan->nr_domains; i++) {
		read_windows(r, &r->plan->domains[i]);
	}
	if (r->plan->scheduler == PLAN_TIME_TABLE) {
		check_all(r);
	}
}
