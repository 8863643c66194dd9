/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SVM: into the guest. Before each entry its ASID is held against the domain's age, an event that was cut short is
 * given again, and what waits is injected, or waited for by the virtual interrupt.
 *
 * Spec: AMD APM vol. 2 sections 15.16 (ASIDs), 15.20 (event injection), 15.21 (virtual interrupts).
 */
#include "cut.h"
#include "internal.h"

#include <asm/arch.h>
#include <hyp/arch/cpu.h>
#include <hyp/arch/mm.h>
#include <hyp/domain.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

#define VECTOR_MASK 0xffUL
#define VECTOR_NMI  2UL

static void asid_give(struct vcpu *v, struct svm_cpu *s)
{
	if (s->next_asid >= s->nr_asids) {
		s->next_asid = 1;
		s->asid_age++;
		s->must_flush = true;
	}
	v->arch.asid = s->next_asid++;
	v->arch.asid_age = s->asid_age;
}

/* GIF is clear: who changes the age after it was looked at sends an NMI, which waits and is the guest's first exit. */
static void asid_check(struct vcpu *v, struct vmcb *c)
{
	struct svm_cpu *s = this_cpu()->arch.svm;
	uint64_t age = __atomic_load_n(&v->domain->arch.p2m_age, __ATOMIC_SEQ_CST);

	if (v->arch.asid_age != s->asid_age || v->arch.p2m_age != age) {
		asid_give(v, s);
		v->arch.p2m_age = age;
	}
	c->asid = v->arch.asid;
	c->tlb_control = s->must_flush ? SVM_TLB_FLUSH_ALL : 0;
	s->must_flush = false;
}

void svm_load(struct vcpu *v)
{
	v->arch.vmcb->clean = 0;
}

void svm_unload(struct vcpu *v)
{
	(void)v;
}

/*
 * QEMU 7.2 keeps the number of an injected interrupt as if it were an exception that is still to come, and makes it once more, IF
 * clear or not, when something wants that CPU to stop before its next exit. Its virtual interrupt is taken once. Bochs 2.7 does not
 * say whether that was taken; it has NRIP save, as CPUs have, and QEMU has not.
 */
static void give(struct vcpu *v, struct vmcb *c, int vector)
{
	if (svm_gives_virtual) {
		c->vintr = (c->vintr & UINT32_MAX) | SVM_VINTR_PENDING | SVM_VINTR_IGN_TPR |
			   (uint64_t)vector << SVM_VINTR_VECTOR;
		c->misc1 &= (uint32_t)~SVM_VINTR;
	} else {
		c->event_inj = SVM_EVENT_VALID | SVM_EVENT_INTR | (uint64_t)vector;
	}
	hvm_taken(v, vector);
}

/* What came first was an exit. An event that was cut short is another matter: mend_cut(). */
static void give_or_wait_again(struct vcpu *v, struct vmcb *c)
{
	if ((c->misc1 & (uint32_t)SVM_VINTR) == 0 && (c->exit_int_info & SVM_EVENT_VALID) == 0) {
		hvm_give_back(v, (int)(c->vintr >> SVM_VINTR_VECTOR & VECTOR_MASK));
	}
	c->vintr &= ~SVM_VINTR_PENDING;
}

/* CR8 can keep the window shut: how it is written then is ours to see. */
static void wait_for_window(struct vmcb *c)
{
	c->vintr |= SVM_VINTR_PENDING | SVM_VINTR_IGN_TPR;
	c->misc1 |= (uint32_t)SVM_VINTR;
	c->cr_writes = SVM_CR8;
}

/*
 * One at a time: until behind IRET the next is held back, and while an instruction is stepped over. Behind an event that goes
 * first it is next: our own interrupt brings the guest out before it does anything.
 */
static bool deliver_nmi(struct vcpu *v, struct vmcb *c)
{
	if (__atomic_load_n(&v->arch.vlapic.nmis, __ATOMIC_RELAXED) == 0 ||
	    (c->misc1 & SVM_IRET) != 0 || v->arch.is_stepping) {
		return false;
	}
	if ((c->event_inj & SVM_EVENT_VALID) != 0) {
		arch_cpu_kick(v->cpu);
		return true;
	}
	(void)vlapic_take_nmi(&v->arch.vlapic);
	c->event_inj = SVM_EVENT_VALID | SVM_EVENT_NMI | VECTOR_NMI;
	c->misc1 |= (uint32_t)SVM_IRET;
	return true;
}

static void mend_cut(struct vcpu *v, struct vmcb *c)
{
	bool has_other = (c->event_inj & SVM_EVENT_VALID) != 0;

	switch (svm_cut(c->exit_int_info, has_other)) {
	case SVM_CUT_AGAIN:
		c->event_inj = c->exit_int_info;
		break;
	case SVM_CUT_BACK:
		hvm_give_back(v, (int)(c->exit_int_info & VECTOR_MASK));
		break;
	case SVM_CUT_BACK_NMI:
		vlapic_nmi(&v->arch.vlapic);
		c->misc1 &= (uint32_t)~SVM_IRET;
		break;
	default:
		break;
	}
	c->exit_int_info = 0;
}

/*
 * Nothing comes between STI and the instruction behind it, HLT above all: who was woken there would sleep on. An entry need not
 * keep the shadow (QEMU 7.2's does not), and an interrupt of ours in it is likely where time is short: so that instruction is
 * stepped over, and what waits comes behind it.
 */
static void step_over_shadow(struct vcpu *v, struct vmcb *c)
{
	if (!v->arch.is_stepping && (c->event_inj & SVM_EVENT_VALID) == 0) {
		v->arch.step_at = c->rip;
		svm_step_begin(v, c);
		c->misc1 |= (uint32_t)SVM_SWINT;
	}
}

/* Until it is, nothing comes; see take_int(). */
static bool int_is_made(struct vcpu *v, struct vmcb *c)
{
	if (c->rip == v->arch.step_at) {
		return false;
	}
	v->arch.is_at_int = false;
	if (v->arch.irets_int) {
		c->misc1 &= (uint32_t)~SVM_IRET;
	}
	return true;
}

static __forceinline enum svm_window window(const struct vcpu *v, const struct vmcb *c)
{
	if (likely(!v->arch.is_stepping) || v->arch.steps_iret) {
		return svm_window(c, NULL);
	}
	return svm_window(c, &v->arch.step_at);
}

static void deliver(struct vcpu *v, struct vmcb *c)
{
	int vector;

	if (unlikely((c->exit_int_info & SVM_EVENT_VALID) != 0)) {
		mend_cut(v, c);
	}
	if (unlikely(v->arch.is_at_int) && !int_is_made(v, c)) {
		return;
	}
	if (unlikely((c->interrupt_shadow & 1) != 0)) {
		step_over_shadow(v, c);
	}
	if (deliver_nmi(v, c)) {
		return;
	}
	vector = hvm_pending(v);
	if (likely(vector < 0)) {
		if (!vlapic_is_quiet(&v->arch.vlapic) && vlapic_threshold(&v->arch.vlapic) != 0) {
			c->cr_writes = SVM_CR8;
		}
		return;
	}
	switch (window(v, c)) {
	case SVM_WINDOW_OPEN:
		give(v, c, vector);
		break;
	case SVM_WINDOW_CLOSED:
		wait_for_window(c);
		break;
	case SVM_WINDOW_STEP:
	default:
		break; /* the step's end is an exit */
	}
}

void svm_enter(struct vcpu *v)
{
	struct vmcb *c = v->arch.vmcb;

	deliver(v, c);
	c->rax = v->arch.gpr[INSN_RAX];
	c->rsp = v->arch.gpr[INSN_RSP];
	c->vintr = (c->vintr & ~SVM_VINTR_TPR) | vlapic_cr8(&v->arch.vlapic);
	/* an NMI that tells of an age waits from here on: taken in between, it would be held for one that has left the guest */
	__asm__ volatile("clgi" : : : "memory");
	asid_check(v, c);
	svm_switch(v->arch.gpr, v->arch.vmcb_pa, this_cpu()->arch.svm->host_pa);
	v->arch.gpr[INSN_RAX] = c->rax;
	v->arch.gpr[INSN_RSP] = c->rsp;
	c->event_inj = 0;
	if ((c->vintr & SVM_VINTR_TPR) != vlapic_cr8(&v->arch.vlapic)) {
		(void)vlapic_set_cr8(&v->arch.vlapic, c->vintr & SVM_VINTR_TPR);
	}
	if (unlikely((c->vintr & SVM_VINTR_PENDING) != 0)) {
		give_or_wait_again(v, c);
	}
	c->cr_writes = 0;
	if (c->exit_code ==
	    SVM_EXIT_INTR) { /* as HVM_EXIT_INTERRUPT: the shortest way to the handler */
		irq_open();
		return;
	}
	svm_exit(v, c);
}

void svm_modes(const struct vcpu *v, struct hvm_modes *m)
{
	const struct vmcb *c = v->arch.vmcb;

	m->cr0 = c->cr0;
	m->cr3 = c->cr3;
	m->cr4 = c->cr4;
	m->efer = c->efer & ~EFER_SVME;
	m->rip = c->rip;
	m->rflags = c->rflags;
	m->cpl = c->cpl;
	m->is_long = (c->efer & EFER_LMA) != 0 && (c->cs.attributes & VMCB_SEG_LONG) != 0;
}

/* The instruction is not stepped over: the exception is its own. */
void svm_inject(struct vcpu *v, unsigned int exception, uint32_t error)
{
	v->arch.vmcb->event_inj = SVM_EVENT_VALID | SVM_EVENT_EXCP | exception;
	if (error != HVM_NO_ERROR) {
		v->arch.vmcb->event_inj |= SVM_EVENT_ERROR | (uint64_t)error << 32;
	}
}

uint64_t svm_get(const struct vcpu *v, enum hvm_reg reg)
{
	const struct vmcb *c = v->arch.vmcb;

	switch (reg) {
	case HVM_CR0:
		return c->cr0;
	case HVM_EFER:
		return c->efer & ~EFER_SVME;
	case HVM_CR4:
		return c->cr4;
	case HVM_RFLAGS:
		return c->rflags;
	case HVM_PAT:
	default:
		return c->pat;
	}
}

void svm_set(struct vcpu *v, enum hvm_reg reg, uint64_t value)
{
	if (reg == HVM_EFER) {
		v->arch.vmcb->efer = value | EFER_SVME;
	} else if (reg == HVM_PAT) {
		v->arch.vmcb->pat = value;
	}
}

void svm_step(struct vcpu *v, uint64_t rip, uint64_t rflags)
{
	v->arch.vmcb->rflags = rflags;
	svm_go_to(v, rip);
}

uint64_t svm_linear(const struct vcpu *v, unsigned int segment, uint64_t offset)
{
	const struct vmcb *c = v->arch.vmcb;
	const struct vmcb_segment *const of[] = { &c->es, &c->cs, &c->ss, &c->ds, &c->fs, &c->gs };
	bool is_long = (c->efer & EFER_LMA) != 0 && (c->cs.attributes & VMCB_SEG_LONG) != 0;

	if (is_long) {
		return segment == INSN_FS || segment == INSN_GS ? of[segment]->base + offset
								: offset;
	}
	return (of[segment]->base + offset) & UINT32_MAX;
}

void svm_back_up(struct vcpu *v, unsigned int bytes)
{
	v->arch.vmcb->rip -= bytes;
}

uint64_t svm_dump(const struct vcpu *v)
{
	const struct vmcb *c = v->arch.vmcb;

	hyp_printf("  exit 0x%lx, 0x%lx, 0x%lx; CR2 0x%lx  CS 0x%x  SS 0x%x  GS base 0x%lx",
		   c->exit_code, c->exit_info1, c->exit_info2, c->cr2, c->cs.selector,
		   c->ss.selector, c->gs.base);
	hyp_printf("  was about to take 0x%lx", c->exit_int_info);
	return c->idtr.base;
}
