// SPDX-License-Identifier: Apache-2.0
/*
 * What a front end receives: each packet into as many of the pages that it granted as the packet needs, by grant copies
 * in one call for a batch.
 *
 * An answer stands in the place of its request: front ends rely on that.
 * Spec: Xen public io/netif.h.
 */
#include "internal.h"

#include <string.h>

#define MAX_PAGES  (NET_PKT_PAGES + 1u) /* the last one for a tag */
#define MAX_PIECES 2u			/* of our pages in one of theirs, without a tag */

/* A packet on its way into the ring. */
struct job {
	uint32_t first; /* index of its first request */
	uint32_t nr_pages;
	uint32_t first_copy[MAX_PAGES + 1];
	uint16_t pkt;
	uint16_t ids[MAX_PAGES + 1];
	uint16_t len[MAX_PAGES];
};

static struct job jobs[NET_BATCH];

static union netif_rx_sring_entry *entry(struct net_port *port, uint32_t index)
{
	return &port->vif.rx->ring[index % __CONST_RING_SIZE(netif_rx, NET_PAGE)];
}

static struct netif_rx_request read_request(struct net_port *port, uint32_t index)
{
	const struct netif_rx_request *from = &entry(port, index)->req;

	return (struct netif_rx_request){ .id = __atomic_load_n(&from->id, __ATOMIC_RELAXED),
					  .gref = __atomic_load_n(&from->gref, __ATOMIC_RELAXED) };
}

static uint32_t bytes_out(const struct net_port *port, const struct net_pkt *p)
{
	return p->len + (switch_is_tagged(port, p) ? TAG_BYTES : 0);
}

static uint32_t slots_out(const struct net_port *port, const struct net_pkt *p)
{
	return (bytes_out(port, p) + NET_PAGE - 1) / NET_PAGE + (p->gso_size != 0 ? 1 : 0);
}

/* Where byte @at of what leaves is, and how many lie together: the tag comes behind the two addresses. */
static const uint8_t *byte_out(const struct net *n, const struct net_pkt *p, bool is_tagged,
			       uint32_t at, uint32_t *run)
{
	const uint8_t *from;

	if (!is_tagged || at < 12) {
		from = pkt_at(n, p, at, run);
		if (is_tagged && *run > 12 - at) {
			*run = 12 - at;
		}
		return from;
	}
	if (at < 12 + TAG_BYTES) {
		*run = 12 + TAG_BYTES - at;
		return p->tag + (at - 12);
	}
	return pkt_at(n, p, at - TAG_BYTES, run);
}

/* Fill their page @ref with bytes from @at. */
static uint16_t fill_page(struct net *n, const struct net_port *port, const struct net_pkt *p,
			  grant_ref_t ref, uint32_t at)
{
	bool is_tagged = switch_is_tagged(port, p);
	uint32_t all = bytes_out(port, p) - at, done = 0, run;

	all = all < NET_PAGE ? all : NET_PAGE;
	while (done < all) {
		struct net_place to = { port->vif.domid, ref, done };
		struct net_place from = copy_own(byte_out(n, p, is_tagged, at + done, &run));

		/* the tag itself may lie over the end of a page of ours */
		run = run < NET_PAGE - from.offset ? run : NET_PAGE - from.offset;
		run = run < all - done ? run : all - done;
		copy_add(n, &from, &to, run);
		done += run;
	}
	return (uint16_t)all;
}

static void start_copies(struct net *n, struct net_port *port, struct job *j)
{
	const struct net_pkt *p = &n->pkts[j->pkt];
	uint32_t bytes = bytes_out(port, p), slot = 0;

	j->first = port->ring.rx_cons;
	j->nr_pages = 0;
	for (uint32_t at = 0; at < bytes; at += NET_PAGE, slot++) {
		struct netif_rx_request r = read_request(port, port->ring.rx_cons++);

		if (slot == 1 && p->gso_size != 0) {
			/* this one's page is not used: extra information goes into its answer */
			j->ids[slot++] = r.id;
			r = read_request(port, port->ring.rx_cons++);
		}
		j->ids[slot] = r.id;
		j->first_copy[j->nr_pages] = n->nr_copies;
		j->len[j->nr_pages++] = fill_page(n, port, p, r.gref, at);
	}
	if (slot == 1 && p->gso_size != 0) {
		port->ring.rx_cons++;
	}
	j->first_copy[j->nr_pages] = n->nr_copies;
}

static void put_response(struct net_port *port, uint32_t index, uint16_t id, uint16_t flags,
			 int16_t status)
{
	netif_rx_response_t *rsp = &entry(port, index)->rsp;

	__atomic_store_n(&rsp->id, id, __ATOMIC_RELAXED);
	__atomic_store_n(&rsp->offset, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&rsp->flags, flags, __ATOMIC_RELAXED);
	__atomic_store_n(&rsp->status, status, __ATOMIC_RELAXED);
}

static void put_gso(struct net_port *port, uint32_t index, const struct net_pkt *p)
{
	struct netif_extra_info extra = { .type = XEN_NETIF_EXTRA_TYPE_GSO };

	extra.u.gso.size = p->gso_size;
	extra.u.gso.type = p->gso_type;
	memcpy(entry(port, index), &extra, sizeof(extra));
}

static uint16_t flags_of(const struct net_pkt *p)
{
	uint16_t flags = 0;

	if (p->is_csum_blank || p->gso_size != 0) {
		flags = NETRXF_csum_blank | NETRXF_data_validated;
	} else if (p->is_validated) {
		flags = NETRXF_data_validated;
	}
	return p->gso_size != 0 ? flags | NETRXF_extra_info : flags;
}

static bool has_failed(const struct net *n, const struct job *j)
{
	for (uint32_t i = j->first_copy[0]; i < j->first_copy[j->nr_pages]; i++) {
		if (n->copies[i].status != GNTST_okay) {
			return true;
		}
	}
	return false;
}

/* Return: the index behind its answers. */
static uint32_t answer(const struct net *n, struct net_port *port, const struct job *j)
{
	const struct net_pkt *p = &n->pkts[j->pkt];
	bool is_bad = has_failed(n, j);
	uint32_t slot = 0;

	for (uint32_t i = 0; i < j->nr_pages; i++) {
		uint16_t flags = i == 0 ? flags_of(p) : 0;

		flags |= i + 1 < j->nr_pages ? NETRXF_more_data : 0;
		put_response(port, j->first + slot, j->ids[slot], flags,
			     is_bad ? NETIF_RSP_ERROR : (int16_t)j->len[i]);
		slot++;
		if (i == 0 && p->gso_size != 0) {
			put_gso(port, j->first + slot++, p);
		}
	}
	if (is_bad) {
		port->counters.copy++;
	} else {
		port->counters.out_packets++;
		port->counters.out_bytes += p->len;
	}
	return j->first + slot;
}

/* Whether so many requests are there; if not, the front end tells of more. */
static bool is_ready(struct net *n, uint32_t index, uint32_t need)
{
	struct net_port *port = &n->ports[index];
	netif_rx_sring_t *rx = port->vif.rx;
	uint32_t have = shared_load(&rx->req_prod) - port->ring.rx_cons;

	if (have < need) {
		shared_store(&rx->req_event, port->ring.rx_cons + need);
		shared_fence();
		have = shared_load(&rx->req_prod) - port->ring.rx_cons;
	}
	if (have > __CONST_RING_SIZE(netif_rx, NET_PAGE)) {
		vif_cut_off(n, index, "an index beyond the ring");
		return false;
	}
	return have >= need;
}

static bool has_room(const struct net *n)
{
	return n->nr_copies + MAX_PIECES * MAX_PAGES + 2 <= NET_COPIES;
}

static uint32_t gather(struct net *n, uint32_t index)
{
	struct net_port *port = &n->ports[index];
	uint32_t nr = 0;

	while (nr < NET_BATCH && has_room(n)) {
		uint16_t pkt = switch_next(port);

		if (pkt == NO_PKT || !is_ready(n, index, slots_out(port, &n->pkts[pkt]))) {
			break;
		}
		switch_pop(n, port);
		jobs[nr].pkt = pkt;
		start_copies(n, port, &jobs[nr++]);
	}
	return nr;
}

bool rx_serve(struct net *n, uint32_t index)
{
	struct net_port *port = &n->ports[index];
	uint32_t nr, old, end;

	if (!port->is_up || port->is_broken || port->kind != NET_VIF ||
	    switch_next(port) == NO_PKT) {
		return false;
	}
	old = end = port->ring.rx_cons;
	nr = gather(n, index);
	(void)copy_run(n);
	for (uint32_t i = 0; i < nr; i++) {
		if (!port->is_broken) {
			end = answer(n, port, &jobs[i]);
		}
		pkt_put(n, jobs[i].pkt);
	}
	if (!port->is_broken &&
	    vif_push(&port->vif.rx->rsp_prod, &port->vif.rx->rsp_event, old, end)) {
		port->ring.must_notify_rx = true;
	}
	return nr > 0;
}
