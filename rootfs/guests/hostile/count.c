// SPDX-License-Identifier: Apache-2.0
/* One attempt, and what keeps the guest awake. */
#include "poke.h"

/* A write to the TSC takes no time that it could tell. */
static void timed_by_tsc(uint64_t since, uint64_t what)
{
	if (what != MSR_TSC) {
		timed(since, what);
	}
}

bool try(const void *code, struct pc_regs *r)
{
	uint64_t what = r->rcx;
	uint64_t since = rdtsc();
	bool is_good = try_call(code, r);

	timed_by_tsc(since, what);
	accesses++;
	exceptions += is_good ? 0 : 1;
	return is_good;
}

/* Its interrupt is taken when they are let in. */
void keep_awake(bool on)
{
	if (on) {
		apic_self_ipi(VECTOR_AWAKE);
	} else {
		sti();
		__asm__ volatile("nop\n\tnop");
		cli();
	}
}
