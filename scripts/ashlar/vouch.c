// SPDX-License-Identifier: Apache-2.0
/*
 * The hardware watchdog: whether the hypervisor is built with its driver, and whether there is one where domains keep it fed
 * (ashlar,vouches), with a hypervisor that asks them.
 */
#include <libfdt.h>

#include "ashlar.h"

void vouch_check(const struct plan *plan, bool is_asked, struct findings *f)
{
	uint32_t i;

	for (i = 0; i < plan->nr_domains; i++) {
		const struct plan_domain *d = &plan->domains[i];

		if (fdt_getprop(plan->fdt, d->node, PLAN_VOUCHES, NULL) == NULL) {
			continue;
		}
		if (plan->watchdog.type == PLAN_WATCHDOG_NONE) {
			finding(f, d->node, PLAN_VOUCHES,
				"domain \"%s\": " PLAN_VOUCHES
				", and the board's tree has no hardware watchdog; describe it there, or remove this",
				d->name);
		} else if (!is_asked) {
			finding(f, d->node, PLAN_VOUCHES,
				"domain \"%s\": " PLAN_VOUCHES
				", which the hypervisor is built without; choose it in the configuration (CONFIG_HWDOG_DOMAINS=y)",
				d->name);
		}
	}
}

void hwdog_check(const struct plan *plan, bool has_imx, struct findings *f)
{
	static const char *const compatible[PLAN_WATCHDOGS] = {
		[PLAN_WATCHDOG_SP805] = "arm,sp805",
		[PLAN_WATCHDOG_SBSA] = "arm,sbsa-gwdt",
		[PLAN_WATCHDOG_IMX2] = "fsl,imx21-wdt",
	};
	enum plan_watchdog_type type = plan->watchdog.type;
	int node;

	if (type == PLAN_WATCHDOG_NONE || (type == PLAN_WATCHDOG_IMX2) == has_imx) {
		return;
	}
	node = fdt_node_offset_by_compatible(plan->fdt, -1, compatible[type]);
	finding(f, node, "compatible",
		"%s: the hypervisor is built without a driver of %s; let the board's Kconfig %s HWDOG_IMX2, or remove this",
		fdt_get_name(plan->fdt, node, NULL), compatible[type],
		has_imx ? "not select" : "select");
}
