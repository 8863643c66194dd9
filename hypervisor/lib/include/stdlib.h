/* SPDX-License-Identifier: Apache-2.0 */
/* What the headers of libfdt and mbedtls want of <stdlib.h>. There is no heap: see hyp/arena.h. */
#ifndef HYP_LIB_STDLIB_H
#define HYP_LIB_STDLIB_H

#include <stddef.h>

/** strtoul() - declared for libfdt's overlay code, which is not linked. */
unsigned long strtoul(const char *s, char **end, int base);

#endif
