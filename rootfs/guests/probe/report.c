// SPDX-License-Identifier: Apache-2.0
/* The line that says what the samples of a probe were: as rootfs/guests/bench says it. */
#include "probe.h"

#define THOUSAND 1000U

static void say_thousandths(uint64_t value)
{
	say(" ");
	say_number(value / THOUSAND);
	say(".");
	say_number(value / 100 % 10);
	say_number(value / 10 % 10);
	say_number(value % 10);
}

static void say_named(const char *name, uint64_t value)
{
	say(name);
	say_number(value);
}

/* One tick is a nanosecond where instructions are counted. */
void report(const char *name)
{
	struct summary s;

	samples_end(&s);
	say("BENCH ");
	say(name);
	say_thousandths(s.mean);
	say_thousandths(s.mean >> s.shift);
	say_named(" min=", s.min);
	say_named(" p50=", s.median);
	say_named(" max=", s.max);
	say_named(" n=", s.nr);
	say("\n");
}
