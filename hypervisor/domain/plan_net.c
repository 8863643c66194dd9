// SPDX-License-Identifier: Apache-2.0
/*
 * Networks, in words that a user of Xen's xl knows:
 *
 *	ashlar,net { bridge = "br0"; mac = "00:16:3e:12:34:56"; ip = "10.0.0.1"; rate = "10Mb/s@50ms"; vifname = "lan"; };
 *
 * All that are in one bridge are one network. What is not said is as with xl: bridge "xenbr0", vifname "vif<domid>.<n>"; the
 * MAC address, which xl makes up by chance, follows from the domain's name and the device's number.
 * Spec: Xen docs/man/xl-network-configuration.5.pod.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define BRIDGE	    "bridge"
#define BRIDGES	    "ashlar,bridges"
#define VLAN	    "ashlar,vlan"
#define XEN_OUI	    0x00163eUL
#define MULTICAST   (1UL << 40)
#define MAX_VLAN    4094U
#define MAX_BRIDGES 8U /* rootfs/backends/net: NET_MAX_BRIDGES */

static const char *front_of(const struct plan_reader *r, const struct plan_link *l)
{
	return r->plan->domains[l->front - 1].name;
}

/* The same on every host, and hardly ever that of another: FNV-1a, folded to 24 bits. */
static uint64_t default_mac(const char *domain, uint32_t number)
{
	uint32_t h = 2166136261U;

	for (; *domain != '\0'; domain++) {
		h = (h ^ (uint8_t)*domain) * 16777619U;
	}
	h = (h ^ number) * 16777619U;
	return XEN_OUI << 24 | ((h >> 24) ^ (h & 0xffffffU));
}

static void read_mac(struct plan_reader *r, struct plan_link *l)
{
	const char *mac = plan_string(r, l->node, "mac");
	uint64_t example;

	l->net.mac = default_mac(front_of(r, l), l->number);
	if (mac == NULL) {
		return;
	}
	example = l->net.mac;
	if (!plan_parse_mac(mac, &l->net.mac)) {
		plan_error(
			r, l->node, "mac",
			"domain \"%s\": %s: mac \"%s\" is none; write six bytes, such as \"" PLAN_MAC_FORMAT
			"\"",
			front_of(r, l), plan_link_what(r, l), mac, PLAN_MAC_ARGS(example));
		l->net.mac = 0;
	} else if ((l->net.mac & MULTICAST) != 0 || l->net.mac == 0) {
		plan_error(
			r, l->node, "mac",
			"domain \"%s\": %s: mac \"%s\" is %s; the first byte must be even, take \"" PLAN_MAC_FORMAT
			"\"",
			front_of(r, l), plan_link_what(r, l), mac,
			l->net.mac == 0 ? "nobody's" : "a group's address", PLAN_MAC_ARGS(example));
		l->net.mac = 0;
	}
}

static void read_addresses(struct plan_reader *r, struct plan_link *l)
{
	int n = fdt_stringlist_count(r->fdt, l->node, "ip"), i;

	if (n == -FDT_ERR_NOTFOUND) {
		return;
	}
	if (n < 1 || n > PLAN_MAX_IPS) {
		plan_error(
			r, l->node, "ip",
			"domain \"%s\": %s: ip has not 1 to %u addresses; write ip = \"...\", \"...\"",
			front_of(r, l), plan_link_what(r, l), PLAN_MAX_IPS);
		return;
	}
	for (i = 0; i < n; i++) {
		const char *ip = fdt_stringlist_get(r->fdt, l->node, "ip", i, NULL);

		if (plan_parse_ip(ip, &l->net.ips[l->net.nr_ips])) {
			l->net.nr_ips++;
		} else {
			plan_error(
				r, l->node, "ip",
				"domain \"%s\": %s: ip \"%s\" is none; write such as \"10.0.0.1\" or \"fd00::1\", without a prefix length",
				front_of(r, l), plan_link_what(r, l), ip);
		}
	}
}

static void read_rate(struct plan_reader *r, struct plan_link *l)
{
	const char *rate = plan_string(r, l->node, "rate");

	if (rate != NULL && !plan_parse_rate(rate, &l->net.rate_bytes, &l->net.rate_us)) {
		l->net.rate_bytes = 0;
		plan_error(
			r, l->node, "rate",
			"domain \"%s\": %s: rate \"%s\" is none; write such as \"10Mb/s\" (bits), \"1MB/s@20ms\" (bytes, counted in each 20 ms)",
			front_of(r, l), plan_link_what(r, l), rate);
	}
}

/* A name that stands in the store and in Linux's lists of devices. NULL, reported: it is none. */
static const char *read_name(struct plan_reader *r, const struct plan_link *l, const char *prop)
{
	const char *name = plan_string(r, l->node, prop), *p;

	if (name == NULL) {
		return NULL;
	}
	for (p = name; *p > ' ' && *p <= '~' && *p != '/'; p++) {
	}
	if (*p != '\0' || p - name >= PLAN_IF_LEN) {
		plan_error(
			r, l->node, prop,
			"domain \"%s\": %s: %s \"%s\" is none; write at most %u letters and digits",
			front_of(r, l), plan_link_what(r, l), prop, name, PLAN_IF_LEN - 1);
		return NULL;
	}
	return name;
}

static bool is_vlan(struct plan_reader *r, const struct plan_link *l, const char *prop,
		    uint32_t vlan)
{
	if (vlan >= 1 && vlan <= MAX_VLAN) {
		return true;
	}
	plan_error(r, l->node, prop, "domain \"%s\": %s: %s is %u, possible are 1 to %u",
		   front_of(r, l), plan_link_what(r, l), prop, vlan, MAX_VLAN);
	return false;
}

static void read_vlans(struct plan_reader *r, struct plan_link *l)
{
	int len, i;
	const fdt32_t *trunk = fdt_getprop(r->fdt, l->node, PLAN_NET_TRUNK, &len);
	uint32_t vlan = 1;

	if (!plan_u32(r, l->node, VLAN, &vlan) || is_vlan(r, l, VLAN, vlan)) {
		l->net.vlan = (uint16_t)vlan;
	}
	if (trunk == NULL) {
		return;
	}
	if (len <= 0 || len % 4 != 0 || len / 4 > PLAN_MAX_TRUNK) {
		plan_error(r, l->node, PLAN_NET_TRUNK,
			   "domain \"%s\": %s: " PLAN_NET_TRUNK " has not 1 to %u numbers of VLANs",
			   front_of(r, l), plan_link_what(r, l), PLAN_MAX_TRUNK);
		return;
	}
	for (i = 0; i < len / 4; i++) {
		vlan = fdt32_ld(&trunk[i]);
		if (is_vlan(r, l, PLAN_NET_TRUNK, vlan)) {
			l->net.trunk[l->net.nr_trunk++] = (uint16_t)vlan;
		}
	}
}

/* The first of a domain is 0, the next 1. */
static uint32_t number_of(const struct plan *p, const struct plan_link *l)
{
	const struct plan_link *m;
	uint32_t n = 0;

	for (m = p->links; m < l; m++) {
		n += m->kind == PLAN_LINK_NET && m->front == l->front;
	}
	return n;
}

void plan_read_net(struct plan_reader *r, struct plan_link *l)
{
	l->number = number_of(r->plan, l);
	l->net.bridge = "xenbr0";
	if (fdt_getprop(r->fdt, l->node, BRIDGE, NULL) != NULL) {
		l->net.bridge = read_name(r, l, BRIDGE);
	}
	l->net.vifname = read_name(r, l, "vifname");
	l->net.may_use_any_mac = fdt_getprop(r->fdt, l->node, "ashlar,any-mac", NULL) != NULL;
	read_mac(r, l);
	read_addresses(r, l);
	read_rate(r, l);
	read_vlans(r, l);
}

/* Whether @name is among the bridges that the back end says to have, if it says so. */
static bool has_bridge(const struct plan_reader *r, const struct plan_domain *back,
		       const char *name, const char **near)
{
	const char *names[MAX_BRIDGES + 1] = { NULL };
	int n = fdt_stringlist_count(r->fdt, back->node, BRIDGES), i;

	*near = NULL;
	for (i = 0; i < n && i < (int)MAX_BRIDGES; i++) {
		names[i] = fdt_stringlist_get(r->fdt, back->node, BRIDGES, i, NULL);
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	*near = plan_nearest(name, names);
	return n == -FDT_ERR_NOTFOUND;
}

static void check_bridge(struct plan_reader *r, const struct plan_link *l)
{
	const struct plan_domain *back = &r->plan->domains[l->back - 1];
	const char *near;

	if (!has_bridge(r, back, l->net.bridge, &near)) {
		plan_error(r, l->node,
			   fdt_getprop(r->fdt, l->node, BRIDGE, NULL) != NULL ? BRIDGE : NULL,
			   "domain \"%s\": %s: bridge \"%s\" is not among " BRIDGES
			   " of \"%s\"; %s%s%s",
			   front_of(r, l), plan_link_what(r, l), l->net.bridge, back->name,
			   near != NULL ? "did you mean \"" : "add it there",
			   near != NULL ? near : "", near != NULL ? "\"?" : "");
	}
}

static bool are_together(const struct plan_link *l, const struct plan_link *m)
{
	return l->back == m->back && l->net.bridge != NULL && m->net.bridge != NULL &&
	       strcmp(l->net.bridge, m->net.bridge) == 0;
}

static bool has_address(const struct plan_net *net, const struct plan_ip *ip)
{
	uint32_t i;

	for (i = 0; i < net->nr_ips; i++) {
		if (net->ips[i].len == ip->len &&
		    memcmp(net->ips[i].bytes, ip->bytes, ip->len) == 0) {
			return true;
		}
	}
	return false;
}

/* In another VLAN of the bridge the same address is another host's. */
static void check_addresses(struct plan_reader *r, const struct plan_link *l,
			    const struct plan_link *m)
{
	int n = fdt_stringlist_count(r->fdt, l->node, "ip"), i;
	const char *text;
	struct plan_ip ip;

	for (i = 0; i < n; i++) {
		text = fdt_stringlist_get(r->fdt, l->node, "ip", i, NULL);
		if (plan_parse_ip(text, &ip) && has_address(&m->net, &ip)) {
			plan_error(
				r, l->node, "ip",
				"domain \"%s\": %s: ip \"%s\" is that of \"%s\" in bridge \"%s\" already; give each its own",
				front_of(r, l), plan_link_what(r, l), text, front_of(r, m),
				l->net.bridge);
		}
	}
}

static void check_pair(struct plan_reader *r, const struct plan_link *l, const struct plan_link *m)
{
	if (are_together(l, m) && l->net.vlan == m->net.vlan) {
		check_addresses(r, l, m);
	}
	if (l->net.mac != 0 && l->net.mac == m->net.mac && are_together(l, m)) {
		plan_error(r, l->node,
			   fdt_getprop(r->fdt, l->node, "mac", NULL) != NULL ? "mac" : NULL,
			   "domain \"%s\": %s: mac " PLAN_MAC_FORMAT
			   " is that of \"%s\" in bridge \"%s\" already; give each its own",
			   front_of(r, l), plan_link_what(r, l), PLAN_MAC_ARGS(l->net.mac),
			   front_of(r, m), l->net.bridge);
	}
	if (l->back == m->back && l->net.vifname != NULL && m->net.vifname != NULL &&
	    strcmp(l->net.vifname, m->net.vifname) == 0) {
		plan_error(
			r, l->node, "vifname",
			"domain \"%s\": %s: vifname \"%s\" is that of a network of \"%s\" already; take another",
			front_of(r, l), plan_link_what(r, l), l->net.vifname, front_of(r, m));
	}
}

/* Who is alone in a bridge has mistyped its name, or waits for an uplink. */
static void check_company(struct plan_reader *r, const struct plan_link *l)
{
	const struct plan *p = r->plan;
	const char *uplink = fdt_getprop(p->fdt, p->domains[l->back - 1].node, PLAN_UPLINK, NULL);
	uint32_t i;

	if (uplink != NULL && strcmp(uplink, l->net.bridge) == 0) {
		return;
	}
	for (i = 0; i < p->nr_links; i++) {
		if (&p->links[i] != l && p->links[i].kind == PLAN_LINK_NET &&
		    are_together(l, &p->links[i])) {
			return;
		}
	}
	plan_warn(r, l->node, NULL,
		  "domain \"%s\": %s: nobody else is in bridge \"%s\" of \"%s\"; is that its name?",
		  front_of(r, l), plan_link_what(r, l), l->net.bridge,
		  p->domains[l->back - 1].name);
}

static void check_uplink_trunk(struct plan_reader *r, const struct plan_domain *d)
{
	int len, i;
	const fdt32_t *trunk = fdt_getprop(r->fdt, d->node, PLAN_UPLINK_TRUNK, &len);

	if (trunk == NULL) {
		return;
	}
	for (i = 0; i < len / 4 && fdt32_ld(&trunk[i]) >= 1 && fdt32_ld(&trunk[i]) <= MAX_VLAN;
	     i++) {
	}
	if (len <= 0 || len % 4 != 0 || len / 4 > PLAN_MAX_TRUNK || i < len / 4) {
		plan_error(r, d->node, PLAN_UPLINK_TRUNK,
			   "domain \"%s\": " PLAN_UPLINK_TRUNK
			   " has not 1 to %u numbers of VLANs, each 1 to %u",
			   d->name, PLAN_MAX_TRUNK, MAX_VLAN);
	}
}

static void check_uplink(struct plan_reader *r, const struct plan_domain *d)
{
	const char *near, *name = plan_string(r, d->node, PLAN_UPLINK);

	check_uplink_trunk(r, d);
	if (name == NULL) {
		return;
	}
	if (!d->pv.is_io) {
		plan_error(r, d->node, PLAN_UPLINK,
			   "domain \"%s\": " PLAN_UPLINK
			   ": it is no switch; write it where ashlar,io is",
			   d->name);
	} else if (strlen(name) >= PLAN_IF_LEN) {
		plan_error(r, d->node, PLAN_UPLINK,
			   "domain \"%s\": " PLAN_UPLINK
			   " \"%s\" is none; write at most %u letters",
			   d->name, name, PLAN_IF_LEN - 1);
	} else if (!has_bridge(r, d, name, &near)) {
		plan_error(r, d->node, PLAN_UPLINK,
			   "domain \"%s\": " PLAN_UPLINK " \"%s\" is not among its " BRIDGES
			   "; add it there",
			   d->name, name);
	}
}

void plan_check_nets(struct plan_reader *r)
{
	const struct plan *p = r->plan;
	uint32_t i, j;

	for (i = 0; i < p->nr_domains; i++) {
		check_uplink(r, &p->domains[i]);
	}

	for (i = 0; i < p->nr_links; i++) {
		const struct plan_link *l = &p->links[i];

		if (l->kind != PLAN_LINK_NET) {
			continue;
		}
		for (j = 0; j < i; j++) {
			if (p->links[j].kind == PLAN_LINK_NET) {
				check_pair(r, l, &p->links[j]);
			}
		}
		if (l->net.bridge != NULL && l->back != 0) {
			check_bridge(r, l);
			if (p->domains[l->back - 1].pv.is_io) {
				check_company(r, l);
			}
		}
	}
}
