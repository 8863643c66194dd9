// SPDX-License-Identifier: Apache-2.0
/* The grant guest's beginning: which end it is, by what its device tree and its parameters say; and its interrupts. */
#include "grant.h"

#include "xen_guest.h"

#include <libfdt.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/sched.h>
#include <xen/xen.h>

#define PRIORITY 0xa0u

static struct machine machine;
static volatile int key = -1;
static volatile bool has_come; /* an interrupt, since the last sleep */

void fill(volatile uint32_t *page, uint32_t first)
{
	for (uint32_t i = 0; i < WORDS; i++) {
		page[i] = first + i;
	}
}

bool has_words(const volatile uint32_t *page, uint32_t first)
{
	for (uint32_t i = 0; i < WORDS; i++) {
		if (page[i] != first + i) {
			return false;
		}
	}
	return true;
}

int64_t grant_op(uint64_t op, void *arg)
{
	return (int64_t)xen_hypercall3(__HYPERVISOR_grant_table_op, op, arg, 1);
}

int take_key(void)
{
	int was = key;

	key = -1;
	return was;
}

/* Whatever came since the last sleep may not have been seen to: then there is no sleep. One that is masked ends it. */
void wait_a_while(void)
{
	irq_mask(true);
	if (!has_come) {
		__asm__ volatile("wfi" : : : "memory");
	}
	has_come = false;
	irq_mask(false);
	isb();
}

void reboot(void)
{
	struct sched_shutdown how = { .reason = SHUTDOWN_reboot };

	xen_hypercall2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &how);
}

void guest_irq(uint64_t counter)
{
	uint32_t intid = gic_ack();
	int c;

	(void)counter;
	if (intid >= 1020) {
		return;
	}
	has_come = true;
	if (intid == machine.upcall_intid) {
		xen_events_quiet();
	}
	while (intid == machine.uart_intid && (c = uart_get()) >= 0) {
		if (c > ' ') {
			key = c;
		}
	}
	gic_eoi(intid);
}

void guest_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	print("unexpected exception: ESR 0x%x ELR 0x%x FAR 0x%x\n", esr, elr, far);
	machine_power_off(&machine, true);
}

static void boot(const void *fdt)
{
	const char *missing = machine_read(fdt, &machine);

	if (missing != NULL || !machine.has_xen) {
		machine_power_off(&machine, true);
	}
	mmu_memory(machine.grants);
	mmu_memory(RING_ADDR);
	mmu_init(&machine);
	uart_init(&machine);
	if (!gic_init(&machine) || !xen_events_init()) {
		print("no redistributor or no shared info page\n");
		machine_power_off(&machine, true);
	}
	gic_enable(&machine, machine.uart_intid, PRIORITY);
	gic_enable(&machine, machine.upcall_intid, PRIORITY);
	irq_mask(false);
}

static uint32_t cell(const void *fdt, int node, const char *name)
{
	const fdt32_t *value = fdt_getprop(fdt, node, name, NULL);

	return value != NULL ? fdt32_to_cpu(*value) : 0;
}

static uint64_t param(uint32_t index)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index };

	return xen_hypercall2(__HYPERVISOR_hvm_op, HVMOP_get_param, &p) == 0 ? p.value : 0;
}

/* The tree is out of reach once the MMU is on. */
void guest_main(const void *fdt)
{
	int store = fdt_node_offset_by_compatible(fdt, -1, "ashlar,store");
	int client = store < 0 ? -1 : fdt_first_subnode(fdt, store);
	uint16_t domid = client < 0 ? 0 : (uint16_t)cell(fdt, client, "reg");
	uint32_t port = client < 0 ? 0 : cell(fdt, client, "port");

	boot(fdt);
	if (store < 0) {
		front_main(&machine, (uint32_t)param(HVM_PARAM_STORE_EVTCHN));
	}
	back_main(&machine, domid, port);
}
