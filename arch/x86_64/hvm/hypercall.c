/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hypercalls: number in EAX, result in RAX; by the kernel alone. Arguments of 64-bit code are in RDI, RSI, RDX, R10, R8, of
 * any other in EBX, ECX, EDX, ESI, EDI, and its structures are compat/'s.
 * Spec: Xen public arch-x86/xen-x86_64.h, xen-x86_32.h.
 */
#include <asm/arch.h>
#include <asm/compat.h>
#include <asm/hvm.h>
#include <asm/insn.h>
#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/errno.h>

#include <string.h>

#define R10 10
#define R8  8

#define CALL_BYTES 3 /* VMMCALL, VMCALL */

static const uint8_t regs32[5] = { INSN_RBX, INSN_RCX, INSN_RDX, INSN_RSI, INSN_RDI };

uint8_t *compat_area(struct vcpu *v, uint64_t *at)
{
	*at = COMPAT_AREA_BASE;
	return v->arch.compat;
}

static int copy(struct vcpu *v, uint64_t va, char *buf, size_t len, bool is_write)
{
	for (size_t n; len > 0; va += n, buf += n, len -= n) {
		unsigned long irq;
		char *window;
		paddr_t pa;

		n = MIN(len, PAGE_SIZE - (va & (PAGE_SIZE - 1)));
		if (arch_vcpu_translate(v, va, is_write, &pa) != 0) {
			return -EFAULT;
		}
		irq = arch_irq_save();
		window = (char *)arch_window(paddr(ALIGN_DOWN(pa.v, PAGE_SIZE))) +
			 (pa.v & (PAGE_SIZE - 1));
		memcpy(is_write ? window : buf, is_write ? buf : window, n);
		arch_window_close();
		arch_irq_restore(irq);
	}
	return 0;
}

int compat_read(struct vcpu *v, void *to, uint64_t from, size_t len)
{
	return copy(v, from, to, len, false);
}

/* The cast drops a const that copy() keeps. */
int compat_write(struct vcpu *v, uint64_t to, const void *from, size_t len)
{
	return copy(v, to, (char *)(uintptr_t)from, len, true);
}

bool compat_took_again(struct vcpu *v, uint64_t args[5])
{
	bool again = v->arch.compat_again;

	v->arch.compat_again = false;
	memcpy(args, v->arch.compat_args, sizeof(v->arch.compat_args));
	return again;
}

static void call32(struct vcpu *v)
{
	uint64_t *r = v->arch.gpr;
	uint32_t args[5];
	bool again = false;
	int64_t rc;

	for (unsigned int i = 0; i < ARRAY_SIZE(regs32); i++) {
		args[i] = (uint32_t)r[regs32[i]];
	}
	v->arch.is_compat = true;
	rc = compat_hypercall(v, (uint32_t)r[INSN_RAX], args, &again);
	v->arch.is_compat = false;
	if (!again) {
		r[INSN_RAX] = (uint32_t)rc;
		return;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(regs32); i++) {
		r[regs32[i]] = args[i];
	}
	hvm->back_up(v, CALL_BYTES);
}

void hvm_hypercall(struct vcpu *v)
{
	uint64_t *r = v->arch.gpr;
	const uint64_t args[5] = { r[INSN_RDI], r[INSN_RSI], r[INSN_RDX], r[R10], r[R8] };
	struct hvm_modes m;

	hvm->modes(v, &m);
	if (m.cpl != 0) {
		r[INSN_RAX] = (uint64_t)-EPERM;
		return;
	}
	v->arch.modes = &m;
	if (m.is_long) {
		r[INSN_RAX] = (uint64_t)trap_hypercall(v, r[INSN_RAX] & UINT32_MAX, args);
	} else {
		call32(v);
	}
	v->arch.modes = NULL;
	if (unlikely(v->vcpu_info != v->arch.timed_info)) {
		hvm_time_tell(v);
	}
}

/* The number is in the register that the result goes to: it comes back by that way. */
int64_t arch_vcpu_call_again(struct vcpu *v, const uint64_t args[5])
{
	uint64_t *r = v->arch.gpr;

	if (v->arch.is_compat) {
		v->arch.compat_again = true;
		memcpy(v->arch.compat_args, args, sizeof(v->arch.compat_args));
		return 0;
	}
	r[INSN_RDI] = args[0];
	r[INSN_RSI] = args[1];
	r[INSN_RDX] = args[2];
	r[R10] = args[3];
	r[R8] = args[4];
	hvm->back_up(v, CALL_BYTES);
	return (int64_t)r[INSN_RAX];
}

bool arch_vcpu_latch_word(struct vcpu *v)
{
	struct hvm_modes m;
	bool was;

	hvm->modes(v, &m);
	was = __atomic_exchange_n(&v->domain->arch.is_narrow, !m.is_long, __ATOMIC_SEQ_CST);
	return was != !m.is_long;
}
