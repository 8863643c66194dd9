/* SPDX-License-Identifier: Apache-2.0 */
/* rtos's clock on a PC: Xen's time, which the TSC tells, and its one-shot timer. main.c includes it. */
#ifndef TICK_CLOCK_H
#define TICK_CLOCK_H

#include "guest.h"
#include "xen_guest.h"

#define NS_PER_SEC 1000000000ull

static uint64_t clock_start; /* ns */

static inline void clock_begin(void)
{
	clock_start = time_us() * 1000;
}

/* Of the time's numbers, not of the TSC. */
static inline uint64_t clock_frequency(void)
{
	return NS_PER_SEC;
}

static inline uint64_t clock_deadline(uint64_t n, uint64_t hz)
{
	return clock_start + n * (NS_PER_SEC / hz);
}

static inline void clock_arm(uint64_t n, uint64_t hz)
{
	timer_at_ns(clock_deadline(n, hz));
}

/* @counter: as guest_irq() has it. The hypervisor's clock and its timer's may differ by some ns. */
static inline uint64_t clock_late_ns(uint64_t counter, uint64_t n, uint64_t hz)
{
	uint64_t now = time_ns_at(counter), due = clock_deadline(n, hz);

	return now > due ? now - due : 0;
}

static inline bool clock_irqs(const struct machine *m)
{
	return irq_init(m) && xen_events_init();
}

#endif
