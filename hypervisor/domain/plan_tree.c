// SPDX-License-Identifier: Apache-2.0
/*
 * A domain's partial device tree, Xen's way to give it devices of the board:
 *
 *	devices { compatible = "multiboot,device-tree", "multiboot,module"; ashlar,image = "file:devices.dtb"; };
 *
 * The host tool reads the file and puts it into the module's property `ashlar,tree`, so that the plan's signature is
 * its own. Of the tree /passthrough and /aliases go to the guest as they are, without Xen's properties:
 *
 *	xen,path	the board's node: the device. Its interrupts keep their numbers.
 *	xen,reg		<machine address, size, guest address> by the parent's cells, whole pages. Only pages in which the
 *			device has registers.
 *	xen,force-assign-without-iommu	   that it is meant, if the device accesses memory by itself
 *
 * /gic says by which phandle the nodes know the interrupt controller; without it, by Xen's.
 * Spec: Xen docs/misc/arm/passthrough.txt, docs/misc/arm/device-tree/booting.txt ("Device Assignment"), public
 * arch-arm.h (GUEST_PHANDLE_GIC); Devicetree Specification v0.4 section 2.4.
 */
#include <hyp/fdt.h>
#include <libfdt.h>
#include <string.h>

#include "plan_tree.h"

#define XEN_PHANDLE_GIC 65000U

static const char *string_of(const struct plan_partial *t, int node, const char *prop)
{
	int len;
	const char *s = fdt_getprop(t->fdt, node, prop, &len);

	return s != NULL && len > 1 && memchr(s, '\0', (size_t)len) == s + len - 1 ? s : NULL;
}

static bool check_map(const struct plan_partial *t, int node, const struct plan_device *dev,
		      const struct plan_map *map)
{
	const struct plan_range *m = &map->machine;
	const char *device = fdt_get_name(t->r->fdt, dev->node, NULL);

	if (m->size == 0 || !IS_ALIGNED(m->base | m->size | map->at, PAGE_SIZE)) {
		plan_error(
			t->r, plan_partial_at(t, node), "xen,reg",
			"domain \"%s\": %s: xen,reg: 0x%lx bytes at 0x%lx, seen at 0x%lx, are not whole pages of 4 KiB; write <0 0x%lx 0 0x%lx 0 ...>",
			t->d->name, plan_partial_name(t, node), m->size, m->base, map->at,
			ALIGN_DOWN(m->base, PAGE_SIZE), ALIGN_UP(MAX(m->size, 1UL), PAGE_SIZE));
		return false;
	}
	if (m->size > UINT64_MAX - m->base ||
	    !plan_is_covered(dev->regs, dev->nr_regs, m->base, m->size)) {
		struct plan_range pages = plan_pages(&dev->regs[0]);

		plan_error(
			t->r, plan_partial_at(t, node), "xen,reg",
			"domain \"%s\": %s: xen,reg: 0x%lx bytes at 0x%lx are not all %s's, which has 0x%lx bytes at 0x%lx%s",
			t->d->name, plan_partial_name(t, node), m->size, m->base, device,
			pages.size, pages.base, dev->nr_regs > 1 ? " and more" : "");
		return false;
	}
	return true;
}

/* Xen's triples, by the cells of the node's parent. */
static bool read_maps(const struct plan_partial *t, int node, struct plan_device *dev)
{
	int bus = fdt_parent_offset(t->fdt, node);
	int na = fdt_address_cells(t->fdt, bus), ns = fdt_size_cells(t->fdt, bus);
	int len = 0, each = 4 * (2 * na + ns);
	const fdt32_t *p = fdt_getprop(t->fdt, node, "xen,reg", &len);

	if (na < 1 || na > 2 || ns < 1 || ns > 2) {
		plan_error(
			t->r, plan_partial_at(t, bus), NULL,
			"domain \"%s\": %s: addresses have %d cells and sizes %d, possible are 1 and 2; write #address-cells = <2> and #size-cells = <2>",
			t->d->name, plan_partial_name(t, bus), na, ns);
		return false;
	}
	if (len == 0 || len % each != 0 || len / each > PLAN_DEVICE_MAPS) {
		plan_error(
			t->r, plan_partial_at(t, node), "xen,reg",
			"domain \"%s\": %s: xen,reg has %d bytes, possible are 1 to %u times %d: <machine address, size, guest address>",
			t->d->name, plan_partial_name(t, node), len, PLAN_DEVICE_MAPS, each);
		return false;
	}
	for (; len > 0; len -= each) {
		struct plan_map *map = &dev->maps[dev->nr_maps];

		map->machine.base = plan_reg(&p, na);
		map->machine.size = plan_reg(&p, ns);
		map->at = plan_reg(&p, na);
		if (!check_map(t, node, dev, map)) {
			return false;
		}
		dev->nr_maps++;
	}
	return true;
}

static void read_device(const struct plan_partial *t, int node, const char *path)
{
	bool is_forced = fdt_getprop(t->fdt, node, "xen,force-assign-without-iommu", NULL) != NULL;
	int board = path[0] == '/' ? fdt_path_offset(t->r->fdt, path) : -1;
	struct plan_device *dev;

	if (board < 0) {
		plan_error(
			t->r, plan_partial_at(t, node), "xen,path",
			"domain \"%s\": %s: xen,path is \"%s\", which is no node of the board; write a path from the root of board.dts",
			t->d->name, plan_partial_name(t, node), path);
		return;
	}
	dev = plan_begin_device(t->r, t->d, board, node);
	if (dev != NULL && read_maps(t, node, dev)) {
		plan_end_device(t->r, t->d, dev, is_forced);
	}
}

static void read_node(const struct plan_partial *t, int node)
{
	bool has_reg = fdt_getprop(t->fdt, node, "xen,reg", NULL) != NULL;
	bool has_path = fdt_getprop(t->fdt, node, "xen,path", NULL) != NULL;
	const char *path = string_of(t, node, "xen,path");

	if (has_reg && !has_path) {
		plan_error(
			t->r, plan_partial_at(t, node), "xen,reg",
			"domain \"%s\": %s: xen,reg without xen,path: nobody can tell whose registers these are; write xen,path = \"/the/device\" of board.dts",
			t->d->name, plan_partial_name(t, node));
	} else if (has_path && path == NULL) {
		plan_error(
			t->r, plan_partial_at(t, node), "xen,path",
			"domain \"%s\": %s: xen,path is not one string; write xen,path = \"/the/device\" of board.dts",
			t->d->name, plan_partial_name(t, node));
	} else if (has_path && !has_reg) {
		plan_error(
			t->r, plan_partial_at(t, node), "xen,path",
			"domain \"%s\": %s: xen,path without xen,reg: where is the domain to see it? write xen,reg = <machine address, size, guest address>",
			t->d->name, plan_partial_name(t, node));
	} else if (has_path) {
		read_device(t, node, path);
	}
}

bool plan_is_covered(const struct plan_range *by, uint32_t n, uint64_t base, uint64_t size)
{
	uint64_t end = base + size, was;
	uint32_t i;

	do {
		was = base;
		for (i = 0; i < n; i++) {
			struct plan_range pages = plan_pages(&by[i]);

			if (base >= pages.base && base - pages.base < pages.size) {
				base = pages.base + pages.size;
			}
		}
	} while (base < end && base > was);
	return base >= end;
}

bool plan_each_node(const struct plan_partial *t,
		    void (*visit)(const struct plan_partial *t, int node))
{
	int depth = 0;
	int node = fdt_next_node(t->fdt, t->top, &depth);

	for (; node >= 0 && depth > 0; node = fdt_next_node(t->fdt, node, &depth)) {
		if (depth > PLAN_TREE_DEPTH) {
			plan_error(
				t->r, plan_partial_at(t, node), NULL,
				"domain \"%s\": %s is more than %u nodes below /passthrough, which is not possible",
				t->d->name, plan_partial_name(t, node), PLAN_TREE_DEPTH);
			return false;
		}
		visit(t, node);
	}
	return true;
}

static void read_controller(const struct plan_partial *t)
{
	int gic = fdt_subnode_offset(t->fdt, 0, "gic");
	uint32_t phandle = gic < 0 ? 0 : fdt_get_phandle(t->fdt, gic);

	t->d->tree.controller = phandle != 0 ? phandle : XEN_PHANDLE_GIC;
}

static void read_contents(struct plan_partial *t)
{
	uint32_t before = t->r->errors;

	t->top = fdt_subnode_offset(t->fdt, 0, "passthrough");
	if (t->top < 0) {
		plan_error(
			t->r, t->d->tree.node, "ashlar,image",
			"domain \"%s\": its partial device tree has no /passthrough, so it gives nothing; put the devices' nodes there",
			t->d->name);
		return;
	}
	read_controller(t);
	if (plan_each_node(t, read_node) && t->r->errors == before) {
		plan_check_partial(t);
	}
}

static void read_reference(struct plan_reader *r, struct plan_domain *d, int node)
{
	const char *name = plan_string(r, node, "ashlar,image");
	size_t n = name != NULL ? strlen(name) : 0;

	if (fdt_getprop(r->fdt, node, "reg", NULL) != NULL) {
		plan_error(
			r, node, "reg",
			"domain \"%s\": %s: the file becomes a part of the plan, it has no address; remove reg",
			d->name, fdt_get_name(r->fdt, node, NULL));
	}
	if (r->packed) {
		return;
	}
	if (n > 9 && strncmp(name, "file:", 5) == 0 &&
	    (strcmp(name + n - 4, ".dtb") == 0 || strcmp(name + n - 4, ".dts") == 0)) {
		d->tree.name = name;
		return;
	}
	plan_error(
		r, node, name != NULL ? "ashlar,image" : NULL,
		"domain \"%s\": %s is a partial device tree, which is a file of yours; write ashlar,image = \"file:....dtb\" or \"file:....dts\"",
		d->name, fdt_get_name(r->fdt, node, NULL));
}

/* The property is 4-byte aligned, a tree 8: whoever puts it there leaves four bytes before it, or behind. */
static const void *find_tree(const struct plan_reader *r, int node, size_t *bytes)
{
	int len;
	const uint8_t *p = fdt_getprop(r->fdt, node, "ashlar,tree", &len);
	size_t pad = p != NULL ? (size_t)(-(uintptr_t)p % 8) : 0;

	*bytes = p != NULL && (size_t)len > pad ? (size_t)len - pad : 0;
	return p != NULL ? p + pad : NULL;
}

void plan_read_tree(struct plan_reader *r, struct plan_domain *d, int node)
{
	size_t bytes;
	struct plan_partial t = { .r = r, .d = d, .fdt = find_tree(r, node, &bytes) };

	if (d->tree.node > 0) {
		plan_error(
			r, node, NULL,
			"domain \"%s\": %s is a second partial device tree, \"%s\" is the first; make one of them",
			d->name, fdt_get_name(r->fdt, node, NULL),
			fdt_get_name(r->fdt, d->tree.node, NULL));
		return;
	}
	d->tree.node = node;
	plan_check_props(r, node, PLAN_NODE_TREE, d->name);
	read_reference(r, d, node);
	if (fdt_getprop(r->fdt, d->node, "ashlar,devices", NULL) != NULL) {
		plan_error(
			r, node, NULL,
			"domain \"%s\": it has ashlar,devices and a partial device tree; name all its devices in one of them",
			d->name);
	} else if (t.fdt == NULL && r->packed) {
		plan_error(
			r, node, NULL,
			"domain \"%s\": %s: ashlar,tree is missing; pack the plan with `ashlar pack`",
			d->name, fdt_get_name(r->fdt, node, NULL));
	} else if (t.fdt != NULL &&
		   (!fdt_is_sound(t.fdt, bytes) || fdt_totalsize(t.fdt) > PLAN_TREE_BYTES)) {
		plan_error(
			r, node, "ashlar,tree",
			"domain \"%s\": its partial device tree is not a well-formed one of at most %lu KiB; write it smaller",
			d->name, PLAN_TREE_BYTES / KIB);
	} else if (t.fdt != NULL) {
		d->tree.fdt = t.fdt;
		read_contents(&t);
	}
}
