/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arch contract, tried: one list of what the headers of hyp/arch promise, held against the architecture that is linked. It
 * runs on a board while that starts (CONFIG_ARCH_CONTRACT), and on the build host against arch/host (tests/unit).
 * What takes a guest that runs is left to the boot tests.
 */
#ifndef HYP_CONTRACT_H
#define HYP_CONTRACT_H

/**
 * contract_try() - try all of it; each promise that is not kept is a line of the log, and the last line counts.
 * Context: the boot CPU, all others up, domains built and none started.
 */
void contract_try(void);

#endif
