/* SPDX-License-Identifier: Apache-2.0 */
/* Error numbers of the wire: Xen's public ones under the names that the wire says, where no libc has them. */
#ifndef STORE_ERRORS_H
#define STORE_ERRORS_H

#include <xen/errno.h>

#ifndef EINVAL
#define EPERM	  XEN_EPERM
#define ENOENT	  XEN_ENOENT
#define EIO	  XEN_EIO
#define E2BIG	  XEN_E2BIG
#define EAGAIN	  XEN_EAGAIN
#define ENOMEM	  XEN_ENOMEM
#define EACCES	  XEN_EACCES
#define EBUSY	  XEN_EBUSY
#define EEXIST	  XEN_EEXIST
#define EISDIR	  XEN_EISDIR
#define EINVAL	  XEN_EINVAL
#define ENOSPC	  XEN_ENOSPC
#define EROFS	  XEN_EROFS
#define ENOTEMPTY XEN_ENOTEMPTY
#define ENOSYS	  XEN_ENOSYS
#define EISCONN	  XEN_EISCONN
#endif

#endif
