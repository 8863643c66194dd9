/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traps from a guest, by exception class. Each entry point says whether the vCPU goes on (true) or
 * leaves its CPU.
 *
 * ELR_EL2 and SPSR_EL2 are the guest's PC and PSTATE all the while: nothing in EL2 takes an
 * exception that returns.
 * Spec: Arm ARM D1.3 (exceptions), D19.2.37 (ESR), Xen public arch-arm.h (hypercalls).
 */
#include <asm/arch.h>
#include <asm/sysreg.h>
#include <hyp/arch/trap.h>
#include <hyp/domain.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

#define XEN_HYPERCALL_TAG 0xea1
#define ESR_EC_COUNT	  64

typedef void (*trap_fn)(struct vcpu *v, struct guest_regs *regs, uint64_t esr);

bool trap_sync(struct guest_regs *regs);
bool trap_fiq(void);

/*
 * Arm ARM D1.3.1: offset of a synchronous exception to EL1 in its vector table, by where it comes
 * from.
 */
static uint64_t vector_offset(uint64_t pstate)
{
	if ((pstate & PSR_AARCH32) != 0) {
		return 0x600;
	}
	switch (pstate & PSR_MODE_MASK) {
	case PSR_EL1T:
		return 0x000;
	case PSR_EL1H:
		return 0x200;
	default:
		return 0x400;
	}
}

/* A T32 instruction's place in an IT block: IT[1:0] 26:25, IT[7:2] 15:10. Zero outside. */
#define IT_LOW(pstate)	(((pstate) >> 25) & 3)
#define IT_HIGH(pstate) (((pstate) >> 10) & 0x3f)
#define IT_MASK		(3UL << 25 | 0x3fUL << 10)

/* Arm ARM D2.12 (a step is done), F1.2 (ITAdvance()): the base condition stays, and goes with the last instruction. */
void pstate_skip(uint64_t pstate)
{
	uint64_t it = IT_HIGH(pstate) << 2 | IT_LOW(pstate);

	pstate &= ~PSR_SS;
	if ((pstate & PSR_AARCH32) != 0) {
		it = (it & 7) == 0 ? 0 : (it & 0xe0) | ((it << 1) & 0x1f);
		pstate = (pstate & ~IT_MASK) | (it & 3) << 25 | (it >> 2) << 10;
	}
	write_sysreg(pstate, spsr_el2);
}

void inject_undef(void)
{
	uint64_t pstate = read_sysreg(spsr_el2);
	uint64_t to = PSR_EL1H | PSR_DAIF;
	bool has_pan = ((read_sysreg(id_aa64mmfr1_el1) >> 20) & 0xf) != 0;

	/* SCTLR_EL1.SPAN clear: an exception to EL1 sets PAN */
	if (has_pan && ((read_sysreg(sctlr_el1) & BIT(23)) == 0 || (pstate & PSR_PAN) != 0)) {
		to |= PSR_PAN;
	}
	write_sysreg(read_sysreg(elr_el2), elr_el1);
	write_sysreg(pstate, spsr_el1);
	write_sysreg(read_sysreg(esr_el2) & ESR_IL, esr_el1); /* class 0: unknown reason */
	write_sysreg(read_sysreg(vbar_el1) + vector_offset(pstate), elr_el2);
	write_sysreg(to, spsr_el2);
}

static void trap_undef(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	(void)v;
	(void)regs;
	(void)esr;
	inject_undef();
}

static void trap_crash(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	(void)regs;
	domain_crash(v, "%s", esr_class(esr));
}

/* Trapped where vCPUs share a CPU. WFE, which is the odd one, waits for another vCPU rather than for an interrupt. */
static void trap_wfx(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	(void)regs;
	pc_skip(esr);
	if ((esr & 1) != 0) {
		trap_yield(v);
	} else {
		trap_wait(v);
	}
}

/* HVC returns behind the instruction by itself. */
static void trap_hvc(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	uint64_t imm = esr & 0xffff;

	if (imm == XEN_HYPERCALL_TAG) {
		regs->x[0] = (uint64_t)trap_hypercall(v, regs->x[16], regs->x);
	} else if (imm == 0) {
		handle_smccc(v, regs);
	} else {
		/* the exception belongs to the HVC itself */
		write_sysreg(read_sysreg(elr_el2) - 4, elr_el2);
		inject_undef();
	}
}

/* SMC is trapped before it is executed. */
static void trap_smc(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	if ((esr & 0xffff) != 0) {
		inject_undef();
		return;
	}
	pc_skip(esr);
	handle_smccc(v, regs);
}

static const trap_fn handlers[ESR_EC_COUNT] = {
	[0x00] = trap_undef,
	[0x01] = trap_wfx,
	[0x03] = trap_undef, /* AArch32 coprocessor accesses: of a 32-bit application */
	[0x04] = trap_undef,
	[0x05] = trap_undef,
	[0x06] = trap_undef,
	[0x07] = trap_undef,
	[0x08] = trap_undef,
	[0x09] = trap_undef, /* pointer authentication */
	[0x0a] = trap_undef,
	[0x0c] = trap_undef,
	[0x16] = trap_hvc,
	[0x17] = trap_smc,
	[0x18] = handle_sysreg,
	[0x19] = trap_undef, /* SVE */
	[0x1d] = trap_undef, /* SME */
	[0x20] = handle_instruction_abort,
	[0x24] = handle_data_abort,
};

/* Whatever makes a vCPU leave, an end, a wait or another's turn, makes its CPU choose again (sched_changed()). */
static inline bool stays(void)
{
	return !cpu_must_choose(this_cpu());
}

static bool __noinline flush_and_return(struct vcpu *v)
{
	vgic_flush(&v->arch.vgic);
	return stays();
}

bool trap_return(struct vcpu *v)
{
	return likely(v->arch.vgic.work == 0) ? stays() : flush_and_return(v);
}

bool trap_sync(struct guest_regs *regs)
{
	struct vcpu *v = this_cpu()->current;
	uint64_t esr = read_sysreg(esr_el2);
	trap_fn handler = handlers[ESR_EC(esr)];

	if (likely(handler != NULL)) {
		handler(v, regs, esr);
	} else {
		trap_crash(v, regs, esr);
	}
	return trap_return(v);
}

bool trap_irq(void)
{
	struct vcpu *v = this_cpu()->current;
	uint32_t intid = gic_ack();

	if (intid == VGIC_PPI_VTIMER) {
		gic_drop(intid);
		vgic_timer_fired(&v->arch.vgic);
		return true;
	}
	if (intid < GIC_SPURIOUS) {
		gic_drop(intid);
		gic_handle(intid);
	}
	return trap_return(v);
}

/* Group 0 belongs to the firmware; nothing of ours can raise an FIQ. */
bool trap_fiq(void)
{
	panic("FIQ");
}
