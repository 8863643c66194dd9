/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who runs where, and who decides it: ashlar,scheduler of /chosen, ashlar,weight and ashlar,cpus of the domains. Without
 * a scheduler each vCPU needs a CPU of its own.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

/* In the order of enum plan_scheduler; the list ends as plan_nearest() wants it. */
static const char *const schedulers[] = { "pinned", "fair-share", "time-table", NULL };

#define SHARE_THEM "or let them share by ashlar,scheduler = \"fair-share\" in /chosen"

void plan_read_scheduler(struct plan_reader *r)
{
	const char *prop = "ashlar,scheduler";
	int node = fdt_path_offset(r->fdt, "/chosen");
	const char *what = node < 0 ? NULL : plan_string(r, node, prop);
	const char *near;
	uint32_t i;

	if (what == NULL) {
		return;
	}
	for (i = 0; schedulers[i] != NULL; i++) {
		if (strcmp(schedulers[i], what) == 0) {
			r->plan->scheduler = (enum plan_scheduler)i;
			return;
		}
	}
	near = plan_nearest(what, schedulers);
	if (near != NULL) {
		plan_error(r, node, prop, "%s: unknown \"%s\"; did you mean \"%s\"?", prop, what,
			   near);
	} else {
		plan_error(r, node, prop,
			   "%s: unknown \"%s\"; write \"pinned\", \"fair-share\" or \"time-table\"",
			   prop, what);
	}
}

void plan_read_weight(struct plan_reader *r, struct plan_domain *d, int node)
{
	const char *prop = "ashlar,weight";
	uint32_t weight;

	d->weight = PLAN_DEFAULT_WEIGHT;
	if (!plan_u32(r, node, prop, &weight)) {
		return;
	}
	if (weight == 0 || weight > PLAN_MAX_WEIGHT) {
		plan_error(
			r, node, prop,
			"domain \"%s\": %s is %u, possible are 1 to %u, of which %u is the usual one",
			d->name, prop, weight, PLAN_MAX_WEIGHT, PLAN_DEFAULT_WEIGHT);
		return;
	}
	if (r->plan->scheduler != PLAN_FAIR_SHARE) {
		plan_error(
			r, node, prop,
			"domain \"%s\": %s means nothing %s; remove it, or write ashlar,scheduler = \"fair-share\" in /chosen",
			d->name, prop,
			r->plan->scheduler == PLAN_PINNED ? "where every vCPU has its own CPU"
							  : "in a time table");
		return;
	}
	d->weight = weight;
}

static void check_one_cpu(struct plan_reader *r, const struct plan_domain *d, uint32_t v,
			  const char *users[])
{
	uint32_t cpu = d->cpus[v];

	if (cpu >= r->plan->nr_cpus) {
		plan_error(r, d->node, "ashlar,cpus",
			   "domain \"%s\": vCPU %u is on CPU %u, the board has CPUs 0 to %u",
			   d->name, v, cpu, r->plan->nr_cpus - 1);
	} else if (users[cpu] != NULL && r->plan->scheduler == PLAN_PINNED) {
		plan_error(
			r, d->node, "ashlar,cpus",
			"domain \"%s\": vCPU %u is on CPU %u, which \"%s\" has; give each vCPU a CPU of its own, " SHARE_THEM,
			d->name, v, cpu, users[cpu]);
	} else {
		users[cpu] = d->name;
	}
}

static void check_total(struct plan_reader *r, const struct plan_domain *d, uint32_t before)
{
	uint32_t have = r->plan->nr_cpus;

	if (before + d->nr_vcpus > have && before <= have && r->plan->scheduler == PLAN_PINNED) {
		plan_error(
			r, d->node, "cpus",
			"domain \"%s\": cpus is %u, %u of the board's %u CPUs are left; take some from another domain, " SHARE_THEM,
			d->name, d->nr_vcpus, have - before, have);
	}
}

void plan_check_cpus(struct plan_reader *r)
{
	const struct plan *p = r->plan;
	const char *users[PLAN_MAX_CPUS] = { NULL };
	uint32_t total = 0, d, v;

	if (p->nr_cpus == 0) {
		return; /* reported already */
	}
	for (d = 0; d < p->nr_domains; d++) {
		const struct plan_domain *dom = &p->domains[d];

		check_total(r, dom, total);
		total += dom->nr_vcpus;
		if (fdt_getprop(r->fdt, dom->node, "ashlar,cpus", NULL) == NULL) {
			continue; /* not given yet */
		}
		for (v = 0; v < dom->nr_vcpus; v++) {
			check_one_cpu(r, dom, v, users);
		}
	}
}
