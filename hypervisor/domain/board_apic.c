// SPDX-License-Identifier: Apache-2.0
/*
 * What of the plan goes by the interrupt controller where that is a PC's, local APICs and I/O APICs: how CPUs are told
 * apart, the console, where guests find what is the hypervisor's, and what they cannot have. Where the controllers are
 * say the firmware's ACPI tables.
 * Spec: Linux binding ns16550a; Xen public arch-x86/hvm/start_info.h.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define ISA_IRQS	 16
#define IO_PORTS	 0x10000UL
#define UART_PORTS	 8
#define MIN_TSC_HZ	 100000000UL
#define MAX_TSC_HZ	 10000000000UL
#define GUEST_APIC	 0xfee00000UL
#define GUEST_IOAPIC	 0xfec00000UL
#define GUEST_MAGIC	 0xfeff8000UL
#define GUEST_MAGIC_SIZE 0x8000UL

const uint64_t plan_cpu_id_bits = UINT32_MAX;

const struct plan_range plan_guest_banks[2] = {
	{ 0, 3 * GIB },
	{ 4 * GIB, 0xff00000000UL },
};

/* Which of the board's nodes says that memory is there. */
static int memory_node(struct plan_reader *r, const struct plan_range *ram)
{
	struct plan_range said[PLAN_MAX_RANGES];
	int node;

	fdt_for_each_subnode(node, r->fdt, 0) {
		const char *type = fdt_getprop(r->fdt, node, "device_type", NULL);
		uint32_t n = 0;

		if (type != NULL && strcmp(type, "memory") == 0) {
			n = plan_ranges(r, node, "reg", said, PLAN_MAX_RANGES);
		}
		while (n > 0) {
			if (said[--n].base == ram->base) {
				return node;
			}
		}
	}
	return -1;
}

/* What no PC has memory for, whatever its firmware's map says: there things are placed, and other CPUs start. */
static void check_memory(struct plan_reader *r, const struct plan_range *ram,
			 const struct plan_range *taken, const char *what)
{
	if (plan_overlap(ram, taken)) {
		plan_error(
			r, memory_node(r, ram), "reg",
			"memory 0x%lx-0x%lx has 0x%lx-0x%lx in it, %s; leave that out, in two ranges if need be",
			ram->base, ram->base + ram->size, taken->base, taken->base + taken->size,
			what);
	}
}

/* Where the board lets bridges place devices' memory: PCI bus binding, "ranges", of 32-bit and 64-bit memory. */
static void check_bridge(struct plan_reader *r, const struct plan_range *ram, int bridge)
{
	const uint32_t cells = 7;
	struct plan_range placed;
	int len = 0;
	const fdt32_t *p = fdt_getprop(r->fdt, bridge, "ranges", &len);

	for (; p != NULL && len >= (int)cells * 4; p += cells, len -= (int)cells * 4) {
		placed.base = (uint64_t)fdt32_ld(p + 3) << 32 | fdt32_ld(p + 4);
		placed.size = (uint64_t)fdt32_ld(p + 5) << 32 | fdt32_ld(p + 6);
		check_memory(r, ram, &placed, "which the PCI bridge gives to devices");
	}
}

void plan_read_controller(struct plan_reader *r)
{
	static const struct plan_range first = { 0, MIB };
	static const struct plan_range hole = { 0xfec00000UL, 4 * GIB - 0xfec00000UL };
	static const char kind[] = "pci-host-ecam-generic";
	uint32_t i;

	for (i = 0; i < r->plan->nr_ram; i++) {
		const struct plan_range *ram = &r->plan->ram[i];
		int bridge = fdt_node_offset_by_compatible(r->fdt, -1, kind);

		check_memory(r, ram, &first,
			     "which is the firmware's, and where the other CPUs start");
		check_memory(r, ram, &hole, "where a PC has its APICs and its firmware");
		for (; bridge >= 0; bridge = fdt_node_offset_by_compatible(r->fdt, bridge, kind)) {
			check_bridge(r, ram, bridge);
		}
	}
}

void plan_read_uart(struct plan_reader *r, int node)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);
	struct plan_range ports;
	uint32_t irq = 0;

	if (!plan_is_compatible(r, node, "ns16550a")) {
		plan_error(
			r, node, "compatible",
			"%s: the console must be compatible with \"ns16550a\"; no other is supported",
			name);
		return;
	}
	if (plan_ranges(r, node, "reg", &ports, 1) != 1 || ports.size != UART_PORTS ||
	    ports.base > IO_PORTS - UART_PORTS) {
		plan_error(r, node, "reg", "%s: reg must be %u I/O ports: <0 first-port 0 %u>",
			   name, UART_PORTS, UART_PORTS);
		return;
	}
	if (!plan_u32(r, node, "interrupts", &irq) || irq >= ISA_IRQS) {
		plan_error(r, node, "interrupts",
			   "%s: interrupts must be a line of the ISA bus, one number below %u",
			   name, ISA_IRQS);
		return;
	}
	r->plan->uart.type = PLAN_UART_NS16550;
	r->plan->uart.regs = ports;
	r->plan->uart.intid = irq;
}

/* I/O ports and their lines cannot be given: each is the hypervisor's, or nobody's. */
int plan_read_function(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev)
{
	int is_function = plan_read_pci(r, d, dev);

	if (is_function == 0) {
		plan_error(
			r, d->node, "ashlar,devices",
			"domain \"%s\": %s: of a PC's devices only PCI functions can be given, nodes below the \"pci-host-ecam-generic\" bridge; I/O ports and their interrupts cannot, remove it",
			d->name, fdt_get_name(r->fdt, dev->node, NULL));
		return -1;
	}
	return is_function;
}

/* The domain's own TSC: hvm/tsc.c of the architecture reads it again. */
static void check_tsc(struct plan_reader *r, const struct plan_domain *d)
{
	uint64_t hz;

	if (plan_u64(r, d->node, "ashlar,tsc-frequency", &hz) &&
	    (hz < MIN_TSC_HZ || hz > MAX_TSC_HZ)) {
		plan_error(
			r, d->node, "ashlar,tsc-frequency",
			"domain \"%s\": ashlar,tsc-frequency is %lu Hz; give %lu to %lu Hz, in two cells, the high one first",
			d->name, hz, MIN_TSC_HZ, MAX_TSC_HZ);
	}
}

void plan_check_guest(struct plan_reader *r, const struct plan_domain *d)
{
	check_tsc(r, d);
	if (d->direct_map) {
		plan_error(
			r, d->node, "direct-map",
			"domain \"%s\": a PC's guest sees its memory from 0 on; remove direct-map",
			d->name);
	}
}

bool plan_guest_window(const struct plan_domain *d, uint32_t n, struct plan_range *out,
		       const char **what)
{
	switch (n) {
	case 0:
		*out = (struct plan_range){ GUEST_APIC, PAGE_SIZE };
		*what = "its local APIC";
		return true;
	case 1:
		*out = (struct plan_range){ GUEST_MAGIC, GUEST_MAGIC_SIZE };
		*what = "its PV pages";
		return d->pv.has_store || d->pv.has_console;
	case 2: /* a UART's line goes to that; the UART itself is at I/O ports */
		*out = (struct plan_range){ GUEST_IOAPIC, PAGE_SIZE };
		*what = "its I/O APIC";
		return d->vpl011;
	default:
		return false;
	}
}
