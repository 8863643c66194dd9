/* SPDX-License-Identifier: Apache-2.0 */
/* The machine under tests of the virtual local APIC: a clock that the test sets, and a count of what was asked for. */
#ifndef TESTS_VLAPIC_FAKE_H
#define TESTS_VLAPIC_FAKE_H

#include <asm/vlapic.h>

#define NR_CPUS 4

struct vlapic_fake {
	unsigned int kicks, inits, eois;
	int sipi;     /* the last one's vector; -1: none */
	int eoi;      /* the last one's vector */
	uint64_t due; /* what vlapic_hw_timer() was last told */
};

extern struct vlapic_set set;
extern struct vlapic apic[NR_CPUS];
extern struct vlapic_fake fake[NR_CPUS];
extern uint64_t now_ns;	   /* the guest's TSC counts 2 for each, ... */
extern uint64_t tsc_moved; /* ... and has this more */

/** vlapic_fake_begin() - APICs as at power-on, nothing counted. */
void vlapic_fake_begin(void);

/** vlapic_fake_go() - the clock goes to @ns; timers that are due on the way go off at their time. */
void vlapic_fake_go(uint64_t ns);

#endif
