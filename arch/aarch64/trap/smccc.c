/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PSCI and SMCCC as a guest sees them, by HVC or SMC with immediate 0. Everything else is
 * NOT_SUPPORTED. A guest's SYSTEM_OFF and SYSTEM_RESET end its domain only.
 * Spec: Arm DEN0022F (PSCI 1.1) chapter 5, DEN0028 (SMCCC 1.1) chapter 7.
 */
#include <asm/arch.h>
#include <asm/psci.h>
#include <hyp/arch/trap.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/xen.h>

#define PSCI_1_1  0x10001
#define SMCCC_1_1 0x10001

#define AFFINITY_ON	   0
#define AFFINITY_OFF	   1
#define MIGRATE_NOT_NEEDED 2

#define PSCI_INVALID_ADDRESS (-9)

static int64_t cpu_on(struct vcpu *v, uint64_t target, uint64_t entry, uint64_t context)
{
	int err;

	if (target > UINT32_MAX) {
		return PSCI_INVALID_PARAMETERS;
	}
	if (!IS_ALIGNED(entry, 4UL)) {
		return PSCI_INVALID_ADDRESS;
	}
	err = vcpu_power_on(v, (uint32_t)target, gpa(entry), context);
	if (err == -EBUSY) {
		return PSCI_ALREADY_ON;
	}
	return err != 0 ? PSCI_INVALID_PARAMETERS : PSCI_SUCCESS;
}

static int64_t affinity_info(struct vcpu *v, uint64_t target, uint64_t level)
{
	bool exists = false;
	bool on;

	if (level != 0 || target > UINT32_MAX) {
		return PSCI_INVALID_PARAMETERS;
	}
	on = vcpu_is_on(v, (uint32_t)target, &exists);
	if (!exists) {
		return PSCI_INVALID_PARAMETERS;
	}
	return on ? AFFINITY_ON : AFFINITY_OFF;
}

static int64_t psci_features(uint32_t fn)
{
	switch (fn) {
	case SMCCC_VERSION:
	case PSCI_VERSION:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON_32:
	case PSCI_CPU_ON_64:
	case PSCI_AFFINITY_INFO_32:
	case PSCI_AFFINITY_INFO_64:
	case PSCI_MIGRATE_INFO_TYPE:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_FEATURES:
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

static int64_t arch_features(uint32_t fn)
{
	return fn == SMCCC_VERSION || fn == SMCCC_ARCH_FEATURES ? PSCI_SUCCESS : PSCI_NOT_SUPPORTED;
}

/* A 32-bit function reads only the lower halves of its arguments (DEN0028 2.5). */
static uint64_t arg(const struct guest_regs *regs, unsigned int n)
{
	return (regs->x[0] & BIT(30)) != 0 ? regs->x[n] : (uint32_t)regs->x[n];
}

static int64_t call(struct vcpu *v, const struct guest_regs *regs)
{
	switch ((uint32_t)regs->x[0]) {
	case PSCI_VERSION:
		return PSCI_1_1;
	case SMCCC_VERSION:
		return SMCCC_1_1;
	case SMCCC_ARCH_FEATURES:
		return arch_features((uint32_t)regs->x[1]);
	case PSCI_FEATURES:
		return psci_features((uint32_t)regs->x[1]);
	case PSCI_CPU_ON_32:
	case PSCI_CPU_ON_64:
		return cpu_on(v, arg(regs, 1), arg(regs, 2), arg(regs, 3));
	case PSCI_CPU_OFF:
		vcpu_power_off(v);
		return PSCI_SUCCESS;
	case PSCI_AFFINITY_INFO_32:
	case PSCI_AFFINITY_INFO_64:
		return affinity_info(v, arg(regs, 1), arg(regs, 2));
	case PSCI_MIGRATE_INFO_TYPE:
		return MIGRATE_NOT_NEEDED;
	case PSCI_SYSTEM_OFF:
		domain_shutdown(v->domain, SHUTDOWN_poweroff);
		return PSCI_SUCCESS;
	case PSCI_SYSTEM_RESET:
		domain_shutdown(v->domain, SHUTDOWN_reboot);
		return PSCI_SUCCESS;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

void handle_smccc(struct vcpu *v, struct guest_regs *regs)
{
	regs->x[0] = (uint64_t)call(v, regs);
}
