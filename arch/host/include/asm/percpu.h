/* SPDX-License-Identifier: Apache-2.0 */
/* The fake machine's CPUs: the one that "runs" is host.cpu. */
#ifndef ASM_PERCPU_H
#define ASM_PERCPU_H

struct cpu;

struct arch_cpu {
	unsigned int kicks;	 /* arch_cpu_kick() calls */
	unsigned int kicks_seen; /* by arch_cpu_idle() */
};

/** arch_this_cpu() - the CPU that the test plays. */
struct cpu *arch_this_cpu(void);

#endif
