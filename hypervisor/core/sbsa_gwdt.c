/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generic watchdog of Arm's SBSA: WS0 after one period, WS1, which resets, after another. It counts the system counter.
 * The period has 32 bits here, also where revision 1 of the watchdog has more.
 * Spec: Arm DEN 0029 (SBSA), "Generic Watchdog"; DEN 0094 (BSA), the same chapter.
 */
#include <hyp/hwdog.h>

#define WRR 0x000U /* refresh frame */
#define WCS 0x000U /* control frame */
#define WOR 0x008U

#define WCS_EN	 BIT(0)
#define STAGES	 2U
#define MS_PER_S 1000U

static void write(volatile void *frame, unsigned int at, uint32_t value)
{
	*(volatile uint32_t *)((volatile char *)frame + at) = value;
}

/* Writing the period begins it too. */
static uint64_t sbsa_start(const struct hwdog *w, uint32_t timeout_s)
{
	uint64_t period = MIN(w->hz * timeout_s / STAGES, (uint64_t)UINT32_MAX);

	write(w->regs, WCS, 0);
	write(w->regs, WOR, (uint32_t)period);
	write(w->regs, WCS, WCS_EN);
	write(w->refresh, WRR, 1);
	return period * STAGES * MS_PER_S / w->hz;
}

static void sbsa_feed(const struct hwdog *w)
{
	write(w->refresh, WRR, 1);
}

const struct hwdog_ops hwdog_sbsa_ops = {
	.name = "SBSA generic watchdog",
	.start = sbsa_start,
	.feed = sbsa_feed,
};
