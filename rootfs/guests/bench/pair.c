// SPDX-License-Identifier: Apache-2.0
/*
 * Event channels between two domains: what a send costs whose port the peer has masked, and how long an answer takes.
 *
 * Both have two channels of the plan, PORT_RING and PORT_MASKED. Pong masks the second one and answers each ring of the
 * first; it takes all events at each upcall, so that each masked send finds its port without an event. Ping counts.
 */
#include "bench.h"

#include <libfdt.h>
#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/xen.h>

#define PORT_RING   10u
#define PORT_MASKED 11u
#define FIRST_PPI   16u
#define ROUNDS	    (3u * (WARM_UP + wanted)) /* rings that pong answers */

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

static inline void send(evtchn_port_t port)
{
	struct evtchn_send s = { .port = port };

	(void)xen_hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &s);
}

static void begin(void)
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

static void ring_and_wait(void)
{
	uint64_t count = irq_count;

	send(PORT_RING);
	sleep(count);
}

static void measure_masked(void)
{
	for (unsigned int i = 0; i < WARM_UP + wanted; i++) {
		uint64_t from = counter();

		send(PORT_MASKED);
		if (i >= WARM_UP) {
			add_sample(counter() - from);
		}
		ring_and_wait();
	}
	report("evtchn_send_masked");
}

static void measure_send(void)
{
	for (unsigned int i = 0; i < WARM_UP + wanted; i++) {
		uint64_t count = irq_count, from = counter();

		send(PORT_RING);
		if (i >= WARM_UP) {
			add_sample(counter() - from);
		}
		sleep(count);
	}
	report("evtchn_send_hypercall");
}

static void measure_round_trip(void)
{
	for (unsigned int i = 0; i < WARM_UP + wanted; i++) {
		uint64_t from = counter();

		ring_and_wait();
		if (i >= WARM_UP) {
			add_sample(counter() - from);
		}
	}
	report("evtchn_roundtrip_wfi");
}

void pair_ping(void)
{
	begin();
	sleep(0); /* until pong says that it is there */
	measure_masked();
	measure_send();
	measure_round_trip();
	irq_mask(true);
}

void pair_pong(void)
{
	uint64_t count = 0;

	begin();
	shared.info.evtchn_mask[0] = 1ul << PORT_MASKED;
	send(PORT_RING);
	while (count < ROUNDS) {
		sleep(count);
		count++;
		send(PORT_RING);
	}
	irq_mask(true);
}
