/* SPDX-License-Identifier: Apache-2.0 */
/* mbedtls's headers include <stdio.h>; nothing of it exists here. The log is hyp/log.h. */
#ifndef HYP_LIB_STDIO_H
#define HYP_LIB_STDIO_H

#include <stddef.h>

#endif
