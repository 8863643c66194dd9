/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SVM: what a guest left for, in the words of all vendors (hvm/exit.c does it). No instruction of a guest is read here: where
 * the hardware does not say how long it is, it has one length (prefixes that change nothing are the guest's own loss: they
 * are executed again as no-ops or worse).
 *
 * Stepping over an instruction ends an interrupt shadow, and a single step is one as anywhere (#DB).
 * Spec: AMD APM vol. 2 sections 15.7 to 15.14, appendix C (exit codes).
 */
#include "internal.h"

#include <asm/arch.h>
#include <hyp/arch/trap.h>
#include <hyp/domain.h>
#include <hyp/percpu.h>

#define DR6_BS	  BIT(14)
#define DR6_TRAPS (DR6_BS | 15UL) /* single step, breakpoints */

#define BYTES_3 3 /* VMMCALL, XSETBV */
#define BYTES_2 2 /* CPUID, RDMSR, WRMSR, INVD, WBINVD */
#define BYTES_1 1 /* HLT */

#define IOIO_IN	    BIT(0)
#define IOIO_STRING BIT(2)
#define IOIO_SIZES  4 /* three bits from here: 1, 2, 4 bytes */
#define IOIO_PORT   16

void svm_step_begin(struct vcpu *v, struct vmcb *c)
{
	v->arch.steps_iret = false;
	v->arch.is_stepping = true;
	v->arch.steps_itself = (c->rflags & RFLAGS_TF) != 0;
	v->arch.step_dr6 = c->dr6;
	c->rflags |= RFLAGS_TF;
}

/* IRET has set TF to what the guest wants it to be; behind others it is ours to clear. */
static void step_end(struct vcpu *v, struct vmcb *c)
{
	v->arch.is_stepping = false;
	c->misc1 &= (uint32_t)~SVM_SWINT;
	if (!v->arch.steps_itself) {
		c->rflags &= v->arch.steps_iret ? UINT64_MAX : ~RFLAGS_TF;
		c->dr6 = v->arch.step_dr6;
	}
}

void svm_go_to(struct vcpu *v, uint64_t rip)
{
	struct vmcb *c = v->arch.vmcb;

	c->rip = rip;
	c->interrupt_shadow &= ~1UL;
	if (unlikely(v->arch.is_stepping)) {
		step_end(v, c);
	}
	if ((c->rflags & RFLAGS_TF) != 0) {
		c->dr6 |= DR6_BS;
		svm_inject(v, EXCP_DB, HVM_NO_ERROR);
	}
}

static void fill_msr(struct vcpu *v, struct vmcb *c, struct hvm_exit *e)
{
	(void)v;
	e->kind = c->exit_info1 != 0 ? HVM_EXIT_WRMSR : HVM_EXIT_RDMSR;
}

static void fill_port(struct vcpu *v, struct vmcb *c, struct hvm_exit *e)
{
	(void)v;
	e->port = (uint16_t)(c->exit_info1 >> IOIO_PORT);
	e->bytes = (uint8_t)(c->exit_info1 >> IOIO_SIZES) & 7;
	e->is_in = (c->exit_info1 & IOIO_IN) != 0;
	e->is_string = (c->exit_info1 & IOIO_STRING) != 0;
	e->next = c->exit_info2;
}

static void fill_npf(struct vcpu *v, struct vmcb *c, struct hvm_exit *e)
{
	(void)v;
	if ((c->exit_int_info & SVM_EVENT_VALID) != 0) {
		e->kind = HVM_EXIT_DELIVERY;
	}
	e->at = c->exit_info2;
}

static void fill_exception(struct vcpu *v, struct vmcb *c, struct hvm_exit *e)
{
	e->vector = (uint8_t)(c->exit_code - SVM_EXIT_EXCP);
	if (e->vector == EXCP_DB && v->arch.is_stepping) {
		bool is_ours = !v->arch.steps_itself && (c->dr6 & DR6_TRAPS) == DR6_BS;

		step_end(v, c);
		e->kind = is_ours ? HVM_EXIT_NOTHING : HVM_EXIT_EXCEPTION;
	}
}

/* The end of an NMI's handler: the next may come behind this IRET, not before. */
static void take_iret(struct vcpu *v, struct vmcb *c, struct hvm_exit *e)
{
	(void)e;
	c->misc1 &= (uint32_t)~SVM_IRET;
	if (v->arch.is_at_int && v->arch.irets_int) {
		return; /* it is the exit that take_int() asked for */
	}
	svm_step_begin(v, c);
	v->arch.steps_iret = true;
}

/*
 * INT n in a shadow. It clears TF: its step would end behind the instruction that its handler returns to, too late for what
 * waits. So it is made without one, and before the return there is an exit, where that finds its window.
 */
static void take_int(struct vcpu *v, struct vmcb *c, struct hvm_exit *e)
{
	(void)e;
	c->misc1 &= (uint32_t)~SVM_SWINT;
	if (c->rip != v->arch.step_at) {
		return; /* in a handler of the fault that the stepped instruction had */
	}
	step_end(v, c);
	v->arch.is_at_int = true;
	v->arch.irets_int = (c->misc1 & SVM_IRET) == 0;
	c->misc1 |= (uint32_t)SVM_IRET;
}

/* By exit code. An NMI of ours has been taken already. */
#define NR_CODES (SVM_EXIT_XSETBV + 1)

static const struct {
	uint8_t kind;  /* enum hvm_exit_kind */
	uint8_t bytes; /* of the instruction */
	void (*fill)(struct vcpu *v, struct vmcb *c, struct hvm_exit *e);
} exits[NR_CODES] = {
	[SVM_EXIT_CR8_WRITE] = { HVM_EXIT_CR8_WRITE, 0, NULL },
	[SVM_EXIT_EXCP... SVM_EXIT_EXCP_LAST] = { HVM_EXIT_EXCEPTION, 0, fill_exception },
	[SVM_EXIT_NMI...
		SVM_EXIT_VINTR] = { HVM_EXIT_NOTHING, 0, NULL }, /* VINTR: its window is open */
	[SVM_EXIT_RDPMC] = { HVM_EXIT_GENERAL, 0, NULL },
	[SVM_EXIT_CPUID] = { HVM_EXIT_CPUID, BYTES_2, NULL },
	[SVM_EXIT_RSM] = { HVM_EXIT_UNDEFINED, 0, NULL },
	[SVM_EXIT_IRET] = { HVM_EXIT_NOTHING, 0, take_iret },
	[SVM_EXIT_SWINT] = { HVM_EXIT_NOTHING, 0, take_int },
	[SVM_EXIT_INVD] = { HVM_EXIT_SKIP, BYTES_2, NULL }, /* nothing of a guest's may be lost */
	[SVM_EXIT_HLT] = { HVM_EXIT_HLT, BYTES_1, NULL },
	[SVM_EXIT_INVLPGA] = { HVM_EXIT_UNDEFINED, 0, NULL },
	[SVM_EXIT_IOIO] = { HVM_EXIT_PORT, 0, fill_port },
	[SVM_EXIT_MSR] = { HVM_EXIT_UNKNOWN, BYTES_2, fill_msr },
	[SVM_EXIT_SHUTDOWN] = { HVM_EXIT_SHUTDOWN, 0, NULL },
	[SVM_EXIT_VMRUN] = { HVM_EXIT_UNDEFINED, 0, NULL },
	[SVM_EXIT_VMMCALL] = { HVM_EXIT_HYPERCALL, BYTES_3, NULL },
	[SVM_EXIT_VMMCALL + 1 ... SVM_EXIT_SKINIT] = { HVM_EXIT_UNDEFINED, 0, NULL },
	[SVM_EXIT_WBINVD] = { HVM_EXIT_SKIP, BYTES_2, NULL },
	[SVM_EXIT_MONITOR... SVM_EXIT_MWAIT_ARMED] = { HVM_EXIT_UNDEFINED, 0, NULL },
	[SVM_EXIT_XSETBV] = { HVM_EXIT_XSETBV, BYTES_3, NULL },
};

void svm_exit(struct vcpu *v, struct vmcb *c)
{
	struct hvm_exit e;
	uint64_t code = c->exit_code;

	if (code < NR_CODES) {
		e.kind = exits[code].kind;
		e.next = c->rip + exits[code].bytes;
		e.at = code;
		if (exits[code].fill != NULL) {
			exits[code].fill(v, c, &e);
		}
	} else if (code == SVM_EXIT_NPF) {
		e.kind = HVM_EXIT_MMIO;
		fill_npf(v, c, &e);
	} else {
		e.kind = HVM_EXIT_UNKNOWN;
		e.at = code;
	}
	hvm_exit(v, &e);
}
