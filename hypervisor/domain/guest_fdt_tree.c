// SPDX-License-Identifier: Apache-2.0
/*
 * The nodes of a guest's tree that come from its partial device tree: /aliases and /passthrough, as they are but for
 * the properties that spoke to the hypervisor.
 *
 * Spec: Xen docs/misc/arm/passthrough.txt.
 */
#include "internal.h"

#include <libfdt.h>
#include <string.h>

static bool is_for_guest(const void *from, int node, const char *name)
{
	(void)from;
	(void)node;
	return strcmp(name, "xen,reg") != 0 && strcmp(name, "xen,path") != 0 &&
	       strcmp(name, "xen,force-assign-without-iommu") != 0;
}

static int copy_node(const void *from, const char *name, void *fdt)
{
	int node = fdt_subnode_offset(from, 0, name);
	int err;

	if (node < 0) {
		return 0; /* /aliases may be missing */
	}
	err = fdt_begin_node(fdt, name);
	err = err != 0 ? err : guest_fdt_copy_props(from, node, fdt, is_for_guest);
	err = err != 0 ? err : guest_fdt_copy_below(from, node, fdt, is_for_guest);
	return err != 0 ? err : fdt_end_node(fdt);
}

int guest_fdt_tree(const struct domain *d, void *fdt)
{
	const void *from = d->plan->tree.fdt;
	int err = 0;

	if (from != NULL) {
		err = copy_node(from, "aliases", fdt);
		err = err != 0 ? err : copy_node(from, "passthrough", fdt);
	}
	return err;
}
