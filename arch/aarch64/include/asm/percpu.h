/* SPDX-License-Identifier: Apache-2.0 */
/* The architecture's part of struct cpu; TPIDR_EL2 holds its address. */
#ifndef ASM_PERCPU_H
#define ASM_PERCPU_H

#include <asm/controls.h>
#include <asm/spectre.h>
#include <asm/vsmccc.h>
#include <hyp/types.h>

struct cpu;

struct arch_cpu {
	uint64_t fault_stack;	  /* top of the stack for own faults (CPU_FAULT_STACK) */
	uint64_t stack;		  /* top of the ordinary stack (CPU_STACK) */
	uint64_t spectre_arg;	  /* struct spectre's, for the vectors (CPU_SPECTRE_ARG) */
	uint64_t affinity;	  /* MPIDR affinity fields, as in plan.cpus */
	volatile uint8_t *redist; /* GICv3: this CPU's GICR frames; NULL: not started */
	uint32_t ppis;		/* GICv3: private interrupts of the guest that are enabled there */
	uint32_t gicv2_mask;	/* GICv2: this CPU's bit in GICD_ITARGETSR; 0: not started */
	uint32_t gicv2_source;	/* GICv2: the sender of the SGI that was acknowledged */
	uint32_t gicv2_ppi_on;	/* (a) GICv2: private interrupts to enable ... */
	uint32_t gicv2_ppi_off; /* (a) ... and disable when it is kicked */
	uint64_t *window_pte;	/* leaf of arch_window()'s page */
	void *window;
	struct controls controls; /* of EL2 over guests */
	struct spectre spectre;	  /* as boot/quirks.c found it */
	struct smccc_facts facts; /* for guests */
};

static inline struct cpu *arch_this_cpu(void)
{
	struct cpu *cpu;

	/* not volatile: constant for the life of a CPU, so that the compiler may keep it */
	__asm__("mrs %0, tpidr_el2" : "=r"(cpu));
	return cpu;
}

#endif
