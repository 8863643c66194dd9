/* SPDX-License-Identifier: Apache-2.0 */
/* CPUID of a guest. */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <asm/insn.h>
#include <hyp/domain.h>

void hvm_cpuid(struct vcpu *v)
{
	uint64_t *r = v->arch.gpr;

	r[INSN_RAX] = 0;
	r[INSN_RBX] = 0;
	r[INSN_RCX] = 0;
	r[INSN_RDX] = 0;
}
