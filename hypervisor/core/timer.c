/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers: the earliest of a CPU's deadlines is what its own one-shot timer is set to.
 *
 * No lock: a CPU's deadlines are its own, and interrupts are masked while they are looked at.
 */
#include <hyp/timer.h>

#include <hyp/arch/irq.h>
#include <hyp/arch/trap.h>
#include <hyp/percpu.h>

static void arm(const struct timer timers[TIMER_USERS])
{
	uint64_t first = TIMER_OFF;
	unsigned int i;

	for (i = 0; i < TIMER_USERS; i++) {
		if (timers[i].deadline_ns != 0) {
			first = MIN(first, timers[i].deadline_ns);
		}
	}
	arch_timer_set(first);
}

void timer_set(enum timer_user user, uint64_t deadline_ns, void (*fn)(void))
{
	unsigned long irq = arch_irq_save();
	struct timer *timers = this_cpu()->timers;

	timers[user].deadline_ns = deadline_ns == TIMER_OFF ? 0 : MAX(deadline_ns, 1UL);
	timers[user].fn = fn;
	arm(timers);
	arch_irq_restore(irq);
}

void trap_timer(void)
{
	struct timer *timers = this_cpu()->timers;
	uint64_t now = arch_now_ns();
	unsigned int i;

	for (i = 0; i < TIMER_USERS; i++) {
		if (timers[i].deadline_ns != 0 && timers[i].deadline_ns <= now) {
			timers[i].deadline_ns = 0;
			timers[i].fn();
		}
	}
	arm(timers);
}
