/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of the firmware. Spec: SMC calling convention (Arm DEN0028), 64-bit calls: x0-x17 are not
 * preserved.
 */
#include <asm/arch.h>
#include <asm/psci.h>

int64_t psci_call(uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
	register uint64_t x0 __asm__("x0") = fn;
	register uint64_t x1 __asm__("x1") = a1;
	register uint64_t x2 __asm__("x2") = a2;
	register uint64_t x3 __asm__("x3") = a3;

	__asm__ volatile("smc #0"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
			 :
			 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
			   "x15", "x16", "x17", "memory");
	return (int64_t)x0;
}

/*
 * Numbers of the architecture's service may be called only where PSCI_FEATURES knows
 * SMCCC_VERSION, and that is 1.1 (DEN0028F 7.2.1, "discovery").
 */
static bool has_smccc(void)
{
	return (int32_t)psci_call(PSCI_VERSION, 0, 0, 0) >= 0x10000 &&
	       (int32_t)psci_call(PSCI_FEATURES, SMCCC_VERSION, 0, 0) >= 0 &&
	       (int32_t)psci_call(SMCCC_VERSION, 0, 0, 0) >= 0x10001;
}

int32_t firmware_call(uint32_t fn, uint32_t a1)
{
	return has_smccc() ? (int32_t)psci_call(fn, a1, 0, 0) : SMCCC_NOT_SUPPORTED;
}
