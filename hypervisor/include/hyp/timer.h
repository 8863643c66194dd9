/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several users on each CPU's one timer: those that every CPU has (enum timer_user), and any number of soft timers,
 * which belong to a vCPU.
 */
#ifndef HYP_TIMER_H
#define HYP_TIMER_H

#include <hyp/arch/time.h>
#include <hyp/types.h>

/** enum timer_user - who may wait for a time; one deadline each on each CPU. */
enum timer_user {
	TIMER_CONSOLE,
	TIMER_DOMAINS,
	TIMER_ORDER,
	TIMER_SCHED,
	TIMER_HWDOG,
	TIMER_USERS
};

/** struct timer - a CPU's deadlines; only that CPU uses it, interrupts masked. */
struct timer {
	uint64_t deadline_ns; /* 0: none */
	void (*fn)(void);
};

/** struct soft_timer - one deadline; only the CPU that started it uses it, interrupts masked. */
struct soft_timer {
	uint64_t deadline_ns; /* 0: not started */
	void (*fn)(struct soft_timer *t);
	struct soft_timer *next; /* in the CPU's list, earliest first */
};

/** struct cpu_timers - what a CPU waits for. */
struct cpu_timers {
	struct timer users[TIMER_USERS];
	struct soft_timer *first;
	uint64_t armed_ns; /* what the CPU's own timer is set to; 0: nothing */
};

/**
 * soft_timer_start() - call @fn on this CPU at @deadline_ns or soon after, in interrupt context, once; replaces what
 * @t waited for. @deadline_ns: as timer_set()'s; TIMER_OFF: as soft_timer_stop()
 */
void soft_timer_start(struct soft_timer *t, uint64_t deadline_ns, void (*fn)(struct soft_timer *t));

/** soft_timer_stop() - @t waits no more. Context: the CPU that started it. */
void soft_timer_stop(struct soft_timer *t);

/**
 * timer_set() - call @fn on this CPU at @deadline_ns or soon after, in interrupt context; replaces @user's last one here.
 * @deadline_ns: on arch_now_ns()'s clock; TIMER_OFF: no more
 */
void timer_set(enum timer_user user, uint64_t deadline_ns, void (*fn)(void));

#endif
