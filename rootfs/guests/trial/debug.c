// SPDX-License-Identifier: Apache-2.0
/* Single steps and breakpoints: Intel SDM vol. 3 sections 17.3.1 and 6.8.3; AMD APM vol. 2 section 13.1. */
#include "trial.h"

#include <xen/sched.h>

#define INTEL_ECX 0x6c65746eU /* "ntel" of "GenuineIntel" */

#define DR6_BS	  (1UL << 14)
#define DR6_B0	  1UL
#define DR7_EXEC0 0x402UL      /* DR0 by any task: where it is executed */
#define DR7_DATA0 0x000d0402UL /* where 4 bytes are written */

static volatile uint32_t watched;

static void breakpoint(uint64_t at, uint64_t dr7)
{
	__asm__ volatile("mov %0, %%dr0\n\tmov %1, %%dr7" : : "r"(at), "r"(dr7) : "memory");
}

bool is_intel(void)
{
	return cpuid(0, 0).ecx == INTEL_ECX;
}

static void single_steps(void)
{
	bool is_right;

	apic_write(0x30, 0); /* nothing: so that its page is known to be there */
	forget();
	seq_step();
	is_right = debug.count == nr_want_steps && (dr6 & DR6_BS) != 0;
	for (unsigned int i = 0; i < nr_want_steps && i < debug.count; i++) {
		if (steps[i] != want_steps[i]) {
			is_right = false;
			say("step ");
			say_number(i);
			say(" at ");
			say_hex(steps[i]);
			say(", not ");
			say_hex(want_steps[i]);
			say("\n");
		}
	}
	verdict("one #DB an instruction", is_right);
}

/* Not with SVM: under QEMU 7.2's, the only one that it was tried with, it does not come there. */
static void watched_load(void)
{
	forget();
	seq_ss_watched();
	breakpoint(0, 0x400);
	verdict("a watched load of SS, behind an exit",
		debug.count == 1 && debug.rip == (uint64_t)at_ss_watched && (dr6 & DR6_B0) != 0);
}

/*
 * The other domain, on the same CPU, has a turn in between and does the same: not with SVM, whose guests share one list of
 * breakpoints under QEMU 7.2 (arch/x86_64/README.md).
 */
static void watched_store(void)
{
	forget();
	breakpoint((uint64_t)&watched, DR7_DATA0);
	if (is_intel()) {
		hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
	}
	watched = 1;
	breakpoint(0, 0x400);
	verdict("watchpoint", debug.count == 1 && (dr6 & DR6_B0) != 0);
}

void try_breakpoints(void)
{
	forget();
	breakpoint((uint64_t)at_break, DR7_EXEC0);
	seq_break();
	breakpoint(0, 0x400);
	verdict("breakpoint",
		debug.count == 1 && debug.rip == (uint64_t)at_break && (dr6 & DR6_B0) != 0);
	watched_store();
	if (is_intel()) {
		watched_load();
	}
}

void try_steps(void)
{
	forget();
	seq_int();
	verdict("INT n once", soft.count == 1 && soft.rip == (uint64_t)at_int);
	forget();
	seq_step_hlt();
	verdict("a step wakes from HLT", debug.count >= 1 && steps[0] == (uint64_t)at_step_hlt);
	single_steps();
}
