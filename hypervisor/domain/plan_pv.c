// SPDX-License-Identifier: Apache-2.0
/*
 * What a domain has of devices made of shared memory and event channels: who is the store, who its clients are, how
 * large the tables for grants are; whether it may give memory up. Each link between two domains follows from one property and from nothing else.
 * Xen docs/misc/arm/device-tree/booting.txt, "xen,enhanced", "max_grant_frames", "max_maptrack_frames".
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

/* Xen's own default; four are enough for who shares nothing. */
#define FRAMES_LINKED	32U
#define FRAMES_UNLINKED 4U
#define TRACK_SERVING	8U
#define TRACK_SELF	1U

static const char *const enhanced_values[] = { "enabled", "no-xenstore", "disabled", NULL };

static void read_enhanced(struct plan_reader *r, struct plan_domain *d, int node)
{
	int len;
	const char *value = fdt_getprop(r->fdt, node, "xen,enhanced", &len);

	if (value == NULL) {
		return;
	}
	/* Empty, or an empty string: all of it. */
	if (len <= 1) {
		d->pv.has_store = true;
		d->pv.has_console = true;
		return;
	}
	value = plan_string(r, node, "xen,enhanced");
	if (value == NULL) {
		return;
	}
	d->pv.has_store = strcmp(value, "enabled") == 0;
	d->pv.refuses_store = !d->pv.has_store;
	d->pv.has_console = d->pv.has_store || strcmp(value, "no-xenstore") == 0;
	if (!d->pv.has_console && strcmp(value, "disabled") != 0) {
		const char *near = plan_nearest(value, enhanced_values);

		plan_error(
			r, node, "xen,enhanced",
			"domain \"%s\": xen,enhanced is \"%s\"; write \"%s\" (possible are \"enabled\", \"no-xenstore\" and \"disabled\")",
			d->name, value, near != NULL ? near : "enabled");
	}
}

static void read_frames(struct plan_reader *r, const struct plan_domain *d, int node,
			const char *prop, uint32_t *frames)
{
	if (plan_u32(r, node, prop, frames) && (*frames == 0 || *frames > PLAN_MAX_FRAMES)) {
		plan_error(r, node, prop, "domain \"%s\": %s is %u, possible are 1 to %u", d->name,
			   prop, *frames, PLAN_MAX_FRAMES);
		*frames = 0;
	}
}

static void read_version(struct plan_reader *r, struct plan_domain *d, int node)
{
	d->pv.grant_version = 1;
	if (!plan_u32(r, node, "max_grant_version", &d->pv.grant_version) ||
	    (d->pv.grant_version >= 1 && d->pv.grant_version <= CONFIG_GNTTAB_MAX_VERSION)) {
		return;
	}
	plan_error(
		r, node, "max_grant_version",
		d->pv.grant_version == 2
			? "domain \"%s\": max_grant_version is %u, which this hypervisor is built without; write 1, or set CONFIG_GNTTAB_V2"
			: "domain \"%s\": max_grant_version is %u, possible are 1 and 2",
		d->name, d->pv.grant_version);
	d->pv.grant_version = 1;
}

void plan_read_pv(struct plan_reader *r, struct plan_domain *d, int node)
{
	d->balloon = fdt_getprop(r->fdt, node, "ashlar,balloon", NULL) != NULL;
	d->pv.is_store = fdt_getprop(r->fdt, node, "ashlar,store", NULL) != NULL;
	d->pv.is_io = fdt_getprop(r->fdt, node, "ashlar,io", NULL) != NULL;
	read_enhanced(r, d, node);
	read_frames(r, d, node, "max_grant_frames", &d->pv.grant_frames);
	read_frames(r, d, node, "max_maptrack_frames", &d->pv.maptrack_frames);
	read_version(r, d, node);
	if (d->pv.is_store && d->pv.has_store) {
		plan_error(
			r, node, "xen,enhanced",
			"domain \"%s\": it is the store and cannot be its own client; remove xen,enhanced or ashlar,store",
			d->name);
		d->pv.has_store = false;
	}
	if (d->pv.is_store && d->pv.is_io) {
		plan_error(
			r, node, "ashlar,io",
			"domain \"%s\": it is the store, which restarts apart from the back end; give ashlar,io a domain of its own",
			d->name);
		d->pv.is_io = false;
	}
	d->pv.has_store |= d->pv.is_io;
}

/* The one store; a second is reported. */
static const struct plan_domain *find_store(struct plan_reader *r)
{
	const struct plan_domain *store = NULL;
	uint32_t i;

	for (i = 0; i < r->plan->nr_domains; i++) {
		const struct plan_domain *d = &r->plan->domains[i];

		if (d->pv.is_store && store != NULL) {
			plan_error(
				r, d->node, "ashlar,store",
				"domain \"%s\": ashlar,store: \"%s\" is the store already; remove one",
				d->name, store->name);
		} else if (d->pv.is_store) {
			store = d;
		}
	}
	return store;
}

static bool is_static_port(const struct plan_domain *d, uint32_t port)
{
	uint32_t i;

	for (i = 0; i < d->nr_evtchns; i++) {
		if (d->evtchns[i].port == port) {
			return true;
		}
	}
	return false;
}

/* There are more ports than static channels, so there is one. */
static uint32_t first_free_port(const struct plan_domain *d)
{
	uint32_t port = 1;

	while (is_static_port(d, port) || port == d->pv.store_port) {
		port++;
	}
	return port;
}

/* The store has a port for each client on which it hears that the client is to stop, and binds one to each. */
static void link_stops(struct plan_reader *r, const struct plan_domain *store)
{
	uint32_t port = 0, nr_clients = 0, i;

	for (i = 0; i < r->plan->nr_domains; i++) {
		struct plan_domain *d = &r->plan->domains[i];

		if (!d->pv.has_store) {
			continue;
		}
		do {
			port++;
		} while (is_static_port(store, port) || port == store->pv.console_port);
		d->pv.stop_port = port;
		nr_clients++;
	}
	if (port + nr_clients + 1 >= CONFIG_EVTCHN_PORTS) {
		plan_error(
			r, store->node, "ashlar,store",
			"domain \"%s\": its %u clients take its ports up to %u, and one more each; CONFIG_EVTCHN_PORTS is %u: raise it",
			store->name, nr_clients, port, CONFIG_EVTCHN_PORTS);
	}
}

static void link_client(struct plan_reader *r, struct plan_domain *d,
			const struct plan_domain *store)
{
	if (store == NULL) {
		bool is_asked = fdt_getprop(r->fdt, d->node, "xen,enhanced", NULL) != NULL;

		plan_error(
			r, d->node, is_asked ? "xen,enhanced" : NULL,
			"domain \"%s\": %s for a xenstore, and no domain is the store; write ashlar,store in one%s",
			d->name, is_asked ? "xen,enhanced asks" : "its PV devices ask",
			is_asked ? ", or xen,enhanced = \"no-xenstore\"" : "");
		return;
	}
	d->pv.store = store->domid;
	d->pv.store_port = first_free_port(d);
	d->pv.backends |= PLAN_DOMAIN_BIT(store->domid);
}

static uint32_t all_backends(const struct plan *p)
{
	uint32_t set = 0;
	uint32_t i;

	for (i = 0; i < p->nr_domains; i++) {
		set |= p->domains[i].pv.backends;
	}
	return set;
}

static void set_defaults(const struct plan_reader *r, struct plan_domain *d, uint32_t backends)
{
	bool is_serving = (backends & PLAN_DOMAIN_BIT(d->domid)) != 0;

	if (d->pv.grant_frames == 0) {
		d->pv.grant_frames = d->pv.backends != 0 ? FRAMES_LINKED : FRAMES_UNLINKED;
	}
	if (d->pv.maptrack_frames == 0) {
		d->pv.maptrack_frames = is_serving ? TRACK_SERVING : TRACK_SELF;
	}
	if (is_serving || d->pv.has_store) {
		plan_find_free(r, d, &d->pv.free);
	}
}

/* Of event channels a port is 16 bytes at most, its guest's queues and what is mapped of them 2 KiB. */
#define EVTCHN_KIB (CONFIG_EVTCHN_PORTS * 16U / 1024U + 2U)

/* Version 2 has two bytes more for each of 256 grants in a frame, in pages, and remembers where they are. */
static uint32_t kib_of_statuses(const struct plan_domain *d)
{
	return d->pv.grant_version < 2 ? 0 : (d->pv.grant_frames + 7) / 8 * 4 + 1;
}

/* A grant's frame has a half page of counts beside it, a frame of mappings an eighth of a page to find them by. */
static uint64_t kib_of(const struct plan_domain *d)
{
	uint32_t pages = (uint32_t)d->pv.has_store + d->pv.has_console;
	uint64_t kib = d->pv.grant_frames * 6 + kib_of_statuses(d) +
		       (d->pv.maptrack_frames * 9 + 1) / 2 + pages * 4 + EVTCHN_KIB;

	/* A balloon: a translation table for each 2 MiB, a bit for each page. */
	return d->balloon ? kib + d->memory_bytes / (2 * MIB) * 4 + d->memory_bytes / (32 * MIB)
			  : kib;
}

static void check_pool(struct plan_reader *r)
{
	uint64_t total = 0;
	uint32_t i;

	for (i = 0; i < r->plan->nr_domains; i++) {
		const struct plan_domain *d = &r->plan->domains[i];

		total += kib_of(d);
		if (total > CONFIG_HYP_POOL_KIB) {
			plan_error(
				r, d->node, NULL,
				"domain \"%s\": its event channels, %u grant and %u maptrack frames and PV pages%s take the sum to %lu KiB, the hypervisor's pool has %u; lower them or set CONFIG_HYP_POOL_KIB",
				d->name, d->pv.grant_frames, d->pv.maptrack_frames,
				d->balloon ? ", and the tables of its balloon" : "", total,
				(uint32_t)CONFIG_HYP_POOL_KIB);
			return;
		}
	}
}

void plan_check_pv(struct plan_reader *r)
{
	const struct plan_domain *store = find_store(r);
	uint32_t backends, i;

	for (i = 0; i < r->plan->nr_domains; i++) {
		struct plan_domain *d = &r->plan->domains[i];

		if (d->pv.has_store) {
			link_client(r, d, store);
		}
		if (d->pv.has_console) {
			d->pv.console_port = first_free_port(d);
		}
	}
	if (store != NULL) {
		link_stops(r, store);
	}
	backends = all_backends(r->plan);
	if (store != NULL && (backends & PLAN_DOMAIN_BIT(store->domid)) == 0) {
		plan_warn(r, store->node, "ashlar,store",
			  "domain \"%s\": it is the store of no domain; write xen,enhanced in one",
			  store->name);
	}
	for (i = 0; i < r->plan->nr_domains; i++) {
		set_defaults(r, &r->plan->domains[i], backends);
	}
	check_pool(r);
}
