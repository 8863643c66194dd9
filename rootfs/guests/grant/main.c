// SPDX-License-Identifier: Apache-2.0
/* The grant guest's beginning: which end it is, by what its device tree and its parameters say; and its interrupts. */
#include "grant.h"

#include "xen_guest.h"

#include <libfdt.h>
#include <xen/grant_table.h>
#include <xen/hvm/params.h>
#include <xen/xen.h>

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

void wait_a_while(void)
{
	irq_rest(&has_come);
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

static uint32_t cell(const void *fdt, int node, const char *name)
{
	const fdt32_t *value = fdt_getprop(fdt, node, name, NULL);

	return value != NULL ? fdt32_to_cpu(*value) : 0;
}

/* The tree is out of reach once the MMU is on. */
void guest_main(const void *fdt)
{
	int store = fdt_node_offset_by_compatible(fdt, -1, "ashlar,store");
	int client = store < 0 ? -1 : fdt_first_subnode(fdt, store);
	uint16_t domid = client < 0 ? 0 : (uint16_t)cell(fdt, client, "reg");
	uint32_t port = client < 0 ? 0 : cell(fdt, client, "port");

	xen_begin(fdt, &machine);
	if (store < 0) {
		front_main(&machine, (uint32_t)xen_hvm_param(HVM_PARAM_STORE_EVTCHN));
	}
	back_main(&machine, domid, port);
}
