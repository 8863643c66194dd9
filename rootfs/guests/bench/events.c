// SPDX-License-Identifier: Apache-2.0
/* The event channels of the probes between two domains: the shared info page and the upcall. */
#include "pair.h"

#include <libfdt.h>
#include <xen/memory.h>
#include <xen/xen.h>

#define FIRST_PPI 16u

static uint32_t upcall_intid;
/* The shared info page takes the place of this one in our physical space. */
static union {
	volatile struct shared_info info;
	uint8_t page[4096];
} shared __attribute__((aligned(4096)));

void pair_boot(const void *fdt)
{
	int xen = fdt_node_offset_by_compatible(fdt, -1, "xen,xen");
	const fdt32_t *irq = fdt_getprop(fdt, xen, "interrupts", NULL);

	upcall_intid = irq != NULL ? fdt32_to_cpu(irq[1]) + FIRST_PPI : 0;
}

bool pair_take(uint32_t intid)
{
	volatile struct vcpu_info *info = &shared.info.vcpu_info[0];

	if (intid != upcall_intid) {
		return false;
	}
	info->evtchn_upcall_pending = 0;
	__asm__ volatile("dmb ish" : : : "memory");
	info->evtchn_pending_sel = 0;
	shared.info.evtchn_pending[0] = 0;
	return true;
}

void pair_begin(void)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF,
					.space = XENMAPSPACE_shared_info,
					.gpfn = (uintptr_t)&shared >> 12 };

	must(machine.has_xen && upcall_intid != 0 &&
		     xen_hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x) == 0,
	     "the shared info page");
	gic_enable(&machine, upcall_intid, PRIORITY);
	irq_mask(false);
}

void pair_mask(uint32_t port)
{
	shared.info.evtchn_mask[0] = 1ul << port;
}
