// SPDX-License-Identifier: Apache-2.0
/*
 * The clock that a board's description names: a PL031 (clock_read() of hyp/wallclock.h).
 *
 * Spec: Arm PrimeCell RTC PL031 (DDI 0224) section 3.3.1, RTCDR.
 */
#include <hyp/arch/mm.h>
#include <hyp/plan.h>
#include <hyp/wallclock.h>

#define RTCDR 0x000 /* seconds since 1970, 32 bits */

uint64_t clock_read(const struct plan *plan)
{
	uint64_t seconds = 0;
	void *regs;

	if (plan->rtc.type != PLAN_RTC_PL031) {
		return 0;
	}
	regs = arch_map(paddr(plan->rtc.regs.base), plan->rtc.regs.size, MAP_DEVICE);
	if (regs != NULL) {
		seconds = *(volatile uint32_t *)((uintptr_t)regs + RTCDR);
		arch_unmap(regs, plan->rtc.regs.size);
	}
	return seconds;
}
