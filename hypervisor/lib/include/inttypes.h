/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed-width types for code that asks for <inttypes.h>; formats are hyp/log.h's business. */
#ifndef HYP_LIB_INTTYPES_H
#define HYP_LIB_INTTYPES_H

#include <stdint.h>

#endif
