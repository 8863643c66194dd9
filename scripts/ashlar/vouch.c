// SPDX-License-Identifier: Apache-2.0
/*
 * The hardware watchdog: whether the hypervisor is built with its driver, and whether there is one where domains keep it fed
 * (ashlar,vouches), with a hypervisor that asks them, or where the firmware starts one.
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

/* Whose driver is built in, of all that are a type's. */
static enum hwdog_drivers driver_of(enum plan_watchdog_type type)
{
	if (type == PLAN_WATCHDOG_TCO) {
		return HWDOG_TCO;
	}
	return type == PLAN_WATCHDOG_IMX2 ? HWDOG_IMX : HWDOG_ARM;
}

static const char *way_out(enum hwdog_drivers wanted, enum hwdog_drivers built_in)
{
	if (wanted == HWDOG_TCO || built_in == HWDOG_TCO) {
		return "it is another architecture's, remove this";
	}
	return built_in == HWDOG_IMX
		       ? "let the board's Kconfig not select HWDOG_IMX2, or remove this"
		       : "let the board's Kconfig select HWDOG_IMX2, or remove this";
}

void hwdog_check(const struct plan *plan, enum hwdog_drivers built_in, bool is_started,
		 struct findings *f)
{
	static const char *const compatible[PLAN_WATCHDOGS] = {
		[PLAN_WATCHDOG_SP805] = "arm,sp805",
		[PLAN_WATCHDOG_SBSA] = "arm,sbsa-gwdt",
		[PLAN_WATCHDOG_IMX2] = "fsl,imx21-wdt",
		[PLAN_WATCHDOG_TCO] = "ashlar,intel-tco",
	};
	enum plan_watchdog_type type = plan->watchdog.type;
	int node;

	if (type == PLAN_WATCHDOG_NONE && is_started) {
		finding(f, 0, NULL,
			"ashlar.efi starts a watchdog that the hypervisor would not feed; describe it in the board's tree, or let the configuration not start it (CONFIG_EFI_WATCHDOG_S=0)");
	}
	if (type == PLAN_WATCHDOG_NONE || driver_of(type) == built_in) {
		return;
	}
	node = fdt_node_offset_by_compatible(plan->fdt, -1, compatible[type]);
	finding(f, node, "compatible", "%s: the hypervisor is built without a driver of %s; %s",
		fdt_get_name(plan->fdt, node, NULL), compatible[type],
		way_out(driver_of(type), built_in));
}
