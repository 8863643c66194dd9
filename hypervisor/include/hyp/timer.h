/* SPDX-License-Identifier: Apache-2.0 */
/* Several users on each CPU's one timer. */
#ifndef HYP_TIMER_H
#define HYP_TIMER_H

#include <hyp/arch/time.h>
#include <hyp/types.h>

/** enum timer_user - who may wait for a time; one deadline each on each CPU. */
enum timer_user {
	TIMER_CONSOLE,
	TIMER_DOMAINS,
	TIMER_ORDER,
	TIMER_USERS
};

/** struct timer - a CPU's deadlines; only that CPU uses it, interrupts masked. */
struct timer {
	uint64_t deadline_ns; /* 0: none */
	void (*fn)(void);
};

/**
 * timer_set() - call @fn on this CPU at @deadline_ns or soon after, in interrupt context; replaces @user's last one here.
 * @deadline_ns: on arch_now_ns()'s clock; TIMER_OFF: no more
 */
void timer_set(enum timer_user user, uint64_t deadline_ns, void (*fn)(void));

#endif
