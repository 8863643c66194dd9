/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's calls of its firmware, by HVC or SMC with immediate 0; psci/ decodes them. CPU_SUSPEND
 * waits as WFI does.
 */
#include <asm/arch.h>
#include <asm/vsmccc.h>
#include <hyp/arch/trap.h>

void handle_smccc(struct vcpu *v, struct guest_regs *regs)
{
	if (unlikely(vsmccc_call(v, regs->x))) {
		trap_suspend(v);
	}
}
