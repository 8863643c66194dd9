// SPDX-License-Identifier: Apache-2.0
/*
 * The store's domain: looks after its links, takes turns until nothing is left to do, sleeps.
 *
 * Interrupts only leave a note. Links are looked at when a domain came or went (VIRQ_DOM_EXC), where the hypervisor
 * says so, and when the scan interval is over; each second while somebody is missing or the hypervisor says nothing.
 *
 * An event on a client's stop port says that the board goes down and the client is to end: its control/shutdown says so
 * then, at once or when it is introduced.
 */
#include "backend.h"

#include <string.h>
#include <xen/io/xs_wire.h>
#include <xen/xen.h>
#include <xen_guest.h>

#define TIMER_ON  1u
#define TIMER_OFF 0u
#define NR_ERRORS 4u

static struct store store;
static struct plan *plan;
static bool hears_of_ends;
static volatile bool has_event, has_time;
/* What each client's ring said last, so that it is said once. */
static bool is_cut_off[STORE_MAX_CLIENTS];
static bool must_stop[STORE_MAX_CLIENTS];

void store_interrupt(const struct machine *m, uint32_t intid)
{
	if (intid == m->upcall_intid) {
		xen_events_quiet();
		has_event = true;
	} else if (intid == m->timer_intid) {
		write_sysreg(cntv_ctl_el0, TIMER_OFF);
		has_time = true;
	}
}

static void set_timer(uint64_t seconds)
{
	write_sysreg(cntv_tval_el0, seconds * read_sysreg(cntfrq_el0));
	write_sysreg(cntv_ctl_el0, TIMER_ON);
	isb();
}

static void notify(struct store_client *c)
{
	xen_event_send(plan->link[c - store.clients].port);
}

static void log_access(const struct store_client *c, uint32_t type, const char *path, int error)
{
	print("%s: request %u %s: %u\n", c->name, (uint64_t)type, path, (uint64_t)error);
}

static bool is_up(uint32_t i)
{
	return plan->link[i].port != 0;
}

/* Let go of those that went, and greet those that came. Return: whether all are here. */
static bool look_at_links(void)
{
	bool are_all = true;

	for (uint32_t i = 0; i < plan->nr_clients; i++) {
		struct store_client *c = &store.clients[i];

		if (is_up(i) && !link_is_alive(&plan->link[i])) {
			store_release(&store, c);
			link_down(&plan->link[i]);
			must_stop[i] = false;
			print("%s is gone\n", c->name);
		}
		if (!is_up(i) && link_up(&plan->link[i])) {
			store_introduce(&store, c, plan->link[i].page);
			print("%s is introduced\n", c->name);
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
			print("%s is asked to stop\n", plan->name[i]);
		}
	}
}

static void say_who_is_cut_off(void)
{
	for (uint32_t i = 0; i < plan->nr_clients; i++) {
		const struct store_client *c = &store.clients[i];

		if (c->is_broken && !is_cut_off[i]) {
			print("%s broke the rules of its ring and is cut off\n", c->name);
		}
		is_cut_off[i] = c->is_broken;
	}
}

static void check_links(void)
{
	has_time = false;
	set_timer(look_at_links() && hears_of_ends ? CONFIG_STORE_SCAN_INTERVAL : 1);
}

/* An interrupt that comes after the look ends the WFI, masked as it is. */
static void sleep_until_told(void)
{
	irq_mask(true);
	if (!has_event && !has_time) {
		__asm__ volatile("wfi" : : : "memory");
	}
	irq_mask(false);
}

static void begin(void *memory, size_t size)
{
	const struct store_ops ops = { .notify = notify,
				       .access = store_logs_access ? log_access : NULL };
	struct store_limits limits = store_limits_configured();
	size_t need = store_memory(&limits, plan->nr_clients);

	if (need > size) {
		print("%u clients need %u KiB, the domain has %u KiB: give it more memory or lower the quotas\n",
		      (uint64_t)plan->nr_clients, (uint64_t)need / 1024, (uint64_t)size / 1024);
		irq_mask(true);
		for (;;) {
			__asm__ volatile("wfi" : : : "memory");
		}
	}
	store_init(&store, &limits, &ops, memory, plan->nr_clients);
	for (uint32_t i = 0; i < plan->nr_clients; i++) {
		store_client_set(&store, i, plan->link[i].domid, plan->name[i]);
	}
	for (uint32_t i = 0; i < plan->nr_devices; i++) {
		(void)store_device_add(&store, &plan->device[i]);
	}
}

void store_main(const struct machine *m, struct plan *p, void *memory, size_t size)
{
	(void)m;
	plan = p;
	begin(memory, size);
	hears_of_ends = xen_event_bind_virq(VIRQ_DOM_EXC) != 0;
	print("ready: a store for %u domains\n", (uint64_t)plan->nr_clients);
	has_time = true;
	for (;;) {
		bool is_new = has_event;

		has_event = false;
		is_new = xen_events_take() || is_new;
		if (has_time || (is_new && hears_of_ends)) {
			check_links();
		}
		ask_to_stop();
		if (!store_turn(&store) && !is_new) {
			say_who_is_cut_off();
			sleep_until_told();
		}
	}
}
