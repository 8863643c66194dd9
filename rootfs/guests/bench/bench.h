// SPDX-License-Identifier: Apache-2.0
/* Between the files of the bench guest: samples, and what a boot argument makes of the guest. */
#ifndef BENCH_H
#define BENCH_H

#include "guest.h"
#include "samples.h"

#define WARM_UP	 16u
#define PRIORITY 0xa0u

extern struct machine machine;
extern volatile uint64_t irq_at, irq_count;

/** counter() - no barrier: it would be measured too, and what is measured is a trap, which synchronizes. */
static inline uint64_t counter(void)
{
	uint64_t value;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(value) : : "memory");
	return value;
}

/** report() - print what was sampled. */
void report(const char *name);

/** sleep() - until an interrupt has come since @count was read. */
void sleep(uint64_t count);

/** must() - what a refusal costs is not what is asked: end when @is_right is false. */
void must(bool is_right, const char *what);

/** pair_boot() - read what the event channels are, from the device tree; before the MMU is on. */
void pair_boot(const void *fdt);

/** pair_take() - is interrupt @intid the upcall? Then the events are taken. */
bool pair_take(uint32_t intid);

/** pair_ping() / pair_pong() - the two ends of the probes between domains that share a CPU. */
void pair_ping(void);
void pair_pong(void);

#endif
