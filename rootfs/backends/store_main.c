// SPDX-License-Identifier: Apache-2.0
/*
 * The store's domain: looks after its links, takes turns until nothing is left to do, sleeps.
 *
 * Interrupts only leave a note. Links are looked at when a domain came or went (VIRQ_DOM_EXC), where the hypervisor
 * says so, and when the scan interval is over; each second while somebody is missing or the hypervisor says nothing.
 *
 * An event on a client's stop port says that the board goes down and the client is to end: its control/shutdown says so
 * then, at once or when it is introduced.
 *
 * A life that follows another one goes on with the state that is kept, and its clients notice nothing. If the state is
 * lost, so are the connections of those clients that are alive still: the hypervisor is asked to restart them.
 */
#include "backend.h"

#include <string.h>
#include <xen/io/xs_wire.h>
#include <xen/xen.h>
#include <xen_guest.h>

#define US_PER_S 1000000u

static struct store store;
static struct plan *plan;
static bool hears_of_ends;
static uint64_t begun; /* in us */
static volatile bool has_event, has_time;
static struct store_verdict verdict[STORE_MAX_CLIENTS];
static bool must_stop[STORE_MAX_CLIENTS];

void store_interrupt(const struct machine *m, uint32_t intid)
{
	if (intid == m->upcall_intid) {
		xen_events_quiet();
		has_event = true;
	} else if (intid == m->timer_intid) {
		timer_off();
		has_time = true;
	}
}

static void set_timer(uint64_t seconds)
{
	timer_at(time_us() + seconds * US_PER_S);
}

static void notify(struct store_client *c)
{
	xen_event_send(plan->link[c - store.clients].port);
}

static void log_access(const struct store_client *c, uint32_t type, const char *path, int error)
{
	print("%s: request %u %s: %u\n", c->name, (uint64_t)type, path, (uint64_t)error);
}

/* Its plan says whether it is restarted. */
static void lost(struct store_client *c)
{
	bool is_done = xen_domain_restart(c->domid);

	print("%s does not find its back end again: %s\n", c->name,
	      is_done ? "restarted" : "it is not ours to restart it");
}

static bool is_up(uint32_t i)
{
	return plan->link[i].port != 0;
}

/* Nobody can tell it what it told the store that is lost; that it is, is said in its ring. */
static void restart_stranger(uint32_t i)
{
	const struct store_client *c = &store.clients[i];
	bool is_done = xen_domain_restart(c->domid);

	verdict[i].is_said = true; /* it broke no rule */
	print("%s is connected to a store whose state is lost: %s\n", c->name,
	      is_done ? "restarted" : "it is not ours to restart it");
}

static void greet(uint32_t i)
{
	struct store_client *c = &store.clients[i];

	switch (store_meet(&store, c, plan->link[i].page)) {
	case STORE_MET_NEW:
		print("%s is introduced\n", c->name);
		break;
	case STORE_MET_AGAIN:
		print("%s goes on\n", c->name);
		break;
	case STORE_MET_STRANGER:
		restart_stranger(i);
		break;
	}
}

static void let_go(uint32_t i)
{
	store_release(&store, &store.clients[i]);
	print("%s is gone\n", store.clients[i].name);
}

/* Let go of those that went, and greet those that came. Return: whether all are here. */
static bool look_at_links(void)
{
	bool are_all = true;

	for (uint32_t i = 0; i < plan->nr_clients; i++) {
		if (is_up(i) && !link_is_alive(&plan->link[i])) {
			link_down(&plan->link[i]);
			must_stop[i] = false;
			let_go(i);
		}
		if (!is_up(i) && link_up(&plan->link[i])) {
			greet(i);
		}
		if (!is_up(i) && store.clients[i].is_introduced) {
			let_go(i); /* it went between our last life and this one */
		}
		are_all = are_all && is_up(i);
	}
	return are_all;
}

static void ask_to_stop(void)
{
	for (uint32_t i = 0; i < plan->nr_clients; i++) {
		must_stop[i] = xen_event_was_seen(plan->link[i].stop_port) || must_stop[i];
		if (must_stop[i] && is_up(i)) {
			must_stop[i] = false;
			store_ask_to_stop(&store, &store.clients[i]);
			store_commit(&store);
			print("%s is asked to stop\n", plan->name[i]);
		}
	}
}

/* A second of life shows that what it went on with was good. */
static bool has_lasted(void)
{
	static bool is_well;

	if (!is_well && time_us() - begun >= US_PER_S) {
		is_well = true;
		store_is_well(&store);
	}
	return is_well;
}

static uint64_t now_ms(void)
{
	return time_us() / 1000;
}

/* Those who have ended are let go of when the second is over, before they are judged. */
static void say_who_is_cut_off(void)
{
	bool is_waiting = false;

	for (uint32_t i = 0; i < plan->nr_clients; i++) {
		const struct store_client *c = &store.clients[i];

		if (verdict_is_due(&verdict[i], c->is_broken, now_ms())) {
			print("%s broke the rules of its ring and is cut off\n", c->name);
		}
		is_waiting = is_waiting || verdict[i].is_waiting;
	}
	if (is_waiting) {
		set_timer(1);
	}
}

static void check_links(void)
{
	bool are_all;

	has_time = false;
	are_all = look_at_links();
	are_all = !store_recover(&store, now_ms()) && are_all;
	set_timer(are_all && hears_of_ends && has_lasted() ? CONFIG_STORE_SCAN_INTERVAL : 1);
}

/* An interrupt that comes after the look ends the wait, masked as it is. @held_ms: then somebody may go on; 0: nobody waits. */
static void sleep_until_told(uint32_t held_ms)
{
	if (held_ms != 0) {
		timer_at(time_us() + (uint64_t)held_ms * 1000);
	}
	irq_mask(true);
	if (!has_event && !has_time) {
		irq_wait();
	}
	irq_mask(false);
}

/* Are these the clients of the plan? */
static bool are_ours(void)
{
	bool are_same = true;

	for (uint32_t i = 0; i < plan->nr_clients; i++) {
		are_same = are_same && store.clients[i].domid == plan->link[i].domid;
	}
	return are_same;
}

static void begin_anew(const struct store_limits *limits, const struct store_ops *ops, void *memory)
{
	store_init(&store, limits, ops, memory, plan->nr_clients);
	for (uint32_t i = 0; i < plan->nr_clients; i++) {
		store_client_set(&store, i, plan->link[i].domid, plan->name[i]);
	}
}

static void begin(void *memory, size_t size)
{
	const struct store_ops ops = { .notify = notify,
				       .lost = lost,
				       .access = store_logs_access ? log_access : NULL };
	struct store_limits limits = store_limits_configured();
	size_t need = store_memory(&limits, plan->nr_clients);

	if (need > size) {
		print("%u clients need %u KiB, the domain has %u KiB: give it more memory or lower the quotas\n",
		      (uint64_t)plan->nr_clients, (uint64_t)need / 1024, (uint64_t)size / 1024);
		irq_mask(true);
		for (;;) {
			irq_wait();
		}
	}
	if (store_restore(&store, &limits, &ops, memory, plan->nr_clients) && are_ours()) {
		print("going on with the state of the life before\n");
	} else {
		begin_anew(&limits, &ops, memory);
	}
	for (uint32_t i = 0; i < plan->nr_devices; i++) {
		(void)store_device_add(&store, &plan->device[i]);
	}
}

void store_main(const struct machine *m, struct plan *p, void *memory, size_t size)
{
	(void)m;
	plan = p;
	begun = time_us();
	begin(memory, size);
	hears_of_ends = xen_event_bind_virq(VIRQ_DOM_EXC) != 0;
	print("ready: a store for %u domains\n", (uint64_t)plan->nr_clients);
	has_time = true;
	for (;;) {
		uint32_t held_ms = store_clock(&store, now_ms());
		bool is_new = has_event;

		has_event = false;
		is_new = xen_events_take() || is_new;
		if (has_time || (is_new && hears_of_ends)) {
			check_links();
		}
		ask_to_stop();
		if (!store_turn(&store) && !is_new) {
			say_who_is_cut_off();
			sleep_until_told(held_ms);
		}
	}
}
