/* SPDX-License-Identifier: Apache-2.0 */
/* SErrors: whose they are, and what they say. trap/serror.c. */
#ifndef ASM_SERROR_H
#define ASM_SERROR_H

#include <hyp/types.h>

#define SERROR_CLASS (0x2fUL << 26 | BIT(25)) /* ESR_EL2 without its ISS */

struct vcpu;

/** serror_name() - ESR_EL2 of an SError in words. serror_is_corrected() - nothing was lost. */
const char *serror_name(uint64_t esr);
bool serror_is_corrected(uint64_t esr);

/**
 * serror_settle() - wait for SErrors of @v's accesses, crash its domain if there is one, and let
 * EL2 take its own again. Context: @v's CPU, before another vCPU's state is loaded; PSTATE.A set.
 */
void serror_settle(struct vcpu *v);

/** serror_unmask() - EL2 takes SErrors, as its own faults. Context: the CPU's start. */
void serror_unmask(void);

#endif
