// SPDX-License-Identifier: Apache-2.0
/* What was tried, what came of it, and chance: for the hostile guests of both architectures, each with its own poke.h. */
#include <poke.h> /* of the architecture */

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
	uint64_t took = counter() - since;

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
	accesses = 0;
	exceptions = 0;
	worst = 0;
}
