// SPDX-License-Identifier: Apache-2.0
/*
 * What of the plan goes by the interrupt controller where that is a GIC, on boards of Arm's: the controller itself, how
 * CPUs are told apart, the console's interrupt, and where guests find what is the hypervisor's.
 * Spec: Linux bindings arm,gic-v3 and arm,gic; Xen public arch-arm.h.
 */
#include <libfdt.h>

#include "plan_reader.h"

#define GIC_FIRST_SPI	32
#define GIC_MAX_SPI	988 /* INTIDs 32 to 1019; GIC specification section 2.2 */
#define GUEST_GICD	0x03001000UL
#define GUEST_GICR_END	0x03220000UL /* sixteen vCPUs' redistributors from 0x03020000 */
#define GUEST_PL011	0x22000000UL
#define GUEST_GNTTAB	0x38000000UL
#define GUEST_GNTTAB_SZ 0x01000000UL

const uint64_t plan_cpu_id_bits = 0xff00ffffffUL; /* MPIDR_EL1's affinity fields */

const struct plan_range plan_guest_banks[2] = {
	{ 0x40000000UL, 3 * GIB },
	{ 0x200000000UL, 0xfe00000000UL },
};

static bool gic_ranges(struct plan_reader *r, int node, const char *what, struct plan_range *regs,
		       uint32_t n)
{
	bool ok = plan_ranges(r, node, "reg", regs, n) == n;

	if (!ok) {
		plan_error(r, node, "reg", "%s: reg must have %s", fdt_get_name(r->fdt, node, NULL),
			   what);
	}
	for (uint32_t i = 0; ok && i < n; i++) {
		ok = plan_is_page_range(r, node, "reg", &regs[i]);
	}
	return ok;
}

static void read_gicv3(struct plan_reader *r, int node)
{
	struct plan_range regs[2];

	if (gic_ranges(r, node, "two ranges, distributor and redistributors", regs, 2)) {
		r->plan->gic.type = PLAN_GIC_V3;
		r->plan->gic.dist = regs[0];
		r->plan->gic.redist = regs[1];
	}
}

/* Guests are given the first page of the virtual CPU interface, so it must be one that nothing else shares. */
static void read_gicv2(struct plan_reader *r, int node)
{
	struct plan_range regs[4];

	if (!gic_ranges(
		    r, node,
		    "four ranges, distributor, CPU interface, virtual interface control and virtual CPU interface",
		    regs, 4)) {
		return;
	}
	if (r->plan->nr_cpus > PLAN_GICV2_CPUS) {
		plan_error(
			r, node, "compatible",
			"%s: a GICv2 serves %u CPUs, the board has %u; remove the others from board.dts",
			fdt_get_name(r->fdt, node, NULL), PLAN_GICV2_CPUS, r->plan->nr_cpus);
	}
	r->plan->gic.type = PLAN_GIC_V2;
	r->plan->gic.dist = regs[0];
	r->plan->gic.cpu = regs[1];
	r->plan->gic.hyp = regs[2];
	r->plan->gic.vcpu = regs[3];
}

void plan_read_controller(struct plan_reader *r)
{
	static const struct {
		const char *compatible;
		void (*read)(struct plan_reader *r, int node);
	} known[] = {
		{ "arm,gic-v3", read_gicv3 },
		{ "arm,gic-400", read_gicv2 },
		{ "arm,cortex-a15-gic", read_gicv2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		int node = fdt_node_offset_by_compatible(r->fdt, -1, known[i].compatible);

		if (node >= 0) {
			known[i].read(r, node);
			return;
		}
	}
	plan_error(
		r, -1, NULL,
		"the board has no interrupt controller compatible with \"arm,gic-v3\", \"arm,gic-400\" or \"arm,cortex-a15-gic\"; no other is supported");
}

/* interrupts = <type number flags>, type 0 SPI, 1 PPI (Linux binding arm,gic-v3). */
static uint32_t first_intid(struct plan_reader *r, int node)
{
	int len;
	const fdt32_t *p = fdt_getprop(r->fdt, node, "interrupts", &len);

	if (p == NULL || len < 12 || fdt32_ld(&p[0]) != 0 || fdt32_ld(&p[1]) >= GIC_MAX_SPI) {
		plan_error(r, node, "interrupts", "%s: interrupts must be an SPI: <0 number flags>",
			   fdt_get_name(r->fdt, node, NULL));
		return 0;
	}
	return fdt32_ld(&p[1]) + GIC_FIRST_SPI;
}

void plan_read_uart(struct plan_reader *r, int node)
{
	if (!plan_is_compatible(r, node, CONFIG_UART_COMPATIBLE)) {
		plan_error(r, node, "compatible",
			   "%s: the console must be compatible with \"" CONFIG_UART_COMPATIBLE
			   "\"; no other is supported",
			   fdt_get_name(r->fdt, node, NULL));
		return;
	}
	if (plan_ranges(r, node, "reg", &r->plan->uart.regs, 1) == 1 &&
	    plan_is_page_range(r, node, "reg", &r->plan->uart.regs)) {
		r->plan->uart.type = PLAN_UART_MMIO;
		r->plan->uart.intid = first_intid(r, node);
	}
}

int plan_read_function(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev)
{
	(void)r;
	(void)d;
	(void)dev;
	return 0;
}

/* Whatever a plan can say, they can have. */
void plan_check_guest(struct plan_reader *r, const struct plan_domain *d)
{
	(void)r;
	(void)d;
}

bool plan_guest_window(const struct plan_domain *d, uint32_t n, struct plan_range *out,
		       const char **what)
{
	bool has_pages = d->pv.has_store || d->pv.has_console;

	if (n >= 2 && !d->vpl011) {
		n++;
	}
	switch (n) {
	case 0:
		*out = (struct plan_range){ GUEST_GICD, GUEST_GICR_END - GUEST_GICD };
		*what = "its interrupt controller";
		return true;
	case 1:
		/* Xen's magic pages follow it: the PV console's, the store's. */
		*out = (struct plan_range){ GUEST_GNTTAB, GUEST_GNTTAB_SZ * (has_pages ? 2 : 1) };
		*what = has_pages ? "its grant table and PV pages" : "its grant table";
		return true;
	case 2:
		*out = (struct plan_range){ GUEST_PL011, PAGE_SIZE };
		*what = "its vpl011";
		return true;
	default:
		return false;
	}
}
