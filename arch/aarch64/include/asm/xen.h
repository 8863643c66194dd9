/* SPDX-License-Identifier: Apache-2.0 */
/* Xen's public headers as an AArch64 guest sees them. */
#ifndef ASM_XEN_H
#define ASM_XEN_H

#include <hyp/types.h> /* Xen's headers want <stdint.h> before them */
#include <xen/xen.h>

/* What the ABI calls this architecture, and promises of its own. */
#define XEN_ARCH_CAPABILITIES "xen-3.0-aarch64 "
#define XEN_ARCH_FEATURES     BIT(XENFEAT_ARM_SMCCC_supported)

/* Which of the wall clock's 32-bit numbers has the upper half of the seconds, with words of so many bits. */
#define XEN_WC_SEC_HI(word) 3

#endif
