/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time from the time-stamp counter, which is taken to be the same on all CPUs and never to stop, and each CPU's timer
 * from its local APIC. Both rates are measured against ACPI's power management timer, once.
 * Spec: ACPI 6.5 section 4.8.3.3 (PM timer: 3.579545 MHz, at least 24 bits).
 */
#include <asm/arch.h>
#include <hyp/arch/time.h>

#define NS_PER_S    1000000000UL
#define PM_HZ	    3579545UL
#define PM_MASK	    0xffffffU
#define PM_MEASURED (PM_HZ / 50) /* 20 ms */

static uint64_t tsc_hz = NS_PER_S;   /* until it is known */
static uint64_t tick_ns = 1UL << 32; /* nanoseconds << 32 a tick */
static uint64_t timer_mult;	     /* ticks of the APIC timer << 32 a nanosecond; 0: not known */

static uint64_t scale(uint64_t value, uint64_t mult)
{
	return (uint64_t)(((unsigned __int128)value * mult) >> 32);
}

uint64_t arch_counter_hz(void)
{
	return tsc_hz;
}

uint64_t tsc_to_ns(uint64_t tsc)
{
	return scale(tsc, tick_ns);
}

uint64_t arch_now_ns(void)
{
	return tsc_to_ns(rdtsc());
}

void time_calibrate(void)
{
	uint16_t port = acpi_port(&acpi.pm_timer);
	uint32_t start, passed = 0;
	uint64_t tsc, counted;

	if (port == 0) {
		return;
	}
	apic_timer_set(UINT32_MAX);
	tsc = rdtsc();
	start = in32(port);
	while (passed < PM_MEASURED) {
		passed = (in32(port) - start) & PM_MASK;
	}
	tsc = rdtsc() - tsc;
	counted = UINT32_MAX - apic_timer_read();
	apic_timer_set(0);
	tsc_hz = tsc * PM_HZ / passed;
	tick_ns = (NS_PER_S << 32) / tsc_hz;
	timer_mult = (counted * PM_HZ / passed << 32) / NS_PER_S;
}

bool time_is_known(void)
{
	return timer_mult != 0;
}

void delay_us(uint64_t us)
{
	uint64_t end = arch_now_ns() + us * 1000;

	while (arch_now_ns() < end) {
		cpu_relax();
	}
}

/* A deadline beyond what the timer can count comes early, and the core sets the rest. */
void arch_timer_set(uint64_t deadline_ns)
{
	uint64_t now = arch_now_ns();
	uint64_t ns = deadline_ns > now ? deadline_ns - now : 0;

	if (deadline_ns == TIMER_OFF) {
		apic_timer_set(0);
	} else {
		apic_timer_set((uint32_t)MIN(scale(MIN(ns, NS_PER_S), timer_mult) + 1,
					     (uint64_t)UINT32_MAX));
	}
}
