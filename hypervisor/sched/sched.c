/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame around the schedulers: who asks for its CPU, whose the time is, and when a CPU has to choose again.
 *
 * A vCPU's wish is read twice where it could be missed: it is made SCHED_IDLE first and then looked at again, and
 * whoever changes the wish changes it first and looks at the state then (sched_changed()). One of the two sees the
 * other.
 */
#include "internal.h"

#include <hyp/arch/cpu.h>
#include <hyp/arch/time.h>
#include <hyp/domain.h>
#include <hyp/lifecycle.h>
#include <hyp/percpu.h>
#include <hyp/timer.h>

static struct sched_cpu queues[PLAN_MAX_CPUS];

struct sched_cpu *sched_cpu_of(const struct vcpu *v)
{
	return &queues[v->cpu];
}

unsigned long sched_lock(const struct vcpu *v)
{
	return spin_lock_irqsave(&sched_cpu_of(v)->lock);
}

void sched_unlock(const struct vcpu *v, unsigned long flags)
{
	spin_unlock_irqrestore(&sched_cpu_of(v)->lock, flags);
}

static void set_state(struct vcpu *v, enum sched_state state)
{
	__atomic_store_n(&v->sched.state, (uint32_t)state, __ATOMIC_SEQ_CST);
}

static bool is_asking(const struct vcpu *v)
{
	return vcpu_has_work(v) ||
	       (vcpu_is_runnable(v) && !__atomic_load_n(&v->is_blocked, __ATOMIC_SEQ_CST));
}

/* The CPU chooses again before it goes back to its guest. */
static void choose_again(unsigned int cpu)
{
	if (cpu == this_cpu()->id) {
		__atomic_store_n(&this_cpu()->must_choose, true, __ATOMIC_RELAXED);
	} else {
		__atomic_store_n(&cpu_get(cpu)->must_choose, true, __ATOMIC_RELEASE);
		arch_cpu_kick(cpu);
	}
}

/* Context: locked, somebody has the CPU. */
static void charge(struct sched_cpu *q, uint64_t now)
{
	q->ops->charge(q, now - q->since_ns);
	q->since_ns = now;
}

/* Context: locked, SCHED_IDLE. Who has the CPU is charged first, for ready() compares. */
static void make_ready(struct sched_cpu *q, struct vcpu *v, uint64_t now)
{
	if (q->current != NULL) {
		charge(q, now);
	}
	set_state(v, SCHED_READY);
	vcpu_runstate_enter(v, RUNSTATE_runnable, now);
	if (q->ops->ready(q, v, true) || q->current == NULL) {
		choose_again(v->cpu);
	}
}

/* A vCPU that does not ask is blocked, or off. */
static uint32_t idle_runstate(const struct vcpu *v)
{
	return vcpu_is_runnable(v) ? RUNSTATE_blocked : RUNSTATE_offline;
}

/* Context: locked. */
static void make_idle(struct vcpu *v, uint64_t now)
{
	set_state(v, SCHED_IDLE);
	vcpu_runstate_enter(v, idle_runstate(v), now);
}

void sched_changed(struct vcpu *v)
{
	struct sched_cpu *q = sched_cpu_of(v);
	unsigned long irq = spin_lock_irqsave(&q->lock);
	bool asks = is_asking(v);

	if (v->sched.state == SCHED_IDLE && asks) {
		make_ready(q, v, arch_now_ns());
	} else if (v->sched.state == SCHED_IDLE) {
		make_idle(v, arch_now_ns()); /* blocked or off: it may be the other one now */
	} else if (v->sched.state == SCHED_ON && !asks) {
		choose_again(v->cpu);
	}
	spin_unlock_irqrestore(&q->lock, irq);
}

/* Context: locked. Current's turn is over: what it used is its own, and it waits for the next if it still asks. */
static void put_back(struct sched_cpu *q, uint64_t now)
{
	struct vcpu *v = q->current;

	charge(q, now);
	q->current = NULL;
	set_state(v, SCHED_IDLE);
	if (is_asking(v)) {
		set_state(v, SCHED_READY);
		(void)q->ops->ready(q, v, false);
	}
}

/* Context: locked. One that was stopped while it was ready is found out here. */
static struct vcpu *pick(struct sched_cpu *q, uint64_t now)
{
	struct vcpu *v;

	while ((v = q->ops->pick(q, now)) != NULL) {
		set_state(v, SCHED_IDLE);
		if (is_asking(v)) {
			break;
		}
		make_idle(v, now);
	}
	return v;
}

/* A CPU that idles chooses again anyhow. */
static void on_due(void)
{
	struct sched_cpu *q = &queues[this_cpu()->id];
	uint64_t now = arch_now_ns();

	spin_lock(&q->lock);
	if (q->current != NULL) {
		if (now >= q->until_ns) {
			charge(q, now);
			if (q->ops->due(q, now)) {
				choose_again(this_cpu()->id);
			}
		}
		timer_set(TIMER_SCHED, q->until_ns, on_due);
	}
	spin_unlock(&q->lock);
}

/* Context: locked. @was had the CPU before. */
static void switch_to(struct sched_cpu *q, struct vcpu *was, struct vcpu *v, uint64_t now)
{
	if (was != NULL && was != v) {
		bool asks = was->sched.state == SCHED_READY;

		vcpu_runstate_enter(was, asks ? RUNSTATE_runnable : idle_runstate(was), now);
	}
	q->current = v;
	q->since_ns = now;
	if (v != NULL) {
		set_state(v, SCHED_ON);
		if (v->runstate.state != RUNSTATE_running) {
			vcpu_runstate_enter(v, RUNSTATE_running, now);
		}
	}
}

struct vcpu *sched_next(unsigned int cpu)
{
	struct sched_cpu *q = &queues[cpu];
	unsigned long irq = spin_lock_irqsave(&q->lock);
	struct vcpu *was = q->current;
	struct vcpu *v = NULL;
	uint64_t now;

	__atomic_store_n(&this_cpu()->must_choose, false, __ATOMIC_RELAXED);
	if (q->ops != NULL) {
		now = arch_now_ns();
		if (was != NULL) {
			put_back(q, now);
		}
		v = pick(q, now);
		switch_to(q, was, v, now);
		if (q->until_ns != TIMER_OFF) {
			timer_set(TIMER_SCHED, q->until_ns, on_due);
		}
	}
	spin_unlock_irqrestore(&q->lock, irq);
	return v;
}

void vcpu_yield(struct vcpu *v)
{
	if (v->shares_cpu) {
		v->sched.has_yielded = true;
		choose_again(v->cpu);
	}
}

void vcpu_set_work(struct vcpu *v, bool has_work)
{
	__atomic_store_n(&v->has_work, has_work, __ATOMIC_SEQ_CST);
	sched_changed(v);
}
