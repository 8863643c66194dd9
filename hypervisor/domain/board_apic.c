// SPDX-License-Identifier: Apache-2.0
/*
 * What of the plan goes by the interrupt controller where that is a PC's, local APICs and I/O APICs: how CPUs are told
 * apart, the console, where guests find what is the hypervisor's, and what they cannot have. Where the controllers are
 * say the firmware's ACPI tables.
 * Spec: Linux binding ns16550a; Xen public arch-x86/hvm/start_info.h.
 */
#include <libfdt.h>

#include "plan_reader.h"

#define ISA_IRQS	 16
#define IO_PORTS	 0x10000UL
#define UART_PORTS	 8
#define GUEST_APIC	 0xfee00000UL
#define GUEST_IOAPIC	 0xfec00000UL
#define GUEST_MAGIC	 0xfeff8000UL
#define GUEST_MAGIC_SIZE 0x8000UL

const uint64_t plan_cpu_id_bits = UINT32_MAX;

const struct plan_range plan_guest_banks[2] = {
	{ 0, 3 * GIB },
	{ 4 * GIB, 0xff00000000UL },
};

void plan_read_controller(struct plan_reader *r)
{
	(void)r;
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

int plan_read_function(struct plan_reader *r, const struct plan_domain *d, struct plan_device *dev)
{
	return plan_read_pci(r, d, dev);
}

static bool has_other_devices(const struct plan_reader *r, const struct plan_domain *d)
{
	uint32_t i;

	for (i = d->first_device; i < d->first_device + d->nr_devices; i++) {
		if (r->plan->devices[i].reset != PLAN_RESET_PCI) {
			return true;
		}
	}
	return false;
}

void plan_check_guest(struct plan_reader *r, const struct plan_domain *d)
{
	if (d->direct_map) {
		plan_error(
			r, d->node, "direct-map",
			"domain \"%s\": a PC's guest sees its memory from 0 on; remove direct-map",
			d->name);
	}
	if (has_other_devices(r, d)) {
		plan_error(
			r, d->node, "ashlar,devices",
			"domain \"%s\": of a PC's devices only PCI functions can be given, nodes below the \"pci-host-ecam-generic\" bridge; remove the others from ashlar,devices",
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
