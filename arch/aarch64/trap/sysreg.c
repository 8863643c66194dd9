/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trapped MSR and MRS. Answered: ID registers, SGI generation, debug registers (vcpu/debug.c);
 * ACTLR_EL1 reads as zero and ignores writes. The physical timer is ptimer.c's. All else is undefined
 * for the guest: PMU, SPE, trace, LO regions, RAS, SVE, implementation-defined registers.
 * Spec: Arm ARM D19.2.37 (ISS of an MSR or MRS trap), IHI 0069H 12.2.
 */
#include <asm/arch.h>
#include <asm/debug.h>
#include <asm/idregs.h>
#include <asm/sysreg.h>
#include <hyp/domain.h>

/*
 * A register as the trap's syndrome names it: Op0 21:20, Op2 19:17, Op1 16:14, CRn 13:10, CRm 4:1.
 */
#define SYS(op0, op1, crn, crm, op2) \
	((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define SYS_MASK       SYS(3UL, 7UL, 15UL, 15UL, 7UL)
#define SYS_MASK_CRN   SYS(3UL, 7UL, 15UL, 0UL, 0UL)
#define SYS_OP0	       SYS(3UL, 0UL, 0UL, 0UL, 0UL)
#define SYS_DEBUG      SYS(2UL, 0UL, 0UL, 0UL, 0UL)
#define SYS_READ       1UL
#define SYS_OP2(iss)   ((unsigned int)((iss) >> 17) & 7)
#define SYS_CRM(iss)   ((unsigned int)((iss) >> 1) & 15)
#define SYS_RT(iss)    ((unsigned int)((iss) >> 5) & 31)
#define SYS_IDS	       SYS(3UL, 0UL, 0UL, 0UL, 0UL)
#define SYS_ACTLR_EL1  SYS(3UL, 0UL, 1UL, 0UL, 1UL)
#define SYS_CNTP       SYS(3UL, 3UL, 14UL, 2UL, 0UL) /* CNTP_TVAL, _CTL, _CVAL by Op2 */
#define SYS_MASK_CRM   SYS(3UL, 7UL, 15UL, 15UL, 0UL)
#define SYS_ICC_SGI1R  SYS(3UL, 0UL, 12UL, 11UL, 5UL)
#define SYS_ICC_ASGI1R SYS(3UL, 0UL, 12UL, 11UL, 6UL)
#define SYS_ICC_SGI0R  SYS(3UL, 0UL, 12UL, 11UL, 7UL)

static bool is_raz_wi(uint64_t iss)
{
	uint64_t reg = iss & SYS_MASK;

	return reg == SYS_ACTLR_EL1 || reg == SYS_ICC_ASGI1R || reg == SYS_ICC_SGI0R;
}

static void set_x(struct guest_regs *regs, unsigned int n, uint64_t value)
{
	if (n != 31) {
		regs->x[n] = value;
	}
}

static uint64_t get_x(const struct guest_regs *regs, unsigned int n)
{
	return n == 31 ? 0 : regs->x[n];
}

static __noinline void debug_register(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	unsigned int rt = SYS_RT(ESR_ISS(esr));
	bool is_read = (esr & SYS_READ) != 0;
	uint64_t value = get_x(regs, rt);

	switch (debug_access(v, ESR_ISS(esr) & SYS_MASK, is_read, &value)) {
	case DEBUG_DONE:
		if (is_read) {
			set_x(regs, rt, value);
		}
		pc_skip(esr);
		return;
	case DEBUG_RETRY:
		return;
	default:
		inject_undef();
	}
}

/* Return: false: it is not the physical timer's. */
static bool access_ptimer(struct vcpu *v, struct guest_regs *regs, uint64_t iss)
{
	unsigned int rt = SYS_RT(iss);

	if ((iss & SYS_MASK_CRM) != SYS_CNTP || SYS_OP2(iss) > 2) {
		return false;
	}
	if ((iss & SYS_READ) != 0) {
		set_x(regs, rt, ptimer_read(v, SYS_OP2(iss)));
	} else {
		ptimer_write(v, SYS_OP2(iss), get_x(regs, rt));
	}
	return true;
}

/* An application has none of these, but the timer where its kernel lets it (CNTKCTL_EL1.EL0PTEN). */
static void __noinline from_application(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	if (access_ptimer(v, regs, ESR_ISS(esr))) {
		pc_skip(esr);
	} else {
		inject_undef();
	}
}

static void __noinline access_others(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	uint64_t iss = ESR_ISS(esr);

	if ((iss & SYS_OP0) == SYS_DEBUG) {
		debug_register(v, regs, esr);
		return;
	}
	if (is_raz_wi(iss)) {
		if ((iss & SYS_READ) != 0) {
			set_x(regs, SYS_RT(iss), 0);
		}
	} else if (!access_ptimer(v, regs, iss)) {
		inject_undef();
		return;
	}
	pc_skip(esr);
}

void handle_sysreg(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	uint64_t iss = ESR_ISS(esr);

	if ((read_sysreg(spsr_el2) & PSR_MODE_MASK) == 0) {
		from_application(v, regs, esr);
	} else if ((iss & (SYS_MASK_CRN | SYS_READ)) == (SYS_IDS | SYS_READ) && SYS_CRM(iss) != 0) {
		set_x(regs, SYS_RT(iss), guest_id[SYS_CRM(iss) * 8 + SYS_OP2(iss)]);
		pc_skip(esr);
	} else if ((iss & (SYS_MASK | SYS_READ)) == SYS_ICC_SGI1R && !v->domain->arch.vgic.is_v2) {
		vgic_sgi(&v->arch.vgic, get_x(regs, SYS_RT(iss)));
		pc_skip(esr);
	} else {
		access_others(v, regs, esr);
	}
}
