// SPDX-License-Identifier: Apache-2.0
/* The hardware watchdogs that are driven: that of NXP's i.MX (CONFIG_HWDOG_IMX2). */
#include <hyp/hwdog.h>

const struct hwdog_ops *const hwdog_drivers[PLAN_WATCHDOGS] = {
	[PLAN_WATCHDOG_IMX2] = &hwdog_imx2_ops,
};
