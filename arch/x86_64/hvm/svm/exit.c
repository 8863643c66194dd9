/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SVM: what a guest left for. No instruction of a guest is read for any of these: where the hardware does not say how
 * long it is, it has one length (prefixes that change nothing are the guest's own loss: they are executed again as no-ops
 * or worse).
 *
 * Stepping over an instruction ends an interrupt shadow, and a single step is one as anywhere (#DB).
 * Spec: AMD APM vol. 2 sections 15.7 to 15.14, appendix C (exit codes).
 */
#include "internal.h"

#include <asm/arch.h>
#include <hyp/arch/trap.h>
#include <hyp/domain.h>
#include <hyp/percpu.h>

#define RFLAGS_TF BIT(8)
#define DR6_BS	  BIT(14)

#define BYTES_2 2 /* CPUID, RDMSR, WRMSR, INVD, WBINVD */
#define BYTES_3 3 /* VMMCALL */
#define BYTES_1 1 /* HLT */

#define IOIO_IN	    BIT(0)
#define IOIO_STRING BIT(2)
#define IOIO_SIZES  4 /* three bits from here: 1, 2, 4 bytes */
#define IOIO_PORT   16

void svm_go_to(struct vcpu *v, struct vmcb *c, uint64_t rip)
{
	c->rip = rip;
	c->interrupt_shadow &= ~1UL;
	if ((c->rflags & RFLAGS_TF) != 0) {
		c->dr6 |= DR6_BS;
		svm_inject(v, EXCP_DB, HVM_NO_ERROR);
	}
}

static void skip(struct vcpu *v, struct vmcb *c, unsigned int bytes)
{
	svm_go_to(v, c, c->rip + bytes);
}

static void exit_undefined(struct vcpu *v, struct vmcb *c)
{
	(void)c;
	svm_inject(v, EXCP_UD, HVM_NO_ERROR);
}

static void exit_general(struct vcpu *v, struct vmcb *c)
{
	(void)c;
	svm_inject(v, EXCP_GP, 0);
}

/* Ours: it is taken now, and what it woke up is seen on the way back. An NMI has been taken already. */
static void exit_interrupt(struct vcpu *v, struct vmcb *c)
{
	(void)v;
	(void)c;
	irq_open();
}

static void exit_nothing(struct vcpu *v, struct vmcb *c)
{
	(void)v;
	(void)c;
}

static void exit_cpuid(struct vcpu *v, struct vmcb *c)
{
	hvm_cpuid(v);
	skip(v, c, BYTES_2);
}

static void exit_nop2(struct vcpu *v, struct vmcb *c)
{
	skip(v, c, BYTES_2);
}

static void exit_hlt(struct vcpu *v, struct vmcb *c)
{
	skip(v, c, BYTES_1);
	trap_suspend(v);
}

static void exit_vmmcall(struct vcpu *v, struct vmcb *c)
{
	skip(v, c, BYTES_3);
	hvm_hypercall(v);
}

/* Long mode is the guest's to enter; that it runs under SVM is not its to see. */
static bool efer_write(struct vmcb *c, uint64_t value)
{
	uint64_t old = c->efer;

	if ((value & ~(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)) != 0 ||
	    (((value ^ old) & EFER_LME) != 0 && (c->cr0 & CR0_PG) != 0)) {
		return false;
	}
	c->efer = (value & ~EFER_LMA) | (old & EFER_LMA) | EFER_SVME;
	return true;
}

static bool msr_read(struct vcpu *v, struct vmcb *c, uint32_t msr, uint64_t *value)
{
	switch (msr) {
	case MSR_EFER:
		*value = c->efer & ~EFER_SVME;
		return true;
	case MSR_PAT:
		*value = c->pat;
		return true;
	default:
		return hvm_msr_read(v, msr, value);
	}
}

static bool msr_write(struct vcpu *v, struct vmcb *c, uint32_t msr, uint64_t value)
{
	switch (msr) {
	case MSR_EFER:
		return efer_write(c, value);
	case MSR_PAT:
		if (vmsr_pat_is_valid(value)) {
			c->pat = value;
			return true;
		}
		return false;
	default:
		return hvm_msr_write(v, msr, value);
	}
}

static void exit_msr(struct vcpu *v, struct vmcb *c)
{
	uint64_t *r = v->arch.gpr;
	uint32_t msr = (uint32_t)r[INSN_RCX];
	uint64_t value = r[INSN_RDX] << 32 | (r[INSN_RAX] & UINT32_MAX);
	bool is_good = c->exit_info1 != 0 ? msr_write(v, c, msr, value)
					  : msr_read(v, c, msr, &value);

	if (!is_good) {
		svm_inject(v, EXCP_GP, 0);
		return;
	}
	if (c->exit_info1 == 0) {
		r[INSN_RAX] = value & UINT32_MAX;
		r[INSN_RDX] = value >> 32;
	}
	skip(v, c, BYTES_2);
}

static void exit_port(struct vcpu *v, struct vmcb *c)
{
	uint64_t *rax = &v->arch.gpr[INSN_RAX];
	uint16_t port = (uint16_t)(c->exit_info1 >> IOIO_PORT);
	unsigned int bytes = (unsigned int)(c->exit_info1 >> IOIO_SIZES) & 7;
	uint64_t mask = bytes == 4 ? UINT32_MAX : BIT(8 * bytes) - 1;

	if ((c->exit_info1 & IOIO_STRING) != 0) {
		domain_crash(v, "INS or OUTS at port 0x%x", port);
		return;
	}
	if ((c->exit_info1 & IOIO_IN) != 0) {
		uint64_t value = hvm_in(v, port, bytes) & mask;

		*rax = bytes == 4 ? value : (*rax & ~mask) | value;
	} else {
		hvm_out(v, port, bytes, (uint32_t)(*rax & mask));
	}
	svm_go_to(v, c, c->exit_info2);
}

static void exit_npf(struct vcpu *v, struct vmcb *c)
{
	hvm_mmio(v, c->exit_info2);
}

static void exit_shutdown(struct vcpu *v, struct vmcb *c)
{
	(void)c;
	domain_crash(v, "triple fault");
}

/* Intercepted because a guest could else keep the CPU busy with its own for ever (CVE-2015-5307, CVE-2015-8104). */
static void exit_exception(struct vcpu *v, struct vmcb *c)
{
	unsigned int vector = (unsigned int)(c->exit_code - SVM_EXIT_EXCP);

	svm_inject(v, vector, vector == EXCP_AC ? 0 : HVM_NO_ERROR);
}

/* The end of an NMI's handler: the next may come behind this IRET. */
static void exit_iret(struct vcpu *v, struct vmcb *c)
{
	(void)v;
	c->misc1 &= (uint32_t)~SVM_IRET;
	c->interrupt_shadow |= 1;
}

static const struct {
	uint16_t first, last;
	void (*handle)(struct vcpu *v, struct vmcb *c);
} exits[] = {
	{ SVM_EXIT_INTR, SVM_EXIT_INTR, exit_interrupt },
	{ SVM_EXIT_VMMCALL, SVM_EXIT_VMMCALL, exit_vmmcall },
	{ SVM_EXIT_MSR, SVM_EXIT_MSR, exit_msr },
	{ SVM_EXIT_HLT, SVM_EXIT_HLT, exit_hlt },
	{ SVM_EXIT_NPF, SVM_EXIT_NPF, exit_npf },
	{ SVM_EXIT_VINTR, SVM_EXIT_VINTR, exit_nothing }, /* its window is open */
	{ SVM_EXIT_CPUID, SVM_EXIT_CPUID, exit_cpuid },
	{ SVM_EXIT_IOIO, SVM_EXIT_IOIO, exit_port },
	{ SVM_EXIT_NMI, SVM_EXIT_NMI, exit_nothing },
	{ SVM_EXIT_SMI, SVM_EXIT_INIT, exit_nothing },
	{ SVM_EXIT_EXCP, SVM_EXIT_EXCP_LAST, exit_exception },
	{ SVM_EXIT_RDPMC, SVM_EXIT_RDPMC, exit_general },
	{ SVM_EXIT_INVD, SVM_EXIT_INVD, exit_nop2 }, /* nothing of a guest's may be lost */
	{ SVM_EXIT_WBINVD, SVM_EXIT_WBINVD, exit_nop2 },
	{ SVM_EXIT_IRET, SVM_EXIT_IRET, exit_iret },
	{ SVM_EXIT_RSM, SVM_EXIT_RSM, exit_undefined },
	{ SVM_EXIT_INVLPGA, SVM_EXIT_INVLPGA, exit_undefined },
	{ SVM_EXIT_VMRUN, SVM_EXIT_VMRUN, exit_undefined },
	{ SVM_EXIT_VMMCALL + 1, SVM_EXIT_SKINIT, exit_undefined },
	{ SVM_EXIT_MONITOR, SVM_EXIT_MWAIT_ARMED, exit_undefined },
	{ SVM_EXIT_XSETBV, SVM_EXIT_XSETBV, exit_undefined },
	{ SVM_EXIT_SHUTDOWN, SVM_EXIT_SHUTDOWN, exit_shutdown },
};

void svm_exit(struct vcpu *v, struct vmcb *c)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(exits); i++) {
		if (c->exit_code >= exits[i].first && c->exit_code <= exits[i].last) {
			exits[i].handle(v, c);
			return;
		}
	}
	domain_crash(v, "SVM exit 0x%lx", c->exit_code);
}
