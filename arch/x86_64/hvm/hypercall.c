/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hypercalls of 64-bit guests: number in EAX, arguments in RDI, RSI, RDX, R10, R8, result in RAX; by the kernel alone.
 * Those of 32-bit code have other structures, which nobody here speaks yet.
 * Spec: Xen public arch-x86/xen-x86_64.h.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <asm/insn.h>
#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/errno.h>

#define R10 10
#define R8  8

#define CALL_BYTES 3 /* VMMCALL, VMCALL */

void hvm_hypercall(struct vcpu *v)
{
	uint64_t *r = v->arch.gpr;
	const uint64_t args[5] = { r[INSN_RDI], r[INSN_RSI], r[INSN_RDX], r[R10], r[R8] };
	struct hvm_modes m;

	hvm->modes(v, &m);
	if (m.cpl != 0) {
		r[INSN_RAX] = (uint64_t)-EPERM;
	} else if (!m.is_long) {
		r[INSN_RAX] = (uint64_t)-ENOSYS;
	} else {
		r[INSN_RAX] = (uint64_t)trap_hypercall(v, r[INSN_RAX] & UINT32_MAX, args);
		hvm_time_tell(v);
	}
}

/* The number is in the register that the result goes to: it comes back by that way. */
int64_t arch_vcpu_call_again(struct vcpu *v, const uint64_t args[5])
{
	uint64_t *r = v->arch.gpr;

	r[INSN_RDI] = args[0];
	r[INSN_RSI] = args[1];
	r[INSN_RDX] = args[2];
	r[R10] = args[3];
	r[R8] = args[4];
	hvm->back_up(v, CALL_BYTES);
	return (int64_t)r[INSN_RAX];
}
