/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device tree of a guest, generated: what the architecture has (CPUs, interrupt controller, timer, PSCI), its
 * memory, what it was told in the plan, the hypervisor's own node, its UART.
 *
 * Spec: Devicetree Specification v0.4; Linux Documentation/devicetree/bindings: arm/xen.txt, serial/arm_sbsa_uart.txt.
 */
#include "internal.h"

#include <hyp/arch/vcpu.h>
#include <hyp/entropy.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/pool.h>
#include <hyp/xen.h>

#include <libfdt.h>
#include <string.h>

#define KASLR_SEED_BYTES 8
#define RNG_SEED_BYTES	 (GUEST_SEED_BYTES - KASLR_SEED_BYTES)

/* Interrupt specifiers of the GIC binding (bindings/interrupt-controller/arm,gic-v3.yaml). */
#define GIC_SPI	       0U
#define GIC_PPI	       1U
#define GIC_SPI_BASE   32U
#define GIC_PPI_BASE   16U
#define IRQ_LEVEL_HIGH 4U
#define IRQ_LEVEL_LOW  8U
#define GIC_ALL_CPUS   0xf00U /* GICv2's CPU mask, which Xen's node carries too */

/* The first error stays: libfdt's sequential calls may go on after it, with no effect on the result. */
struct tree {
	void *fdt;
	int err;
};

static void keep(struct tree *t, int err)
{
	if (t->err == 0) {
		t->err = err;
	}
}

static void node(struct tree *t, const char *name)
{
	keep(t, fdt_begin_node(t->fdt, name));
}

static void end(struct tree *t)
{
	keep(t, fdt_end_node(t->fdt));
}

static void text(struct tree *t, const char *name, const char *value)
{
	keep(t, fdt_property(t->fdt, name, value, (int)strlen(value) + 1));
}

static void cell(struct tree *t, const char *name, uint32_t value)
{
	keep(t, fdt_property_u32(t->fdt, name, value));
}

static void cells(struct tree *t, const char *name, const uint32_t *value, size_t nr)
{
	fdt32_t be[3];
	size_t i;

	for (i = 0; i < nr && i < ARRAY_SIZE(be); i++) {
		be[i] = cpu_to_fdt32(value[i]);
	}
	keep(t, fdt_property(t->fdt, name, be, (int)(nr * sizeof(be[0]))));
}

static void reg(struct tree *t, uint64_t base, uint64_t size)
{
	fdt64_t be[2] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };

	keep(t, fdt_property(t->fdt, "reg", be, sizeof(be)));
}

static void root(struct tree *t, const struct domain *d)
{
	static const char compatible[] = "xen,xenvm-4.20\0xen,xenvm";
	char model[PLAN_NAME_LEN + 16];

	hyp_snprintf(model, sizeof(model), "Ashlar domain %s", d->name);
	text(t, "model", model);
	keep(t, fdt_property(t->fdt, "compatible", compatible, sizeof(compatible)));
	cell(t, "#address-cells", 2);
	cell(t, "#size-cells", 2);
}

void guest_info_seed(struct domain *d)
{
	d->restart.has_seed = entropy_fill(d->restart.seed, sizeof(d->restart.seed));
}

/*
 * Fresh whenever a tree is made. Linux wipes both once it has used them; kaslr-seed has 8 bytes, rng-seed any number
 * (bindings/chosen.txt, and the devicetree schema's chosen.yaml).
 */
static void seeds(struct tree *t, struct domain *d)
{
	const uint8_t *seed = d->restart.seed;

	if (d->restart.has_seed) {
		keep(t, fdt_property(t->fdt, "kaslr-seed", seed, KASLR_SEED_BYTES));
		keep(t, fdt_property(t->fdt, "rng-seed", seed + KASLR_SEED_BYTES, RNG_SEED_BYTES));
	}
	d->restart.has_seed = false;
	memset(d->restart.seed, 0, sizeof(d->restart.seed));
}

static void chosen(struct tree *t, struct domain *d, const struct guest_layout *at)
{
	node(t, "chosen");
	text(t, "bootargs", d->plan->bootargs);
	seeds(t, d);
	if (at->ramdisk_size > 0) {
		keep(t, fdt_property_u64(t->fdt, "linux,initrd-start", at->ramdisk));
		keep(t,
		     fdt_property_u64(t->fdt, "linux,initrd-end", at->ramdisk + at->ramdisk_size));
	}
	if (d->vpl011 != NULL) {
		text(t, "stdout-path", "/sbsa-uart@22000000");
	}
	end(t);
}

/* Pieces that follow each other for the guest are one bank, whatever they are on the machine. */
static void memory(struct tree *t, const struct domain *d)
{
	unsigned int i = 0;

	while (i < d->nr_ram) {
		uint64_t base = d->ram[i].gpa;
		uint64_t size = 0;
		char name[32];

		for (; i < d->nr_ram && d->ram[i].gpa == base + size; i++) {
			size += d->ram[i].size;
		}
		hyp_snprintf(name, sizeof(name), "memory@%llx", (unsigned long long)base);
		node(t, name);
		text(t, "device_type", "memory");
		reg(t, base, size);
		end(t);
	}
}

/*
 * The grant table's place; then, for who maps others' pages, an extended region: physical space that nothing is in
 * (bindings/arm/xen.txt, "reg").
 */
static void hypervisor(struct tree *t, const struct domain *d)
{
	static const char compatible[] = "xen,xen-4.20\0xen,xen";
	const uint32_t irq[] = { GIC_PPI, GUEST_EVTCHN_PPI - GIC_PPI_BASE,
				 GIC_ALL_CPUS | IRQ_LEVEL_LOW };
	const fdt64_t be[] = { cpu_to_fdt64(GUEST_GNTTAB_BASE), cpu_to_fdt64(GUEST_GNTTAB_SIZE),
			       cpu_to_fdt64(d->plan->pv.free.base),
			       cpu_to_fdt64(d->plan->pv.free.size) };

	node(t, "hypervisor");
	keep(t, fdt_property(t->fdt, "compatible", compatible, sizeof(compatible)));
	keep(t, fdt_property(t->fdt, "reg", be,
			     d->plan->pv.free.size > 0 ? sizeof(be) : sizeof(be) / 2));
	cells(t, "interrupts", irq, ARRAY_SIZE(irq));
	end(t);
}

static void uart(struct tree *t)
{
	const uint32_t irq[] = { GIC_SPI, GUEST_VPL011_SPI - GIC_SPI_BASE, IRQ_LEVEL_HIGH };

	_Static_assert(GUEST_PL011_BASE == 0x22000000, "the node's name has the address");
	node(t, "sbsa-uart@22000000");
	text(t, "compatible", "arm,sbsa-uart");
	reg(t, GUEST_PL011_BASE, GUEST_PL011_SIZE);
	cells(t, "interrupts", irq, ARRAY_SIZE(irq));
	cell(t, "current-speed", 115200);
	end(t);
}

static int write_tree(struct domain *d, const struct guest_layout *at, void *buf)
{
	struct tree t = { .fdt = buf };

	/* each name by itself: to find those that are there already is most of the work, while others may wait */
	keep(&t, fdt_create_with_flags(buf, (int)GUEST_FDT_BYTES, FDT_CREATE_FLAG_NO_NAME_DEDUP));
	keep(&t, fdt_finish_reservemap(buf));
	node(&t, "");
	root(&t, d);
	if (t.err == 0) {
		keep(&t, arch_domain_fdt(d, buf));
	}
	chosen(&t, d, at);
	memory(&t, d);
	hypervisor(&t, d);
	if (d->vpl011 != NULL) {
		uart(&t);
	}
	if (t.err == 0) {
		keep(&t, guest_fdt_shms(d, buf));
	}
	if (t.err == 0) {
		keep(&t, guest_fdt_devices(d, buf));
	}
	if (t.err == 0) {
		keep(&t, guest_fdt_tree(d, buf));
	}
	if (t.err == 0) {
		keep(&t, guest_fdt_pv(d, buf));
	}
	end(&t);
	keep(&t, fdt_finish(buf));
	return t.err;
}

int guest_info_write(struct domain *d, const struct guest_layout *at, void *buf)
{
	int rc = write_tree(d, at, buf);

	if (rc != 0) {
		hyp_printf("%s: device tree: libfdt's error %d\n", d->name, rc);
		return -E2BIG;
	}
	return ram_write(d, at->info, buf, fdt_totalsize(buf), NULL);
}

void guest_info_end(void *buf)
{
	memset(buf, 0, GUEST_FDT_BYTES); /* the guest's seeds were in it */
	page_free(buf, GUEST_FDT_ORDER);
}

int guest_info_load(struct domain *d, const struct guest_layout *at)
{
	void *buf = page_alloc(GUEST_FDT_ORDER);
	int rc;

	if (buf == NULL) {
		return -ENOMEM;
	}
	guest_info_seed(d);
	rc = guest_info_write(d, at, buf);
	guest_info_end(buf);
	return rc;
}
