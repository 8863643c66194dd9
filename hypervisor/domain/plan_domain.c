// SPDX-License-Identifier: Apache-2.0
/*
 * The domains' half of the plan: nodes under /chosen that are compatible with "xen,domain", and their modules.
 * Xen docs/misc/arm/device-tree/booting.txt, "Creating Multiple Domains directly from Xen".
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define GUEST_RAM_MAX (plan_guest_banks[0].size + plan_guest_banks[1].size)

static const char *const domain_compatible[] = { "xen,domain", NULL };
static const char *const module_compatible[] = {
	"multiboot,kernel", "multiboot,ramdisk",	   "multiboot,device-tree",
	"xen,evtchn-v1",    "xen,domain-shared-memory-v1", NULL
};

static void read_name(struct plan_reader *r, struct plan_domain *d, int node)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);
	size_t len = strlen(name);

	if (len == 0 || len >= PLAN_NAME_LEN) {
		plan_error(r, node, NULL,
			   "domain \"%s\": the name has %lu characters, 1 to %u are possible", name,
			   len, PLAN_NAME_LEN - 1);
		len = PLAN_NAME_LEN - 1;
	}
	memcpy(d->name, name, len);
	d->name[len] = '\0';
}

static void read_memory(struct plan_reader *r, struct plan_domain *d, int node)
{
	uint64_t kib;

	if (!plan_u64(r, node, "memory", &kib)) {
		if (fdt_getprop(r->fdt, node, "memory", NULL) == NULL) {
			plan_error(r, node, NULL,
				   "domain \"%s\": memory is missing; write memory = <0 KiB>",
				   d->name);
		}
		return;
	}
	if (kib == 0 || kib > GUEST_RAM_MAX / KIB) {
		plan_error(
			r, node, "memory",
			"domain \"%s\": memory is %lu KiB, possible are 4 KiB to %lu KiB (%lu MiB)",
			d->name, kib, GUEST_RAM_MAX / KIB, GUEST_RAM_MAX / MIB);
		return;
	}
	if (kib % 4 != 0) {
		plan_error(r, node, "memory",
			   "domain \"%s\": memory is %lu KiB, not a multiple of 4; make it %lu",
			   d->name, kib, ALIGN_UP(kib, 4));
		return;
	}
	if (kib % 2048 != 0) {
		plan_warn(
			r, node, "memory",
			"domain \"%s\": memory is %lu KiB, not a multiple of 2048: its end is mapped in small pages; %lu would not be",
			d->name, kib, ALIGN_UP(kib, 2048));
	}
	d->memory_bytes = kib * KIB;
}

static void read_static_mem(struct plan_reader *r, struct plan_domain *d, int node)
{
	uint64_t total = 0;
	uint32_t i;

	d->nr_mem = plan_ranges(r, node, "xen,static-mem", d->mem, PLAN_MAX_RANGES);
	for (i = 0; i < d->nr_mem; i++) {
		if (!plan_is_page_range(r, node, "xen,static-mem", &d->mem[i])) {
			d->nr_mem = 0;
			return;
		}
		total += d->mem[i].size;
	}
	if (d->nr_mem == 0) {
		if (r->packed) {
			plan_error(
				r, node, NULL,
				"domain \"%s\": xen,static-mem is missing; pack the plan with `ashlar pack`",
				d->name);
		}
		return;
	}
	if (d->memory_bytes != 0 && total != d->memory_bytes) {
		plan_error(
			r, node, "xen,static-mem",
			"domain \"%s\": xen,static-mem has %lu KiB, memory says %lu KiB; make them equal or remove xen,static-mem",
			d->name, total / KIB, d->memory_bytes / KIB);
	}
}

static void read_vcpus(struct plan_reader *r, struct plan_domain *d, int node)
{
	uint32_t n = 0;

	if (!plan_u32(r, node, "cpus", &n)) {
		if (fdt_getprop(r->fdt, node, "cpus", NULL) == NULL) {
			plan_error(r, node, NULL,
				   "domain \"%s\": cpus is missing; write cpus = <1>", d->name);
		}
		return;
	}
	if (n == 0 || n > PLAN_MAX_VCPUS) {
		plan_error(r, node, "cpus", "domain \"%s\": cpus is %u, possible are 1 to %u",
			   d->name, n, PLAN_MAX_VCPUS);
		return;
	}
	if (r->plan->gic.type == PLAN_GIC_V2 && n > PLAN_GICV2_CPUS) {
		plan_error(
			r, node, "cpus",
			"domain \"%s\": cpus is %u, the GICv2 that it gets on this board knows %u; write cpus = <%u> or less",
			d->name, n, PLAN_GICV2_CPUS, PLAN_GICV2_CPUS);
		return;
	}
	d->nr_vcpus = n;
}

static void read_pinning(struct plan_reader *r, struct plan_domain *d, int node)
{
	int len;
	const fdt32_t *p = fdt_getprop(r->fdt, node, "ashlar,cpus", &len);
	uint32_t i;

	if (p == NULL) {
		for (i = 0; i < d->nr_vcpus; i++) {
			d->cpus[i] = PLAN_NO_CPU;
		}
		if (r->packed) {
			plan_error(
				r, node, NULL,
				"domain \"%s\": ashlar,cpus is missing; pack the plan with `ashlar pack`",
				d->name);
		}
		return;
	}
	if (d->nr_vcpus == 0) {
		return; /* reported already */
	}
	if ((uint32_t)len != d->nr_vcpus * sizeof(*p)) {
		plan_error(
			r, node, "ashlar,cpus",
			"domain \"%s\": ashlar,cpus names %lu CPUs for %u vCPUs; name one for each, or remove it",
			d->name, (size_t)len / sizeof(*p), d->nr_vcpus);
		d->nr_vcpus = 0;
		return;
	}
	for (i = 0; i < d->nr_vcpus; i++) {
		d->cpus[i] = fdt32_ld(&p[i]);
	}
}

static bool has_known_scheme(const char *ref)
{
	static const char *const schemes[] = { "debian:", "file:", "rule:" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(schemes); i++) {
		size_t n = strlen(schemes[i]);

		if (strncmp(ref, schemes[i], n) == 0 && ref[n] != '\0') {
			return true;
		}
	}
	return false;
}

static void read_image_name(struct plan_reader *r, const struct plan_domain *d,
			    struct plan_image *img, int node)
{
	const char *what = fdt_get_name(r->fdt, node, NULL);

	img->name = plan_string(r, node, "ashlar,image");
	if (img->name == NULL) {
		if (fdt_getprop(r->fdt, node, "ashlar,image", NULL) == NULL) {
			plan_error(
				r, node, NULL,
				"domain \"%s\": %s names no image; write ashlar,image = \"debian:...\", \"file:...\" or \"rule:...\"",
				d->name, what);
		}
		return;
	}
	if (!r->packed && !has_known_scheme(img->name)) {
		plan_error(
			r, node, "ashlar,image",
			"domain \"%s\": %s: image \"%s\" is of no known kind; write debian:<payload>, file:<path> or rule:<name>",
			d->name, what, img->name);
		img->name = NULL;
	}
}

static void read_image_place(struct plan_reader *r, const struct plan_domain *d,
			     struct plan_image *img, int node)
{
	const char *what = fdt_get_name(r->fdt, node, NULL);
	const struct plan_range *bundle = &r->plan->bundle;
	struct plan_range at = { 0, 0 };

	if (!r->packed) {
		if (fdt_getprop(r->fdt, node, "reg", NULL) != NULL) {
			plan_error(r, node, "reg",
				   "domain \"%s\": %s: reg is computed by `ashlar pack`; remove it",
				   d->name, what);
		}
		return;
	}
	if (plan_ranges(r, node, "reg", &at, 1) != 1) {
		plan_error(r, node, NULL,
			   "domain \"%s\": %s: reg is missing; pack the plan with `ashlar pack`",
			   d->name, what);
		return;
	}
	if (at.size == 0 || !IS_ALIGNED(at.base, PAGE_SIZE) || at.base < bundle->base ||
	    at.size > bundle->size || at.base - bundle->base > bundle->size - at.size) {
		plan_error(
			r, node, "reg",
			"domain \"%s\": %s: 0x%lx bytes at 0x%lx are not inside the bundle (0x%lx-0x%lx)",
			d->name, what, at.size, at.base, bundle->base, bundle->base + bundle->size);
		return;
	}
	img->base = at.base;
	img->size = at.size;
}

static void read_bootargs(struct plan_reader *r, struct plan_domain *d, int node)
{
	const char *args = plan_string(r, node, "bootargs");

	if (args == NULL) {
		return;
	}
	if (strlen(args) > PLAN_MAX_BOOTARGS) {
		plan_error(
			r, node, "bootargs",
			"domain \"%s\": bootargs has %lu characters, at most %u are possible; shorten it",
			d->name, strlen(args), PLAN_MAX_BOOTARGS);
		return;
	}
	d->bootargs = args;
}

/* A child of a domain that is nothing we know. */
static void report_module(struct plan_reader *r, const struct plan_domain *d, int node)
{
	const char *what = fdt_get_name(r->fdt, node, NULL);
	const char *has = fdt_stringlist_get(r->fdt, node, "compatible", 0, NULL);
	const char *near = has != NULL ? plan_nearest(has, module_compatible) : NULL;

	if (has == NULL) {
		plan_error(
			r, node, NULL,
			"domain \"%s\": %s: compatible is missing; write \"multiboot,kernel\" or \"multiboot,ramdisk\"",
			d->name, what);
	} else if (near != NULL) {
		plan_error(r, node, "compatible",
			   "domain \"%s\": %s: unknown compatible \"%s\"; did you mean \"%s\"?",
			   d->name, what, has, near);
	} else {
		plan_error(
			r, node, "compatible",
			"domain \"%s\": %s: compatible \"%s\" is not offered here; a domain has \"multiboot,kernel\", \"multiboot,ramdisk\", \"multiboot,device-tree\", \"xen,evtchn-v1\" and \"xen,domain-shared-memory-v1\"",
			d->name, what, has);
	}
}

static void read_module(struct plan_reader *r, struct plan_domain *d, int node)
{
	const char *what = fdt_get_name(r->fdt, node, NULL);
	bool is_kernel = plan_is_compatible(r, node, "multiboot,kernel");
	struct plan_image *img = is_kernel ? &d->kernel : &d->ramdisk;

	if (!is_kernel && !plan_is_compatible(r, node, "multiboot,ramdisk")) {
		report_module(r, d, node);
		return;
	}
	if (img->node > 0) {
		plan_error(r, node, NULL,
			   "domain \"%s\": %s is a second %s, \"%s\" is the first; remove one",
			   d->name, what, is_kernel ? "kernel" : "ramdisk",
			   fdt_get_name(r->fdt, img->node, NULL));
		return;
	}
	img->node = node;
	plan_check_props(r, node, PLAN_NODE_MODULE, d->name);
	read_image_name(r, d, img, node);
	read_image_place(r, d, img, node);
	if (is_kernel) {
		read_bootargs(r, d, node);
	} else if (fdt_getprop(r->fdt, node, "bootargs", NULL) != NULL) {
		plan_error(
			r, node, "bootargs",
			"domain \"%s\": %s: bootargs belongs to the kernel's node; move it there",
			d->name, what);
	}
}

static void read_domain(struct plan_reader *r, struct plan_domain *d, int node)
{
	int child;

	d->node = node;
	d->bootargs = "";
	read_name(r, d, node);
	plan_check_props(r, node, PLAN_NODE_DOMAIN, d->name);
	if (!plan_cells(r, node)) {
		return;
	}
	read_memory(r, d, node);
	read_static_mem(r, d, node);
	read_vcpus(r, d, node);
	read_pinning(r, d, node);
	plan_read_life(r, d, node);
	plan_read_pv(r, d, node);
	plan_read_weight(r, d, node);
	d->vpl011 = fdt_getprop(r->fdt, node, "vpl011", NULL) != NULL;
	d->direct_map = fdt_getprop(r->fdt, node, "direct-map", NULL) != NULL;
	plan_read_devices(r, d, node);
	plan_check_guest(r, d);
	d->first_shm = r->plan->nr_shms;
	fdt_for_each_subnode(child, r->fdt, node) {
		if (plan_is_compatible(r, child, "xen,domain-shared-memory-v1")) {
			plan_read_shm(r, d, child);
		} else if (plan_is_compatible(r, child, "xen,evtchn-v1")) {
			plan_read_evtchn(r, d, child);
		} else if (plan_is_compatible(r, child, "multiboot,device-tree")) {
			plan_read_tree(r, d, child);
		} else if (!plan_read_link(r, d, child)) {
			read_module(r, d, child);
		}
	}
	plan_read_order(r, d, node);
	if (d->kernel.node == 0) {
		plan_error(
			r, node, NULL,
			"domain \"%s\": no kernel; add a node with compatible = \"multiboot,kernel\", \"multiboot,module\"",
			d->name);
	}
}

static void report_not_domain(struct plan_reader *r, int node)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);
	const char *has = fdt_stringlist_get(r->fdt, node, "compatible", 0, NULL);

	if (has == NULL) {
		plan_error(r, node, NULL,
			   "%s: not a domain; write compatible = \"xen,domain\" or remove it",
			   name);
	} else if (plan_nearest(has, domain_compatible) != NULL) {
		plan_error(r, node, "compatible",
			   "%s: unknown compatible \"%s\"; did you mean \"xen,domain\"?", name,
			   has);
	} else {
		plan_error(
			r, node, "compatible",
			"%s: compatible \"%s\" is not offered in /chosen; only \"xen,domain\" is",
			name, has);
	}
}

static void read_chosen_child(struct plan_reader *r, int node)
{
	struct plan *p = r->plan;
	const char *name = fdt_get_name(r->fdt, node, NULL);

	if (!plan_is_compatible(r, node, "xen,domain")) {
		report_not_domain(r, node);
		return;
	}
	if (p->nr_domains == PLAN_MAX_DOMAINS) {
		plan_error(r, node, NULL, "%s: more than %u domains; remove some", name,
			   PLAN_MAX_DOMAINS);
		return;
	}
	p->domains[p->nr_domains].domid = (uint16_t)(p->nr_domains + 1);
	read_domain(r, &p->domains[p->nr_domains], node);
	p->nr_domains++;
}

void plan_read_domains(struct plan_reader *r)
{
	int chosen = fdt_subnode_offset(r->fdt, 0, "chosen");
	int node;

	if (chosen >= 0) {
		fdt_for_each_subnode(node, r->fdt, chosen) {
			read_chosen_child(r, node);
		}
	}
	if (r->plan->nr_domains == 0) {
		plan_error(r, chosen, NULL,
			   "no domain; add a node with compatible = \"xen,domain\" to /chosen");
	}
}
