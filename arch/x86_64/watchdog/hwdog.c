// SPDX-License-Identifier: Apache-2.0
/* The hardware watchdogs that are driven on a PC: Intel's TCO, wherever the chipset has it. */
#include <asm/tco.h>
#include <hyp/arch/mm.h>
#include <hyp/hwdog.h>

static bool find(struct hwdog *w)
{
	struct tco t;
	volatile uint8_t *page;

	if (!tco_find(&t)) {
		return false;
	}
	page = arch_map(paddr(ALIGN_DOWN(t.gcs, PAGE_SIZE)), PAGE_SIZE, MAP_DEVICE);
	if (page == NULL) {
		return false;
	}
	w->regs = page + (t.gcs & (PAGE_SIZE - 1));
	w->port = t.port;
	return true;
}

static uint64_t start(const struct hwdog *w, uint32_t timeout_s)
{
	return tco_start(w->port, w->regs, timeout_s);
}

static void feed(const struct hwdog *w)
{
	tco_feed(w->port);
}

static const struct hwdog_ops tco_ops = {
	.name = "Intel TCO",
	.find = find,
	.start = start,
	.feed = feed,
};

const struct hwdog_ops *const hwdog_drivers[PLAN_WATCHDOGS] = {
	[PLAN_WATCHDOG_TCO] = &tco_ops,
};
