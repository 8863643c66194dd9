/* SPDX-License-Identifier: Apache-2.0 */
/* What <xen/arch-arm/smccc.h> includes by the name it has in Xen's own tree. */
#ifndef PUBLIC_XEN_H
#define PUBLIC_XEN_H

#include <asm/xen.h> /* <xen/xen.h>, for the guests' architecture */

#endif
