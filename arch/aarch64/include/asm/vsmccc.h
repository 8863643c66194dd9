/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware that a guest sees: PSCI 1.1 and SMCCC 1.2. Decoding only: what reaches the machine
 * are up-calls of hyp/arch/trap.h and smccc_facts(), so that it runs in unit tests and a fuzzer.
 */
#ifndef ASM_VSMCCC_H
#define ASM_VSMCCC_H

#include <hyp/types.h>

struct vcpu;

/** struct smccc_facts - what a CPU and the board's firmware leave to say to a guest. */
struct smccc_facts {
	int32_t workaround[3]; /* ARCH_FEATURES of SMCCC_ARCH_WORKAROUND_1, 2 and 3 */
	bool has_soc_id;
	uint32_t soc_version; /* SMCCC_ARCH_SOC_ID of type 0, and of type 1 */
	uint32_t soc_revision;
};

/** smccc_facts() - those of this CPU. Context: any, after the CPU's start. */
const struct smccc_facts *smccc_facts(void);

/**
 * vsmccc_call() - a call by HVC or SMC with immediate 0.
 * @x: x0 to x7 of the guest; x0, for some functions x0 to x3, become the results, the rest stays
 * Context: @v's CPU, its domain not locked.
 * Return:  true: @v first waits for an interrupt, as by WFI.
 * Spec:    Arm DEN0028F (SMCCC 1.2) 2.5, 6, 7.
 */
bool vsmccc_call(struct vcpu *v, uint64_t *x);

/**
 * vpsci_call() - the same for one of the PSCI_COUNT functions from PSCI_BASE on, 32 or 64-bit.
 * Spec: Arm DEN0022F (PSCI 1.1) chapter 5.
 */
bool vpsci_call(struct vcpu *v, uint64_t *x);

#endif
