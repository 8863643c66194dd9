/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nodes of a guest's tree for the board's devices that it has: copies of the board's, below /passthrough, as Xen
 * has them. `reg` says where the guest sees them; what refers to something that the guest has not got is left out,
 * except clocks: of a fixed rate, they are copied too.
 *
 * Spec: Devicetree Specification v0.4; Xen docs/misc/arm/passthrough.txt.
 */
#include "internal.h"

#include <libfdt.h>
#include <string.h>

/* References to what stays on the board, and what is ours. */
static const char *const left_out[] = {
	"interrupt-parent", "iommus",	     "iommu-map",   "msi-parent",    "dmas",
	"dma-names",	    "resets",	     "reset-names", "power-domains", "pinctrl-0",
	"pinctrl-names",    "interconnects", "phys",	    "phy-names",
};

static bool is_left_out(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(left_out); i++) {
		if (strcmp(name, left_out[i]) == 0) {
			return true;
		}
	}
	return strncmp(name, "xen,", 4) == 0 || strncmp(name, "ashlar,", 7) == 0;
}

/* A clock that needs no driver, no cell and nothing else. */
static bool is_fixed_clock(const void *from, int node)
{
	return node >= 0 && fdt_node_check_compatible(from, node, "fixed-clock") == 0;
}

/* Every clock that @node names is one. */
static bool has_plain_clocks(const void *from, int node)
{
	int len = 0, i;
	const fdt32_t *p = fdt_getprop(from, node, "clocks", &len);

	for (i = 0; p != NULL && i < len / 4; i++) {
		if (!is_fixed_clock(from, fdt_node_offset_by_phandle(from, fdt32_ld(&p[i])))) {
			return false;
		}
	}
	return true;
}

/* Of a board's node a guest is told what it can use. */
static bool is_for_guest(const void *from, int node, const char *name)
{
	return !is_left_out(name) &&
	       (strncmp(name, "clock", 5) != 0 || has_plain_clocks(from, node));
}

/* The device's own node gets a reg of ours. */
static bool is_for_device(const void *from, int node, const char *name)
{
	return strcmp(name, "reg") != 0 && is_for_guest(from, node, name);
}

int guest_fdt_copy_props(const void *from, int node, void *fdt, guest_fdt_filter_fn is_kept)
{
	int prop, err = 0;

	fdt_for_each_property_offset(prop, from, node) {
		const char *name;
		int len;
		const void *value = fdt_getprop_by_offset(from, prop, &name, &len);

		if (value != NULL && is_kept(from, node, name)) {
			err = fdt_property(fdt, name, value, len);
		}
		if (err != 0) {
			return err;
		}
	}
	return 0;
}

static int write_reg(const struct plan_device *dev, void *fdt)
{
	fdt64_t cells[2 * PLAN_DEVICE_REGS];
	uint32_t i;

	for (i = 0; i < dev->nr_regs; i++) {
		fdt64_st(&cells[2 * i], dev->regs[i].base);
		fdt64_st(&cells[2 * i + 1], dev->regs[i].size);
	}
	return fdt_property(fdt, "reg", cells, (int)(dev->nr_regs * 2 * sizeof(cells[0])));
}

int guest_fdt_copy_below(const void *from, int node, void *fdt, guest_fdt_filter_fn is_kept)
{
	int depth = 0, open = 0, err = 0;
	int child = fdt_next_node(from, node, &depth);

	for (; err == 0 && child >= 0 && depth > 0; child = fdt_next_node(from, child, &depth)) {
		if (depth > PLAN_TREE_DEPTH) {
			return -FDT_ERR_BADSTRUCTURE;
		}
		for (; err == 0 && open >= depth; open--) {
			err = fdt_end_node(fdt);
		}
		if (err == 0) {
			err = fdt_begin_node(fdt, fdt_get_name(from, child, NULL));
			open++;
		}
		if (err == 0) {
			err = guest_fdt_copy_props(from, child, fdt, is_kept);
		}
	}
	for (; err == 0 && open > 0; open--) {
		err = fdt_end_node(fdt);
	}
	return err;
}

static int copy_device(const void *from, const struct plan_device *dev, void *fdt)
{
	int err = fdt_begin_node(fdt, fdt_get_name(from, dev->node, NULL));

	if (err == 0) {
		err = guest_fdt_copy_props(from, dev->node, fdt, is_for_device);
	}
	if (err == 0) {
		err = write_reg(dev, fdt);
	}
	if (err == 0) {
		err = guest_fdt_copy_below(from, dev->node, fdt, is_for_guest);
	}
	return err == 0 ? fdt_end_node(fdt) : err;
}

static bool names_clock(const void *from, int node, uint32_t phandle)
{
	int len = 0, i;
	const fdt32_t *p = fdt_getprop(from, node, "clocks", &len);

	for (i = 0; p != NULL && i < len / 4; i++) {
		if (fdt32_ld(&p[i]) == phandle) {
			return has_plain_clocks(from, node);
		}
	}
	return false;
}

/* Each clock once, whoever names it. */
static int copy_clocks(const struct domain *d, const void *from, void *fdt)
{
	const struct plan_device *dev = &d->board->devices[d->plan->first_device];
	int err = 0;
	int node = fdt_node_offset_by_compatible(from, -1, "fixed-clock");

	for (; err == 0 && node >= 0;
	     node = fdt_node_offset_by_compatible(from, node, "fixed-clock")) {
		bool is_named = false;

		for (uint32_t i = 0; i < d->plan->nr_devices; i++) {
			is_named = is_named ||
				   names_clock(from, dev[i].node, fdt_get_phandle(from, node));
		}
		if (!is_named) {
			continue;
		}
		err = fdt_begin_node(fdt, fdt_get_name(from, node, NULL));
		if (err == 0) {
			err = guest_fdt_copy_props(from, node, fdt, is_for_guest);
		}
		if (err == 0) {
			err = fdt_end_node(fdt);
		}
	}
	return err;
}

int guest_fdt_devices(const struct domain *d, void *fdt)
{
	const struct plan_device *dev = &d->board->devices[d->plan->first_device];
	const void *from = d->board->fdt;
	int err;

	if (d->plan->nr_devices == 0 || d->plan->tree.fdt != NULL) {
		return 0;
	}
	err = fdt_begin_node(fdt, "passthrough");
	if (err == 0) {
		err = fdt_property(fdt, "compatible", "simple-bus", sizeof("simple-bus"));
	}
	if (err == 0) {
		err = fdt_property_u32(fdt, "#address-cells", 2);
	}
	if (err == 0) {
		err = fdt_property_u32(fdt, "#size-cells", 2);
	}
	if (err == 0) {
		err = fdt_property(fdt, "ranges", "", 0);
	}
	if (err == 0) {
		err = copy_clocks(d, from, fdt);
	}
	for (uint32_t i = 0; err == 0 && i < d->plan->nr_devices; i++) {
		err = copy_device(from, &dev[i], fdt);
	}
	return err == 0 ? fdt_end_node(fdt) : err;
}
