// SPDX-License-Identifier: Apache-2.0
/*
 * TCP segments of the wire's size out of a larger one, for receivers that do not cut it up themselves.
 *
 * The packet's headers were found sound by frame_offload().
 * Spec: RFC 9293, 791, 8200, 3168 (CWR is for the first only).
 */
#include "internal.h"

#define MAX_HEADERS (ETH_HEAD + 60u + 60u)
#define TCP_FIN	    0x01u
#define TCP_PSH	    0x08u
#define TCP_CWR	    0x80u

static uint32_t headers_of(const struct net *n, const struct net_pkt *p)
{
	uint8_t offset;

	pkt_copy(n, p, p->l4 + 12u, &offset, 1);
	return p->l4 + (offset >> 4) * 4u;
}

uint32_t segment_count(const struct net *n, const struct net_pkt *p)
{
	uint32_t bytes = p->len - headers_of(n, p);

	return (bytes + p->gso_size - 1) / p->gso_size;
}

static void set_ipv4(uint8_t *ip, uint32_t head_len, uint32_t all, uint32_t i)
{
	uint32_t sum = 0;

	put16(ip + 2, all);
	put16(ip + 4, get16(ip + 4) + i);
	put16(ip + 10, 0);
	for (uint32_t k = 0; k < head_len; k += 2) {
		sum += get16(ip + k);
	}
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum);
}

static void set_headers(const struct net_pkt *p, uint8_t *head, uint32_t i, uint32_t len,
			bool is_last)
{
	uint8_t *ip = head + ETH_HEAD, *tcp = head + p->l4;

	if (p->is_ipv6) {
		put16(ip + 4, len - ETH_HEAD - 40u);
	} else {
		set_ipv4(ip, p->l4 - ETH_HEAD, len - ETH_HEAD, i);
	}
	put32(tcp + 4, get32(tcp + 4) + i * p->gso_size);
	if (!is_last) {
		tcp[13] = (uint8_t)(tcp[13] & ~(TCP_FIN | TCP_PSH));
	}
	if (i != 0) {
		tcp[13] = (uint8_t)(tcp[13] & ~TCP_CWR);
	}
}

/* A segment lies in one page. */
static void copy_payload(const struct net *n, const struct net_pkt *from, uint32_t at,
			 const struct net_pkt *to, uint32_t to_at, uint32_t len)
{
	uint32_t run;
	uint8_t *out = pkt_at(n, to, to_at, &run);

	pkt_copy(n, from, at, out, len);
}

uint16_t segment_make(struct net *n, uint16_t pkt, uint32_t i)
{
	const struct net_pkt *p = &n->pkts[pkt];
	uint32_t headers = headers_of(n, p), at = headers + i * p->gso_size;
	uint32_t bytes = p->len - at < p->gso_size ? p->len - at : p->gso_size;
	uint16_t seg = pkt_new(n, headers + bytes);
	uint8_t head[MAX_HEADERS];
	struct net_pkt *s;

	if (seg == NO_PKT) {
		return NO_PKT;
	}
	s = &n->pkts[seg];
	pkt_copy(n, p, 0, head, headers);
	set_headers(p, head, i, headers + bytes, at + bytes == p->len);
	pkt_fill(n, s, 0, head, headers);
	copy_payload(n, p, at, s, headers, bytes);
	s->vid = p->vid;
	for (uint32_t k = 0; k < TAG_BYTES; k++) {
		s->tag[k] = p->tag[k];
	}
	s->l4 = p->l4;
	s->ip_protocol = p->ip_protocol;
	s->is_ipv6 = p->is_ipv6;
	s->ip_end = s->len;
	offload_csum(n, s);
	return seg;
}
