// SPDX-License-Identifier: Apache-2.0
/* Samples of one probe at a time: for the guests that measure, of both architectures. */
#include "samples.h"

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

void samples_end(struct summary *s)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < nr_samples; i++) {
		sum += samples[i];
	}
	sort_samples();
	*s = (struct summary){
		.mean = sum * THOUSAND / nr_samples,
		.shift = icount_shift,
		.min = samples[0],
		.median = samples[nr_samples / 2],
		.max = samples[nr_samples - 1],
		.nr = nr_samples,
	};
	nr_samples = 0;
}
