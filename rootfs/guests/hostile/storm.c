// SPDX-License-Identifier: Apache-2.0
/* Much of what is allowed: hypercalls, interrupts, output. And the neighbour, who must not notice. */
#include "poke.h"

#include <xen/sched.h>

#define BEAT_NS	     1000000U
#define BEATS_A_LINE 200U
#define SPINS	     100000U
#define GUARDED	     0x400000UL
#define GUARD_WORDS  (0x200000UL / 8)

void flood_calls(unsigned long n)
{
	for (; accesses < n; accesses++) {
		uint64_t since = rdtsc();

		(void)hypercall(next_random(), 0, 0, 0, 0);
		timed(since, 0);
	}
	done("call flood");
}

void flood_console(unsigned long bytes)
{
	static char line[256];

	for (unsigned int i = 0; i < sizeof(line); i++) {
		line[i] = i % 64 == 63 ? '\n' : '.';
	}
	for (; accesses < bytes; accesses += sizeof(line)) {
		(void)hypercall(HYPERCALL_CONSOLE_IO, 0, sizeof(line), (uint64_t)line, 0);
	}
	done("console flood");
}

void storm_ipi(unsigned long n)
{
	interrupts = 0;
	sti();
	for (; accesses < n; accesses++) {
		apic_self_ipi(VECTOR_STORM);
		if (accesses % 64 == 0) {
			apic_self_nmi();
		}
	}
	cli();
	done(interrupts >= n ? "IPI storm" : "IPI storm that lost some");
}

/* What a storm of the timer has left; its handler ends it, for nothing else may have a turn while it lasts. */
static volatile unsigned long storm_left;
static uint64_t storm_until;

void storm_taken(void)
{
	if (storm_left > 0 && (--storm_left == 0 || rdtsc() > storm_until)) {
		storm_left = 0;
		apic_write(0x380, 0);
	}
}

/* Nothing comes between STI and HLT, so what ends the storm is not slept through. */
static void sleep_in_storm(void)
{
	cli();
	if (storm_left > 0) {
		__asm__ volatile("sti\n\thlt" : : : "memory");
	}
	sti();
}

/* As fast as it goes: a count of 1, again and again, running and in HLT by turns. */
void storm_timer(unsigned long n)
{
	interrupts = 0;
	storm_until = rdtsc() + (uint64_t)tsc_khz() * 20000;
	storm_left = n;
	apic_write(0x3e0, 0xb);
	apic_write(0x320, VECTOR_STORM | 0x20000);
	apic_write(0x380, 1);
	sti();
	while (storm_left > 0) {
		for (unsigned int i = 0; i < SPINS && storm_left > 0; i++) {
			__asm__ volatile("pause" : : : "memory");
		}
		sleep_in_storm();
	}
	cli();
	accesses = interrupts;
	done("timer storm");
}

void interrupts_work(void)
{
	interrupts = 0;
	sti();
	for (unsigned int i = 0; i < 100; i++) {
		apic_self_ipi(VECTOR_STORM);
		__asm__ volatile("nop\n\tnop" : : : "memory");
	}
	cli();
	say_number(interrupts);
	say(" of 100 interrupts\n");
}

void beat(void)
{
	volatile uint64_t *guarded = (volatile uint64_t *)GUARDED;
	uint64_t next = shared_map() ? time_ns(rdtsc()) : 0;
	unsigned long damage = 0;

	for (uint64_t i = 0; i < GUARD_WORDS; i++) {
		guarded[i] = i * 0x9e3779b97f4a7c15UL;
	}
	for (uint64_t n = 1;; n++) {
		struct sched_poll poll = { .timeout = next += BEAT_NS };

		hypercall(HYPERCALL_SCHED_OP, SCHEDOP_poll, (uint64_t)&poll, 0, 0);
		if (n % BEATS_A_LINE == 0) {
			for (uint64_t i = 0; i < GUARD_WORDS; i++) {
				damage += guarded[i] != i * 0x9e3779b97f4a7c15UL;
			}
			say("beat ");
			say_number(n);
			say(": damage ");
			say_number(damage);
			say("\n");
		}
	}
}
