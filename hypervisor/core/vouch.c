// SPDX-License-Identifier: Apache-2.0
/* Requirement: watchdog */
/*
 * Which domains keep the hardware watchdog fed: those with ashlar,vouches in the plan. One that is down for good no longer does, and
 * the board is reset; one that is restarted, or waits for others, still does. A domain that hangs is found out by its own watchdog
 * (SCHEDOP_watchdog), whose consequence the plan says.
 */
#include <hyp/domain.h>
#include <hyp/hwdog.h>
#include <hyp/log.h>
#include <libfdt.h>

static bool was_said; /* atomic */

static bool vouches(const struct domain *d)
{
	return fdt_getprop(d->board->fdt, d->plan->node, PLAN_VOUCHES, NULL) != NULL;
}

bool hwdog_vouched(void)
{
	uint16_t domid;

	for (domid = 1; domid <= PLAN_MAX_DOMAINS; domid++) {
		const struct domain *d = domain_get(domid);

		if (d == NULL || __atomic_load_n(&d->state, __ATOMIC_ACQUIRE) != DOMAIN_DEAD ||
		    !vouches(d)) {
			continue;
		}
		if (!__atomic_exchange_n(&was_said, true, __ATOMIC_SEQ_CST)) {
			hyp_printf("hardware watchdog: no longer fed, %s is down for good",
				   d->plan->name);
		}
		return false;
	}
	return true;
}
