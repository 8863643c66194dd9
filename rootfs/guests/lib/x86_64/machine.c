// SPDX-License-Identifier: Apache-2.0
/*
 * The machine, from the device tree that is a module of the start info, for domains that get one; the interrupts, which all
 * have, are named in guest_cpu.h.
 * Spec: Devicetree Specification v0.4; Linux binding xen,xen; Xen public arch-x86/hvm/start_info.h.
 */
#include "guest.h"

#include <libfdt.h>
#include <string.h>
#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/sched.h>

#define TREE_MODULE "device-tree"

extern char image_start[];

_Noreturn void machine_begin(const struct hvm_start_info *info);

static const char *bootargs = "";

void machine_begin(const struct hvm_start_info *info)
{
	const struct hvm_modlist_entry *m =
		(const struct hvm_modlist_entry *)(uintptr_t)info->modlist_paddr;
	const void *tree = NULL;

	if (info->cmdline_paddr != 0) {
		bootargs = (const char *)(uintptr_t)info->cmdline_paddr;
	}
	for (uint32_t i = 0; i < info->nr_modules; i++) {
		const char *name = (const char *)(uintptr_t)m[i].cmdline_paddr;

		if (name != NULL && strcmp(name, TREE_MODULE) == 0) {
			tree = (const void *)(uintptr_t)m[i].paddr;
		}
	}
	guest_main(tree);
}

const char *machine_bootargs(const void *fdt)
{
	(void)fdt;
	return bootargs;
}

/* The first address and size of a node; both of two cells, as the hypervisor writes them. */
static bool read_reg(const void *fdt, int node, uint64_t *base, uint64_t *size)
{
	int len;
	const fdt64_t *cells = node < 0 ? NULL : fdt_getprop(fdt, node, "reg", &len);

	if (cells == NULL || len < 2 * (int)sizeof(*cells)) {
		return false;
	}
	*base = fdt64_ld(&cells[0]);
	*size = fdt64_ld(&cells[1]);
	return true;
}

/* The piece of memory that the image lies in. */
static void read_ram(const void *fdt, struct machine *m)
{
	uint64_t here = (uintptr_t)image_start, base, size;
	int node = -1;

	while ((node = fdt_node_offset_by_prop_value(fdt, node, "device_type", "memory",
						     sizeof("memory"))) >= 0) {
		if (read_reg(fdt, node, &base, &size) && here >= base && here - base < size) {
			m->ram = base;
			m->ram_size = size;
		}
	}
}

const char *machine_read(const void *fdt, struct machine *m)
{
	m->uart_intid = GUEST_IRQ_CONSOLE;
	m->timer_intid = GUEST_IRQ_TIMER;
	m->upcall_intid = GUEST_IRQ_UPCALL;
	m->has_xen = true;
	if (fdt == NULL) {
		return NULL;
	}
	if (fdt_check_header(fdt) != 0) {
		return "a device tree";
	}
	(void)read_reg(fdt, fdt_node_offset_by_compatible(fdt, -1, "xen,xen"), &m->grants,
		       &m->grants_size);
	read_ram(fdt, m);
	return NULL;
}

void machine_power_off(const struct machine *m, bool crashed)
{
	struct sched_shutdown how = { .reason = crashed ? SHUTDOWN_crash : SHUTDOWN_poweroff };

	(void)m;
	for (;;) {
		xen_hypercall2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &how);
	}
}
