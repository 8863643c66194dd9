/* SPDX-License-Identifier: Apache-2.0 */
/* Requirement: watchdog */
/*
 * Feeding the hardware watchdog (hyp/hwdog.h).
 *
 * Each CPU has a timer of its own, several times as fast as the watchdog; when it goes off, that CPU has proved that it
 * takes interrupts, whether a guest runs there or it sleeps. The CPU that completes the set feeds the watchdog, and a
 * new round begins; unless a domain that vouches for the board is down for good (vouch.c). One CPU that is stuck in the hypervisor, its interrupts masked, is enough for the reset.
 *
 * Lock: none: the sets are atomic.
 */
#include <hyp/hwdog.h>

#include <hyp/arch/time.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/timer.h>

#define NS_PER_MS 1000000UL
#define MS_PER_S  1000UL
/* Two periods make the longest round. SBSA's first stage, at half its time, only raises a line that nobody listens to. */
#define PERIODS 8U

static const struct hwdog_ops *ops; /* NULL: the board has none */
static struct hwdog dog;
static uint32_t timeout_s;
static uint64_t period_ns;
static uint32_t members; /* atomic: CPUs that must prove themselves, a bit each */
static uint32_t proved;	 /* atomic: those that have, in this round */
static bool is_started;	 /* atomic */

_Static_assert(PLAN_MAX_CPUS <= 32, "a set of CPUs is 32 bits");

static void prove(void)
{
	uint32_t me = 1U << this_cpu()->id;
	uint32_t all = __atomic_load_n(&members, __ATOMIC_SEQ_CST);
	uint32_t now = __atomic_or_fetch(&proved, me, __ATOMIC_SEQ_CST);

	if (now == all &&
	    __atomic_compare_exchange_n(&proved, &now, 0, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST) &&
	    __atomic_load_n(&is_started, __ATOMIC_SEQ_CST) && hwdog_vouched()) {
		ops->feed(&dog);
	}
	timer_set(TIMER_HWDOG, arch_now_ns() + period_ns, prove);
}

void hwdog_init(const struct plan *plan)
{
	const struct plan_watchdog *w = &plan->watchdog;

	ops = hwdog_drivers[w->type];
	timeout_s = w->timeout_s;
	period_ns = timeout_s * MS_PER_S * NS_PER_MS / PERIODS;
	if (ops != NULL && !hwdog_find(w, &dog)) {
		ops = NULL;
	}
}

void hwdog_cpu_start(void)
{
	if (ops != NULL) {
		__atomic_or_fetch(&members, 1U << this_cpu()->id, __ATOMIC_SEQ_CST);
		timer_set(TIMER_HWDOG, arch_now_ns() + period_ns, prove);
	}
}

/* A watchdog that cannot wait so long is fed as often as it needs from the next round on. */
void hwdog_start(void)
{
	uint64_t ms;

	if (ops == NULL) {
		return;
	}
	ms = ops->start(&dog, timeout_s);
	if (ms == 0) {
		return;
	}
	period_ns = MIN(period_ns, ms * NS_PER_MS / PERIODS);
	__atomic_store_n(&is_started, true, __ATOMIC_SEQ_CST);
	hyp_printf("hardware watchdog: %s, resets the board when a CPU is stuck for %lu ms",
		   ops->name, (unsigned long)ms);
}
