/* SPDX-License-Identifier: Apache-2.0 */
/* The arch contract, time. */
#ifndef HYP_ARCH_TIME_H
#define HYP_ARCH_TIME_H

#include <hyp/types.h>

/** arch_now_ns() - monotonic since the counter started, nanoseconds; the same on all CPUs. */
uint64_t arch_now_ns(void);

/** arch_counter_hz() - the rate of the counter behind arch_now_ns(), which other devices of the board count too. */
uint64_t arch_counter_hz(void);

#define TIMER_OFF UINT64_MAX

/**
 * arch_timer_set() - this CPU's own one-shot timer: trap_timer() is called on this CPU at
 * @deadline_ns or soon after.
 * @deadline_ns: on arch_now_ns()'s clock; in the past: at once; TIMER_OFF disarms. A new call
 * replaces the old deadline.
 * Context: any, after arch_irq_init(). The guest's own timers are not touched (AArch64: CNTHP_EL2).
 */
void arch_timer_set(uint64_t deadline_ns);

/**
 * arch_clock_seconds() - a clock that runs while the machine is off, where the architecture has one of its own: nobody else links
 * this. Context: boot CPU, once.
 * Return: seconds since 1970; 0: this machine has none, or it says no time.
 */
uint64_t arch_clock_seconds(void);

#endif
