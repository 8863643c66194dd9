// SPDX-License-Identifier: Apache-2.0
/* Samples of one probe at a time, and the line that says what they were. */
#include "bench.h"

#define MAX_SAMPLES	4096u
#define DEFAULT_SAMPLES 1000u
#define NS_PER_SEC	1000000000ull

unsigned int wanted = DEFAULT_SAMPLES;
static uint32_t samples[MAX_SAMPLES];
static unsigned int nr_samples, icount_shift;

void samples_init(unsigned int shift, unsigned int nr)
{
	icount_shift = shift;
	wanted = nr == 0 || nr > MAX_SAMPLES ? DEFAULT_SAMPLES : nr;
}

void add_sample(uint64_t ticks)
{
	samples[nr_samples++] = (uint32_t)ticks;
}

/* By insertion: most samples are the same. */
static void sort_samples(void)
{
	for (unsigned int i = 1; i < nr_samples; i++) {
		uint32_t value = samples[i];
		unsigned int at = i;

		for (; at > 0 && samples[at - 1] > value; at--) {
			samples[at] = samples[at - 1];
		}
		samples[at] = value;
	}
}

static void print_thousandths(uint64_t value)
{
	print(" %u.%u%u%u", value / 1000, value / 100 % 10, value / 10 % 10, value % 10);
}

void report(const char *name)
{
	uint64_t sum = 0, mean, nanoseconds;

	for (unsigned int i = 0; i < nr_samples; i++) {
		sum += samples[i];
	}
	sort_samples();
	mean = sum * 1000 / nr_samples;
	nanoseconds = mean * (NS_PER_SEC * 1000 / read_sysreg(cntfrq_el0)) / 1000;
	print("BENCH %s", name);
	print_thousandths(mean);
	print_thousandths(nanoseconds >> icount_shift);
	print(" min=%u p50=%u max=%u n=%u\n", (uint64_t)samples[0],
	      (uint64_t)samples[nr_samples / 2], (uint64_t)samples[nr_samples - 1],
	      (uint64_t)nr_samples);
	nr_samples = 0;
}
