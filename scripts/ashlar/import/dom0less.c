// SPDX-License-Identifier: Apache-2.0
/*
 * Domains of ours from a compiled device tree with Xen's dom0less domains. Its words are those of our plans, but for two
 * things: modules are addresses there, so that --image has to say which files they are; and what Xen alone offers.
 * Spec: Xen docs/misc/arm/device-tree/booting.txt.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "../../../hypervisor/domain/plan_reader.h"
#include "import.h"

#define CELL_BYTES  4U
#define MAX_NUMBERS (4 * PLAN_MAX_RANGES)

struct tree {
	struct import *im;
	const void *fdt;
	struct import_domain *domain;
	int node; /* of the domain */
};

static const char *name_of(const struct tree *t, int node)
{
	return fdt_get_name(t->fdt, node, NULL);
}

/* "/chosen/domU1/module@0": of what something is said; the caller frees it. */
static char *place_of(const struct tree *t, int node, const char *prop)
{
	char path[512];

	if (fdt_get_path(t->fdt, node, path, (int)sizeof(path)) != 0) {
		strcpy(path, "/...");
	}
	return xasprintf("%s%s%s", path, prop != NULL ? " " : "", prop != NULL ? prop : "");
}

static void error(struct tree *t, int node, const char *prop, const char *what)
{
	char *place = place_of(t, node, prop);

	import_error(t->im, 0, "%s: %s", place, what);
	free(place);
}

static void note(struct tree *t, int node, const char *prop, const char *what)
{
	char *place = place_of(t, node, prop);

	import_note(t->im, 0, "%s: no counterpart here: %s", place, what);
	free(place);
}

static bool has(const struct tree *t, int node, const char *prop)
{
	return fdt_getprop(t->fdt, node, prop, NULL) != NULL;
}

/* A whole property as one string. NULL: it is none, or not there. */
static const char *string_of(const struct tree *t, int node, const char *prop)
{
	int len;
	const char *s = fdt_getprop(t->fdt, node, prop, &len);

	return s != NULL && len > 0 && memchr(s, '\0', (size_t)len) == s + len - 1 ? s : NULL;
}

/* One number of @cells cells, moving on. */
static uint64_t take_cells(const fdt32_t **p, uint32_t cells)
{
	uint64_t value = 0;

	for (; cells > 0; cells--) {
		value = value << 32 | fdt32_ld((*p)++);
	}
	return value;
}

/* Cells of an address, or of a size; 0, reported: neither 1 nor 2. */
static uint32_t cells_of(struct tree *t, const char *prop, const char *other)
{
	const char *name = has(t, t->node, prop) ? prop : other;
	int len;
	const fdt32_t *p = fdt_getprop(t->fdt, t->node, name, &len);
	uint32_t cells = p != NULL && len == (int)CELL_BYTES ? fdt32_ld(p) : 0;

	if (cells != 1 && cells != 2) {
		error(t, t->node, name, "it must be there, and <1> or <2>");
		return 0;
	}
	return cells;
}

/* A number of @cells cells. Return: false: it is not there, or, reported, of another length. */
static bool number_of(struct tree *t, const char *prop, uint32_t cells, uint64_t *value)
{
	int len;
	const fdt32_t *p = fdt_getprop(t->fdt, t->node, prop, &len);

	if (p != NULL && len != (int)(cells * CELL_BYTES)) {
		error(t, t->node, prop,
		      cells == 1 ? "it is not one number of 32 bits"
				 : "it is not one number of 64 bits");
		return false;
	}
	*value = p != NULL ? take_cells(&p, cells) : 0;
	return p != NULL;
}

/* Numbers as cells of ours, two each; the caller frees it. */
static char *cells_text(const uint64_t *v, uint32_t n)
{
	char *text = xstrdup("");
	uint32_t i;

	for (i = 0; i < n; i++) {
		char *more = xasprintf("%s%s0x%lx 0x%lx", text, i > 0 ? " " : "", v[i] >> 32,
				       v[i] & UINT32_MAX);

		free(text);
		text = more;
	}
	return text;
}

/* Pairs of address and size. Return: numbers, 0: none, or, reported, of another length. */
static uint32_t static_mem(struct tree *t, uint64_t v[MAX_NUMBERS])
{
	const char *prop = "xen,static-mem";
	int len;
	const fdt32_t *p = fdt_getprop(t->fdt, t->node, prop, &len);
	uint32_t a, s, n, i;

	if (p == NULL) {
		return 0;
	}
	a = cells_of(t, "#xen,static-mem-address-cells", "#address-cells");
	s = cells_of(t, "#xen,static-mem-size-cells", "#size-cells");
	if (a == 0 || s == 0) {
		return 0;
	}
	n = (uint32_t)len / ((a + s) * CELL_BYTES);
	if (n == 0 || n > PLAN_MAX_RANGES || (uint32_t)len != n * (a + s) * CELL_BYTES) {
		error(t, t->node, prop, "it is not 1 to 8 pairs of an address and a size");
		return 0;
	}
	for (i = 0; i < n; i++) {
		v[2 * i] = take_cells(&p, a);
		v[2 * i + 1] = take_cells(&p, s);
	}
	return 2 * n;
}

static void put_memory(struct tree *t)
{
	uint64_t v[MAX_NUMBERS] = { 0 }, kib = 0, total = 0;
	uint32_t n = static_mem(t, v), i;
	char *text = cells_text(v, n), *memory;

	for (i = 1; i < n; i += 2) {
		total += v[i] / 1024;
	}
	if (!number_of(t, "memory", 2, &kib) && !has(t, t->node, "memory") && n == 0) {
		error(t, t->node, "memory", "it is missing");
	}
	kib = n > 0 ? total : ALIGN_UP(MIN(kib, (uint64_t)IMPORT_MIB_MAX * 1024), 4UL);
	memory = cells_text(&kib, 1);
	import_line(t->domain, "memory = <%s>; /* KiB */", memory);
	if (n > 0) {
		import_line(t->domain, "xen,static-mem = <%s>;", text);
	}
	free(memory);
	free(text);
}

static void put_numbers(struct tree *t)
{
	static const struct {
		const char *prop;
		uint64_t max;
	} props[] = {
		{ "cpus", PLAN_MAX_VCPUS },
		{ "max_grant_version", 1 },
		{ "max_grant_frames", PLAN_MAX_FRAMES },
		{ "max_maptrack_frames", PLAN_MAX_FRAMES },
	};
	uint64_t value;
	size_t i;

	if (!has(t, t->node, "cpus")) {
		error(t, t->node, "cpus", "it is missing");
	}
	for (i = 0; i < ARRAY_SIZE(props); i++) {
		if (!number_of(t, props[i].prop, 1, &value)) {
			continue;
		}
		if (value > props[i].max && i > 0) {
			note(t, t->node, props[i].prop,
			     "it is more than is possible, which is taken");
		}
		if (value == 0 || (value > props[i].max && i == 0)) {
			error(t, t->node, props[i].prop, "there is no such number of them here");
		}
		import_line(t->domain, "%s = <%lu>;", props[i].prop, MIN(value, props[i].max));
	}
}

static void put_links(struct tree *t)
{
	int len;
	const char *enhanced = fdt_getprop(t->fdt, t->node, "xen,enhanced", &len);

	if (has(t, t->node, "vpl011")) {
		import_line(t->domain, "vpl011;");
	}
	if (has(t, t->node, "direct-map")) {
		import_line(t->domain, "direct-map;");
	}
	if (enhanced == NULL) {
		return;
	}
	if (len > 1) {
		enhanced = string_of(t, t->node, "xen,enhanced");
	}
	if (len <= 1 || (enhanced != NULL && strcmp(enhanced, "enabled") == 0)) {
		import_enhanced(t->domain);
	} else if (enhanced != NULL && strcmp(enhanced, "no-xenstore") == 0) {
		import_line(t->domain, "xen,enhanced = \"no-xenstore\";");
	} else if (enhanced == NULL || strcmp(enhanced, "disabled") != 0) {
		error(t, t->node, "xen,enhanced", "it is not enabled, no-xenstore or disabled");
	}
}

/* ---- what Xen alone has ---- */

static const struct {
	const char *prop, *why;
} reasons[] = {
	{ "capabilities", "no domain has rights over others: who may reach whom is the plan" },
	{ "domain-cpupool", "there are no CPU pools; write ashlar,cpus = <cpu ...>" },
	{ "iommu", "no IOMMU is driven" },
	{ "llc-colors", "caches are not coloured" },
	{ "mem-paging", "memory is not paged" },
	{ "nr_spis", "a domain has the interrupts of its devices" },
	{ "passthrough", "no IOMMU is driven; write ashlar,devices" },
	{ "sve", "guests have no SVE" },
	{ "vpl011-backend", "the hypervisor serves the UART" },
	{ "xen,domain-p2m-mem-mb", "translation tables are counted by `ashlar pack`" },
	{ "xen,passthrough", "write the device's label in ashlar,devices" },
};

static const char *const taken[] = {
	"compatible",
	"#address-cells",
	"#size-cells",
	"memory",
	"cpus",
	"vpl011",
	"direct-map",
	"xen,static-mem",
	"#xen,static-mem-address-cells",
	"#xen,static-mem-size-cells",
	"xen,enhanced",
	"max_grant_version",
	"max_grant_frames",
	"max_maptrack_frames",
	"phandle",
	"linux,phandle",
	NULL,
};

static void tell_prop(struct tree *t, const char *prop)
{
	size_t i;

	for (i = 0; taken[i] != NULL; i++) {
		if (strcmp(taken[i], prop) == 0) {
			return;
		}
	}
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (strcmp(reasons[i].prop, prop) == 0) {
			note(t, t->node, prop, reasons[i].why);
			return;
		}
	}
	note(t, t->node, prop, "it is no property that is known");
}

static void tell_props(struct tree *t)
{
	const char *name;
	int prop;

	fdt_for_each_property_offset(prop, t->fdt, t->node) {
		if (fdt_getprop_by_offset(t->fdt, prop, &name, NULL) != NULL) {
			tell_prop(t, name);
		}
	}
}

/* ---- its children ---- */

static bool is_a(const struct tree *t, int node, const char *what, const char *old)
{
	return fdt_node_check_compatible(t->fdt, node, what) == 0 ||
	       (old != NULL && fdt_node_check_compatible(t->fdt, node, old) == 0);
}

/* The file of a module: --image DOMAIN/MODULE=FILE, or what UEFI would load. NULL, reported: nobody says. */
static const char *file_of(struct tree *t, int node)
{
	char *ref = xasprintf("%s/%s", name_of(t, t->node), name_of(t, node));
	const char *file = import_option(t->im->images, ref);
	char *what;

	if (file == NULL) {
		file = string_of(t, node, "xen,uefi-binary");
	}
	if (file == NULL) {
		what = xasprintf("it is an address here, not a file; say --image %s=FILE", ref);
		error(t, node, NULL, what);
		free(what);
	}
	free(ref);
	return file;
}

static void put_module(struct tree *t, int node, const char *kind)
{
	const char *file = file_of(t, node), *args = string_of(t, node, "bootargs");

	if (args != NULL && strlen(args) > PLAN_MAX_BOOTARGS) {
		error(t, node, "bootargs", "it is longer than 2047 characters");
	} else if (file != NULL) {
		import_image(t->im, t->domain, 0, kind, file,
			     strcmp(kind, "kernel") == 0 ? args : NULL);
	}
}

/* [host] guest size, in the domain's cells. */
static void put_shared(struct tree *t, int node)
{
	int len = 0;
	const fdt32_t *p = fdt_getprop(t->fdt, node, "xen,shared-mem", &len);
	const char *id = string_of(t, node, "xen,shm-id"), *role = string_of(t, node, "role");
	char *quoted = id != NULL ? import_quoted(t->im, 0, "xen,shm-id", id) : NULL, *text;
	uint32_t a = cells_of(t, "#address-cells", "#address-cells");
	uint32_t s = cells_of(t, "#size-cells", "#size-cells"), n, i;
	uint32_t words = (uint32_t)MAX(len, 0) / CELL_BYTES;
	struct import_node *ours;
	uint64_t v[3];

	if (a == 0 || s == 0) {
		free(quoted);
		return;
	}
	n = words == 2 * a + s ? 2 : 1;
	if (p == NULL || quoted == NULL || words != n * a + s) {
		error(t, node, NULL,
		      "xen,shm-id or xen,shared-mem is missing, or of another length");
		free(quoted);
		return;
	}
	for (i = 0; i <= n; i++) {
		v[i] = take_cells(&p, i < n ? a : s);
	}
	if (n == 2 && v[0] != v[1] && has(t, t->node, "direct-map")) {
		error(t, node, "xen,shared-mem",
		      "with direct-map the guest's address must be the host's here");
	}
	if (role != NULL && strcmp(role, "owner") != 0 && strcmp(role, "borrower") != 0) {
		error(t, node, "role", "it is not owner or borrower");
	}
	text = cells_text(v, n + 1);
	ours = import_node(t->im, t->domain, 0, "shared-memory@%zu", t->domain->nr_nodes);
	if (ours != NULL) {
		import_node_line(ours, "compatible = \"xen,domain-shared-memory-v1\";");
		import_node_line(ours, "xen,shm-id = %s;", quoted);
		import_node_line(ours, "xen,shared-mem = <%s>;", text);
		if (role != NULL) {
			import_node_line(ours, "role = \"%s\";", role);
		}
	}
	free(text);
	free(quoted);
}

static void put_child(struct tree *t, int node)
{
	if (is_a(t, node, "multiboot,kernel", "xen,linux-zimage")) {
		put_module(t, node, "kernel");
	} else if (is_a(t, node, "multiboot,ramdisk", "xen,linux-initrd")) {
		put_module(t, node, "ramdisk");
	} else if (is_a(t, node, "multiboot,device-tree", NULL)) {
		put_module(t, node, "device-tree");
	} else if (is_a(t, node, "xen,domain-shared-memory-v1", NULL)) {
		put_shared(t, node);
	} else if (is_a(t, node, "xen,evtchn-v1", NULL)) {
		note(t, node, NULL,
		     "write both ends by hand, as rootfs/domains/bell-a and bell-b have them");
	} else {
		note(t, node, NULL, "it is no module that is known");
	}
}

static void put_domain(struct tree *t)
{
	int child, nr_kernels = 0;

	t->domain = import_domain(t->im, name_of(t, t->node), 0);
	if (t->domain == NULL) {
		return;
	}
	put_memory(t);
	put_numbers(t);
	put_links(t);
	tell_props(t);
	fdt_for_each_subnode(child, t->fdt, t->node) {
		put_child(t, child);
		nr_kernels += is_a(t, child, "multiboot,kernel", "xen,linux-zimage");
	}
	if (nr_kernels != 1) {
		error(t, t->node, NULL, "it has not one kernel");
	}
}

/* ---- all the rest ---- */

/* Devices that Xen would give away. */
static void tell_devices(struct tree *t)
{
	int node = -1;

	while ((node = fdt_next_node(t->fdt, node, NULL)) >= 0) {
		if (has(t, node, "xen,passthrough") && !is_a(t, node, "xen,domain", NULL)) {
			note(t, node, "xen,passthrough",
			     "write the device's label in ashlar,devices of its domain");
		}
	}
}

static void tell_chosen(struct tree *t, int chosen)
{
	static const char *const props[] = { "xen,xen-bootargs", "xen,dom0-bootargs" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(props); i++) {
		if (has(t, chosen, props[i])) {
			note(t, chosen, props[i],
			     i == 0 ? "the hypervisor is Ashlar's own, set by `make menuconfig`"
				    : "there is no dom0");
		}
	}
}

void import_dom0less(struct import *im, const void *fdt, size_t bytes)
{
	struct tree t = { .im = im, .fdt = fdt };
	int chosen;

	if (bytes < sizeof(struct fdt_header) || fdt_check_full(fdt, bytes) != 0) {
		import_error(im, 0, "not a well-formed device tree; dtc makes one of its source");
		return;
	}
	chosen = fdt_subnode_offset(fdt, 0, "chosen");
	if (chosen >= 0) {
		tell_chosen(&t, chosen);
		fdt_for_each_subnode(t.node, fdt, chosen) {
			if (is_a(&t, t.node, "xen,domain", NULL)) {
				put_domain(&t);
			} else {
				note(&t, t.node, NULL,
				     "it is none of dom0less' domains; there is no dom0");
			}
		}
	}
	tell_devices(&t);
	if (im->nr_domains == 0 && im->errors == 0) {
		import_error(im, 0, "/chosen has no node with compatible = \"xen,domain\"");
	}
}
