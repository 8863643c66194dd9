/* SPDX-License-Identifier: Apache-2.0 */
/* What was tried, what came of it, and chance. */
#include "poke.h"

uint64_t last_esr;
unsigned long exceptions, accesses, interrupts;

static uint64_t seed = 1;
static uint32_t code[2] __attribute__((aligned(64)));

uint64_t next_random(void)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return seed ^ seed >> 29;
}

void done(const char *what)
{
	say("");
	say(what);
	say(": ");
	say_number(accesses);
	say(" tried, ");
	say_number(exceptions);
	say(" exceptions\n");
	accesses = 0;
	exceptions = 0;
}

uint64_t run_word(uint32_t word, uint64_t x1)
{
	code[0] = word;
	code[1] = 0xd65f03c0U; /* ret */
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb"
			 :
			 : "r"(code)
			 : "memory");
	accesses++;
	return call_code(code, x1);
}

void poke_exception(uint64_t esr)
{
	last_esr = esr;
	exceptions++;
}

void poke_stray(void)
{
	say("exception from where none can come\n");
}

void poke_irq(void)
{
	uint64_t intid;

	__asm__ volatile("mrs %0, icc_iar1_el1" : "=r"(intid));
	if (intid == TIMER_PPI && dies_in_timer) {
		(void)hvc0(SYSTEM_RESET, 0, 0, 0); /* active, never ended */
	}
	__asm__ volatile("msr icc_eoir1_el1, %0" : : "r"(intid));
	interrupts++;
}
