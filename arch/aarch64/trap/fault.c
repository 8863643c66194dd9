/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults in words: of the hypervisor itself (the end), and of a guest's vCPU (once, then its domain
 * is gone).
 */
#include <asm/arch.h>
#include <asm/layout.h>
#include <asm/serror.h>
#include <asm/sysreg.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/log.h>

/* Arm ARM D19.2.37 (ESR_EL1), table of exception classes; only what can reach EL2. */
static const struct {
	uint8_t ec;
	const char *name;
} classes[] = {
	{ 0x00, "unknown or undefined instruction" },
	{ 0x01, "WFI or WFE" },
	{ 0x07, "FP or SIMD access" },
	{ 0x0e, "illegal execution state" },
	{ 0x12, "HVC from AArch32" },
	{ 0x16, "HVC" },
	{ 0x17, "SMC" },
	{ 0x18, "system register access" },
	{ 0x19, "SVE access" },
	{ 0x20, "instruction abort in the guest" },
	{ 0x21, "instruction abort in the hypervisor" },
	{ 0x22, "misaligned PC" },
	{ 0x24, "data abort in the guest" },
	{ 0x25, "data abort in the hypervisor" },
	{ 0x26, "misaligned SP" },
	{ 0x2f, "SError" },
	{ 0x3c, "BRK" },
};

static const char *const fault_status[16] = {
	[0x0] = "address size fault", [0x1] = "translation fault",
	[0x2] = "access flag fault",  [0x3] = "permission fault",
	[0x4] = "external abort",     [0x5] = "external abort on a table walk",
	[0x8] = "alignment fault",
};

const char *esr_class(uint64_t esr)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(classes); i++) {
		if (classes[i].ec == ESR_EC(esr)) {
			return classes[i].name;
		}
	}
	return "exception class not known";
}

static bool is_abort(uint64_t esr)
{
	uint64_t ec = ESR_EC(esr);

	return ec == 0x20 || ec == 0x21 || ec == 0x24 || ec == 0x25;
}

static void print_esr(uint64_t esr, uint64_t far)
{
	const char *status = fault_status[(esr >> 2) & 0xf];

	if (ESR_EC(esr) == 0x2f) {
		hyp_printf("  ESR 0x%08lx: SError: %s", esr, serror_name(esr));
		return;
	}
	if (!is_abort(esr)) {
		hyp_printf("  ESR 0x%08lx: %s, ISS 0x%lx", esr, esr_class(esr), ESR_ISS(esr));
		return;
	}
	hyp_printf("  ESR 0x%08lx: %s: %s at level %lu%s%s, FAR 0x%lx", esr, esr_class(esr),
		   status == NULL ? "fault" : status, esr & 3,
		   (ESR_EC(esr) & 4) == 0 ? ""
		   : (esr & BIT(6)) != 0  ? ", write"
					  : ", read",
		   (esr & BIT(7)) != 0 ? ", on a stage-1 table walk" : "", far);
}

static void print_x(const uint64_t *x)
{
	for (unsigned int i = 0; i < 30; i += 3) {
		hyp_printf("  x%-2u 0x%016lx  x%-2u 0x%016lx  x%-2u 0x%016lx", i, x[i], i + 1,
			   x[i + 1], i + 2, x[i + 2]);
	}
}

/** trap_own_fault() - an exception from EL2 itself; on the CPU's fault stack. */
void __noreturn trap_own_fault(unsigned int kind, const struct guest_regs *regs, uint64_t sp);

void __noreturn trap_own_fault(unsigned int kind, const struct guest_regs *regs, uint64_t sp)
{
	static const char *const kinds[4] = { "synchronous exception", "IRQ", "FIQ", "SError" };
	uint64_t esr = read_sysreg(esr_el2);

	panic_enter();
	hyp_printf("%s in the hypervisor at 0x%lx, SP 0x%lx, SPSR 0x%lx", kinds[kind & 3],
		   read_sysreg(elr_el2), sp, read_sysreg(spsr_el2));
	print_esr(esr, read_sysreg(far_el2));
	print_x(regs->x);
	hyp_printf("  x30 0x%016lx", regs->x[30]);
	panic_at(sp, "%s in the hypervisor: %s", kinds[kind & 3], esr_class(esr));
}

void arch_vcpu_dump(struct vcpu *v)
{
	const struct guest_regs *regs = v->arch.regs;
	uint64_t pstate = read_sysreg(spsr_el2);

	if (regs == NULL) {
		return;
	}
	hyp_printf("%s: vCPU %u at PC 0x%lx, PSTATE 0x%lx (EL%lu%s)", v->domain->name, v->id,
		   read_sysreg(elr_el2), pstate, (pstate >> 2) & 3,
		   (pstate & PSR_AARCH32) != 0 ? ", AArch32" : "");
	print_esr(read_sysreg(esr_el2), read_sysreg(far_el2));
	print_x(regs->x);
	hyp_printf("  x30 0x%016lx  SP_EL0 0x%016lx  SP_EL1 0x%016lx", regs->x[30],
		   read_sysreg(sp_el0), read_sysreg(sp_el1));
	hyp_printf("  ESR_EL1 0x%08lx  FAR_EL1 0x%016lx  ELR_EL1 0x%016lx", read_sysreg(esr_el1),
		   read_sysreg(far_el1), read_sysreg(elr_el1));
	hyp_printf("  SCTLR_EL1 0x%08lx  TTBR0_EL1 0x%016lx  TTBR1_EL1 0x%016lx",
		   read_sysreg(sctlr_el1), read_sysreg(ttbr0_el1), read_sysreg(ttbr1_el1));
	hyp_printf("  TCR_EL1 0x%016lx  VBAR_EL1 0x%016lx  HPFAR_EL2 0x%lx", read_sysreg(tcr_el1),
		   read_sysreg(vbar_el1), read_sysreg(hpfar_el2));
}
