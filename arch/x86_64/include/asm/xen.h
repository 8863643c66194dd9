/* SPDX-License-Identifier: Apache-2.0 */
/* Xen's public headers as an x86_64 guest sees them, and where things lie in its physical space, which they leave open. */
#ifndef ASM_XEN_H
#define ASM_XEN_H

#include <hyp/types.h> /* Xen's headers want <stdint.h> before them */
#include <xen/xen.h>

#include <asm/guest_map.h>

/* What the ABI calls this architecture, and promises of its own. */
#define XEN_ARCH_CAPABILITIES "hvm-3.0-x86_64 "
#define XEN_ARCH_FEATURES     (BIT(XENFEAT_hvm_callback_vector) | BIT(XENFEAT_hvm_safe_pvclock))

/* Which of the wall clock's 32-bit numbers has the upper half of the seconds, with words of so many bits. */
#define XEN_WC_SEC_HI(word) ((word) == 64 ? 3 : 9)

#endif
