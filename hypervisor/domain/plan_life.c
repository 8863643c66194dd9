// SPDX-License-Identifier: Apache-2.0
/*
 * What happens when a domain ends: ashlar,on-crash, -on-reboot, -on-poweroff, -on-watchdog, -on-backend-loss, and the
 * bounds of a restart.
 *
 * Defaults are those of Xen's toolstack (xl.cfg, "Event Actions"): a reboot restarts, everything else ends the domain.
 * The last is an end only where it is said.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define DEFAULT_LIMIT	 5U
#define DEFAULT_WINDOW_S 60U
#define MAX_WINDOW_S	 (7U * 24 * 3600)
#define MAX_BACKOFF_MS	 (3600U * 1000)

static const char *const end_props[PLAN_ENDS] = {
	[PLAN_ON_CRASH] = "ashlar,on-crash",
	[PLAN_ON_REBOOT] = "ashlar,on-reboot",
	[PLAN_ON_POWEROFF] = "ashlar,on-poweroff",
	[PLAN_ON_WATCHDOG] = "ashlar,on-watchdog",
	[PLAN_ON_BACKEND_LOSS] = "ashlar,on-backend-loss",
};

/* In the order of enum plan_action; the list ends as plan_nearest() wants it. */
static const char *const actions[] = { "stop", "restart", "reboot-board", NULL };

static bool read_action(struct plan_reader *r, struct plan_domain *d, int node, const char *prop,
			enum plan_action *action)
{
	const char *what = plan_string(r, node, prop);
	const char *near;
	uint32_t i;

	if (what == NULL) {
		return false;
	}
	for (i = 0; actions[i] != NULL; i++) {
		if (strcmp(actions[i], what) == 0) {
			*action = (enum plan_action)i;
			return true;
		}
	}
	near = plan_nearest(what, actions);
	if (near != NULL) {
		plan_error(r, node, prop, "domain \"%s\": %s: unknown \"%s\"; did you mean \"%s\"?",
			   d->name, prop, what, near);
	} else {
		plan_error(
			r, node, prop,
			"domain \"%s\": %s: unknown \"%s\"; write \"stop\", \"restart\" or \"reboot-board\"",
			d->name, prop, what);
	}
	return false;
}

/* Return: is the property there, right or wrong? */
static bool read_limit(struct plan_reader *r, struct plan_domain *d, int node)
{
	const char *prop = "ashlar,restart-limit";
	int len;
	const fdt32_t *p = fdt_getprop(r->fdt, node, prop, &len);
	uint32_t count, seconds;

	if (p == NULL) {
		return false;
	}
	if (len != 2 * (int)sizeof(*p)) {
		plan_error(
			r, node, prop,
			"domain \"%s\": %s has %d bytes, it must have 8; write a count and seconds, <%u %u>",
			d->name, prop, len, DEFAULT_LIMIT, DEFAULT_WINDOW_S);
		return true;
	}
	count = fdt32_ld(&p[0]);
	seconds = fdt32_ld(&p[1]);
	if (count == 0 || seconds == 0 || seconds > MAX_WINDOW_S) {
		plan_error(
			r, node, prop,
			"domain \"%s\": %s is %u restarts in %u s, possible are 1 or more in 1 to %u s",
			d->name, prop, count, seconds, MAX_WINDOW_S);
		return true;
	}
	d->life.restart_limit = count;
	d->life.restart_window_s = seconds;
	return true;
}

static void read_backoff(struct plan_reader *r, struct plan_domain *d, int node)
{
	const char *prop = "ashlar,restart-backoff-ms";
	uint32_t ms;

	if (!plan_u32(r, node, prop, &ms)) {
		return;
	}
	if (ms > MAX_BACKOFF_MS) {
		plan_error(r, node, prop, "domain \"%s\": %s is %u, possible are 0 to %u", d->name,
			   prop, ms, MAX_BACKOFF_MS);
		return;
	}
	d->life.restart_backoff_ms = ms;
}

/* Without it the back-off stays as it is. */
static void read_backoff_max(struct plan_reader *r, struct plan_domain *d, int node)
{
	const char *prop = "ashlar,restart-backoff-max-ms";
	uint32_t first = d->life.restart_backoff_ms;
	uint32_t ms;

	d->life.restart_backoff_max_ms = first;
	if (!plan_u32(r, node, prop, &ms)) {
		return;
	}
	if (first == 0) {
		plan_error(
			r, node, prop,
			"domain \"%s\": %s bounds nothing; write ashlar,restart-backoff-ms too, 1 or more",
			d->name, prop);
		return;
	}
	if (ms < first || ms > MAX_BACKOFF_MS) {
		plan_error(
			r, node, prop,
			"domain \"%s\": %s is %u, possible are %u (ashlar,restart-backoff-ms) to %u",
			d->name, prop, ms, first, MAX_BACKOFF_MS);
		return;
	}
	d->life.restart_backoff_max_ms = ms;
}

void plan_read_life(struct plan_reader *r, struct plan_domain *d, int node)
{
	bool has_limit = read_limit(r, d, node);
	bool restarts = false;
	uint32_t i;

	read_backoff(r, d, node);
	read_backoff_max(r, d, node);
	d->life.on[PLAN_ON_REBOOT] = PLAN_RESTART;
	d->life.ends_on_loss = fdt_getprop(r->fdt, node, end_props[PLAN_ON_BACKEND_LOSS], NULL) !=
			       NULL;
	for (i = 0; i < PLAN_ENDS; i++) {
		bool is_said = read_action(r, d, node, end_props[i], &d->life.on[i]);

		restarts = restarts || d->life.on[i] == PLAN_RESTART;
		if (is_said && d->life.on[i] == PLAN_RESTART && !has_limit) {
			plan_error(
				r, node, end_props[i],
				"domain \"%s\": %s = \"restart\" needs a limit; write ashlar,restart-limit = <%u %u> for %u restarts in %u s",
				d->name, end_props[i], DEFAULT_LIMIT, DEFAULT_WINDOW_S,
				DEFAULT_LIMIT, DEFAULT_WINDOW_S);
		}
	}
	if (!has_limit) {
		d->life.restart_limit = DEFAULT_LIMIT;
		d->life.restart_window_s = DEFAULT_WINDOW_S;
	} else if (!restarts) {
		plan_warn(
			r, node, "ashlar,restart-limit",
			"domain \"%s\": ashlar,restart-limit bounds nothing: no end of it restarts it",
			d->name);
	}
}
