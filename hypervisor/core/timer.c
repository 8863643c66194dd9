/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers: the earliest of a CPU's deadlines is what its own one-shot timer is set to.
 *
 * The hardware is set again only for an earlier deadline. One that went away leaves it as it is: it goes off once for
 * nothing, which is cheaper than to set it at each switch of a vCPU.
 * No lock: a CPU's deadlines are its own, and interrupts are masked while they are looked at.
 */
#include <hyp/timer.h>

#include <hyp/arch/irq.h>
#include <hyp/arch/trap.h>
#include <hyp/percpu.h>

static uint64_t earliest(const struct cpu_timers *t)
{
	uint64_t first = t->first != NULL ? t->first->deadline_ns : TIMER_OFF;
	unsigned int i;

	for (i = 0; i < TIMER_USERS; i++) {
		if (t->users[i].deadline_ns != 0) {
			first = MIN(first, t->users[i].deadline_ns);
		}
	}
	return first;
}

static void arm(struct cpu_timers *t, uint64_t deadline_ns)
{
	if (deadline_ns != TIMER_OFF && (t->armed_ns == 0 || deadline_ns < t->armed_ns)) {
		t->armed_ns = deadline_ns;
		arch_timer_set(deadline_ns);
	}
}

void timer_set(enum timer_user user, uint64_t deadline_ns, void (*fn)(void))
{
	unsigned long irq = arch_irq_save();
	struct cpu_timers *t = &this_cpu()->timers;

	deadline_ns = MAX(deadline_ns, 1UL);
	t->users[user].deadline_ns = deadline_ns == TIMER_OFF ? 0 : deadline_ns;
	t->users[user].fn = fn;
	arm(t, deadline_ns);
	arch_irq_restore(irq);
}

static void unlink_timer(struct cpu_timers *cpu, struct soft_timer *t)
{
	struct soft_timer **at = &cpu->first;

	while (*at != t) {
		at = &(*at)->next;
	}
	*at = t->next;
	t->deadline_ns = 0;
}

static void insert_timer(struct cpu_timers *cpu, struct soft_timer *t)
{
	struct soft_timer **at = &cpu->first;

	while (*at != NULL && (*at)->deadline_ns <= t->deadline_ns) {
		at = &(*at)->next;
	}
	t->next = *at;
	*at = t;
}

void soft_timer_stop(struct soft_timer *t)
{
	unsigned long irq = arch_irq_save();

	if (t->deadline_ns != 0) {
		unlink_timer(&this_cpu()->timers, t);
	}
	arch_irq_restore(irq);
}

void soft_timer_start(struct soft_timer *t, uint64_t deadline_ns, void (*fn)(struct soft_timer *t))
{
	unsigned long irq = arch_irq_save();
	struct cpu_timers *cpu = &this_cpu()->timers;

	if (t->deadline_ns != 0) {
		unlink_timer(cpu, t);
	}
	if (deadline_ns != TIMER_OFF) {
		t->deadline_ns = MAX(deadline_ns, 1UL);
		t->fn = fn;
		insert_timer(cpu, t);
		arm(cpu, t->deadline_ns);
	}
	arch_irq_restore(irq);
}

/* A callback may set timers, also those before it in the list. */
static void call_soft(struct cpu_timers *cpu, uint64_t now)
{
	while (cpu->first != NULL && cpu->first->deadline_ns <= now) {
		struct soft_timer *t = cpu->first;

		unlink_timer(cpu, t);
		t->fn(t);
	}
}

void trap_timer(void)
{
	struct cpu_timers *t = &this_cpu()->timers;
	uint64_t now = arch_now_ns();
	unsigned int i;

	t->armed_ns = 0;
	for (i = 0; i < TIMER_USERS; i++) {
		if (t->users[i].deadline_ns != 0 && t->users[i].deadline_ns <= now) {
			t->users[i].deadline_ns = 0;
			t->users[i].fn();
		}
	}
	call_soft(t, now);
	arm(t, earliest(t));
}
