/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arm SP805 watchdog: counts down twice, the first time raises its interrupt (which nobody takes), the second time
 * resets. Clearing the interrupt loads the counter again.
 * Spec: Arm DDI 0270, "ARM Watchdog Module (SP805) Technical Reference Manual", chapter 3.
 */
#include <hyp/hwdog.h>

#define LOAD	0x000U
#define CONTROL 0x008U
#define INTCLR	0x00cU
#define LOCK	0xc00U

#define CONTROL_INTEN BIT(0) /* counts, and raises the interrupt */
#define CONTROL_RESEN BIT(1)
#define UNLOCK_KEY    0x1acce551U
#define LOCKED	      0U
#define STAGES	      2U
#define MS_PER_S      1000U

static void write(const struct hwdog *w, unsigned int at, uint32_t value)
{
	*(volatile uint32_t *)((volatile char *)w->regs + at) = value;
}

static uint64_t sp805_start(const struct hwdog *w, uint32_t timeout_s)
{
	uint64_t load = MIN(w->hz * timeout_s / STAGES, (uint64_t)UINT32_MAX);

	write(w, LOCK, UNLOCK_KEY);
	write(w, LOAD, (uint32_t)load);
	write(w, INTCLR, 1);
	write(w, CONTROL, CONTROL_INTEN | CONTROL_RESEN);
	write(w, LOCK, LOCKED);
	return load * STAGES * MS_PER_S / w->hz;
}

static void sp805_feed(const struct hwdog *w)
{
	write(w, LOCK, UNLOCK_KEY);
	write(w, INTCLR, 1);
	write(w, LOCK, LOCKED);
}

const struct hwdog_ops hwdog_sp805_ops = {
	.name = "SP805",
	.start = sp805_start,
	.feed = sp805_feed,
};
