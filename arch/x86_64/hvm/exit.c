/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest left for, the same for all vendors: the vendor's part has said what it was and where the instruction ends
 * (struct hvm_exit); how the hardware numbers it is known there alone. No instruction of a guest is read but for MMIO and CR8.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <asm/insn.h>
#include <hyp/arch/trap.h>
#include <hyp/domain.h>

/* Long mode is the guest's to enter; LMA is the CPU's. */
static bool efer_write(struct vcpu *v, uint64_t value)
{
	uint64_t old = hvm->get(v, HVM_EFER);

	if ((value & ~(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)) != 0 ||
	    (((value ^ old) & EFER_LME) != 0 && (hvm->get(v, HVM_CR0) & CR0_PG) != 0)) {
		return false;
	}
	hvm->set(v, HVM_EFER, (value & ~EFER_LMA) | (old & EFER_LMA));
	return true;
}

static bool msr_read(struct vcpu *v, uint32_t msr, uint64_t *value)
{
	switch (msr) {
	case MSR_EFER:
		*value = hvm->get(v, HVM_EFER);
		return true;
	case MSR_PAT:
		*value = hvm->get(v, HVM_PAT);
		return true;
	default:
		return hvm_msr_read(v, msr, value);
	}
}

static bool msr_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
	switch (msr) {
	case MSR_EFER:
		return efer_write(v, value);
	case MSR_PAT:
		if (vmsr_pat_is_valid(value)) {
			hvm->set(v, HVM_PAT, value);
			return true;
		}
		return false;
	default:
		return hvm_msr_write(v, msr, value);
	}
}

static void exit_rdmsr(struct vcpu *v, uint64_t next)
{
	uint64_t *r = v->arch.gpr, value = 0;

	if (!msr_read(v, (uint32_t)r[INSN_RCX], &value)) {
		hvm->inject(v, EXCP_GP, 0);
		return;
	}
	r[INSN_RAX] = value & UINT32_MAX;
	r[INSN_RDX] = value >> 32;
	hvm->go_to(v, next);
}

static void exit_wrmsr(struct vcpu *v, uint64_t next)
{
	const uint64_t *r = v->arch.gpr;
	uint64_t value = r[INSN_RDX] << 32 | (r[INSN_RAX] & UINT32_MAX);

	if (msr_write(v, (uint32_t)r[INSN_RCX], value)) {
		hvm->go_to(v, next);
	} else {
		hvm->inject(v, EXCP_GP, 0);
	}
}

static void exit_port(struct vcpu *v, const struct hvm_exit *e)
{
	uint64_t *rax = &v->arch.gpr[INSN_RAX];
	uint64_t mask = e->bytes == 4 ? UINT32_MAX : BIT(8 * e->bytes) - 1;

	if (e->is_string) {
		domain_crash(v, "INS or OUTS at port 0x%x", e->port);
		return;
	}
	if (e->is_in) {
		uint64_t value = hvm_in(v, e->port, e->bytes) & mask;

		*rax = e->bytes == 4 ? value : (*rax & ~mask) | value;
	} else {
		hvm_out(v, e->port, e->bytes, (uint32_t)(*rax & mask));
	}
	hvm->go_to(v, e->next);
}

/* A single step of the guest's ends it as soon as it has begun; one of ours is over when it stands behind HLT. */
static void exit_hlt(struct vcpu *v, uint64_t next)
{
	uint64_t rflags;

	hvm->go_to(v, next);
	rflags = hvm->get(v, HVM_RFLAGS);
	if ((rflags & RFLAGS_TF) == 0) {
		hvm_halt(v, (rflags & RFLAGS_IF) == 0);
	}
}

static void exit_xsetbv(struct vcpu *v, uint64_t next)
{
	unsigned int exception = hvm_xsetbv(v);

	if (exception == 0) {
		hvm->go_to(v, next);
	} else {
		hvm->inject(v, exception, exception == EXCP_GP ? 0 : HVM_NO_ERROR);
	}
}

static void exit_cr8_write(struct vcpu *v)
{
	struct hvm_modes m;
	unsigned int bytes = hvm_cr8_write(v);

	if (bytes == 0) {
		hvm->inject(v, EXCP_GP, 0);
		return;
	}
	hvm->modes(v, &m);
	hvm->go_to(v, m.rip + bytes);
}

void hvm_exit(struct vcpu *v, const struct hvm_exit *e)
{
	switch (e->kind) {
	case HVM_EXIT_INTERRUPT: /* ours: taken now, and what it woke up is seen on the way back */
		irq_open();
		return;
	case HVM_EXIT_NOTHING:
		return;
	case HVM_EXIT_HYPERCALL:
		hvm->go_to(v, e->next);
		hvm_hypercall(v);
		return;
	case HVM_EXIT_WRMSR:
		exit_wrmsr(v, e->next);
		return;
	case HVM_EXIT_RDMSR:
		exit_rdmsr(v, e->next);
		return;
	case HVM_EXIT_HLT:
		exit_hlt(v, e->next);
		return;
	case HVM_EXIT_XSETBV:
		exit_xsetbv(v, e->next);
		return;
	case HVM_EXIT_CR8_WRITE:
		exit_cr8_write(v);
		return;
	case HVM_EXIT_DELIVERY:
		domain_crash(v, "interrupt table or stack at 0x%lx, where nothing is", e->at);
		return;
	case HVM_EXIT_MMIO:
		hvm_mmio(v, e->at);
		return;
	case HVM_EXIT_CPUID:
		hvm_cpuid(v);
		hvm->go_to(v, e->next);
		return;
	case HVM_EXIT_PORT:
		exit_port(v, e);
		return;
	case HVM_EXIT_SKIP:
		hvm->go_to(v, e->next);
		return;
	case HVM_EXIT_UNDEFINED:
		hvm->inject(v, EXCP_UD, HVM_NO_ERROR);
		return;
	case HVM_EXIT_GENERAL:
		hvm->inject(v, EXCP_GP, 0);
		return;
	case HVM_EXIT_EXCEPTION:
		hvm->inject(v, e->vector, e->vector == EXCP_AC ? 0 : HVM_NO_ERROR);
		return;
	case HVM_EXIT_SHUTDOWN:
		domain_crash(v, "triple fault");
		return;
	case HVM_EXIT_UNKNOWN:
	default:
		domain_crash(v, "%s exit 0x%lx", hvm->name, e->at);
		return;
	}
}
