// SPDX-License-Identifier: Apache-2.0
/*
 * Event channels to oneself, by the domain's callback vector and by one of the vCPU's APIC, and Xen's singleshot timer,
 * from its deadline to the handler.
 * Spec: Xen public event_channel.h, hvm/params.h, hvm/hvm_op.h, vcpu.h, xen.h (struct vcpu_time_info).
 */
#include "probe.h"

#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/vcpu.h>

#define CALLBACK_VECTOR (2ULL << 56)
#define NS_PER_S	1000000000ULL
#define TIMEOUT_NS	400000U

static int64_t call(uint64_t nr, uint64_t op, void *arg)
{
	return hypercall(nr, op, (uint64_t)arg, 0, 0);
}

void events_init(void)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF,
				   .index = HVM_PARAM_CALLBACK_IRQ,
				   .value = CALLBACK_VECTOR | VECTOR_UPCALL };

	must(shared_map() && call(__HYPERVISOR_hvm_op, HVMOP_set_param, &p) == 0, "event channels");
	events_mask(0, false);
}

void events_take(void)
{
	pc_shared.info.vcpu_info[0].evtchn_upcall_pending = 0;
	pc_shared.info.vcpu_info[0].evtchn_pending_sel = 0;
	pc_shared.info.evtchn_pending[0] = 0;
}

void events_mask(uint32_t port, bool is_masked)
{
	pc_shared.info.evtchn_mask[0] = is_masked ? 1UL << port : 0;
}

void event_send(uint32_t port)
{
	struct evtchn_send s = { .port = port };

	(void)call(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &s);
}

static uint32_t bind_ipi(void)
{
	struct evtchn_bind_ipi b = { .vcpu = 0 };

	must(call(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, &b) == 0, "bind_ipi");
	return b.port;
}

static uint32_t bind_loop(void)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF };

	must(call(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &a) == 0, "alloc_unbound");
	b.remote_port = a.port;
	must(call(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &b) == 0,
	     "bind_interdomain");
	return b.local_port;
}

/* The last tick that is not behind @ns. */
static uint64_t to_tsc(uint64_t ns)
{
	uint64_t near = counter(), now = time_ns(near);
	uint64_t per_s = time_ns(near + NS_PER_S) - now; /* ns that 10^9 ticks take */
	uint64_t tsc = near + (ns - now) * NS_PER_S / per_s;

	while (time_ns(tsc) > ns) {
		tsc--;
	}
	return tsc;
}

static void set_timer(uint64_t ns)
{
	struct vcpu_set_singleshot_timer t = { .timeout_abs_ns = ns };

	hypercall(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, (uint64_t)&t, 0);
}

static void measure_singleshot(bool is_asleep, const char *name)
{
	for (unsigned int i = 0; i < wanted; i++) {
		uint64_t seen = irq_count, ns = time_ns(counter()) + TIMEOUT_NS;
		uint64_t deadline = to_tsc(ns);

		set_timer(ns);
		wait(seen, is_asleep);
		must(irq_at >= deadline, "a timer that waits");
		add_sample(irq_at - deadline);
	}
	report(name);
}

static void measure_timers(void)
{
	struct evtchn_bind_virq b = { .virq = VIRQ_TIMER };

	must(call(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, &b) == 0, "VIRQ_TIMER");
	MEASURE("hc_set_singleshot_timer", set_timer(time_ns(counter()) + NS_PER_S));
	MEASURE("hc_stop_singleshot_timer",
		hypercall(__HYPERVISOR_vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0, 0));
	sti();
	measure_singleshot(false, "singleshot_to_handler_spin");
	measure_singleshot(true, "singleshot_to_handler_hlt");
	cli();
}

void measure_events(void)
{
	struct xen_hvm_evtchn_upcall_vector own = { .vcpu = 0, .vector = VECTOR_OWN };
	uint32_t ipi = bind_ipi();

	MEASURE_IRQ("evtchn_ipi", event_send(ipi));
	events_mask(ipi, true);
	MEASURE("evtchn_send_masked_port", event_send(ipi));
	events_take();
	events_mask(ipi, false);
	ipi = bind_loop();
	MEASURE_IRQ("evtchn_loopback", event_send(ipi));
	measure_timers();
	must(call(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, &own) == 0,
	     "a vCPU's own vector");
	MEASURE_IRQ("evtchn_ipi_lapicvec", event_send(ipi));
}
