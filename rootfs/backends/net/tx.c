// SPDX-License-Identifier: Apache-2.0
/*
 * What a front end sends. A batch of packets is read out of the ring, each request once; then their bytes are copied by
 * grants in one call, each packet is answered, and goes to the switch.
 *
 * Answers stand in the same order as requests. Who breaks the ring's rules is cut off; a packet that is wrong in itself is
 * answered with an error and forgotten.
 * Spec: Xen public io/netif.h.
 */
#include "internal.h"

#include <string.h>

#define MAX_SLOTS 20u /* more is a lie; more than XEN_NETIF_NR_SLOTS_MIN is too much for us */
#define MAX_EXTRA 4u
#define GOOD	  NULL

/* A packet on its way out of the ring. */
struct job {
	uint16_t pkt; /* NO_PKT: nothing to send on */
	int16_t status;
	uint32_t nr_slots, nr_extra; /* extras lie behind the first slot */
	uint16_t flags;		     /* of the first */
	uint32_t bytes, first_copy, nr_copies;
	struct netif_extra_info extra[XEN_NETIF_EXTRA_TYPE_MAX]; /* by type */
	struct netif_tx_request slots[MAX_SLOTS];		 /* so many as nr_slots */
};

static struct job jobs[NET_BATCH];

union slot {
	struct netif_tx_request request;
	struct netif_extra_info extra;
	uint32_t words[3];
};

_Static_assert(sizeof(union slot) == 12, "a slot is three words");

static union netif_tx_sring_entry *entry(struct net_port *port, uint32_t index)
{
	return &port->vif.tx->ring[index % __CONST_RING_SIZE(netif_tx, NET_PAGE)];
}

static union slot read_slot(struct net_port *port, uint32_t index)
{
	const uint32_t *from = (const uint32_t *)(const void *)entry(port, index);
	union slot s;

	for (uint32_t i = 0; i < 3; i++) {
		s.words[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
	}
	return s;
}

static const char *read_extras(struct net_port *port, struct job *j, uint32_t index, uint32_t have)
{
	union slot s;

	do {
		if (have == 0) {
			return "a packet without its end";
		}
		s = read_slot(port, index++);
		have--;
		j->nr_extra++;
		if (s.extra.type == XEN_NETIF_EXTRA_TYPE_NONE ||
		    s.extra.type >= XEN_NETIF_EXTRA_TYPE_MAX || j->nr_extra > MAX_EXTRA) {
			return "extra information of no known type";
		}
		j->extra[s.extra.type] = s.extra;
	} while ((s.extra.flags & XEN_NETIF_EXTRA_FLAG_MORE) != 0);
	return GOOD;
}

/* The first slot says the size of the whole packet: what is left of it is its own. */
static const char *check_sizes(struct job *j)
{
	uint32_t left = j->slots[0].size;

	j->bytes = left;
	for (uint32_t i = 1; i < j->nr_slots; i++) {
		if (j->slots[i].size > left) {
			j->status = NETIF_RSP_ERROR;
			return GOOD;
		}
		left -= j->slots[i].size;
	}
	j->slots[0].size = (uint16_t)left;
	for (uint32_t i = 0; i < j->nr_slots; i++) {
		if ((uint32_t)j->slots[i].offset + j->slots[i].size > NET_PAGE) {
			return "bytes beyond a page";
		}
	}
	if (j->nr_slots > XEN_NETIF_NR_SLOTS_MIN || j->bytes < ETH_HEAD) {
		j->status = NETIF_RSP_ERROR;
	}
	return GOOD;
}

/* Read the packet at the front of the ring, of which @have slots are there. Return: GOOD, or the lie. */
static const char *read_job(struct net_port *port, struct job *j, uint32_t have)
{
	uint32_t index = port->ring.tx_cons;
	const char *lie = GOOD;
	bool has_more;

	memset(j, 0, offsetof(struct job, slots));
	j->pkt = NO_PKT;
	j->slots[j->nr_slots++] = read_slot(port, index++).request;
	j->flags = j->slots[0].flags;
	if ((j->flags & NETTXF_extra_info) != 0) {
		lie = read_extras(port, j, index, have - 1);
		index += j->nr_extra;
	}
	has_more = (j->flags & NETTXF_more_data) != 0;
	while (lie == GOOD && has_more) {
		if (j->nr_slots + j->nr_extra == have) {
			return "a packet without its end";
		}
		if (j->nr_slots == MAX_SLOTS) {
			return "a packet of too many pieces";
		}
		j->slots[j->nr_slots] = read_slot(port, index++).request;
		has_more = (j->slots[j->nr_slots++].flags & NETTXF_more_data) != 0;
	}
	return lie;
}

static bool is_control(const struct job *j)
{
	return j->extra[XEN_NETIF_EXTRA_TYPE_MCAST_ADD].type != 0 ||
	       j->extra[XEN_NETIF_EXTRA_TYPE_MCAST_DEL].type != 0;
}

static uint32_t find_mcast(const struct net_port *port, uint64_t mac)
{
	uint32_t i = 0;

	while (i < port->nr_mcast && port->mcast[i] != mac) {
		i++;
	}
	return i;
}

/* Not a packet, but a word to the switch. */
static int16_t control(struct net_port *port, const struct job *j)
{
	const struct netif_extra_info *add = &j->extra[XEN_NETIF_EXTRA_TYPE_MCAST_ADD];
	const struct netif_extra_info *del = &j->extra[XEN_NETIF_EXTRA_TYPE_MCAST_DEL];
	uint32_t i;

	if (add->type != 0) {
		i = find_mcast(port, get_mac(add->u.mcast.addr));
		if (i == NET_MAX_MCAST) {
			return NETIF_RSP_ERROR;
		}
		port->mcast[i] = get_mac(add->u.mcast.addr);
		port->nr_mcast += i == port->nr_mcast;
	}
	if (del->type != 0) {
		i = find_mcast(port, get_mac(del->u.mcast.addr));
		if (i < port->nr_mcast) {
			port->mcast[i] = port->mcast[--port->nr_mcast];
		}
	}
	return NETIF_RSP_OKAY;
}

static void copy_slot(struct net *n, const struct net_port *port,
		      const struct netif_tx_request *slot, const struct net_pkt *p, uint32_t at)
{
	struct net_place from = { port->vif.domid, slot->gref, slot->offset };
	uint32_t left = slot->size, run;

	while (left > 0) {
		struct net_place to = copy_own(pkt_at(n, p, at, &run));

		run = run < left ? run : left;
		copy_add(n, &from, &to, run);
		from.offset += run;
		at += run;
		left -= run;
	}
}

static void start_copies(struct net *n, const struct net_port *port, struct job *j)
{
	const struct netif_extra_info *gso = &j->extra[XEN_NETIF_EXTRA_TYPE_GSO];
	struct net_pkt *p;
	uint32_t at = 0;

	j->first_copy = n->nr_copies;
	j->pkt = pkt_new(n, j->bytes);
	if (j->pkt == NO_PKT) {
		j->status = NETIF_RSP_DROPPED;
		return;
	}
	p = &n->pkts[j->pkt];
	p->is_csum_blank = (j->flags & NETTXF_csum_blank) != 0;
	p->is_validated = p->is_csum_blank || (j->flags & NETTXF_data_validated) != 0;
	p->gso_size = gso->type != 0 ? gso->u.gso.size : 0;
	p->gso_type = gso->u.gso.type;
	for (uint32_t i = 0; i < j->nr_slots; i++) {
		copy_slot(n, port, &j->slots[i], p, at);
		at += j->slots[i].size;
	}
	j->nr_copies = n->nr_copies - j->first_copy;
}

static void prepare(struct net *n, struct net_port *port, struct job *j)
{
	if (is_control(j)) {
		j->status = control(port, j);
	} else if (j->status == NETIF_RSP_OKAY) {
		start_copies(n, port, j);
	}
}

static bool has_room(const struct net *n)
{
	return n->nr_copies + 2 * XEN_NETIF_NR_SLOTS_MIN <= NET_COPIES &&
	       n->nr_free_pages >= NET_PKT_PAGES && n->nr_free_pkts > 0;
}

/* How many requests there are. Asks to be told of the next one if there are none. */
static uint32_t waiting(struct net_port *port)
{
	netif_tx_sring_t *tx = port->vif.tx;
	uint32_t have = shared_load(&tx->req_prod) - port->ring.tx_cons;

	if (have == 0) {
		shared_store(&tx->req_event, port->ring.tx_cons + 1);
		shared_fence();
		have = shared_load(&tx->req_prod) - port->ring.tx_cons;
	}
	return have;
}

static bool may_send_now(struct net *n, struct net_port *port, const struct job *j)
{
	if (is_control(j) || j->status != NETIF_RSP_OKAY ||
	    bucket_take(&port->bucket, j->bytes, n->ops.now_us())) {
		return true;
	}
	port->is_owed = true;
	if (bucket_when(&port->bucket, j->bytes) < n->wake_us) {
		n->wake_us = bucket_when(&port->bucket, j->bytes);
	}
	return false;
}

/* Return: how many jobs were taken out of the ring. */
static uint32_t gather(struct net *n, uint32_t index)
{
	struct net_port *port = &n->ports[index];
	uint32_t have = waiting(port), nr = 0;
	const char *lie = have > __CONST_RING_SIZE(netif_tx, NET_PAGE) ? "an index beyond the ring"
								       : GOOD;

	port->is_owed = false;
	while (lie == GOOD && have > 0 && nr < NET_BATCH && has_room(n)) {
		struct job *j = &jobs[nr];

		lie = read_job(port, j, have);
		lie = lie == GOOD ? check_sizes(j) : lie;
		if (lie != GOOD || !may_send_now(n, port, j)) {
			break;
		}
		port->ring.tx_cons += j->nr_slots + j->nr_extra;
		have -= j->nr_slots + j->nr_extra;
		prepare(n, port, j);
		nr++;
	}
	if (lie != GOOD) {
		vif_cut_off(n, index, lie);
	}
	return nr;
}

static void answer_one(struct net_port *port, uint32_t index, uint16_t id, int16_t status)
{
	netif_tx_response_t *rsp = &entry(port, index)->rsp;

	__atomic_store_n(&rsp->id, id, __ATOMIC_RELAXED);
	__atomic_store_n(&rsp->status, status, __ATOMIC_RELAXED);
}

/* Return: the index after its answers. */
static uint32_t answer(struct net_port *port, const struct job *j, uint32_t index)
{
	answer_one(port, index++, j->slots[0].id, j->status);
	for (uint32_t i = 0; i < j->nr_extra; i++) {
		answer_one(port, index++, 0, NETIF_RSP_NULL);
	}
	for (uint32_t i = 1; i < j->nr_slots; i++) {
		answer_one(port, index++, j->slots[i].id, j->status);
	}
	return index;
}

static void check_copies(struct net *n, struct net_port *port, struct job *j)
{
	for (uint32_t i = 0; i < j->nr_copies; i++) {
		if (n->copies[j->first_copy + i].status != GNTST_okay) {
			j->status = NETIF_RSP_ERROR;
		}
	}
	if (j->pkt != NO_PKT && j->status != NETIF_RSP_OKAY) {
		port->counters.copy++;
		pkt_put(n, j->pkt);
		j->pkt = NO_PKT;
	}
}

static void finish(struct net *n, uint32_t index, uint32_t first, uint32_t nr)
{
	struct net_port *port = &n->ports[index];
	netif_tx_sring_t *tx = port->vif.tx;
	uint32_t old = first;

	for (uint32_t i = 0; i < nr; i++) {
		check_copies(n, port, &jobs[i]);
		if (!port->is_broken) {
			first = answer(port, &jobs[i], first);
		}
	}
	if (!port->is_broken && vif_push(&tx->rsp_prod, &tx->rsp_event, old, first)) {
		port->ring.must_notify_tx = true;
	}
	for (uint32_t i = 0; i < nr; i++) {
		if (jobs[i].pkt != NO_PKT) {
			switch_input(n, index, jobs[i].pkt);
		}
	}
}

bool tx_serve(struct net *n, uint32_t index)
{
	struct net_port *port = &n->ports[index];
	uint32_t first = port->ring.tx_cons, nr;

	if (!port->is_up || port->is_broken || port->kind != NET_VIF) {
		return false;
	}
	nr = gather(n, index);
	if (nr > 0) {
		(void)copy_run(n);
		finish(n, index, first, nr);
	}
	return nr > 0;
}
