// SPDX-License-Identifier: Apache-2.0
/*
 * What a domain is given before it runs, in every life alike, so that it finds its store and its console: for each a
 * page of ours at Xen's place, granted by an entry of its own table, and a port.
 *
 * The store's port is left for the store, and its page says that it waits for the store, which takes that back when it
 * has mapped it. The console is served by ourselves: its port is bound from the start, and its page, which nobody maps,
 * is granted to the domid that stands for the hypervisor.
 *
 * The store has a port for each client, bound to ourselves: an event there says that the client is to stop.
 * Spec: Xen public grant_table.h, GNTTAB_RESERVED_*; io/xs_wire.h, connection; docs/misc/xenstore-ring.txt.
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/gnttab.h>
#include <hyp/pool.h>
#include <hyp/pv_console.h>
#include <hyp/xen.h>

#include <string.h>
#include <xen/io/xs_wire.h>

int pv_init(struct domain *d)
{
	if (d->plan->pv.has_store) {
		d->pv.store_page = page_alloc(0);
		if (d->pv.store_page == NULL) {
			return -ENOMEM;
		}
	}
	return d->plan->pv.has_console ? pv_console_create(d) : 0;
}

static int show_page(struct domain *d, uint64_t gfn, void *page)
{
	return arch_p2m_map(d, gpa(gfn << PAGE_SHIFT), arch_virt_to_phys(page), PAGE_SIZE, P2M_RAM);
}

int pv_map(struct domain *d)
{
	void *console = pv_console_page(d);
	int rc = d->pv.store_page == NULL ? 0 : show_page(d, PV_STORE_GFN, d->pv.store_page);

	return rc != 0 || console == NULL ? rc : show_page(d, PV_CONSOLE_GFN, console);
}

/*
 * Pages of translation tables: a few for what every guest puts somewhere (shared info, grant frames; each within its own
 * RAM cuts a large block), some for the mappings that its book has room for, if they are not too far apart, and with a
 * balloon as many as its whole memory can take.
 */
#define TABLES_ANY 8U

int pv_reserve(struct domain *d)
{
	return arch_p2m_reserve(d,
				TABLES_ANY + d->plan->pv.maptrack_frames + reservation_tables(d));
}

static void begin_store(struct domain *d)
{
	struct xenstore_domain_interface *ring = d->pv.store_page;

	if (ring == NULL) {
		return;
	}
	memset(ring, 0, PAGE_SIZE);
	ring->connection = XENSTORE_RECONNECT;
	arch_cache_clean(ring, PAGE_SIZE);
	gnttab_seed(d, GNTTAB_RESERVED_XENSTORE, d->plan->pv.store, PV_STORE_GFN);
	evtchn_seed(d, d->plan->pv.store_port, d->plan->pv.store);
}

static void begin_console(struct domain *d)
{
	if (pv_console_page(d) == NULL) {
		return;
	}
	pv_console_begin_life(d);
	gnttab_seed(d, GNTTAB_RESERVED_CONSOLE, DOMID_XEN, PV_CONSOLE_GFN);
	evtchn_seed_own(d, d->plan->pv.console_port);
}

static void begin_serving(struct domain *d)
{
	uint32_t i;

	for (i = 0; d->plan->pv.is_store && i < d->board->nr_domains; i++) {
		const struct plan_pv *client = &d->board->domains[i].pv;

		if (client->has_store) {
			evtchn_seed_own(d, client->stop_port);
		}
	}
}

void pv_begin_life(struct domain *d)
{
	begin_store(d);
	begin_console(d);
	begin_serving(d);
}

/* The back end of ours has nothing to end: those that it served have ended before it. */
bool pv_ask_to_stop(const struct domain *d)
{
	const struct plan_pv *p = &d->plan->pv;
	struct domain *store = p->has_store && !p->is_io ? domain_get(p->store) : NULL;

	if (store == NULL || !domain_is_running(store)) {
		return false;
	}
	evtchn_raise_own(store, p->stop_port);
	return true;
}

void pv_tell_store(struct domain *changed)
{
	struct domain *d;
	uint16_t i;

	__atomic_store_n(&changed->has_changed, true, __ATOMIC_SEQ_CST);
	for (i = 1; (d = domain_get(i)) != NULL; i++) {
		if (d->plan->pv.is_store && domain_is_running(d)) {
			evtchn_raise_virq(d, VIRQ_DOM_EXC);
		}
	}
}
