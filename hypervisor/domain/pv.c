// SPDX-License-Identifier: Apache-2.0
/*
 * What a domain is given before it runs, in every life alike, so that it finds its store: a page of ours at Xen's place,
 * granted to the store by an entry of its own table, and a port that is left for the store.
 *
 * The page says that it waits for the store, which takes that back when it has mapped it.
 * Spec: Xen public grant_table.h, GNTTAB_RESERVED_XENSTORE; io/xs_wire.h, connection; docs/misc/xenstore-ring.txt.
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/gnttab.h>
#include <hyp/pool.h>
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
	return 0;
}

static int show_page(struct domain *d, uint64_t gfn, void *page)
{
	return arch_p2m_map(d, gpa(gfn << PAGE_SHIFT), arch_virt_to_phys(page), PAGE_SIZE, P2M_RAM);
}

int pv_map(struct domain *d)
{
	return d->pv.store_page == NULL ? 0 : show_page(d, PV_STORE_GFN, d->pv.store_page);
}

/*
 * Pages of translation tables: a few for what every guest puts somewhere (shared info, grant frames; each within its own
 * RAM cuts a large block), and some for the mappings that its book has room for, if they are not too far apart.
 */
#define TABLES_ANY 8U

int pv_reserve(struct domain *d)
{
	return arch_p2m_reserve(d, TABLES_ANY + d->plan->pv.maptrack_frames);
}

void pv_begin_life(struct domain *d)
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

void pv_tell_store(void)
{
	struct domain *d;
	uint16_t i;

	for (i = 1; (d = domain_get(i)) != NULL; i++) {
		if (d->plan->pv.is_store && domain_is_running(d)) {
			evtchn_raise_virq(d, VIRQ_DOM_EXC);
		}
	}
}
