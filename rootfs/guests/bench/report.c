// SPDX-License-Identifier: Apache-2.0
/* The line that says what the samples of a probe were. */
#include "bench.h"

#define NS_PER_SEC 1000000000ull

static void print_thousandths(uint64_t value)
{
	print(" %u.%u%u%u", value / 1000, value / 100 % 10, value / 10 % 10, value % 10);
}

void report(const char *name)
{
	struct summary s;
	uint64_t nanoseconds;

	samples_end(&s);
	nanoseconds = s.mean * (NS_PER_SEC * 1000 / read_sysreg(cntfrq_el0)) / 1000;
	print("BENCH %s", name);
	print_thousandths(s.mean);
	print_thousandths(nanoseconds >> s.shift);
	print(" min=%u p50=%u max=%u n=%u\n", (uint64_t)s.min, (uint64_t)s.median, (uint64_t)s.max,
	      (uint64_t)s.nr);
}
