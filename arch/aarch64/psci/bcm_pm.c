// SPDX-License-Identifier: Apache-2.0
/*
 * Reset and power-off by the power manager's watchdog of Broadcom's BCM2835 to BCM2711, where there is no firmware to ask.
 * "Off" is a reset whose first stage finds the mark of a halt, and stays there.
 * Facts: Linux binding brcm,bcm2835-pm-wdt and what its driver writes; QEMU, hw/misc/bcm2835_powermgt.c.
 */
#include <asm/spin_table.h>
#include <hyp/arch/mm.h>

#define PM_RSTC 0x1cU
#define PM_RSTS 0x20U
#define PM_WDOG 0x24U

#define PASSWORD	0x5a000000U
#define RSTC_WRCFG	0x30U
#define RSTC_FULL_RESET 0x20U
#define RSTS_HALT	0x555U
#define SOON		10U /* ticks of 16 us */

static volatile uint32_t *reg(uint8_t *regs, unsigned int at)
{
	return (volatile uint32_t *)(void *)(regs + at);
}

void bcm_pm_end(bool is_off)
{
	uint8_t *regs = arch_map((paddr_t){ CONFIG_BCM_PM_BASE }, PAGE_SIZE, MAP_DEVICE);
	uint32_t marks;

	if (regs == NULL) {
		return;
	}
	marks = *reg(regs, PM_RSTS) & ~RSTS_HALT;
	*reg(regs, PM_RSTS) = PASSWORD | marks | (is_off ? RSTS_HALT : 0);
	*reg(regs, PM_WDOG) = PASSWORD | SOON;
	*reg(regs, PM_RSTC) = PASSWORD | (*reg(regs, PM_RSTC) & ~RSTC_WRCFG) | RSTC_FULL_RESET;
}
