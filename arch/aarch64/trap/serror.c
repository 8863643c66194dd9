/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SErrors: aborts that come later than the access that caused them.
 *
 * PSTATE.A is clear in EL2 but while a guest's trap is handled: there one of the hypervisor's own
 * panics at once. One that comes while a guest runs ends that guest's domain (trap_serror()). One that
 * is still under way when a vCPU leaves its CPU is waited for (serror_settle()), so that the next vCPU
 * does not pay for it. What the hypervisor itself causes while it handles a trap stays pending until
 * the guest is back, and is laid at its door: to tell the two apart would cost a barrier at each trap.
 *
 * Severities come with the RAS extension only, and are not relied on (erratum 1349291); but a
 * corrected error is no reason to end anything.
 * Spec: Arm ARM D1.3.6 (asynchronous exceptions), D19.2.37 (ISS of an SError), ARM DDI 0587 2.4 (ESB).
 */
#include <asm/arch.h>
#include <asm/serror.h>
#include <hyp/domain.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

#define ISR_A  BIT(8)
#define DISR_A BIT(31)

bool trap_serror(void);

/* vectors.S: take an SError that is pending. Return: its syndrome, or 0. */
uint64_t serror_take(void);

static void crash(struct vcpu *v, uint64_t esr)
{
	domain_crash(v, "SError (ESR 0x%lx): %s", esr, serror_name(esr));
}

bool trap_serror(void)
{
	struct vcpu *v = this_cpu()->current;
	uint64_t esr = read_sysreg(esr_el2);

	if (!serror_is_corrected(esr)) {
		crash(v, esr);
	}
	return trap_return(v);
}

/* The guest's PC and PSTATE are still in ELR_EL2 and SPSR_EL2, for its last words. */
static uint64_t take(void)
{
	uint64_t pc = read_sysreg(elr_el2), pstate = read_sysreg(spsr_el2);
	uint64_t esr = serror_take();

	write_sysreg(pc, elr_el2);
	write_sysreg(pstate, spsr_el2);
	return esr;
}

/* Wait for what is under way; the syndrome of what came, or 0. */
static uint64_t settle(void)
{
	uint64_t disr;

	if (this_cpu()->arch.controls.has_ras) {
		__asm__ volatile("hint #16"
				 :
				 :
				 : "memory"); /* ESB: what is masked goes to DISR_EL1 */
		disr = read_sysreg(S3_0_C12_C1_1);
		if ((disr & DISR_A) == 0) {
			return 0;
		}
		write_sysreg(0, S3_0_C12_C1_1);
		return SERROR_CLASS | ESR_ISS(disr);
	}
	dsb(sy);
	isb();
	return (read_sysreg(isr_el1) & ISR_A) != 0 ? take() : 0;
}

void serror_settle(struct vcpu *v)
{
	uint64_t esr = settle();

	if (unlikely(esr != 0 && !serror_is_corrected(esr))) {
		/* the frame of its last trap is gone from the stack */
		v->arch.regs = (struct guest_regs *)v->arch.saved.x;
		crash(v, esr);
	}
	serror_unmask();
}

void serror_unmask(void)
{
	__asm__ volatile("msr daifclr, #4" : : : "memory");
}
