// SPDX-License-Identifier: Apache-2.0
/*
 * A board of another architecture, known by what only such a one has: said first, for all else would follow from it. And what
 * of a domain is read on such a board alone.
 */
#include <libfdt.h>

#include "ashlar.h"

static void check_domain(const struct plan *plan, const struct plan_domain *d, struct findings *f)
{
	const char *const *what;

	for (what = kernel_foreign_props; *what != NULL; what++) {
		if (fdt_getprop(plan->fdt, d->node, *what, NULL) != NULL) {
			finding(f, d->node, *what,
				"domain \"%s\": %s is of another architecture's domains; remove it",
				d->name, *what);
		}
	}
}

void board_check(const struct plan *plan, struct findings *f)
{
	const char *const *what;

	for (what = kernel_foreign_boards; *what != NULL; what++) {
		int node = fdt_node_offset_by_compatible(plan->fdt, -1, *what);

		if (node >= 0) {
			finding(f, node, "compatible",
				"%s: \"%s\" is not of the architecture that the hypervisor is built for; take a board of this one, or another defconfig",
				node > 0 ? fdt_get_name(plan->fdt, node, NULL) : "/", *what);
		}
	}
	for (uint32_t i = 0; i < plan->nr_domains; i++) {
		check_domain(plan, &plan->domains[i], f);
	}
}
