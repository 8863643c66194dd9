/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's time-stamp counter, made of the machine's: it begins with each of the domain's lives, and may run at another
 * rate where virtualization can multiply. Pure: what calls the hardware is hvm/tsc.c.
 * Spec: Intel SDM vol. 3, 25.6.5 (TSC offset and multiplier); AMD APM vol. 2, 15.30.5 (TSC ratio).
 */
#ifndef ASM_TSC_H
#define ASM_TSC_H

#include <hyp/types.h>

/** struct tsc - what is the same on all vCPUs. */
struct tsc {
	uint64_t start;	  /* the machine's when this life began */
	uint64_t hz;	  /* the guest's ticks in a second, ... */
	uint64_t tick_ns; /* ... and nanoseconds << 32 of one */
	uint64_t
		ratio; /* its ticks for one of the machine's, fraction bits of it behind the point */
	uint32_t fraction; /* 0: it runs at the machine's rate */
	bool is_uneven;	   /* (a) a vCPU's has been written: they need not agree any more */
};

/** struct tsc_scaler - how virtualization multiplies: a number of @bits bits, @fraction of them behind the point. */
struct tsc_scaler {
	uint32_t fraction;
	uint32_t bits;
};

/** struct tsc_clock - a tick in nanoseconds as Xen tells it: mul / 2^32 * 2^shift. */
struct tsc_clock {
	uint32_t mul;
	int8_t shift;
};

/** tsc_init() - at the rate of the machine's, which is @hz. */
void tsc_init(struct tsc *t, uint64_t hz);

/**
 * tsc_set_rate() - @hz instead. Return: false: @s has no number for that; nothing has changed.
 * Context: construction, behind tsc_init().
 */
bool tsc_set_rate(struct tsc *t, const struct tsc_scaler *s, uint64_t hz);

/** tsc_offset() - what is to be added to the machine's, multiplied. @moved: what the guest has moved this vCPU's by. */
uint64_t tsc_offset(const struct tsc *t, uint64_t moved);

/** tsc_at() - what the guest reads when the machine's is @machine. */
uint64_t tsc_at(const struct tsc *t, uint64_t machine, uint64_t moved);

/** tsc_moved_to() - what it has moved it by when it writes @value and the machine's is @machine. */
uint64_t tsc_moved_to(const struct tsc *t, uint64_t machine, uint64_t value);

/** tsc_wait_ns() - from when it reads @from until it reads @to; 0: it is there. Saturates. */
uint64_t tsc_wait_ns(const struct tsc *t, uint64_t from, uint64_t to);

/** tsc_clock() - its tick. */
struct tsc_clock tsc_clock(const struct tsc *t);

#endif
