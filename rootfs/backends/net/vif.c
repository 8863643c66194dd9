// SPDX-License-Identifier: Apache-2.0
/* What both rings of a front end have in common: grant copies, answers, and being cut off. */
#include "internal.h"

void vif_cut_off(struct net *n, uint32_t index, const char *why)
{
	struct net_port *port = &n->ports[index];

	port->is_broken = true;
	while (switch_next(port) != NO_PKT) {
		uint16_t pkt = switch_next(port);

		switch_pop(n, port);
		pkt_put(n, pkt);
	}
	n->ops.cut_off(n, index, why);
}

bool vif_push(uint32_t *rsp_prod, const uint32_t *rsp_event, uint32_t old, uint32_t rsp)
{
	shared_store(rsp_prod, rsp);
	shared_fence();
	return (uint32_t)(rsp - shared_load(rsp_event)) < (uint32_t)(rsp - old);
}

static struct gnttab_copy_ptr end_of(const struct net_place *p)
{
	struct gnttab_copy_ptr end = { .domid = p->domid, .offset = (uint16_t)p->offset };

	if (p->domid == DOMID_SELF) {
		end.u.gmfn = p->page;
	} else {
		end.u.ref = (grant_ref_t)p->page;
	}
	return end;
}

void copy_add(struct net *n, const struct net_place *from, const struct net_place *to, uint32_t len)
{
	struct gnttab_copy *op = &n->copies[n->nr_copies++];

	op->source = end_of(from);
	op->dest = end_of(to);
	op->len = (uint16_t)len;
	op->flags = (uint16_t)((from->domid != DOMID_SELF ? GNTCOPY_source_gref : 0) |
			       (to->domid != DOMID_SELF ? GNTCOPY_dest_gref : 0));
	op->status = GNTST_general_error;
}

uint32_t copy_run(struct net *n)
{
	uint32_t nr = n->nr_copies;

	if (nr > 0) {
		n->ops.copy(n->copies, nr);
	}
	n->nr_copies = 0;
	return nr;
}

struct net_place copy_own(const void *p)
{
	uint64_t addr = (uintptr_t)p;

	return (struct net_place){ DOMID_SELF, addr / NET_PAGE, (uint32_t)(addr % NET_PAGE) };
}
