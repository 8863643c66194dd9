// SPDX-License-Identifier: Apache-2.0
/*
 * The machine, from its device tree: nothing is assumed, so the same image runs in a domain and bare.
 * Spec: Devicetree Specification v0.4; Linux bindings arm,gic-v3, arm,gic, arm,armv8-timer, arm,psci, xen,xen.
 */
#include "guest.h"

#include <libfdt.h>
#include <xen/sched.h>
#include <xen/xen.h>

#define PSCI_SYSTEM_OFF 0x84000008u
#define TIMER_VIRTUAL	2 /* third interrupt of the binding */
#define GIC_FIRST_PPI	16
#define GIC_FIRST_SPI	32

extern char image_start[];

/* @index-th address and size of a node under the root. */
static bool read_reg(const void *fdt, int node, int index, uint64_t *base, uint64_t *size)
{
	int len, ac = fdt_address_cells(fdt, 0), sc = fdt_size_cells(fdt, 0);
	const fdt32_t *cells = fdt_getprop(fdt, node, "reg", &len);

	if (cells == NULL || fdt_parent_offset(fdt, node) != 0 || ac < 1 || sc < 1 ||
	    len < (index + 1) * (ac + sc) * 4) {
		return false;
	}
	cells += index * (ac + sc);
	*base = 0;
	*size = 0;
	for (int i = 0; i < ac; i++) {
		*base = *base << 32 | fdt32_to_cpu(cells[i]);
	}
	for (int i = ac; i < ac + sc; i++) {
		*size = *size << 32 | fdt32_to_cpu(cells[i]);
	}
	return true;
}

/* @index-th interrupt of a node as the GIC counts it. */
static bool read_intid(const void *fdt, int node, int index, uint32_t *intid)
{
	int len;
	const fdt32_t *cells = fdt_getprop(fdt, node, "interrupts", &len);

	if (cells == NULL || len < (index + 1) * 12) {
		return false;
	}
	cells += index * 3;
	*intid = fdt32_to_cpu(cells[1]) +
		 (fdt32_to_cpu(cells[0]) == 1 ? GIC_FIRST_PPI : GIC_FIRST_SPI);
	return true;
}

static int find(const void *fdt, const char *compatible)
{
	return fdt_node_offset_by_compatible(fdt, -1, compatible);
}

static bool read_uart(const void *fdt, struct machine *m)
{
	uint64_t size;
	int node = find(fdt, "arm,sbsa-uart");

	m->uart_is_sbsa = node >= 0;
	if (node < 0) {
		node = find(fdt, "arm,pl011");
	}
	return node >= 0 && read_reg(fdt, node, 0, &m->uart, &size) &&
	       read_intid(fdt, node, 0, &m->uart_intid);
}

static bool read_gic(const void *fdt, struct machine *m)
{
	uint64_t size;
	int node = find(fdt, "arm,gic-v3");

	if (node >= 0) {
		return read_reg(fdt, node, 0, &m->gicd, &size) &&
		       read_reg(fdt, node, 1, &m->gicr, &m->gicr_size);
	}
	node = find(fdt, "arm,cortex-a15-gic");
	return node >= 0 && read_reg(fdt, node, 0, &m->gicd, &size) &&
	       read_reg(fdt, node, 1, &m->gicc, &size);
}

/* The piece of memory that the image lies in. */
static void read_ram(const void *fdt, struct machine *m)
{
	uint64_t here = (uintptr_t)image_start, base, size;
	int node = -1;

	while ((node = fdt_node_offset_by_prop_value(fdt, node, "device_type", "memory",
						     sizeof("memory"))) >= 0) {
		if (read_reg(fdt, node, 0, &base, &size) && here >= base && here - base < size) {
			m->ram = base;
			m->ram_size = size;
		}
	}
}

static void read_xen(const void *fdt, struct machine *m)
{
	int node = find(fdt, "xen,xen");

	m->has_xen = node >= 0;
	if (m->has_xen) {
		(void)read_reg(fdt, node, 0, &m->grants, &m->grants_size);
		(void)read_intid(fdt, node, 0, &m->upcall_intid);
	}
}

const char *machine_read(const void *fdt, struct machine *m)
{
	const char *method;
	int node;

	if (fdt_check_header(fdt) != 0) {
		return "a device tree";
	}
	if (!read_uart(fdt, m)) {
		return "a UART";
	}
	if (!read_gic(fdt, m)) {
		return "a GICv3 or GICv2";
	}
	node = find(fdt, "arm,armv8-timer");
	if (node < 0 || !read_intid(fdt, node, TIMER_VIRTUAL, &m->timer_intid)) {
		return "a virtual timer";
	}
	read_xen(fdt, m);
	read_ram(fdt, m);
	node = find(fdt, "arm,psci-0.2");
	method = node < 0 ? NULL : fdt_getprop(fdt, node, "method", NULL);
	m->psci_by_smc = method != NULL && method[0] == 's';
	return NULL;
}

const char *machine_bootargs(const void *fdt)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	const char *args = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, "bootargs", NULL);

	return args != NULL ? args : "";
}

void machine_power_off(const struct machine *m, bool crashed)
{
	struct sched_shutdown how = { .reason = crashed ? SHUTDOWN_crash : SHUTDOWN_poweroff };

	if (m->has_xen) {
		xen_hypercall2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &how);
	}
	psci_call(PSCI_SYSTEM_OFF, m->psci_by_smc);
	for (;;) {
		__asm__ volatile("wfi");
	}
}
