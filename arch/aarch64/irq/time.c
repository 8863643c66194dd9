/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time from the physical counter, the same on all CPUs, and each CPU's EL2 timer (CNTHP), which no
 * guest sees.
 * Spec: Arm ARM D12.
 */
#include <asm/arch.h>
#include <asm/sysreg.h>
#include <hyp/arch/time.h>

/* a firmware that left CNTFRQ_EL0 at 0 is beyond repair: take 1 GHz rather than divide by it */
static uint64_t frequency(void)
{
	uint64_t freq = read_sysreg(cntfrq_el0);

	return freq == 0 ? 1000000000UL : freq;
}

uint64_t arch_counter_hz(void)
{
	return frequency();
}

static uint64_t scale(uint64_t value, uint64_t mult)
{
	return (uint64_t)(((unsigned __int128)value * mult) >> 32);
}

static uint64_t counter(void)
{
	isb(); /* not before what came before (Arm ARM D12.1.2) */
	return read_sysreg(cntpct_el0);
}

/* nanoseconds << 32 a tick */
static uint64_t tick_ns(void)
{
	static uint64_t mult;

	if (mult == 0) {
		mult = (1000000000UL << 32) / frequency();
	}
	return mult;
}

uint64_t arch_now_ns(void)
{
	return scale(counter(), tick_ns());
}

uint64_t counter_to_ns(uint64_t ticks)
{
	unsigned __int128 ns = (((unsigned __int128)ticks * tick_ns()) >> 32) + 1;

	return ns < TIMER_OFF ? (uint64_t)ns : TIMER_OFF;
}

/* The deadline counts from now, so that rounding does not grow with the time since reset. */
void arch_timer_set(uint64_t deadline_ns)
{
	uint64_t now = arch_now_ns();
	uint64_t ns = deadline_ns > now ? deadline_ns - now : 0;

	if (deadline_ns == TIMER_OFF) {
		write_sysreg(0, cnthp_ctl_el2);
		isb();
		return;
	}
	write_sysreg(counter() + scale(ns, (frequency() << 32) / 1000000000UL) + 1, cnthp_cval_el2);
	write_sysreg(1, cnthp_ctl_el2);
	isb();
}
