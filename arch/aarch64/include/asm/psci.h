/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI and SMCCC function numbers and results, for both sides. Spec: Arm DEN0022F, DEN0028F. */
#ifndef ASM_PSCI_H
#define ASM_PSCI_H

/* A function number's parts (DEN0028F 2.5): bit 31 fast call, bit 30 64-bit, 29:24 the owner. */
#define SMCCC_64 0x40000000U

#define SMCCC_VERSION	       0x80000000U
#define SMCCC_ARCH_FEATURES    0x80000001U
#define SMCCC_ARCH_SOC_ID      0x80000002U
#define SMCCC_WORKAROUND_1     0x80008000U
#define SMCCC_WORKAROUND_2     0x80007fffU
#define SMCCC_WORKAROUND_3     0x80003fffU
#define SMCCC_STANDARD_UID     0x8400ff01U
#define SMCCC_STANDARD_REV     0x8400ff03U
#define SMCCC_HYPERVISOR_COUNT 0x8600ff00U
#define SMCCC_HYPERVISOR_UID   0x8600ff01U
#define SMCCC_HYPERVISOR_REV   0x8600ff03U

/* The standard service's first 32 numbers are PSCI. */
#define PSCI_BASE	       0x84000000U
#define PSCI_COUNT	       32U
#define PSCI_VERSION	       0x84000000U
#define PSCI_CPU_SUSPEND_32    0x84000001U
#define PSCI_CPU_SUSPEND_64    0xc4000001U
#define PSCI_CPU_OFF	       0x84000002U
#define PSCI_CPU_ON_32	       0x84000003U
#define PSCI_CPU_ON_64	       0xc4000003U
#define PSCI_AFFINITY_INFO_32  0x84000004U
#define PSCI_AFFINITY_INFO_64  0xc4000004U
#define PSCI_MIGRATE_INFO_TYPE 0x84000006U
#define PSCI_SYSTEM_OFF	       0x84000008U
#define PSCI_SYSTEM_RESET      0x84000009U
#define PSCI_FEATURES	       0x8400000aU
#define PSCI_SYSTEM_RESET2_32  0x84000012U
#define PSCI_SYSTEM_RESET2_64  0xc4000012U

#define PSCI_SUCCESS		0
#define PSCI_NOT_SUPPORTED	(-1)
#define PSCI_INVALID_PARAMETERS (-2)
#define PSCI_ALREADY_ON		(-4)
#define PSCI_INVALID_ADDRESS	(-9)

/* Answers of SMCCC_ARCH_FEATURES about a workaround (DEN0028F 7.4). */
#define SMCCC_SUCCESS	    0
#define SMCCC_UNAFFECTED    1
#define SMCCC_NOT_SUPPORTED (-1)
#define SMCCC_NOT_REQUIRED  (-2)

#endif
