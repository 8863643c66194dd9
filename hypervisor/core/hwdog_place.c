// SPDX-License-Identifier: Apache-2.0
/* Where the hardware watchdog is, says the plan. */
#include <hyp/hwdog.h>

#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/log.h>

static volatile void *map(const struct plan_range *r)
{
	return r->size == 0 ? NULL : arch_map(paddr(r->base), r->size, MAP_DEVICE);
}

bool hwdog_find(const struct plan_watchdog *w, struct hwdog *dog)
{
	dog->regs = map(&w->regs);
	dog->refresh = map(&w->refresh);
	dog->hz = w->type == PLAN_WATCHDOG_SBSA ? arch_counter_hz() : w->clock_hz;
	if (dog->regs == NULL || (w->refresh.size != 0 && dog->refresh == NULL)) {
		halt("refused: the hardware watchdog at 0x%lx cannot be mapped", w->regs.base);
	}
	return true;
}
