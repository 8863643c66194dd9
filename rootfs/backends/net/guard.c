// SPDX-License-Identifier: Apache-2.0
/* Requirement: networks */
/*
 * Whether a port uses its own addresses: the source of the frame and, where the plan gives the port IP addresses, the
 * senders that IP, ARP and neighbour discovery name. Where it gives none, IP is not looked at.
 *
 * Without an address yet a guest may ask for one: DHCP, ARP probes, duplicate address detection.
 * Spec: RFC 826, 5227, 2131, 4861, 4862.
 */
#include "internal.h"

#include <string.h>

#define HEADERS	      86u /* Ethernet, IPv6, an extension, a neighbour advertisement */
#define ARP_BYTES     28u
#define IPV6_HEAD     40u
#define ICMPV6_ADVERT 136u
#define ADVERT_BYTES  24u
#define IPV6_ROUTING  43u
#define IPV6_OPTIONS  60u

struct view {
	uint8_t bytes[HEADERS];
	uint32_t len;
};

static bool is_own(const struct net_port *port, const uint8_t *addr, uint8_t len)
{
	for (uint32_t i = 0; i < port->config.nr_addrs; i++) {
		const struct net_addr *a = &port->config.addrs[i];

		if (a->len == len && memcmp(a->bytes, addr, len) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_zero(const uint8_t *p, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (p[i] != 0) {
			return false;
		}
	}
	return true;
}

static bool has_ipv6(const struct net_port *port)
{
	for (uint32_t i = 0; i < port->config.nr_addrs; i++) {
		if (port->config.addrs[i].len == 16) {
			return true;
		}
	}
	return false;
}

/* fe80::/64 with the interface identifier that comes of the MAC address (RFC 4291, appendix A). */
static bool is_link_local(const struct net_port *port, const uint8_t *addr)
{
	uint64_t mac = port->config.mac;
	uint8_t own[16] = { 0xfe, 0x80 };

	put32(own + 8, (uint32_t)(mac >> 16) ^ 0x02000000u);
	own[11] = 0xff;
	put32(own + 12, 0xfe000000u | (uint32_t)(mac & 0xffffff));
	return memcmp(own, addr, 16) == 0;
}

static bool allows_arp(const struct net_port *port, const struct view *v)
{
	const uint8_t *arp = v->bytes + ETH_HEAD;

	if (v->len < ETH_HEAD + ARP_BYTES || get16(arp) != 1 || get16(arp + 2) != ETHERTYPE_IPV4 ||
	    arp[4] != 6 || arp[5] != 4) {
		return false;
	}
	return (port->config.may_use_any_mac || get_mac(arp + 8) == port->config.mac) &&
	       (is_own(port, arp + 14, 4) || is_zero(arp + 14, 4));
}

static bool allows_ipv4(const struct net_port *port, const struct view *v)
{
	const uint8_t *ip = v->bytes + ETH_HEAD, *udp;
	uint32_t len;

	if (v->len < ETH_HEAD + 20) {
		return false;
	}
	if (is_own(port, ip + 12, 4)) {
		return true;
	}
	len = (ip[0] & 15u) * 4u;
	udp = ip + len;
	return is_zero(ip + 12, 4) && ip[9] == IP_UDP && len >= 20 &&
	       v->len >= ETH_HEAD + len + 8 && get16(udp) == 68 && get16(udp + 2) == 67;
}

/* Whether it does not say to have an address of others. What may hide that it says so is refused. */
static bool is_honest_neighbour(const struct net_port *port, const struct view *v)
{
	const uint8_t *ip = v->bytes + ETH_HEAD;
	uint32_t at = ETH_HEAD + IPV6_HEAD, protocol = ip[6];

	if (protocol == 0 &&
	    v->len >= at + 8) { /* hop-by-hop options, as multicast listeners send */
		protocol = v->bytes[at];
		at += 8u + v->bytes[at + 1] * 8u;
	}
	if (protocol == 0 || protocol == IPV6_ROUTING || protocol == IPV6_OPTIONS) {
		return false;
	}
	if (protocol != IP_ICMPV6) {
		return true;
	}
	if (v->len <= at) {
		return false;
	}
	return v->bytes[at] != ICMPV6_ADVERT ||
	       (v->len >= at + ADVERT_BYTES &&
		(is_own(port, v->bytes + at + 8, 16) || is_link_local(port, v->bytes + at + 8)));
}

static bool allows_ipv6(const struct net_port *port, const struct view *v)
{
	const uint8_t *ip = v->bytes + ETH_HEAD;

	if (v->len < ETH_HEAD + IPV6_HEAD || !has_ipv6(port)) {
		return false;
	}
	return (is_own(port, ip + 8, 16) || is_link_local(port, ip + 8) || is_zero(ip + 8, 16)) &&
	       is_honest_neighbour(port, v);
}

bool guard_allows(const struct net *n, const struct net_port *port, const struct net_pkt *p,
		  const struct net_frame *f)
{
	struct view v;

	if ((f->src & MAC_MULTICAST) != 0 || f->src == 0 ||
	    (!port->config.may_use_any_mac && f->src != port->config.mac)) {
		return false;
	}
	if (port->config.nr_addrs == 0) {
		return true;
	}
	v.len = p->len < HEADERS ? p->len : HEADERS;
	pkt_copy(n, p, 0, v.bytes, v.len);
	switch (f->ethertype) {
	case ETHERTYPE_ARP:
		return allows_arp(port, &v);
	case ETHERTYPE_IPV4:
		return allows_ipv4(port, &v);
	case ETHERTYPE_IPV6:
		return allows_ipv6(port, &v);
	default:
		return false;
	}
}
