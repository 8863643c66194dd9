// SPDX-License-Identifier: Apache-2.0
/*
 * What those who serve others are told, in nodes of our own. /ashlar/store: a client each, with the port that is left for
 * the store there, the grant of its page, and the store's own port on which the hypervisor says that this client is to
 * stop; and all PV devices. /ashlar/io: those that this domain serves. Nothing of it changes over anybody's restart.
 */
#include "internal.h"

#include <hyp/log.h>
#include <hyp/xen.h>

#include <libfdt.h>
#include <string.h>

static int client(void *fdt, const struct plan_domain *c)
{
	char name[32];
	int err;

	hyp_snprintf(name, sizeof(name), "client@%x", c->domid);
	err = fdt_begin_node(fdt, name);
	err = err != 0 ? err : fdt_property_u32(fdt, "reg", c->domid);
	err = err != 0 ? err : guest_fdt_text(fdt, "name", c->name);
	err = err != 0 ? err : fdt_property_u32(fdt, "port", c->pv.store_port);
	err = err != 0 ? err : fdt_property_u32(fdt, "grant", GNTTAB_RESERVED_XENSTORE);
	err = err != 0 ? err : fdt_property_u32(fdt, "stop-port", c->pv.stop_port);
	return err != 0 ? err : fdt_end_node(fdt);
}

static int clients(void *fdt, const struct plan *plan)
{
	uint32_t i;
	int err = 0;

	for (i = 0; err == 0 && i < plan->nr_domains; i++) {
		if (plan->domains[i].pv.has_store) {
			err = client(fdt, &plan->domains[i]);
		}
	}
	return err;
}

static int begin(void *fdt, const char *name, const char *compatible)
{
	int err = fdt_begin_node(fdt, name);

	err = err != 0 ? err : guest_fdt_text(fdt, "compatible", compatible);
	err = err != 0 ? err : fdt_property_u32(fdt, "#address-cells", 1);
	return err != 0 ? err : fdt_property_u32(fdt, "#size-cells", 0);
}

static int store(const struct domain *d, void *fdt)
{
	int err = begin(fdt, "store", "ashlar,store");

	err = err != 0 ? err : clients(fdt, d->board);
	err = err != 0 ? err : guest_fdt_links(d->board, 0, fdt);
	return err != 0 ? err : fdt_end_node(fdt);
}

static int io(const struct domain *d, void *fdt)
{
	int err = begin(fdt, "io", "ashlar,io");

	err = err != 0 ? err : guest_fdt_copy(fdt, d->board, d->plan->node, PLAN_UPLINK);
	err = err != 0 ? err : guest_fdt_copy(fdt, d->board, d->plan->node, PLAN_UPLINK_TRUNK);
	err = err != 0 ? err : guest_fdt_links(d->board, d->id, fdt);
	return err != 0 ? err : fdt_end_node(fdt);
}

int guest_fdt_pv(const struct domain *d, void *fdt)
{
	int err;

	if (!d->plan->pv.is_store && !d->plan->pv.is_io) {
		return 0;
	}
	err = fdt_begin_node(fdt, "ashlar");
	if (err == 0 && d->plan->pv.is_store) {
		err = store(d, fdt);
	}
	if (err == 0 && d->plan->pv.is_io) {
		err = io(d, fdt);
	}
	return err != 0 ? err : fdt_end_node(fdt);
}
