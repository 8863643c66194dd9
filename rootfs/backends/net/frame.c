// SPDX-License-Identifier: Apache-2.0
/*
 * What a frame's headers say. The frame is in our memory; nothing that it says is believed further than its length.
 *
 * A sender that leaves work to others (a checksum, segmentation) must have sound headers for it: the receiver may be a
 * guest that believes them.
 * Spec: IEEE 802.3, 802.1Q; RFC 791, 8200, 9293, 768.
 */
#include "internal.h"

#include <string.h>

#define IPV4_MIN	20u
#define IPV6_HEAD	40u
#define TCP_MIN		20u
#define UDP_HEAD	8u
#define IPV4_FRAGMENTED 0x3fffu /* more fragments, or not the first */
/* Headers larger than this are nobody's: Ethernet, and IP and TCP with all options. */
#define MAX_HEADERS (ETH_HEAD + 60u + 60u)

uint32_t get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

uint32_t get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

uint64_t get_mac(const uint8_t *p)
{
	return (uint64_t)get16(p) << 32 | get32(p + 2);
}

bool frame_read(const struct net *n, struct net_pkt *p, struct net_frame *f)
{
	uint32_t run;
	uint8_t *head = pkt_at(n, p, 0, &run);

	memset(f, 0, sizeof(*f));
	if (p->len < ETH_HEAD) {
		return false;
	}
	f->dst = get_mac(head);
	f->src = get_mac(head + 6);
	f->ethertype = get16(head + 12);
	if (f->ethertype != ETHERTYPE_VLAN) {
		return true;
	}
	if (p->len < ETH_HEAD + TAG_BYTES) {
		return false;
	}
	f->is_tagged = true;
	f->tci = (uint16_t)get16(head + 14);
	f->ethertype = get16(head + 16);
	memmove(head + TAG_BYTES, head, 12);
	p->start = TAG_BYTES;
	p->len -= TAG_BYTES;
	return true;
}

/* Return: the offset of what IP carries, 0: unsound. */
static uint32_t read_ipv4(const uint8_t *head, uint32_t have, struct net_pkt *p)
{
	const uint8_t *ip = head + ETH_HEAD;
	uint32_t len, all;

	if (have < ETH_HEAD + IPV4_MIN || ip[0] >> 4 != 4) {
		return 0;
	}
	len = (ip[0] & 15u) * 4u;
	all = get16(ip + 2);
	if (len < IPV4_MIN || have < ETH_HEAD + len || all > p->len - ETH_HEAD || all < len ||
	    (get16(ip + 6) & IPV4_FRAGMENTED) != 0) {
		return 0;
	}
	p->ip_protocol = ip[9];
	p->ip_end = ETH_HEAD + all;
	return ETH_HEAD + len;
}

/* Extension headers are not looked through: nobody leaves work undone behind them. */
static uint32_t read_ipv6(const uint8_t *head, uint32_t have, struct net_pkt *p)
{
	const uint8_t *ip = head + ETH_HEAD;

	if (have < ETH_HEAD + IPV6_HEAD || ip[0] >> 4 != 6 ||
	    get16(ip + 4) > p->len - ETH_HEAD - IPV6_HEAD) {
		return 0;
	}
	p->ip_protocol = ip[6];
	p->is_ipv6 = true;
	p->ip_end = ETH_HEAD + IPV6_HEAD + get16(ip + 4);
	return ETH_HEAD + IPV6_HEAD;
}

/* How long the header at p->l4 is, 0: it is not there. */
static uint32_t transport_head(const struct net_pkt *p, const uint8_t *head, uint32_t have)
{
	uint32_t len = UDP_HEAD;

	have = have < p->ip_end ? have : p->ip_end;
	if (p->ip_protocol == IP_TCP) {
		if (have < p->l4 + TCP_MIN) {
			return 0;
		}
		len = (head[p->l4 + 12u] >> 4) * 4u;
		len = len < TCP_MIN ? 0 : len;
	} else if (p->ip_protocol != IP_UDP) {
		return 0;
	}
	return len != 0 && have >= p->l4 + len ? len : 0;
}

/* Whether cutting it up makes sense, and packets that the wire takes. @headers: the length of all of them. */
static bool is_gso_sound(const struct net_pkt *p, uint32_t headers)
{
	uint8_t type = p->is_ipv6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4;

	return p->ip_protocol == IP_TCP && p->gso_type == type && p->ip_end == p->len &&
	       p->len > headers && p->gso_size >= MIN_GSO && headers + p->gso_size <= NET_MAX_FRAME;
}

bool frame_offload(const struct net *n, struct net_pkt *p, const struct net_frame *f)
{
	uint8_t head[MAX_HEADERS];
	uint32_t have = p->len < sizeof(head) ? p->len : (uint32_t)sizeof(head), l4 = 0, len;

	if (!p->is_csum_blank && p->gso_size == 0) {
		return p->len <= NET_MAX_FRAME;
	}
	pkt_copy(n, p, 0, head, have);
	if (f->ethertype == ETHERTYPE_IPV4) {
		l4 = read_ipv4(head, have, p);
	} else if (f->ethertype == ETHERTYPE_IPV6) {
		l4 = read_ipv6(head, have, p);
	}
	if (l4 == 0) {
		return false;
	}
	p->l4 = (uint16_t)l4;
	len = transport_head(p, head, have);
	if (len == 0) {
		return false;
	}
	return p->gso_size != 0 ? is_gso_sound(p, l4 + len) : p->len <= NET_MAX_FRAME;
}
