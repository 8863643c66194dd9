/* SPDX-License-Identifier: Apache-2.0 */
/* hyp/arch/time.h, and interrupts as far as a timer can show them (hyp/arch/irq.h). No wait here depends on how fast a CPU is. */
#include "contract.h"

#include <hyp/arch/cpu.h>
#include <hyp/arch/irq.h>
#include <hyp/arch/time.h>
#include <hyp/timer.h>

#define MS	 1000000UL
#define PATIENCE (10000 * MS) /* of a machine that others use too */
#define READINGS 1000U

static struct soft_timer timer;
static uint64_t fired_ns; /* 0: not yet */

static void fired(struct soft_timer *t)
{
	(void)t;
	fired_ns = arch_now_ns();
}

static void start(uint64_t deadline_ns)
{
	fired_ns = 0;
	soft_timer_start(&timer, deadline_ns, fired);
}

/* Take interrupts until it has gone off, or so much time has passed. */
static bool goes_off_within(uint64_t ns)
{
	uint64_t end = arch_now_ns() + ns;

	while (fired_ns == 0 && arch_now_ns() < end) {
		arch_cpu_serve();
	}
	return fired_ns != 0;
}

static void pass(uint64_t ns)
{
	uint64_t end = arch_now_ns() + ns;

	while (arch_now_ns() < end) {
	}
}

static void clock(void)
{
	uint64_t first = arch_now_ns(), last = first;
	unsigned int backwards = 0;

	for (unsigned int i = 0; i < READINGS; i++) {
		uint64_t now = arch_now_ns();

		backwards += now < last;
		last = now;
	}
	HOLDS(backwards == 0);
	HOLDS(last > first);
	HOLDS(arch_counter_hz() >= 1000000 && arch_counter_hz() < 10000000000UL);
}

/* Never early; what is past goes off at once. */
static void deadlines(void)
{
	uint64_t due = arch_now_ns() + 2 * MS;

	start(due);
	HOLDS(goes_off_within(PATIENCE));
	HOLDS(fired_ns >= due);
	start(1);
	HOLDS(goes_off_within(PATIENCE));
}

/* By the hardware's timer alone, behind the back of the core, which sets it again when it has gone off. */
static void replaced(void)
{
	uint64_t due;

	start(arch_now_ns() + 2 * MS);
	arch_timer_set(TIMER_OFF);
	HOLDS(!goes_off_within(6 * MS));
	due = arch_now_ns() + 20 * MS;
	arch_timer_set(due - 18 * MS);
	arch_timer_set(due);
	HOLDS(goes_off_within(PATIENCE));
	HOLDS(fired_ns >= due);
	start(arch_now_ns() + 2 * PATIENCE);
	arch_timer_set(1);
	arch_cpu_serve(); /* the core finds that nothing is due yet, and sets it once more */
	HOLDS(fired_ns == 0);
	start(1);
	HOLDS(goes_off_within(PATIENCE));
}

/* Nothing arrives while interrupts are masked, and nothing is lost by that. */
static void masked(void)
{
	unsigned long outer = arch_irq_save(), inner;

	start(1);
	inner = arch_irq_save();
	pass(2 * MS);
	HOLDS(fired_ns == 0);
	arch_irq_restore(inner);
	pass(MS);
	HOLDS(fired_ns == 0);
	arch_irq_restore(outer);
	HOLDS(goes_off_within(PATIENCE));
}

void contract_time(void)
{
	clock();
	deadlines();
	replaced();
	masked();
}
