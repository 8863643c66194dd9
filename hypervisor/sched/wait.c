/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting and waking: WFI where a CPU is shared, SCHEDOP_block, SCHEDOP_poll.
 *
 * Who waits says so first (is_blocked) and looks then whether something is there; who has something puts it there
 * first and looks then whether somebody waits. One of the two sees the other, so no wake-up is lost.
 *
 * Lock: none here; is_blocked and is_polling are atomic, the poll's timer is the CPU's own.
 * Spec: Xen public sched.h, SCHEDOP_block and SCHEDOP_poll.
 */
#include <hyp/arch/time.h>
#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/percpu.h>
#include <hyp/sched.h>
#include <hyp/timer.h>

static void set_blocked(struct vcpu *v, bool is_blocked)
{
	__atomic_store_n(&v->is_blocked, is_blocked, __ATOMIC_SEQ_CST);
}

/* @is_there: what it would wait for; else it leaves its CPU on the way back to its guest. */
static void end_or_wait(struct vcpu *v, bool is_there)
{
	if (is_there) {
		set_blocked(v, false);
	} else {
		__atomic_store_n(&this_cpu()->must_choose, true, __ATOMIC_RELAXED);
	}
}

void vcpu_block(struct vcpu *v)
{
	set_blocked(v, true);
	end_or_wait(v, arch_vcpu_has_pending(v));
}

static void on_poll_timer(struct soft_timer *t)
{
	vcpu_wake(container_of(t, struct vcpu, poll_timer));
}

void vcpu_poll(struct vcpu *v, uint64_t deadline_ns)
{
	__atomic_store_n(&v->is_polling, true, __ATOMIC_SEQ_CST);
	__atomic_store_n(&v->domain->has_pollers, true, __ATOMIC_SEQ_CST);
	set_blocked(v, true);
	soft_timer_start(&v->poll_timer, deadline_ns == 0 ? TIMER_OFF : deadline_ns, on_poll_timer);
}

void vcpu_poll_end(struct vcpu *v, bool is_there)
{
	is_there = is_there || arch_vcpu_has_pending(v);
	end_or_wait(v, is_there);
	if (is_there) {
		__atomic_store_n(&v->is_polling, false, __ATOMIC_SEQ_CST);
		soft_timer_stop(&v->poll_timer);
	}
}

/* One that polls no more, having seen something else, only looks once more for nothing. */
void vcpu_wake_pollers(struct domain *d)
{
	uint32_t i;

	__atomic_store_n(&d->has_pollers, false, __ATOMIC_SEQ_CST);
	for (i = 0; i < d->nr_vcpus; i++) {
		if (__atomic_exchange_n(&d->vcpus[i]->is_polling, false, __ATOMIC_SEQ_CST)) {
			vcpu_wake(d->vcpus[i]);
		}
	}
}

void vcpu_wake(struct vcpu *v)
{
	if (__atomic_load_n(&v->is_blocked, __ATOMIC_SEQ_CST)) {
		set_blocked(v, false);
		if (__atomic_load_n(&v->sched.state, __ATOMIC_SEQ_CST) == SCHED_IDLE) {
			sched_changed(v);
		}
	}
}

void trap_wake(struct vcpu *v)
{
	vcpu_wake(v);
}

void trap_wait(struct vcpu *v)
{
	if (v->shares_cpu) {
		vcpu_block(v);
	}
}

void trap_suspend(struct vcpu *v)
{
	vcpu_block(v);
}

void trap_yield(struct vcpu *v)
{
	vcpu_yield(v);
}
