/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's own debugging: breakpoints, watchpoints, the OS lock. vcpu/debug.c. */
#ifndef ASM_DEBUG_H
#define ASM_DEBUG_H

#include <hyp/types.h>

#define DEBUG_MAX 16

struct vcpu;

/** struct debug_state - of a vCPU that has touched a debug register since its reset. */
struct debug_state {
	bool is_used;	/* its registers are in the hardware while it is on its CPU */
	bool is_locked; /* the OS lock, as the guest set it */
	uint64_t bvr[DEBUG_MAX], bcr[DEBUG_MAX];
	uint64_t wvr[DEBUG_MAX], wcr[DEBUG_MAX];
};

/** debug_cpu_init() - this CPU's breakpoints and watchpoints off. Context: the CPU's start. */
void debug_cpu_init(void);

/** debug_reset() - @v's as at reset. Context: it is off its CPU. */
void debug_reset(struct vcpu *v);

/** debug_load() / debug_save() - @v comes to this CPU, or leaves it. They set MDCR_EL2. */
void debug_load(const struct vcpu *v);
void debug_save(struct vcpu *v);

/** enum debug_answer - what becomes of a trapped access. */
enum debug_answer {
	DEBUG_UNDEFINED,
	DEBUG_DONE,  /* *value read, or written */
	DEBUG_RETRY, /* it is not trapped any more */
};

/**
 * debug_access() - a trapped access to op0 = 2.
 * @reg: as SYS() of trap/sysreg.c makes it
 * Context: @v is on this CPU.
 */
enum debug_answer debug_access(struct vcpu *v, uint64_t reg, bool is_read, uint64_t *value);

#endif
