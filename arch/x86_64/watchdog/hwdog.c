// SPDX-License-Identifier: Apache-2.0
/* The hardware watchdogs that are driven on a PC: Intel's TCO, wherever the chipset has it. */
#include <asm/tco.h>
#include <hyp/arch/mm.h>
#include <hyp/hwdog.h>
#include <hyp/log.h>

#define NAME "Intel TCO"

static bool map(struct hwdog *dog)
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
	dog->regs = page + (t.gcs & (PAGE_SIZE - 1));
	dog->port = t.port;
	return true;
}

bool hwdog_find(const struct plan_watchdog *w, struct hwdog *dog)
{
	(void)w;
	if (!map(dog)) {
		hyp_printf("hardware watchdog: no " NAME " found, the board goes without");
		return false;
	}
	return true;
}

static uint64_t start(const struct hwdog *w, uint32_t timeout_s)
{
	uint32_t ms = tco_start(w->port, w->regs, timeout_s);

	if (ms == 0) {
		hyp_printf("hardware watchdog: the " NAME " cannot reset, the board goes without");
	}
	return ms;
}

static void feed(const struct hwdog *w)
{
	tco_feed(w->port);
}

static const struct hwdog_ops tco_ops = {
	.name = NAME,
	.start = start,
	.feed = feed,
};

const struct hwdog_ops *const hwdog_drivers[PLAN_WATCHDOGS] = {
	[PLAN_WATCHDOG_TCO] = &tco_ops,
};
