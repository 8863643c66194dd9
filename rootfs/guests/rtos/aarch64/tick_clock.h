/* SPDX-License-Identifier: Apache-2.0 */
/* rtos's clock on arm64: the virtual counter and its timer. main.c includes it. */
#ifndef TICK_CLOCK_H
#define TICK_CLOCK_H

#include "guest.h"

#define NS_PER_SEC 1000000000ull
#define CTL_ENABLE 1u

#define PRIORITY_TIMER 0x40u
#define PRIORITY_UART  0x80u

static uint64_t clock_hz, clock_start;

static inline uint64_t clock_now(void)
{
	isb(); /* Arm ARM, "The virtual counter": it may otherwise be read early */
	return read_sysreg(cntvct_el0);
}

static inline void clock_begin(void)
{
	clock_hz = read_sysreg(cntfrq_el0);
	clock_start = clock_now();
}

static inline uint64_t clock_frequency(void)
{
	return read_sysreg(cntfrq_el0);
}

static inline uint64_t clock_deadline(uint64_t n, uint64_t hz)
{
	return clock_start + n / hz * clock_hz + n % hz * clock_hz / hz;
}

/*
 * The control register is written each time: a hypervisor may mask the timer in it when it passes the
 * interrupt on, as upstream Xen does, and leaves the unmasking to the guest.
 */
static inline void clock_arm(uint64_t n, uint64_t hz)
{
	write_sysreg(cntv_cval_el0, clock_deadline(n, hz));
	write_sysreg(cntv_ctl_el0, CTL_ENABLE);
	isb();
}

/* @counter: as guest_irq() has it. */
static inline uint64_t clock_late_ns(uint64_t counter, uint64_t n, uint64_t hz)
{
	return (counter - clock_deadline(n, hz)) * NS_PER_SEC / clock_hz;
}

static inline bool clock_irqs(const struct machine *m)
{
	if (!gic_init(m)) {
		return false;
	}
	gic_enable(m, m->timer_intid, PRIORITY_TIMER);
	gic_enable(m, m->uart_intid, PRIORITY_UART);
	return true;
}

#endif
