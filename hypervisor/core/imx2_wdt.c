// SPDX-License-Identifier: Apache-2.0
/*
 * Watchdog of NXP's i.MX (WDOG): counts half seconds, up to 128 s, and resets. Once it runs nothing stops it; one that the firmware
 * started keeps its time, for parts of its control register can be written only once.
 * Spec: NXP IMX8MPRM, "i.MX 8M Plus Applications Processor Reference Manual", chapter 6.6, "Watchdog Timer (WDOG)".
 */
#include <hyp/hwdog.h>

#define WCR 0x0U /* control */
#define WSR 0x2U /* service */

#define WCR_WT_SHIFT 8U
#define WCR_WT_MAX   0xffU
#define WCR_WDA	     BIT(5) /* 0 raises its line outside */
#define WCR_SRS	     BIT(4) /* 0 resets at once */
#define WCR_WDE	     BIT(2) /* counts */

#define SERVICE_FIRST  0x5555U
#define SERVICE_SECOND 0xaaaaU
#define TICK_MS	       500U
#define TICKS_PER_S    2U

static volatile uint16_t *reg(const struct hwdog *w, unsigned int at)
{
	return (volatile uint16_t *)((volatile char *)w->regs + at);
}

static void imx2_feed(const struct hwdog *w)
{
	*reg(w, WSR) = SERVICE_FIRST;
	*reg(w, WSR) = SERVICE_SECOND;
}

static uint64_t imx2_start(const struct hwdog *w, uint32_t timeout_s)
{
	uint32_t control = *reg(w, WCR);
	uint32_t ticks;

	if ((control & WCR_WDE) == 0) {
		ticks = timeout_s > WCR_WT_MAX / TICKS_PER_S ? WCR_WT_MAX
							     : timeout_s * TICKS_PER_S - 1;
		control = (ticks << WCR_WT_SHIFT) | WCR_WDA | WCR_SRS | WCR_WDE;
		*reg(w, WCR) = (uint16_t)control;
	}
	imx2_feed(w);
	ticks = (control >> WCR_WT_SHIFT & WCR_WT_MAX) + 1;
	return (uint64_t)ticks * TICK_MS;
}

const struct hwdog_ops hwdog_imx2_ops = {
	.name = "i.MX watchdog",
	.start = imx2_start,
	.feed = imx2_feed,
};
