// SPDX-License-Identifier: Apache-2.0
/* Requirement: map */
/* The time table as a table: each CPU's major frame from its begin to its end, windows and what is between them. */
#include "map.h"

static void add_window(struct table *t, uint32_t cpu, uint64_t from, uint64_t to, const char *name,
		       uint32_t vcpu)
{
	struct table_row *row = map_row(t);

	row->cell[TIME_CPU].number = cpu;
	row->cell[TIME_FROM].number = from;
	row->cell[TIME_TO].number = to;
	row->cell[TIME_DOMAIN].text = name;
	row->cell[TIME_VCPU].number = vcpu;
}

/** struct next - the window of a CPU that begins next. */
struct next {
	const struct plan_domain *domain;
	const struct plan_window *window;
	uint32_t vcpu;
};

static void find_window(const struct plan_domain *d, uint32_t vcpu, uint64_t at, struct next *next)
{
	uint32_t i;

	for (i = 0; i < d->time.nr_windows; i++) {
		const struct plan_window *w = &d->time.windows[i];

		if (w->from_us >= at &&
		    (next->window == NULL || w->from_us < next->window->from_us)) {
			*next = (struct next){ d, w, vcpu };
		}
	}
}

static struct next next_window(const struct plan *p, uint32_t cpu, uint64_t at)
{
	struct next next = { 0 };
	uint32_t i, j;

	for (i = 0; i < p->nr_domains; i++) {
		for (j = 0; j < p->domains[i].nr_vcpus; j++) {
			if (p->domains[i].cpus[j] == cpu) {
				find_window(&p->domains[i], j, at, &next);
			}
		}
	}
	return next;
}

static void add_cpu(struct table *t, const struct plan *p, uint32_t cpu)
{
	struct next next = next_window(p, cpu, 0);
	uint64_t at = 0;

	if (next.window == NULL) {
		return;
	}
	while (next.window != NULL) {
		if (next.window->from_us > at) {
			add_window(t, cpu, at, next.window->from_us, MAP_FREE, 0);
		}
		at = (uint64_t)next.window->from_us + next.window->length_us;
		add_window(t, cpu, next.window->from_us, at, next.domain->name, next.vcpu);
		next = next_window(p, cpu, at);
	}
	if (at < p->frame_us) {
		add_window(t, cpu, at, p->frame_us, MAP_FREE, 0);
	}
}

void map_make_time(struct table *t, const struct plan *p)
{
	uint32_t cpu;

	for (cpu = 0; cpu < p->nr_cpus; cpu++) {
		add_cpu(t, p, cpu);
	}
}
