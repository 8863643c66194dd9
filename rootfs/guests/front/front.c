// SPDX-License-Identifier: Apache-2.0
/* The machine under front ends, and their domain's store. */
#include "front.h"

#include "xen_guest.h"

#include "../../backends/io/platform.h"

#include <xen/hvm/params.h>
#include <xen/memory.h>

static struct machine machine;
static volatile bool has_come; /* an interrupt, since the last sleep */

void plat_notify(uint32_t port)
{
	xen_event_send(port);
}

/* What came since the last sleep may not have been seen to: then there is no sleep. */
void io_wait(void)
{
	irq_rest(&has_come);
	(void)xen_events_take();
}

void guest_irq(uint64_t counter)
{
	uint32_t intid = irq_ack();
	int key;

	(void)counter;
	if (intid >= 1020) {
		return;
	}
	has_come = true;
	if (intid == machine.upcall_intid) {
		xen_events_quiet();
	}
	if (intid == machine.timer_intid) {
		timer_off();
		front_timer();
	}
	while (intid == machine.uart_intid && (key = uart_get()) >= 0) {
		front_key(key);
	}
	irq_end(intid);
}

void guest_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	print("unexpected exception: ESR 0x%x ELR 0x%x FAR 0x%x\n", esr, elr, far);
	front_give_up();
}

void front_give_up(void)
{
	machine_power_off(&machine, true);
}

void front_begin(const void *fdt)
{
	xen_begin(fdt, &machine);
	irq_enable(&machine, machine.timer_intid);
}

bool front_open(struct xs *xs)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF,
					.space = XENMAPSPACE_grant_table,
					.gpfn = machine.grants / PAGE };
	uint64_t page = xen_hvm_param(HVM_PARAM_STORE_PFN) * PAGE;

	if (page == 0 || xen_hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x) != 0) {
		return false;
	}
	xs_init(xs, (void *)(uintptr_t)page, (uint32_t)xen_hvm_param(HVM_PARAM_STORE_EVTCHN));
	while (!xs_is_ready(xs)) {
		io_wait();
	}
	grants_are_at((void *)(uintptr_t)machine.grants);
	return true;
}
