// SPDX-License-Identifier: Apache-2.0
/*
 * What a partial device tree tells the guest, held against what the guest has: on the build host alone, for a word that
 * is wrong here gives nobody anything, and only its own guest would be misled.
 * Spec: Devicetree Specification v0.4 section 2.4.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_tree.h"

#define GIC_FIRST_SPI 32U

/* The node's `reg`, where a guest would look for registers, if its bus is plain. Wrong is the guest's harm alone. */
static void check_reg(const struct plan_partial *t, int node, const struct plan_device *dev)
{
	struct plan_range seen[PLAN_DEVICE_MAPS] = { 0 };
	int na = fdt_address_cells(t->fdt, t->top), ns = fdt_size_cells(t->fdt, t->top);
	int len = 0, each = 4 * (na + ns);
	const fdt32_t *p = fdt_getprop(t->fdt, node, "reg", &len);
	uint32_t i;

	for (i = 0; i < dev->nr_maps; i++) {
		seen[i] = (struct plan_range){ dev->maps[i].at, dev->maps[i].machine.size };
	}
	for (; p != NULL && len >= each && fdt_parent_offset(t->fdt, node) == t->top; len -= each) {
		uint64_t base = plan_reg(&p, na), size = plan_reg(&p, ns);

		if (size > UINT64_MAX - base || !plan_is_covered(seen, dev->nr_maps, base, size)) {
			plan_warn(
				t->r, plan_partial_at(t, node), "reg",
				"domain \"%s\": %s: reg: 0x%lx bytes at 0x%lx are not where xen,reg shows the domain anything (0x%lx)",
				t->d->name, plan_partial_name(t, node), size, base, seen[0].base);
		}
	}
}

/* Linux's way: `interrupt-parent`, the node's own or the nearest above; a node above that takes interrupts ends it. */
static bool goes_to_controller(const struct plan_partial *t, int node)
{
	while (node > 0) {
		int len;
		const fdt32_t *p = fdt_getprop(t->fdt, node, "interrupt-parent", &len);

		if (p != NULL) {
			return len == 4 && fdt32_ld(p) == t->d->tree.controller;
		}
		node = fdt_parent_offset(t->fdt, node);
		if (node > 0 && fdt_getprop(t->fdt, node, "#interrupt-cells", NULL) != NULL) {
			return false;
		}
	}
	return true;
}

/* Is it an interrupt of the device whose node, or below whose node, this is? Of any, if there is none. */
static bool is_given(const struct plan_partial *t, int node, uint32_t intid)
{
	const struct plan_device *dev = &t->r->plan->devices[t->d->first_device];
	uint32_t i, k;

	while (node > 0 && fdt_getprop(t->fdt, node, "xen,path", NULL) == NULL) {
		node = fdt_parent_offset(t->fdt, node);
	}
	for (i = 0; i < t->d->nr_devices; i++, dev++) {
		for (k = 0; k < dev->nr_irqs; k++) {
			if (dev->irqs[k].intid == intid && (node <= 0 || node == dev->tree_node)) {
				return true;
			}
		}
	}
	return false;
}

static void check_interrupts(const struct plan_partial *t, int node)
{
	int len = 0;
	const fdt32_t *p = fdt_getprop(t->fdt, node, "interrupts", &len);

	if (fdt_getprop(t->fdt, node, "interrupts-extended", NULL) != NULL) {
		plan_error(
			t->r, plan_partial_at(t, node), "interrupts-extended",
			"domain \"%s\": %s: interrupts-extended is not read; write interrupts and interrupt-parent",
			t->d->name, plan_partial_name(t, node));
		return;
	}
	if (p == NULL || !goes_to_controller(t, node)) {
		return;
	}
	if (len == 0 || len % 12 != 0) {
		plan_error(
			t->r, plan_partial_at(t, node), "interrupts",
			"domain \"%s\": %s: interrupts has %d bytes, not a multiple of 12; write <type number flags>",
			t->d->name, plan_partial_name(t, node), len);
		return;
	}
	for (; len > 0; len -= 12, p += 3) {
		uint32_t type = fdt32_ld(&p[0]), number = fdt32_ld(&p[1]);

		if (type != 0 || number > UINT32_MAX - GIC_FIRST_SPI ||
		    !is_given(t, node, number + GIC_FIRST_SPI)) {
			plan_error(
				t->r, plan_partial_at(t, node), "interrupts",
				"domain \"%s\": %s: interrupt <%u %u ...> is not one that the device of xen,path has on the board; interrupts keep their numbers, write the board's",
				t->d->name, plan_partial_name(t, node), type, number);
		}
	}
}

/* Two nodes of the guest's tree must not have one phandle. */
static void check_phandle(const struct plan_partial *t, int node)
{
	if (fdt_get_phandle(t->fdt, node) == t->d->tree.controller) {
		plan_error(
			t->r, plan_partial_at(t, node), "phandle",
			"domain \"%s\": %s has phandle 0x%x, which is the interrupt controller's; give it another, or give a node /gic one",
			t->d->name, plan_partial_name(t, node), t->d->tree.controller);
	}
}

/* What Xen leaves where it is. Names with two underscores are dtc's. */
static void warn_of_others(const struct plan_partial *t)
{
	int node;

	fdt_for_each_subnode(node, t->fdt, 0) {
		const char *name = plan_partial_name(t, node);

		if (strcmp(name, "gic") != 0 && strcmp(name, "aliases") != 0 &&
		    strcmp(name, "passthrough") != 0 && strncmp(name, "__", 2) != 0) {
			plan_warn(
				t->r, plan_partial_at(t, node), NULL,
				"domain \"%s\": /%s of its partial device tree does not reach the domain, as with Xen; only /passthrough and /aliases do",
				t->d->name, name);
		}
	}
}

static void check_node(const struct plan_partial *t, int node)
{
	const struct plan_device *dev = &t->r->plan->devices[t->d->first_device];

	for (uint32_t i = 0; i < t->d->nr_devices; i++) {
		if (dev[i].tree_node == node) {
			check_reg(t, node, &dev[i]);
		}
	}
	check_interrupts(t, node);
	check_phandle(t, node);
}

void plan_check_partial(const struct plan_partial *t)
{
	warn_of_others(t);
	(void)plan_each_node(t, check_node);
}
