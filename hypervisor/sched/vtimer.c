// SPDX-License-Identifier: Apache-2.0
/*
 * The timers that a vCPU sets by hypercall: one that goes off once, one that goes off again and again, each by VIRQ_TIMER.
 * A guest with a timer of its own in hardware needs neither.
 *
 * A timer belongs to its vCPU's CPU and is not taken off there when its domain dies: it finds then that it is not on.
 *
 * Lock: none; is_on is atomic, the rest is the vCPU's own CPU's. Spec: Xen public vcpu.h.
 */
#include <hyp/arch/time.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/sched.h>
#include <hyp/xen.h>

#define MIN_PERIOD_NS 1000000UL	      /* as Xen has it */
#define MAX_PERIOD_NS 1000000000000UL /* far more than any guest's */

static void set_on(struct vcpu_timer *t, bool is_on)
{
	__atomic_store_n(&t->is_on, is_on, __ATOMIC_SEQ_CST);
}

/* A period that was missed is not made up for. */
static void on_timer(struct soft_timer *soft)
{
	struct vcpu_timer *t = container_of(soft, struct vcpu_timer, soft);

	if (!__atomic_load_n(&t->is_on, __ATOMIC_SEQ_CST)) {
		return;
	}
	if (t->period_ns != 0) {
		soft_timer_start(soft, arch_now_ns() + t->period_ns, on_timer);
	} else {
		set_on(t, false);
	}
	evtchn_raise_vcpu_virq(t->vcpu, VIRQ_TIMER);
}

static void start(struct vcpu *v, struct vcpu_timer *t, uint64_t at_ns, uint64_t period_ns)
{
	t->vcpu = v;
	t->period_ns = period_ns;
	set_on(t, true);
	soft_timer_start(&t->soft, at_ns, on_timer);
}

static void stop(struct vcpu_timer *t)
{
	set_on(t, false);
	soft_timer_stop(&t->soft);
}

int vcpu_timer_once(struct vcpu *v, uint64_t at_ns, bool must_be_future)
{
	if (must_be_future && at_ns < arch_now_ns()) {
		return -ETIME;
	}
	start(v, &v->once, at_ns, 0);
	return 0;
}

int vcpu_timer_every(struct vcpu *v, uint64_t period_ns)
{
	if (period_ns < MIN_PERIOD_NS || period_ns > MAX_PERIOD_NS) {
		return -EINVAL;
	}
	start(v, &v->every, arch_now_ns() + period_ns, period_ns);
	return 0;
}

void vcpu_timer_stop(struct vcpu *v, bool is_periodic)
{
	stop(is_periodic ? &v->every : &v->once);
}

void vcpu_timers_forget(struct vcpu *v)
{
	set_on(&v->once, false);
	set_on(&v->every, false);
}
