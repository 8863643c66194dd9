// SPDX-License-Identifier: Apache-2.0
/*
 * The switch: what came in at a port, and where it goes.
 *
 * A port is in the VLAN of its untagged frames and in those of its trunk; it hears nothing of others. A frame to an
 * address that nobody knows goes to the ports behind which there may be stations that have not spoken yet, not to those
 * that have one address only.
 * Spec: IEEE 802.1Q; 8.6.3 for addresses that are not forwarded.
 */
#include "internal.h"

#define VID_MASK     0xfffu
#define RESERVED_MAC UINT64_C(0x0180c2000000) /* and the 15 after it */

static bool is_in_trunk(const struct net_port *port, uint16_t vid)
{
	for (uint32_t i = 0; i < port->config.nr_trunk; i++) {
		if (port->config.trunk[i] == vid) {
			return true;
		}
	}
	return false;
}

bool switch_is_tagged(const struct net_port *port, const struct net_pkt *p)
{
	return p->vid != port->config.vlan;
}

static bool is_member(const struct net_port *port, uint16_t vid)
{
	return port->config.vlan == vid || is_in_trunk(port, vid);
}

/* The VLAN that the packet is in from now on; the tag keeps its priority. Return: false: not allowed here. */
static bool classify(const struct net_port *port, struct net_pkt *p, const struct net_frame *f)
{
	uint16_t vid = f->tci & VID_MASK;

	if (f->is_tagged && vid != 0 && !is_in_trunk(port, vid)) {
		return false;
	}
	p->vid = vid != 0 ? vid : port->config.vlan;
	put16(p->tag, ETHERTYPE_VLAN);
	put16(p->tag + 2, (f->tci & ~VID_MASK) | p->vid);
	return true;
}

uint16_t switch_next(const struct net_port *port)
{
	return port->queue_len == 0 ? NO_PKT : port->queue[port->queue_first];
}

void switch_pop(struct net *n, struct net_port *port)
{
	uint16_t pkt = port->queue[port->queue_first];

	port->queue_first = (port->queue_first + 1) % NET_QUEUE;
	port->queue_len--;
	port->queue_pages -= n->pkts[pkt].nr_pages;
}

/* Into the queue, whose hold of the packet is the caller's. Return: false: it is full. */
static bool push(struct net *n, struct net_port *port, uint16_t pkt)
{
	uint32_t pages = n->pkts[pkt].nr_pages;

	if (port->queue_len == NET_QUEUE || port->queue_pages + pages > NET_QUEUE_PAGES) {
		port->counters.full++;
		return false;
	}
	port->queue[(port->queue_first + port->queue_len) % NET_QUEUE] = pkt;
	port->queue_len++;
	port->queue_pages += pages;
	return true;
}

/* All of its segments or none. */
static void push_segments(struct net *n, struct net_port *port, uint16_t pkt)
{
	uint32_t nr = segment_count(n, &n->pkts[pkt]);

	if (nr > NET_QUEUE - port->queue_len || nr > NET_QUEUE_PAGES - port->queue_pages) {
		port->counters.full++;
		return;
	}
	for (uint32_t i = 0; i < nr; i++) {
		uint16_t seg = segment_make(n, pkt, i);

		if (seg == NO_PKT) {
			port->counters.full++;
			return;
		}
		if (!push(n, port, seg)) {
			pkt_put(n, seg);
			return;
		}
	}
}

static bool wants_multicast(const struct net_port *port, uint64_t dst)
{
	if (!port->features.has_mcast_control || dst == MAC_BROADCAST) {
		return true;
	}
	for (uint32_t i = 0; i < port->nr_mcast; i++) {
		if (port->mcast[i] == dst) {
			return true;
		}
	}
	return false;
}

static void deliver(struct net *n, struct net_port *port, uint16_t pkt)
{
	struct net_pkt *p = &n->pkts[pkt];
	const struct net_features *has = &port->features;

	if (!port->is_up || port->is_broken) {
		return;
	}
	/* a tagged frame is taken as the wire takes it */
	if (p->gso_size != 0 &&
	    (switch_is_tagged(port, p) || !(p->is_ipv6 ? has->has_gso6 : has->has_gso4))) {
		push_segments(n, port, pkt);
		return;
	}
	if (p->gso_size == 0 && p->is_csum_blank &&
	    (switch_is_tagged(port, p) || !(p->is_ipv6 ? has->has_csum6 : has->has_csum4))) {
		offload_csum(n, p);
	}
	if (push(n, port, pkt)) {
		pkt_get(n, pkt);
	}
}

static bool may_have_strangers(const struct net_port *port)
{
	return port->config.may_use_any_mac;
}

static void forward(struct net *n, uint32_t from, uint16_t pkt, uint64_t dst)
{
	uint32_t bridge = n->ports[from].bridge;
	uint16_t vid = n->pkts[pkt].vid;
	bool is_multicast = (dst & MAC_MULTICAST) != 0;
	int known = is_multicast ? -1 : fdb_find(n->fdb, bridge, vid, dst, n->ops.now_us());

	for (uint32_t i = 0; i < n->nr_ports; i++) {
		struct net_port *port = &n->ports[i];
		bool is_meant = is_multicast ? wants_multicast(port, dst)
				: known >= 0 ? (uint32_t)known == i
					     : may_have_strangers(port);

		if (is_meant && i != from && port->bridge == bridge && is_member(port, vid)) {
			deliver(n, port, pkt);
		}
	}
}

/* Return: whether it may go on, having counted why not. */
static bool admit(struct net *n, uint32_t from, struct net_pkt *p, struct net_frame *f)
{
	struct net_port *port = &n->ports[from];

	if (!frame_read(n, p, f) || !frame_offload(n, p, f)) {
		port->counters.malformed++;
		return false;
	}
	if (!classify(port, p, f)) {
		port->counters.vlan++;
		return false;
	}
	if (!guard_allows(n, port, p, f) ||
	    !fdb_learn(n->fdb, port->bridge, p->vid, f->src, from, n->ops.now_us())) {
		port->counters.spoofed++;
		return false;
	}
	return (f->dst & ~UINT64_C(15)) != RESERVED_MAC;
}

void switch_input(struct net *n, uint32_t port, uint16_t pkt)
{
	struct net_pkt *p = &n->pkts[pkt];
	struct net_counters *c = &n->ports[port].counters;
	struct net_frame f;

	c->in_packets++;
	c->in_bytes += p->len;
	if (admit(n, port, p, &f)) {
		forward(n, port, pkt, f.dst);
	}
	pkt_put(n, pkt);
}
