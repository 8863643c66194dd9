// SPDX-License-Identifier: Apache-2.0
/*
 * The virtual local APIC's timer: asm/vlapic.h.
 *
 * It counts by the clock: the current count is computed when it is read, and only the end of a count is asked for from the
 * machine. Times are unsigned and may wrap: differences are what counts.
 * Spec: Intel SDM vol. 3A, 11.5.4 (timer, TSC deadline).
 */
#include "internal.h"

#define MODE	    (APIC_TIMER_PERIODIC | APIC_TIMER_DEADLINE)
#define NS_PER_TICK (1000000000U / VLAPIC_BUS_HZ)

static bool is_deadline(const struct vlapic *l)
{
	return (l->lvt[LVT_TIMER] & MODE) == APIC_TIMER_DEADLINE;
}

static bool is_periodic(const struct vlapic *l)
{
	return (l->lvt[LVT_TIMER] & MODE) == APIC_TIMER_PERIODIC;
}

/* Divide configuration: bits 3, 1, 0 are 0 for 2, 1 for 4, ... 6 for 128, 7 for 1. */
static uint64_t tick_ns(const struct vlapic *l)
{
	unsigned int code = (l->tdcr & 3) | (l->tdcr & 8) >> 1;

	return (uint64_t)NS_PER_TICK << ((code + 1) & 7);
}

static uint64_t count_ns(const struct vlapic *l)
{
	return l->tmict * tick_ns(l);
}

/* What remains of the count when @elapsed ns of it have gone. */
static uint32_t remaining(const struct vlapic *l, uint64_t elapsed)
{
	uint64_t period = count_ns(l);

	if (is_periodic(l)) {
		elapsed %= period;
	}
	return elapsed >= period ? 0 : l->tmict - (uint32_t)(elapsed / tick_ns(l));
}

uint32_t vlapic_timer_count(const struct vlapic *l)
{
	if (!l->is_timer_on || l->tmict == 0) {
		return 0;
	}
	return remaining(l, vlapic_hw_now_ns(l) - l->timer_start);
}

uint64_t vlapic_timer_due(const struct vlapic *l)
{
	return l->timer_due;
}

static void arm(struct vlapic *l, uint64_t due)
{
	l->timer_due = due;
	vlapic_hw_timer(l, due);
}

static void stop(struct vlapic *l)
{
	l->is_timer_on = false;
	arm(l, UINT64_MAX);
}

void vlapic_timer_start(struct vlapic *l, uint32_t count)
{
	if (is_deadline(l)) {
		return;
	}
	l->tmict = count;
	if (count == 0) {
		stop(l);
		return;
	}
	l->is_timer_on = true;
	l->timer_start = vlapic_hw_now_ns(l);
	arm(l, l->timer_start + count_ns(l));
}

/* A count that is under way goes on from where it is, at the new rate. */
void vlapic_timer_divide(struct vlapic *l, uint32_t tdcr)
{
	uint32_t left = vlapic_timer_count(l);

	l->tdcr = tdcr & 0xb;
	if (left > 0) {
		l->timer_start = vlapic_hw_now_ns(l) - (l->tmict - left) * tick_ns(l);
		arm(l, l->timer_start + count_ns(l));
	}
}

/* From or to deadline mode, the timer is disarmed. Of the others a count goes on, and ends as the new one's does. */
void vlapic_timer_lvt(struct vlapic *l, uint32_t old)
{
	bool was_deadline = (old & MODE) == APIC_TIMER_DEADLINE;

	if (was_deadline != is_deadline(l)) {
		l->tsc_deadline = 0;
		l->tmict = 0;
		stop(l);
	}
}

uint64_t vlapic_deadline(const struct vlapic *l)
{
	return l->tsc_deadline;
}

void vlapic_set_deadline(struct vlapic *l, uint64_t tsc)
{
	if (!is_deadline(l)) {
		return;
	}
	l->tsc_deadline = tsc;
	arm(l, tsc == 0 ? UINT64_MAX : vlapic_hw_tsc_ns(l, tsc));
}

void vlapic_tsc_moved(struct vlapic *l)
{
	if (l->tsc_deadline != 0) {
		vlapic_set_deadline(l, l->tsc_deadline);
	}
}

static void periodic_tick(struct vlapic *l, uint64_t now)
{
	uint64_t period = count_ns(l), next;

	l->timer_start += (now - l->timer_start) / period * period;
	next = l->timer_start + period;
	arm(l, MAX(next, now + VLAPIC_MIN_PERIOD_NS));
}

void vlapic_timer(struct vlapic *l)
{
	uint64_t now = vlapic_hw_now_ns(l);

	if (l->timer_due == UINT64_MAX) {
		return;
	}
	if (now < l->timer_due) {
		vlapic_hw_timer(l, l->timer_due); /* it came early */
		return;
	}
	if (is_deadline(l)) {
		l->tsc_deadline = 0;
		arm(l, UINT64_MAX);
	} else if (is_periodic(l)) {
		periodic_tick(l, now);
	} else {
		stop(l);
	}
	vlapic_raise_lvt(l, LVT_TIMER);
}
