// SPDX-License-Identifier: Apache-2.0
/* Samples of one probe at a time, and the line that says what they were: as rootfs/guests/bench says it. */
#include "probe.h"

#define MAX_SAMPLES	4096U
#define DEFAULT_SAMPLES 1000U
#define THOUSAND	1000U

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
	uint64_t sum = 0, mean;

	for (unsigned int i = 0; i < nr_samples; i++) {
		sum += samples[i];
	}
	sort_samples();
	mean = sum * THOUSAND / nr_samples;
	say("BENCH ");
	say(name);
	say_thousandths(mean);
	say_thousandths(mean >> icount_shift);
	say_named(" min=", samples[0]);
	say_named(" p50=", samples[nr_samples / 2]);
	say_named(" max=", samples[nr_samples - 1]);
	say_named(" n=", nr_samples);
	say("\n");
	nr_samples = 0;
}
