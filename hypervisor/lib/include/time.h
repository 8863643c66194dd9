/* SPDX-License-Identifier: Apache-2.0 */
/* mbedtls's headers name time_t; the hypervisor's own time is hyp/arch/time.h. */
#ifndef HYP_LIB_TIME_H
#define HYP_LIB_TIME_H

typedef long time_t;

#endif
