/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Xen's public headers for the fake machine: its guests are AArch64 guests, whatever the machine that compiles it is.
 * The headers choose their layout by the compiler's own macros, so these are exchanged while they are read.
 */
#ifndef ASM_XEN_H
#define ASM_XEN_H

#include <stdint.h>

#pragma push_macro("__x86_64__")
#pragma push_macro("__aarch64__")
#undef __x86_64__
#undef __aarch64__
#define __aarch64__ 1
#include <xen/hvm/params.h>
#include <xen/xen.h>
#pragma pop_macro("__x86_64__")
#pragma pop_macro("__aarch64__")

/* What the ABI calls this architecture, and promises of its own. */
#define XEN_ARCH_CAPABILITIES "xen-3.0-aarch64 "
#define XEN_ARCH_FEATURES     BIT(XENFEAT_ARM_SMCCC_supported)

/* Which of the wall clock's 32-bit numbers has the upper half of the seconds, with words of so many bits. */
#define XEN_WC_SEC_HI(word) ((word) == 64 ? 3 : 9)

#endif
