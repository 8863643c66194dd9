/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How devices are made quiet: no interrupt, no access to memory, nothing going on that a former owner began. What
 * only its owner can judge is left: a clock keeps its time, a pin its level.
 *
 * Spec: Arm DDI 0183 (PL011), DDI 0224 (PL031), DDI 0190 (PL061), DDI 0271 (SP804); Virtio 1.3 section 4.2.2;
 * SD Host Controller Simplified Specification 3.00, 2.2.16.
 */
#include "internal.h"

struct write {
	uint32_t at;
	uint32_t value;
};

#define MAX_WRITES 4

/* Offsets and values, in this order. */
static const struct {
	uint32_t nr;
	struct write writes[MAX_WRITES];
} resets[] = {
	/* control, interrupt mask, DMA control off; interrupts cleared */
	[PLAN_RESET_PL011] = { 4, { { 0x30, 0 }, { 0x38, 0 }, { 0x48, 0 }, { 0x44, 0x7ff } } },
	/* interrupt masked and cleared; the clock goes on */
	[PLAN_RESET_PL031] = { 2, { { 0x10, 0 }, { 0x1c, 1 } } },
	/* interrupts masked and cleared */
	[PLAN_RESET_PL061] = { 2, { { 0x410, 0 }, { 0x41c, 0xff } } },
	/* both timers stopped, interrupt masked and cleared */
	[PLAN_RESET_SP804] = { 4, { { 0x08, 0x20 }, { 0x0c, 1 }, { 0x28, 0x20 }, { 0x2c, 1 } } },
	/* status 0 resets the device: no queue is used any more (4.2.2.1) */
	[PLAN_RESET_VIRTIO_MMIO] = { 1, { { 0x70, 0 } } },
	/* no interrupt; all of it is reset, which ends a transfer */
	[PLAN_RESET_SDHCI] = { 2, { { 0x38, 0 }, { 0x2c, 1U << 24 } } },
};

void device_reset(enum plan_reset how, volatile void *regs)
{
	uint32_t i;

	if ((size_t)how >= ARRAY_SIZE(resets)) {
		return;
	}
	for (i = 0; i < resets[how].nr; i++) {
		*(volatile uint32_t *)((volatile uint8_t *)regs + resets[how].writes[i].at) =
			resets[how].writes[i].value;
	}
	if (how == PLAN_RESET_VIRTIO_MMIO) {
		/* reads as 0 once the device has stopped; an emulated one has by now (2.4.1) */
		(void)*(volatile uint32_t *)((volatile uint8_t *)regs + 0x70);
	}
}
