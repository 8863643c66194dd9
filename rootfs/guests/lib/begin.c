// SPDX-License-Identifier: Apache-2.0
/* How guests that know Xen's interface begin, sleep and end; and the memory that they share, or keep for their next life. */
#include "guest.h"
#include "xen_guest.h"

#include <libfdt.h>
#include <string.h>
#include <xen/hvm/params.h>
#include <xen/sched.h>
#include <xen/xen.h>

#define PAGE 4096u

void xen_begin(const void *fdt, struct machine *m)
{
	const char *missing = machine_read(fdt, m);
	uint64_t store;

	if (missing != NULL || !m->has_xen || m->grants == 0) {
		machine_power_off(m, true);
	}
	store = xen_hvm_param(HVM_PARAM_STORE_PFN) * PAGE;
	if (store != 0) {
		mmu_memory(store);
	}
	mmu_memory(m->grants);
	mmu_init(m);
	uart_init(m);
	if (!irq_init(m) || !xen_events_init()) {
		print("no interrupt controller for this CPU, or no shared info page\n");
		machine_power_off(m, true);
	}
	irq_enable(m, m->uart_intid);
	irq_enable(m, m->upcall_intid);
	irq_mask(false);
}

void irq_rest(volatile bool *has_come)
{
	irq_mask(true);
	if (!*has_come) {
		irq_wait();
	}
	*has_come = false;
	irq_mask(false);
}

void xen_shutdown(uint32_t reason)
{
	struct sched_shutdown how = { .reason = reason };

	(void)xen_hypercall2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &how);
}

bool shared_memory_find(const void *fdt, const char *id, uint64_t *base, uint64_t *size)
{
	int len, node = -1;

	while ((node = fdt_node_offset_by_compatible(fdt, node, "xen,shared-memory-v1")) >= 0) {
		const char *its_id = fdt_getprop(fdt, node, "xen,id", NULL);
		const fdt64_t *reg = fdt_getprop(fdt, node, "reg", &len);

		if (its_id != NULL && strcmp(its_id, id) == 0 && reg != NULL &&
		    len == 2 * (int)sizeof(*reg)) {
			*base = fdt64_ld(&reg[0]);
			*size = fdt64_ld(&reg[1]);
			return true;
		}
	}
	return false;
}
