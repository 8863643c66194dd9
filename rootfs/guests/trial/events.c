// SPDX-License-Identifier: Apache-2.0
/*
 * When events come, by the domain's vector, which is no interrupt of the local APIC's: in the same windows as those.
 * Spec: Xen public event_channel.h, hvm/params.h (HVM_PARAM_CALLBACK_IRQ), xen.h (struct vcpu_info).
 */
#include "trial.h"

#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/xen.h>

#define CALLBACK_VECTOR (2ULL << 56)

static uint32_t port;

static int64_t call(uint64_t nr, uint64_t op, void *arg)
{
	return hypercall(nr, op, (uint64_t)arg, 0, 0);
}

static bool begin(void)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF,
				   .index = HVM_PARAM_CALLBACK_IRQ,
				   .value = CALLBACK_VECTOR | VECTOR_EVENT };
	struct evtchn_bind_ipi b = { .vcpu = 0 };

	if (!shared_map() || call(__HYPERVISOR_hvm_op, HVMOP_set_param, &p) != 0 ||
	    call(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &b) != 0) {
		return false;
	}
	port = b.port;
	return true;
}

void events_take(void)
{
	pc_shared.info.vcpu_info[0].evtchn_upcall_pending = 0;
	pc_shared.info.vcpu_info[0].evtchn_pending_sel = 0;
	pc_shared.info.evtchn_pending[0] = 0;
}

/* One waits while @sequence runs; @at: where it has to come. */
static void expect_at(const char *what, void (*sequence)(void), const char *at)
{
	struct evtchn_send s = { .port = port };

	forget();
	(void)call(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &s);
	for (unsigned int i = 0; i < 20; i++) {
		(void)cpuid(0, 0);
	}
	if (event.count != 0) {
		at = NULL; /* it came while interrupts were masked */
	}
	sequence();
	verdict(what, event.count == 1 && event.rip == (uint64_t)at);
}

void try_events(void)
{
	if (!begin()) {
		verdict("event channels", false);
		return;
	}
	expect_at("an event behind the instruction behind STI", seq_sti, at_sti);
	expect_at("an event behind one that exits", seq_sti_cpuid, at_sti_cpuid);
	expect_at("an event at once behind POPF", seq_popf, at_popf);
	expect_at("HLT with an event that waits", seq_sti_hlt, at_sti_hlt);
}
