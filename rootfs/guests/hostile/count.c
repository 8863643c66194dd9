// SPDX-License-Identifier: Apache-2.0
/* What was tried, what came of it, and chance. */
#include "poke.h"

unsigned long exceptions, accesses, interrupts;

static uint64_t seed = 1;
static uint64_t worst, worst_what;

uint64_t next_random(void)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return seed ^ seed >> 29;
}

void set_seed(uint64_t s)
{
	seed = s;
}

void timed(uint64_t since, uint64_t what)
{
	uint64_t took = rdtsc() - since;

	if (took > worst) {
		worst = took;
		worst_what = what;
	}
}

void done(const char *what)
{
	say(what);
	say(": ");
	say_number(accesses);
	say(" tried, ");
	say_number(exceptions);
	say(" exceptions, worst ");
	say_number(worst);
	say(" ticks at 0x");
	say_hex(worst_what);
	say("\n");
	accesses = exceptions = 0;
	worst = 0;
}

bool try(const void *code, struct pc_regs *r)
{
	uint64_t what = r->rcx;
	uint64_t since = rdtsc();
	bool is_good = try_call(code, r);

	timed(since, what);
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
