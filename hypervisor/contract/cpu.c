/* SPDX-License-Identifier: Apache-2.0 */
/* hyp/arch/cpu.h: what can be tried without an end of the board. A CPU that sleeps for ever is what a test's time limit is for. */
#include "contract.h"

#include <hyp/arch/cpu.h>
#include <hyp/arch/time.h>
#include <hyp/percpu.h>
#include <hyp/timer.h>

#define MS	 1000000UL
#define LONG	 (3600 * 1000 * MS)
#define MAX_NAPS 100000U

static struct soft_timer timer;
static bool has_fired;

static void fired(struct soft_timer *t)
{
	(void)t;
	has_fired = true;
}

/* A kick wakes who sleeps, also one that came before. */
static void kick(void)
{
	has_fired = false;
	soft_timer_start(&timer, arch_now_ns() + LONG, fired);
	arch_cpu_kick(this_cpu()->id);
	arch_cpu_idle();
	HOLDS(!has_fired);
	soft_timer_stop(&timer);
}

static void sleep(void)
{
	uint64_t due = arch_now_ns() + 2 * MS;
	unsigned int naps = 0;

	has_fired = false;
	soft_timer_start(&timer, due, fired);
	for (; naps < MAX_NAPS && !has_fired; naps++) {
		arch_cpu_idle();
	}
	HOLDS(has_fired);
	HOLDS(arch_now_ns() >= due);
}

static void numbers(void)
{
	uint64_t a = 0, b = 0;

	if (arch_random(&a) && arch_random(&b)) {
		HOLDS(a != b);
	}
	HOLDS(arch_cpu_has_sha256() == arch_cpu_has_sha256());
}

static void identity(void)
{
	const struct cpu *self = this_cpu();

	HOLDS(self->id == 0);
	HOLDS(cpu_get(self->id) == self);
	HOLDS(cpu_get(UINT32_MAX) == NULL);
}

void contract_cpu(void)
{
	identity();
	kick();
	sleep();
	numbers();
}
