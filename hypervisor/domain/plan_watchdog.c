// SPDX-License-Identifier: Apache-2.0
/*
 * The board's hardware watchdog: which it is, where, how long it waits.
 * Linux bindings arm,sbsa-gwdt, arm,sp805, fsl-imx-wdt and watchdog (timeout-sec). A PC's has no binding and no place: "ashlar,intel-tco".
 */
#include <libfdt.h>

#include "plan_reader.h"

#define DEFAULT_S 30U
#define MAX_S	  3600U
#define STAGES	  2U /* it counts down twice, the second time for the reset */

/* What a node is called that names one, and how many ranges it has. */
static const struct {
	char compatible[20];
	uint32_t frames;
} kinds[PLAN_WATCHDOGS] = {
	[PLAN_WATCHDOG_SBSA] = { "arm,sbsa-gwdt", 2 },
	[PLAN_WATCHDOG_SP805] = { "arm,sp805", 1 },
	[PLAN_WATCHDOG_IMX2] = { "fsl,imx21-wdt", 1 },
	[PLAN_WATCHDOG_TCO] = { "ashlar,intel-tco", 0 },
};

/* The rate of the first clock, which must be a fixed one: nothing is driven to find it out. */
static bool read_clock(struct plan_reader *r, int node, uint64_t *hz)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);
	uint32_t phandle = 0, rate = 0;
	int len, clock;
	const fdt32_t *p = fdt_getprop(r->fdt, node, "clocks", &len);

	if (p != NULL && len >= (int)sizeof(*p)) {
		phandle = fdt32_ld(p);
	}
	clock = phandle == 0 ? -1 : fdt_node_offset_by_phandle(r->fdt, phandle);
	if (clock < 0 || !plan_is_compatible(r, clock, "fixed-clock") ||
	    !plan_u32(r, clock, "clock-frequency", &rate) || rate == 0) {
		plan_error(
			r, node, p == NULL ? NULL : "clocks",
			"%s: its clock's rate is not known; write clocks = <&clock> with a \"fixed-clock\" that has a clock-frequency",
			name);
		return false;
	}
	*hz = rate;
	return true;
}

static void read_timeout(struct plan_reader *r, int node)
{
	struct plan_watchdog *w = &r->plan->watchdog;
	const char *name = fdt_get_name(r->fdt, node, NULL);
	uint64_t max = MAX_S;

	if (w->clock_hz != 0) {
		max = MIN(max, UINT32_MAX / w->clock_hz * STAGES);
	}
	if (plan_u32(r, node, "timeout-sec", &w->timeout_s) &&
	    (w->timeout_s == 0 || w->timeout_s > max)) {
		plan_error(r, node, "timeout-sec", "%s: timeout-sec is %u, possible are 1 to %lu",
			   name, w->timeout_s, max);
	} else if (w->timeout_s == 0) {
		w->timeout_s = (uint32_t)MIN(max, (uint64_t)DEFAULT_S);
	}
}

static void read_one(struct plan_reader *r, int node, enum plan_watchdog_type type)
{
	struct plan_watchdog *w = &r->plan->watchdog;
	uint32_t frames = kinds[type].frames, i;
	struct plan_range regs[2] = { 0 };
	static const char *const words[] = { "no range: it is where the chipset says", "one range",
					     "two ranges, control and refresh frame" };
	const char *name = fdt_get_name(r->fdt, node, NULL);

	if (w->type != PLAN_WATCHDOG_NONE) {
		plan_error(r, node, NULL,
			   "%s: a second watchdog; the hypervisor feeds one, remove the others",
			   name);
		return;
	}
	if (plan_ranges(r, node, "reg", regs, 2) != frames) {
		plan_error(r, node, "reg", "%s: reg must have %s", name, words[frames]);
		return;
	}
	for (i = 0; i < frames; i++) {
		if (!plan_is_page_range(r, node, "reg", &regs[i])) {
			return;
		}
	}
	if (type == PLAN_WATCHDOG_SP805 && !read_clock(r, node, &w->clock_hz)) {
		return;
	}
	w->type = type;
	w->regs = regs[0];
	w->refresh = regs[1];
	read_timeout(r, node);
}

static enum plan_watchdog_type kind_of(const struct plan_reader *r, int node)
{
	int len;
	const char *said = fdt_getprop(r->fdt, node, "compatible", &len);

	for (unsigned int type = PLAN_WATCHDOG_NONE + 1; said != NULL && type < PLAN_WATCHDOGS;
	     type++) {
		if (fdt_stringlist_contains(said, len, kinds[type].compatible) != 0) {
			return (enum plan_watchdog_type)type;
		}
	}
	return PLAN_WATCHDOG_NONE;
}

/* In one walk: it is a large part of reading the plan. */
void plan_read_watchdog(struct plan_reader *r)
{
	int node = fdt_next_node(r->fdt, -1, NULL);

	for (; node >= 0; node = fdt_next_node(r->fdt, node, NULL)) {
		enum plan_watchdog_type type = kind_of(r, node);

		if (type != PLAN_WATCHDOG_NONE) {
			read_one(r, node, type);
		}
	}
}
