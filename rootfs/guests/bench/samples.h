/* SPDX-License-Identifier: Apache-2.0 */
/* Samples of one probe at a time, and what they come to. */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stdint.h>

extern unsigned int wanted; /* samples of each kind: `n=` of the boot arguments */

/** struct summary - of samples in ticks; the mean in thousandths of one. */
struct summary {
	uint64_t mean;
	unsigned int shift; /* 2^shift ns an instruction */
	uint32_t min, median, max;
	unsigned int nr;
};

/** samples_init() - 2^@shift ns an instruction; @nr samples of each kind, or the default. */
void samples_init(unsigned int shift, unsigned int nr);

/** add_sample() - of the probe that is reported next. */
void add_sample(uint64_t ticks);

/** samples_end() - what was sampled, and begin anew. */
void samples_end(struct summary *s);

#endif
