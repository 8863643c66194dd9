// SPDX-License-Identifier: Apache-2.0
/* The switch: who hears what, who may say what, how fast. */
#include "net_world.h"
#include "unit.h"

#include <string.h>

#define PLAIN 0x88b5u /* an ethertype for experiments */

static struct nw_packet sent, got;

static void send(uint32_t from, uint64_t to)
{
	nw_frame(&sent, from, to, PLAIN, 100);
	nw_send(from, &sent, 4096);
	nw_run();
	assert_int_equal(nw_answer(from), NETIF_RSP_OKAY);
}

static bool hears(uint32_t i)
{
	if (!nw_receive(i, &got)) {
		return false;
	}
	assert_int_equal(got.len, sent.len);
	assert_memory_equal(got.bytes, sent.bytes, sent.len);
	assert_false(nw_receive(i, &got));
	return true;
}

static void unicast_goes_to_one(void **state)
{
	(void)state;
	nw_setup(3, 20);
	send(0, nw_mac(1));
	assert_true(hears(1));
	assert_false(hears(0));
	assert_false(hears(2));
	/* nobody has this one, and all have told who they are */
	send(0, nw_mac(77));
	assert_false(hears(1));
	assert_false(hears(2));
}

static void broadcast_goes_to_all_others(void **state)
{
	(void)state;
	nw_setup(3, 20);
	send(0, MAC_BROADCAST);
	assert_false(hears(0));
	assert_true(hears(1));
	assert_true(hears(2));
	send(0, UINT64_C(0x01005e000001));
	assert_true(hears(1));
	/* not what a bridge keeps to itself */
	send(0, UINT64_C(0x0180c2000000));
	(void)nw_receive(2, &got);
	assert_false(hears(1));
	assert_false(hears(2));
}

static void bridges_are_apart(void **state)
{
	struct net_port_config c;

	(void)state;
	nw_start();
	for (uint32_t i = 0; i < 4; i++) {
		c = nw_config(i);
		strcpy(c.bridge, i < 2 ? "br0" : "lan");
		nw_plug(&c);
		nw_post(i, 8);
	}
	send(0, MAC_BROADCAST);
	assert_true(hears(1));
	assert_false(hears(2));
	assert_false(hears(3));
	send(0, nw_mac(2));
	assert_false(hears(2));
	send(3, nw_mac(2));
	assert_true(hears(2));
}

static void a_mac_has_one_port(void **state)
{
	struct net_port_config c;

	(void)state;
	nw_setup(2, 8);
	c = nw_config(0);
	assert_int_equal(net_add_port(&nw, &c), -1);
	/* on another bridge it is nobody's */
	strcpy(c.bridge, "lan");
	assert_int_equal(net_add_port(&nw, &c), 2);
	c = nw_config(3);
	assert_int_equal(net_add_port(&nw, &c), 3);
	c = nw_config(9);
	assert_int_equal(net_add_port(&nw, &c), -1);
}

static void foreign_macs_are_refused(void **state)
{
	(void)state;
	nw_setup(2, 8);
	nw_frame(&sent, 7, nw_mac(1), PLAIN, 100);
	nw_send(0, &sent, 4096);
	nw_run();
	assert_int_equal(nw_answer(0), NETIF_RSP_OKAY);
	assert_false(hears(1));
	assert_int_equal(net_counters(&nw, 0).spoofed, 1);
	assert_int_equal(net_counters(&nw, 0).in_packets, 1);
}

/* Port 2 may have stations of its own. */
static void setup_open(void)
{
	struct net_port_config c;

	nw_start();
	for (uint32_t i = 0; i < 4; i++) {
		c = nw_config(i);
		c.may_use_any_mac = i >= 2;
		nw_plug(&c);
		nw_post(i, 60);
	}
}

static void from_station(uint32_t port, uint32_t station, uint64_t to)
{
	nw_frame(&sent, station, to, PLAIN, 100);
	nw_send(port, &sent, 4096);
	nw_run();
	assert_int_equal(nw_answer(port), NETIF_RSP_OKAY);
}

static void learns_and_forgets(void **state)
{
	(void)state;
	setup_open();
	/* nobody knows station 50 yet: to where strangers may be */
	send(0, nw_mac(50));
	assert_false(hears(1));
	assert_true(hears(2));
	assert_true(hears(3));
	from_station(2, 50, nw_mac(0));
	assert_true(hears(0));
	send(0, nw_mac(50));
	assert_true(hears(2));
	assert_false(hears(3));
	/* it moves */
	from_station(3, 50, nw_mac(0));
	assert_true(hears(0));
	send(0, nw_mac(50));
	assert_false(hears(2));
	assert_true(hears(3));
	nw_now_us += AGE_US + 1;
	send(0, nw_mac(50));
	assert_true(hears(2));
	assert_true(hears(3));
	from_station(3, 50, nw_mac(0));
	net_disconnect(&nw, 3);
	send(0, nw_mac(50));
	assert_true(hears(2));
}

static void a_pinned_mac_does_not_move(void **state)
{
	(void)state;
	setup_open();
	from_station(2, 1, nw_mac(0)); /* it claims to be port 1's */
	assert_false(hears(0));
	assert_int_equal(net_counters(&nw, 2).spoofed, 1);
	send(0, nw_mac(1));
	assert_true(hears(1));
	assert_false(hears(2));
}

static void nobody_is_forgotten_for_others(void **state)
{
	(void)state;
	setup_open();
	from_station(3, 60, nw_mac(0));
	assert_true(hears(0));
	for (uint32_t i = 0; i < 5000; i++) {
		nw_now_us++;
		from_station(2, 1000 + i, nw_mac(77));
		(void)nw_receive(3, &got);
		nw_post(3, 1);
	}
	send(0, nw_mac(60));
	assert_true(hears(3));
	assert_false(hears(2));
	/* the last ones of its own are known too */
	send(0, nw_mac(5999));
	assert_true(hears(2));
	assert_false(hears(3));
	send(0, nw_mac(1000));
	assert_true(hears(2));
	assert_true(hears(3));
}

static void tag(struct nw_packet *p, uint32_t tci)
{
	memmove(p->bytes + 16, p->bytes + 12, p->len - 12);
	put16(p->bytes + 12, ETHERTYPE_VLAN);
	put16(p->bytes + 14, tci);
	p->len += 4;
}

static void setup_vlans(void)
{
	struct net_port_config c;

	nw_start();
	for (uint32_t i = 0; i < 4; i++) {
		c = nw_config(i);
		c.vlan = i == 0 || i == 1 ? 10 : 20;
		if (i == 3) {
			c.vlan = 1;
			c.nr_trunk = 1;
			c.trunk[0] = 10;
		}
		nw_plug(&c);
		nw_post(i, 8);
	}
}

static void vlans_are_apart(void **state)
{
	(void)state;
	setup_vlans();
	send(0, MAC_BROADCAST);
	assert_true(hears(1));
	assert_false(hears(2));
	tag(&sent, 10);
	assert_true(hears(3)); /* with the tag on the trunk */
	send(0, nw_mac(2));
	assert_false(hears(2));
	send(3, MAC_BROADCAST); /* untagged: VLAN 1 has nobody else */
	assert_false(hears(0));
	assert_false(hears(2));
}

static void trunks_bear_tags(void **state)
{
	(void)state;
	setup_vlans();
	nw_frame(&sent, 3, nw_mac(1), PLAIN, 90);
	tag(&sent, 0xa000u | 10);
	nw_send(3, &sent, 33);
	nw_run();
	nw_frame(&sent, 3, nw_mac(1), PLAIN, 90);
	assert_true(hears(1));
	/* not a VLAN of this trunk, and no tag where there is no trunk */
	nw_frame(&sent, 3, MAC_BROADCAST, PLAIN, 90);
	tag(&sent, 20);
	nw_send(3, &sent, 4096);
	nw_frame(&sent, 0, MAC_BROADCAST, PLAIN, 90);
	tag(&sent, 10);
	nw_send(0, &sent, 4096);
	nw_run();
	assert_int_equal(net_counters(&nw, 3).vlan, 1);
	assert_int_equal(net_counters(&nw, 0).vlan, 1);
	for (uint32_t i = 0; i < 4; i++) {
		assert_false(nw_receive(i, &got));
	}
	/* a tag that has a priority and no VLAN is for anybody */
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 90);
	tag(&sent, 0xe000u);
	nw_send(0, &sent, 4096);
	nw_run();
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 90);
	assert_true(hears(1));
}

static void guarded(struct net_port_config *c)
{
	const struct net_addr v4 = { .len = 4, .bytes = { 10, 0, 0, 1 } };
	const struct net_addr v6 = { .len = 16, .bytes = { 0xfd, [9] = 1, [15] = 9 } };

	c->addrs[0] = v4;
	c->addrs[1] = v6;
	c->nr_addrs = 2;
}

static void setup_guarded(void)
{
	struct net_port_config c;

	nw_start();
	c = nw_config(0);
	guarded(&c);
	nw_plug(&c);
	c = nw_config(1);
	nw_plug(&c);
	nw_post(1, 60);
}

static bool passes(void)
{
	bool is_heard;

	nw_send(0, &sent, 4096);
	nw_run();
	is_heard = nw_receive(1, &got);
	nw_post(1, 1);
	return is_heard;
}

static void arp(uint64_t sender, const uint8_t *ip)
{
	uint8_t *a = sent.bytes + 14;

	nw_frame(&sent, 0, MAC_BROADCAST, ETHERTYPE_ARP, 60);
	memset(a, 0, 28);
	put16(a, 1);
	put16(a + 2, ETHERTYPE_IPV4);
	a[4] = 6;
	a[5] = 4;
	put16(a + 8, (uint32_t)(sender >> 32));
	put32(a + 10, (uint32_t)sender);
	memcpy(a + 14, ip, 4);
}

static void ipv4(uint32_t last, uint32_t protocol, uint32_t sport, uint32_t dport)
{
	uint8_t *ip = sent.bytes + 14;

	nw_frame(&sent, 0, nw_mac(1), ETHERTYPE_IPV4, 60);
	memset(ip, 0, 28);
	ip[0] = 0x45;
	ip[9] = (uint8_t)protocol;
	if (last != 0) {
		ip[12] = 10;
		ip[15] = (uint8_t)last;
	}
	put16(ip + 20, sport);
	put16(ip + 22, dport);
}

static void own_ipv4_only(void **state)
{
	const uint8_t own[4] = { 10, 0, 0, 1 }, other[4] = { 10, 0, 0, 2 }, none[4] = { 0 };

	(void)state;
	setup_guarded();
	arp(nw_mac(0), own);
	assert_true(passes());
	arp(nw_mac(0), none);
	assert_true(passes());
	arp(nw_mac(0), other);
	assert_false(passes());
	arp(nw_mac(1), own);
	assert_false(passes());
	ipv4(1, IP_TCP, 1, 2);
	assert_true(passes());
	ipv4(2, IP_TCP, 1, 2);
	assert_false(passes());
	ipv4(0, IP_UDP, 68, 67);
	assert_true(passes());
	ipv4(0, IP_UDP, 67, 68);
	assert_false(passes());
	ipv4(0, IP_TCP, 68, 67);
	assert_false(passes());
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 60);
	assert_false(passes());
	assert_int_equal(net_counters(&nw, 0).spoofed, 6);
}

static void ipv6(const uint8_t *from, uint32_t protocol, const uint8_t *target)
{
	uint8_t *ip = sent.bytes + 14;

	nw_frame(&sent, 0, nw_mac(1), ETHERTYPE_IPV6, 90);
	memset(ip, 0, 64);
	ip[0] = 0x60;
	ip[6] = (uint8_t)protocol;
	memcpy(ip + 8, from, 16);
	if (target != NULL) {
		ip[40] = 136;
		memcpy(ip + 48, target, 16);
	}
}

static void own_ipv6_only(void **state)
{
	const uint8_t own[16] = { 0xfd, [9] = 1, [15] = 9 }, other[16] = { 0xfd, [15] = 8 };
	/* of 00:16:3e:00:00:01 */
	const uint8_t local[16] = { 0xfe, 0x80, [8] = 2, 0x16, 0x3e, 0xff, 0xfe, 0, 0, 1 };
	const uint8_t none[16] = { 0 };

	(void)state;
	setup_guarded();
	ipv6(own, IP_UDP, NULL);
	assert_true(passes());
	ipv6(local, IP_UDP, NULL);
	assert_true(passes());
	ipv6(none, IP_ICMPV6, NULL);
	assert_true(passes());
	ipv6(other, IP_UDP, NULL);
	assert_false(passes());
	ipv6(own, IP_ICMPV6, own);
	assert_true(passes());
	ipv6(own, IP_ICMPV6, other);
	assert_false(passes());
	/* nor behind a header */
	ipv6(own, 0, NULL);
	sent.bytes[54] = IP_ICMPV6;
	sent.bytes[62] = 136;
	memcpy(sent.bytes + 70, other, 16);
	assert_false(passes());
	sent.bytes[62] = 143;
	assert_true(passes());
	ipv6(own, 60, NULL);
	assert_false(passes());
}

static void a_rate_holds(void **state)
{
	struct net_port_config c;
	uint32_t n = 0;

	(void)state;
	nw_start();
	c = nw_config(0);
	c.rate_bytes = 1000; /* in each 50 ms */
	c.rate_us = 50000;
	nw_plug(&c);
	c = nw_config(1);
	nw_plug(&c);
	nw_post(1, 60);
	for (uint32_t i = 0; i < 40; i++) {
		nw_frame(&sent, 0, nw_mac(1), PLAIN, 100);
		nw_send(0, &sent, 4096);
	}
	nw_run();
	while (nw_receive(1, &got)) {
		n++;
	}
	assert_int_equal(n, 10);
	assert_int_equal(net_wake_us(&nw), nw_now_us + 50000);
	nw_now_us += 49999;
	nw_run();
	assert_false(nw_receive(1, &got));
	nw_now_us += 1;
	nw_run();
	for (n = 0; nw_receive(1, &got); n++) {
	}
	assert_int_equal(n, 10);
	nw_now_us += 1000000;
	nw_run();
	for (n = 0; nw_receive(1, &got); n++) {
	}
	assert_int_equal(n, 20);
	assert_true(net_wake_us(&nw) == UINT64_MAX);
	/* nothing was dropped */
	for (n = 0; nw_answer(0) == NETIF_RSP_OKAY; n++) {
	}
	assert_int_equal(n, 40);
}

static void a_bucket_never_overflows(void **state)
{
	struct net_bucket b;

	(void)state;
	bucket_init(&b, UINT64_C(1) << 40, 1, 0);
	assert_true(bucket_take(&b, 65535, UINT64_MAX / 2));
	assert_true(b.credit <= b.max);
	bucket_init(&b, 1, 1000000, 5);
	assert_true(bucket_take(&b, 1, 5));
	assert_false(bucket_take(&b, 65535, 6));
	assert_int_equal(bucket_when(&b, 65535), 5 + UINT64_C(65535) * 1000000);
	assert_false(bucket_take(&b, 65535, bucket_when(&b, 65535) - 1));
	assert_true(bucket_take(&b, 65535, bucket_when(&b, 65535)));
	/* a clock that stands still or went back gives nothing */
	assert_false(bucket_take(&b, 1, 0));
}

static void uplink(void **state)
{
	const struct net_features none = { 0 };
	struct net_port_config c;
	uint8_t frame[2000];
	size_t len;

	(void)state;
	nw_setup(2, 20);
	c = nw_config(2);
	c.may_use_any_mac = true;
	c.nr_trunk = 1;
	c.trunk[0] = 30;
	assert_int_equal(net_add_port(&nw, &c), 2);
	net_uplink_set(&nw, 2, &none);
	send(0, nw_mac(99));
	assert_int_equal(net_uplink_get(&nw, 2, frame, sizeof(frame)), 100);
	assert_memory_equal(frame, sent.bytes, 100);
	assert_int_equal(net_uplink_get(&nw, 2, frame, sizeof(frame)), 0);
	nw_frame(&sent, 99, nw_mac(1), PLAIN, 1514);
	assert_true(net_uplink_put(&nw, 2, sent.bytes, sent.len));
	nw_run();
	assert_true(hears(1));
	assert_true(net_uplink_put(&nw, 2, sent.bytes, 1519));
	assert_int_equal(net_counters(&nw, 2).malformed, 1);
	/* checksums and segments are made for it */
	nw_tcp(&sent, 0, 99, false, 4000);
	sent.flags = NETTXF_csum_blank | NETTXF_data_validated;
	sent.gso_size = 1460;
	sent.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
	nw_send(0, &sent, 1000);
	nw_run();
	for (uint32_t i = 0; i < 3; i++) {
		len = net_uplink_get(&nw, 2, frame, sizeof(frame));
		assert_int_equal(len, i < 2 ? 1514 : 1134);
		memcpy(got.bytes, frame, len);
		got.len = (uint32_t)len;
		assert_true(nw_is_tcp_sound(&got));
	}
	assert_int_equal(net_uplink_get(&nw, 2, frame, sizeof(frame)), 0);
	nw_check();
}

#define t(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(unicast_goes_to_one),
		t(broadcast_goes_to_all_others),
		t(bridges_are_apart),
		t(a_mac_has_one_port),
		t(foreign_macs_are_refused),
		t(learns_and_forgets),
		t(a_pinned_mac_does_not_move),
		t(nobody_is_forgotten_for_others),
		t(vlans_are_apart),
		t(trunks_bear_tags),
		t(own_ipv4_only),
		t(own_ipv6_only),
		t(a_rate_holds),
		t(a_bucket_never_overflows),
		t(uplink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
