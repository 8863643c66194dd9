/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watchdogs: a domain that has armed one and does not poke it in time has ended, and the plan says what follows.
 *
 * The timer runs on the CPU of the vCPU that armed or poked last; a timer that was left behind on another one looks,
 * finds nothing due and goes on to the next deadline.
 *
 * Lock: domain.lock to change a deadline; read atomically without it.
 * Spec: Xen public sched.h, SCHEDOP_watchdog.
 */
#include "internal.h"

#include <hyp/arch/time.h>
#include <hyp/errno.h>
#include <hyp/lifecycle.h>

static void set(struct domain *d, uint32_t n, uint64_t deadline_ns)
{
	__atomic_store_n(&d->watchdog_ns[n], deadline_ns, __ATOMIC_RELEASE);
}

/* Context: d->lock. Return: the index of a free one; DOMAIN_WATCHDOGS: none. */
static uint32_t find_free(const struct domain *d)
{
	uint32_t n = 0;

	while (n < DOMAIN_WATCHDOGS && d->watchdog_ns[n] != 0) {
		n++;
	}
	return n;
}

/* Context: d->lock. */
static int change(struct domain *d, uint32_t id, uint64_t deadline_ns)
{
	uint32_t n = id == 0 ? find_free(d) : id - 1;

	if (n >= DOMAIN_WATCHDOGS) {
		return id == 0 ? -ENOSPC : -EINVAL;
	}
	if (id == 0 ? deadline_ns == 0 : d->watchdog_ns[n] == 0) {
		return -EINVAL;
	}
	set(d, n, deadline_ns);
	return id == 0 ? (int)n + 1 : 0;
}

int watchdog_op(struct vcpu *v, uint32_t id, uint32_t timeout_s)
{
	uint64_t deadline_ns = timeout_s == 0 ? 0 : arch_now_ns() + timeout_s * NS_PER_S;
	unsigned long irq = spin_lock_irqsave(&v->domain->lock);
	int rc = change(v->domain, id, deadline_ns);

	spin_unlock_irqrestore(&v->domain->lock, irq);
	if (rc >= 0) {
		domains_set_timer();
	}
	if (rc > 0) {
		domain_sign(v->domain, PLAN_READY_WATCHDOG);
	}
	return rc;
}

uint64_t watchdog_next(const struct domain *d)
{
	uint64_t first = TIMER_OFF;
	uint32_t n;

	for (n = 0; n < DOMAIN_WATCHDOGS; n++) {
		uint64_t at = __atomic_load_n(&d->watchdog_ns[n], __ATOMIC_ACQUIRE);

		first = at != 0 ? MIN(first, at) : first;
	}
	return first;
}

void watchdogs_off(struct domain *d)
{
	uint32_t n;

	for (n = 0; n < DOMAIN_WATCHDOGS; n++) {
		set(d, n, 0);
	}
}
