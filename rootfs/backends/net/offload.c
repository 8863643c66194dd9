// SPDX-License-Identifier: Apache-2.0
/*
 * Checksums that a sender left blank, for receivers that want them. They are worked out from the beginning: what stands in
 * the field is not used.
 *
 * Spec: RFC 1071; pseudo headers of RFC 9293 and RFC 8200.
 */
#include "internal.h"

#define TCP_CSUM 16u
#define UDP_CSUM 6u

/* @len bytes at an even address of a page, in the order of the wire. */
static uint64_t sum_run(const uint8_t *p, uint32_t len)
{
	uint64_t sum = 0;

	for (; len >= 2; len -= 2, p += 2) {
		sum += get16(p);
	}
	return len != 0 ? sum + ((uint32_t)*p << 8) : sum;
}

/* Headers have even lengths, so only a packet's last run can have an odd one. */
static uint64_t sum_pkt(const struct net *n, const struct net_pkt *p, uint32_t at, uint32_t end)
{
	uint64_t sum = 0;
	uint32_t run;

	while (at < end) {
		const uint8_t *from = pkt_at(n, p, at, &run);

		run = run < end - at ? run : end - at;
		sum += sum_run(from, run);
		at += run;
	}
	return sum;
}

static uint32_t fold(uint64_t sum)
{
	while (sum >> 16 != 0) {
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint32_t)sum;
}

static uint64_t pseudo_header(const struct net *n, const struct net_pkt *p)
{
	uint8_t addrs[32];
	uint32_t at = ETH_HEAD + (p->is_ipv6 ? 8u : 12u), len = p->is_ipv6 ? 32u : 8u;

	pkt_copy(n, p, at, addrs, len);
	return sum_run(addrs, len) + p->ip_protocol + (p->ip_end - p->l4);
}

void offload_csum(const struct net *n, struct net_pkt *p)
{
	uint32_t at = p->l4 + (p->ip_protocol == IP_TCP ? TCP_CSUM : UDP_CSUM);
	uint8_t field[2] = { 0, 0 };
	uint32_t sum;

	pkt_fill(n, p, at, field, sizeof(field));
	sum = ~fold(pseudo_header(n, p) + sum_pkt(n, p, p->l4, p->ip_end)) & 0xffff;
	if (sum == 0 && p->ip_protocol == IP_UDP) {
		sum = 0xffff; /* 0 says that there is none */
	}
	put16(field, sum);
	pkt_fill(n, p, at, field, sizeof(field));
	p->is_csum_blank = false;
	p->is_validated = true;
}
