/* SPDX-License-Identifier: Apache-2.0 */
/* Error numbers: on the target the guest ABI's own (Xen public errno.h), on the host the C library's, which agree. */
#ifndef HYP_ERRNO_H
#define HYP_ERRNO_H

#if __STDC_HOSTED__
#include <errno.h>
#else
/* NOLINTNEXTLINE(bugprone-macro-parentheses): a list of enumerators */
#define XEN_ERRNO(name, value) name = value,
enum {
#include <xen/errno.h>
};
#endif

#endif
