/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done against speculation between domains, where the CPU offers it and Kconfig wants it: when a CPU turns to a vCPU
 * of another domain, its branch predictors are shut off from the last one's (IBPB), its buffers cleared (VERW), its first-level
 * data cache flushed (L1D). On AMD's, LFENCE is made to serialise, as guests are told.
 */
#ifndef ASM_MITIGATE_H
#define ASM_MITIGATE_H

#include <asm/vcpuid.h>

#define MITIGATE_IBPB	    1U
#define MITIGATE_VERW	    2U
#define MITIGATE_L1D	    4U
#define MITIGATE_SET_LFENCE 8U /* there is a bit to set for it */

/** mitigate_offered() - what this machine has. Return: bits of the above. */
unsigned int mitigate_offered(vcpuid_host_fn host);

/** mitigate_cpu_init() - what is set once on each CPU. mitigate_say() - the line of the boot log. */
void mitigate_cpu_init(void);
void mitigate_say(void);

/** mitigate_switch() - this CPU turns from one domain to another. */
void mitigate_switch(void);

#endif
