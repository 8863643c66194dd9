/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIMITS_H
#define LIMITS_H

#include "store/store.h"

/* The shared memory that is ours over our restarts. */
#define STORE_KEPT_ID "store-state"

/** store_limits_configured() - the quotas of Kconfig. */
struct store_limits store_limits_configured(void);

#endif
