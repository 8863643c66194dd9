// SPDX-License-Identifier: Apache-2.0
/*
 * Exceptions and the upcall of a bare-metal PVH guest: one vector for all event channels, of which the console's and the
 * timer's are told apart here. Time is Xen's: the TSC, by what vcpu_info says of it.
 * Spec: AMD APM vol. 2 section 8.2, 4.8; Xen public hvm/params.h, vcpu.h, xen.h (struct vcpu_time_info).
 */
#include "guest.h"

#include "xen_guest.h"

#include <xen/xen.h>

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/vcpu.h>

#define NR_EXCEPTIONS	32u
#define ENTRY_BYTES	16u
#define VECTOR		0x40u
#define CALLBACK_VECTOR (2ull << 56)
#define CODE_SEGMENT	8u
#define GATE		0x8e00u /* present, interrupts masked */

struct gate {
	uint16_t low;
	uint16_t segment;
	uint16_t type;
	uint16_t middle;
	uint32_t high;
	uint32_t zero;
};

extern char exception_entries[], upcall_entry[];
void upcall(uint64_t tsc);

static struct gate gates[VECTOR + 1] __attribute__((aligned(16)));
static uint32_t console_port, timer_port, current = GUEST_IRQ_NONE;

static void set_gate(uint32_t vector, const char *to)
{
	uint64_t at = (uintptr_t)to;

	gates[vector] = (struct gate){ .low = (uint16_t)at,
				       .segment = CODE_SEGMENT,
				       .type = GATE,
				       .middle = (uint16_t)(at >> 16),
				       .high = (uint32_t)(at >> 32) };
}

static void load_gates(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) idt = { sizeof(gates) - 1, (uintptr_t)gates };

	for (uint32_t i = 0; i < NR_EXCEPTIONS; i++) {
		set_gate(i, exception_entries + (uint64_t)i * ENTRY_BYTES);
	}
	set_gate(VECTOR, upcall_entry);
	__asm__ volatile("lidt %0" : : "m"(idt));
}

bool irq_init(const struct machine *m)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF,
				   .index = HVM_PARAM_CALLBACK_IRQ,
				   .value = CALLBACK_VECTOR | VECTOR };

	(void)m;
	load_gates();
	console_port = (uint32_t)xen_hvm_param(HVM_PARAM_CONSOLE_EVTCHN);
	timer_port = xen_event_bind_virq(VIRQ_TIMER);
	xen_events_keep(console_port);
	xen_events_keep(timer_port);
	return timer_port != 0 && xen_hypercall2(__HYPERVISOR_hvm_op, HVMOP_set_param, &p) == 0;
}

/* All come by the upcall, which is on. */
void irq_enable(const struct machine *m, uint32_t intid)
{
	(void)m;
	(void)intid;
}

uint32_t irq_ack(void)
{
	return current;
}

void irq_end(uint32_t intid)
{
	(void)intid;
	current = GUEST_IRQ_NONE;
}

static void deliver(uint32_t intid, uint64_t tsc)
{
	current = intid;
	guest_irq(tsc);
}

static void deliver_all(uint64_t tsc)
{
	if (xen_event_take_kept(console_port)) {
		deliver(GUEST_IRQ_CONSOLE, tsc);
	}
	if (xen_event_take_kept(timer_port)) {
		deliver(GUEST_IRQ_TIMER, tsc);
	}
	if (xen_events_are_pending()) {
		deliver(GUEST_IRQ_UPCALL, tsc);
	}
}

/* Programs make the upcall quiet as well, and what came between must not be missed. */
void upcall(uint64_t tsc)
{
	do {
		xen_events_note();
		deliver_all(tsc);
	} while (xen_events_are_new());
}

static uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence\n\trdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* What the TSC was a moment ago may be older than what the hypervisor says of it since. */
uint64_t time_ns_at(uint64_t tsc)
{
	const volatile struct vcpu_time_info *t = &xen_vcpu_info()->time;
	uint64_t ns;
	uint32_t version;

	do {
		uint64_t delta;

		version = t->version;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		delta = tsc > t->tsc_timestamp ? tsc - t->tsc_timestamp : 0;
		delta = t->tsc_shift >= 0 ? delta << t->tsc_shift : delta >> -t->tsc_shift;
		ns = t->system_time +
		     (uint64_t)(((unsigned __int128)delta * t->tsc_to_system_mul) >> 32);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) != 0 || version != t->version);
	return ns;
}

uint64_t time_us(void)
{
	return time_ns_at(rdtsc()) / 1000;
}

void timer_at(uint64_t us)
{
	timer_at_ns(us * 1000);
}

/* For the first vCPU, the one there is. */
void timer_at_ns(uint64_t ns)
{
	struct vcpu_set_singleshot_timer t = { .timeout_abs_ns = ns };

	(void)xen_hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, (uintptr_t)&t);
}

void timer_off(void)
{
	(void)xen_hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0);
}
