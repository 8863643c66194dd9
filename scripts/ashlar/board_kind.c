// SPDX-License-Identifier: Apache-2.0
/* A board of another architecture, known by what only such a one has: said first, for all else would follow from it. */
#include <libfdt.h>

#include "ashlar.h"

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
}
