/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trapped MSR and MRS. Answered: ID registers, SGI generation, debug registers (vcpu/debug.c);
 * ACTLR_EL1 reads as zero and ignores writes. All else is undefined for the guest: the physical
 * timer, PMU, SPE, trace, LO regions, RAS, SVE, implementation-defined registers.
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
#define SYS_ICC_SGI1R  SYS(3UL, 0UL, 12UL, 11UL, 5UL)
#define SYS_ICC_ASGI1R SYS(3UL, 0UL, 12UL, 11UL, 6UL)
#define SYS_ICC_SGI0R  SYS(3UL, 0UL, 12UL, 11UL, 7UL)

static bool is_raz_wi(uint64_t iss)
{
	uint64_t reg = iss & SYS_MASK;

	return reg == SYS_ACTLR_EL1 || reg == SYS_ICC_ASGI1R || reg == SYS_ICC_SGI0R;
}

static bool sysreg_read(uint64_t iss, uint64_t *value)
{
	*value = 0;
	return is_raz_wi(iss);
}

static bool sysreg_write(struct vcpu *v, uint64_t iss, uint64_t value)
{
	if ((iss & SYS_MASK) == SYS_ICC_SGI1R) {
		vgic_sgi(&v->arch.vgic, value);
		return true;
	}
	return is_raz_wi(iss);
}

static void set_x(struct guest_regs *regs, unsigned int n, uint64_t value)
{
	if (n != 31) {
		regs->x[n] = value;
	}
}

static __noinline void debug_register(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	unsigned int rt = SYS_RT(ESR_ISS(esr));
	bool is_read = (esr & SYS_READ) != 0;
	uint64_t value = rt == 31 ? 0 : regs->x[rt];

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

void handle_sysreg(struct vcpu *v, struct guest_regs *regs, uint64_t esr)
{
	uint64_t iss = ESR_ISS(esr);
	unsigned int rt = SYS_RT(iss);
	uint64_t value;
	bool ok;

	if ((read_sysreg(spsr_el2) & PSR_MODE_MASK) == 0) {
		inject_undef(); /* an application has none of these */
		return;
	}
	if ((iss & (SYS_MASK_CRN | SYS_READ)) == (SYS_IDS | SYS_READ) && SYS_CRM(iss) != 0) {
		set_x(regs, rt, guest_id[SYS_CRM(iss) * 8 + SYS_OP2(iss)]);
		pc_skip(esr);
		return;
	}
	if ((iss & SYS_OP0) == SYS_DEBUG) {
		debug_register(v, regs, esr);
		return;
	}
	if ((iss & SYS_READ) != 0) {
		ok = sysreg_read(iss, &value);
		if (ok) {
			set_x(regs, rt, value);
		}
	} else {
		ok = sysreg_write(v, iss, rt == 31 ? 0 : regs->x[rt]);
	}
	if (ok) {
		pc_skip(esr);
	} else {
		inject_undef();
	}
}
