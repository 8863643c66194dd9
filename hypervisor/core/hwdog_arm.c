// SPDX-License-Identifier: Apache-2.0
/* The hardware watchdogs that are driven: Arm's. */
#include <hyp/hwdog.h>

const struct hwdog_ops *const hwdog_drivers[PLAN_WATCHDOGS] = {
	[PLAN_WATCHDOG_SP805] = &hwdog_sp805_ops,
	[PLAN_WATCHDOG_SBSA] = &hwdog_sbsa_ops,
};
