// SPDX-License-Identifier: Apache-2.0
/* Domains by their names. */
#include <string.h>

#include "plan_reader.h"

struct plan_domain *plan_find_domain(struct plan *p, const char *name)
{
	uint32_t i;

	for (i = 0; i < p->nr_domains; i++) {
		if (strcmp(p->domains[i].name, name) == 0) {
			return &p->domains[i];
		}
	}
	return NULL;
}

void plan_report_no_domain(struct plan_reader *r, const struct plan_domain *d, int node,
			   const char *prop, const char *name)
{
	const char *names[PLAN_MAX_DOMAINS + 1] = { NULL };
	const char *near;
	uint32_t i;

	for (i = 0; i < r->plan->nr_domains; i++) {
		names[i] = r->plan->domains[i].name;
	}
	near = plan_nearest(name, names);
	if (near != NULL) {
		plan_error(r, node, prop, "domain \"%s\": %s names \"%s\"; did you mean \"%s\"?",
			   d->name, prop, name, near);
	} else {
		plan_error(r, node, prop,
			   "domain \"%s\": %s names \"%s\", which is no domain of this plan",
			   d->name, prop, name);
	}
}
