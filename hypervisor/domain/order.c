/* SPDX-License-Identifier: Apache-2.0 */
/* Requirement: start-order */
/*
 * The order of domains: each starts once those that it comes after are ready, and when the board goes down they end
 * the other way round, each once those that came after it have ended. Who is served by a domain comes after it.
 *
 * A domain is ready once in a boot, for good: that it restarts or ends later changes nothing for those that run
 * already. One that ends for good before it was ready takes with it those that wait for it.
 *
 * Lock: none. Who changes something that may let others start or stop calls order_go_on(); one CPU at a time then looks
 * at all domains, and looks again when somebody called meanwhile. Signs, deadlines and states are atomic.
 */
#include "internal.h"

#include <hyp/arch/time.h>
#include <hyp/console.h>
#include <hyp/lifecycle.h>
#include <hyp/log.h>
#include <hyp/timer.h>
#include <hyp/xen.h>

static unsigned int calls;     /* atomic: of order_go_on(), not yet answered */
static bool is_board_stopping; /* atomic */

static const char *const ready_names[] = {
	[PLAN_READY_STARTED] = "started",   [PLAN_READY_DELAY] = "its delay is over",
	[PLAN_READY_WATCHDOG] = "watchdog", [PLAN_READY_EVENT] = "event",
	[PLAN_READY_CONSOLE] = "console",
};

bool order_is_stopping(void)
{
	return __atomic_load_n(&is_board_stopping, __ATOMIC_SEQ_CST);
}

static uint32_t state_of(const struct domain *d)
{
	return __atomic_load_n(&d->state, __ATOMIC_SEQ_CST);
}

static bool is_ready(const struct domain *d)
{
	return __atomic_load_n(&d->order.is_ready, __ATOMIC_SEQ_CST);
}

/* Whoever takes the awaited sign away has given it. */
static bool become_ready(struct domain *d, enum plan_ready by)
{
	uint32_t awaited = __atomic_load_n(&d->order.awaits, __ATOMIC_SEQ_CST);

	if (awaited == PLAN_READY_STARTED ||
	    !__atomic_compare_exchange_n(&d->order.awaits, &awaited, PLAN_READY_STARTED, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		return false;
	}
	__atomic_store_n(&d->order.is_ready, true, __ATOMIC_SEQ_CST);
	if (by != awaited) {
		hyp_printf("%s: taken for ready, %u ms without its sign (%s)\n", d->name,
			   d->plan->order.ready_after_ms, ready_names[awaited]);
	} else {
		hyp_printf("%s: ready (%s)\n", d->name, ready_names[by]);
	}
	return true;
}

void domain_ready(struct domain *d, enum plan_ready by)
{
	if (become_ready(d, by)) {
		order_go_on();
	}
}

static void said_its_text(struct domain *d)
{
	domain_sign(d, PLAN_READY_CONSOLE);
}

/* Its first start. */
static void await_ready(struct domain *d)
{
	const struct plan_order *o = &d->plan->order;

	if (o->ready == PLAN_READY_STARTED) {
		__atomic_store_n(&d->order.is_ready, true, __ATOMIC_SEQ_CST);
		return;
	}
	d->order.ready_due_ns =
		o->ready_after_ms == 0 ? TIMER_OFF : arch_now_ns() + o->ready_after_ms * NS_PER_MS;
	if (o->ready == PLAN_READY_CONSOLE) {
		console_client_await(d->console, o->ready_text, said_its_text);
	}
	__atomic_store_n(&d->order.awaits, (uint32_t)o->ready, __ATOMIC_SEQ_CST);
}

/* All that @d starts after are ready. */
static bool may_start(const struct domain *d)
{
	uint32_t left = d->plan->order.after;

	for (; left != 0; left &= left - 1) {
		if (!is_ready(domain_get((uint16_t)(__builtin_ctz(left) + 1)))) {
			return false;
		}
	}
	return true;
}

/* One that is dead and was never ready; NULL: @d can still hope. */
static const struct domain *lost_first(const struct domain *d)
{
	uint32_t left = d->plan->order.after;

	for (; left != 0; left &= left - 1) {
		const struct domain *first = domain_get((uint16_t)(__builtin_ctz(left) + 1));

		if (state_of(first) == DOMAIN_DEAD && !is_ready(first)) {
			return first;
		}
	}
	return NULL;
}

static void start_or_give_up(struct domain *d)
{
	const struct domain *lost = lost_first(d);

	if (order_is_stopping()) {
		hyp_printf("%s: not started, the board goes down\n", d->name);
		domain_give_up(d);
	} else if (lost != NULL) {
		hyp_printf("%s: not started, %s ended before it was ready\n", d->name, lost->name);
		domain_give_up(d);
	} else if (may_start(d)) {
		await_ready(d);
		domain_start(d);
		order_go_on();
	}
}

/* Those that started after @d have ended. */
static bool may_stop(const struct domain *d)
{
	const struct domain *other;
	uint16_t id;

	for (id = 1; (other = domain_get(id)) != NULL; id++) {
		if ((other->plan->order.after & PLAN_DOMAIN_BIT(d->id)) != 0 &&
		    state_of(other) != DOMAIN_DEAD) {
			return false;
		}
	}
	return true;
}

/* As the plan says, else by Xen's control/shutdown. Return: false: there is no way. */
static bool ask(struct domain *d)
{
	const struct plan_order *o = &d->plan->order;

	d->order.stop_due_ns = arch_now_ns() + o->stop_within_ms * NS_PER_MS;
	if (o->stop_text != NULL) {
		hyp_printf("%s: asked to stop\n", d->name);
		console_client_type(d->console, o->stop_text);
		return true;
	}
	if (pv_ask_to_stop(d)) {
		hyp_printf("%s: asked to stop, by its xenstore\n", d->name);
		return true;
	}
	return false;
}

/* Asked first, once, then made to. */
static void stop(struct domain *d)
{
	if (!d->order.is_asked) {
		d->order.is_asked = ask(d);
		if (d->order.is_asked) {
			return;
		}
	} else if (arch_now_ns() < d->order.stop_due_ns) {
		return;
	}
	hyp_printf("%s: stopped, the board goes down\n", d->name);
	domain_shutdown(d, SHUTDOWN_poweroff);
}

/* When its sign is waited for no longer. */
static uint64_t ready_due(const struct domain *d)
{
	bool is_awaited = __atomic_load_n(&d->order.awaits, __ATOMIC_SEQ_CST) != PLAN_READY_STARTED;

	return is_awaited && state_of(d) != DOMAIN_DEAD ? d->order.ready_due_ns : TIMER_OFF;
}

static void look_at(struct domain *d)
{
	if (ready_due(d) <= arch_now_ns()) {
		domain_ready(d, PLAN_READY_DELAY);
	}
	switch (state_of(d)) {
	case DOMAIN_WAITING:
		start_or_give_up(d);
		break;
	case DOMAIN_RUNNING:
		if (order_is_stopping() && may_stop(d)) {
			stop(d);
		}
		break;
	case DOMAIN_RESTARTING:
		if (order_is_stopping()) {
			vcpu_set_work(d->vcpus[0], true); /* it gives up there */
		}
		break;
	default:
		break;
	}
}

static uint64_t next_due(const struct domain *d)
{
	uint64_t due = ready_due(d);

	if (d->order.is_asked && state_of(d) == DOMAIN_RUNNING) {
		due = MIN(due, d->order.stop_due_ns);
	}
	return due;
}

static void look_at_all(void)
{
	uint64_t due = TIMER_OFF;
	struct domain *d;
	uint16_t id;

	for (id = 1; (d = domain_get(id)) != NULL; id++) {
		look_at(d);
		due = MIN(due, next_due(d));
	}
	timer_set(TIMER_ORDER, due, order_go_on);
}

void order_go_on(void)
{
	unsigned int seen;

	if (__atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST) != 0) {
		return; /* whoever is looking looks again; may be ourselves, further up */
	}
	do {
		seen = __atomic_load_n(&calls, __ATOMIC_SEQ_CST);
		look_at_all();
	} while (__atomic_sub_fetch(&calls, seen, __ATOMIC_SEQ_CST) != 0);
}

void order_stop_all(const struct domain *why)
{
	if (!__atomic_exchange_n(&is_board_stopping, true, __ATOMIC_SEQ_CST)) {
		hyp_printf("%s ended: the board goes down\n", why->name);
	}
}
