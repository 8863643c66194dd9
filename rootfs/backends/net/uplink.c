// SPDX-License-Identifier: Apache-2.0
/* A port behind which a driver has a device: whole frames in and out, with their tags. */
#include "internal.h"

void net_uplink_set(struct net *n, uint32_t port, const struct net_features *features)
{
	struct net_port *p = &n->ports[port];

	p->kind = NET_UPLINK;
	p->features = *features;
	p->is_up = true;
	p->is_broken = false;
}

bool net_uplink_put(struct net *n, uint32_t port, const void *frame, size_t len)
{
	uint16_t pkt;

	if (len > NET_MAX_FRAME + TAG_BYTES) {
		n->ports[port].counters.malformed++;
		return true;
	}
	pkt = pkt_new(n, (uint32_t)len);
	if (pkt == NO_PKT) {
		return false;
	}
	pkt_fill(n, &n->pkts[pkt], 0, frame, (uint32_t)len);
	switch_input(n, port, pkt);
	return true;
}

size_t net_uplink_get(struct net *n, uint32_t port, void *frame, size_t room)
{
	struct net_port *up = &n->ports[port];
	uint16_t pkt = switch_next(up);
	const struct net_pkt *p;
	uint8_t *out = frame;
	uint32_t tag, len;

	if (pkt == NO_PKT) {
		return 0;
	}
	p = &n->pkts[pkt];
	tag = switch_is_tagged(up, p) ? TAG_BYTES : 0;
	len = p->len;
	switch_pop(n, up);
	if (len + tag <= room) {
		pkt_copy(n, p, 0, out, 12);
		for (uint32_t i = 0; i < tag; i++) {
			out[12 + i] = p->tag[i];
		}
		pkt_copy(n, p, 12, out + 12 + tag, len - 12);
		up->counters.out_packets++;
		up->counters.out_bytes += len;
		len += tag;
	} else {
		up->counters.malformed++;
		len = 0;
	}
	pkt_put(n, pkt);
	return len;
}
