// SPDX-License-Identifier: Apache-2.0
/* The rings: packets of many pieces, work left to others, and front ends that lie. */
#include "net_world.h"
#include "unit.h"

#include <string.h>

#define PLAIN 0x88b5u

static struct nw_packet sent, got;

static void others_are_well(void)
{
	nw_frame(&sent, 1, nw_mac(2), PLAIN, 200);
	nw_send(1, &sent, 4096);
	nw_run();
	while (nw_receive(2, &got) && got.bytes[11] != 2) {
	}
	assert_int_equal(got.len, 200);
	assert_memory_equal(got.bytes, sent.bytes, 200);
	nw_post(2, 1);
}

static void expect_same(void)
{
	assert_true(nw_receive(1, &got));
	assert_int_equal(got.status, 0);
	assert_int_equal(got.len, sent.len);
	assert_memory_equal(got.bytes, sent.bytes, sent.len);
}

static void pieces(void **state)
{
	(void)state;
	nw_setup(2, 60);
	for (uint32_t piece = 85; piece < 1600; piece += 13) {
		nw_frame(&sent, 0, nw_mac(1), PLAIN, 1514);
		nw_send(0, &sent, piece);
		nw_run();
		expect_same();
		nw_post(1, 1);
	}
	assert_int_equal(net_counters(&nw, 0).in_packets, net_counters(&nw, 1).out_packets);
}

static void tells_when_asked(void **state)
{
	(void)state;
	nw_setup(2, 20);
	nw_run(); /* whoever has connected is told once, whatever was lost before */
	assert_int_equal(nw_notified[0][0], 1);
	assert_int_equal(nw_notified[0][1], 1);
	memset(nw_notified, 0, sizeof(nw_notified));
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 60);
	nw_send(0, &sent, 4096);
	nw_run();
	assert_int_equal(nw_notified[0][0], 1);
	assert_int_equal(nw_notified[0][1], 0);
	assert_int_equal(nw_notified[1][0], 0);
	assert_int_equal(nw_notified[1][1], 1);
	/* the next event that they wait for is far away */
	nw_ring[0].tx->rsp_event = nw_ring[1].rx->rsp_event = 3;
	nw_send(0, &sent, 4096);
	nw_run();
	assert_int_equal(nw_notified[0][0], 1);
	assert_int_equal(nw_notified[1][1], 1);
	nw_send(0, &sent, 4096);
	nw_run();
	assert_int_equal(nw_notified[0][0], 2);
	assert_int_equal(nw_notified[1][1], 2);
	assert_int_equal(nw_ring[0].tx->req_event, nw_ring[0].tx_prod + 1);
}

static void one_channel_for_both(void **state)
{
	struct net_vif vif;

	(void)state;
	nw_setup(2, 20);
	vif = nw.ports[1].vif;
	vif.rx_event = vif.tx_event;
	net_connect(&nw, 1, &vif);
	nw_run();
	memset(nw_notified, 0, sizeof(nw_notified));
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 60);
	nw_send(0, &sent, 4096);
	nw_frame(&sent, 1, nw_mac(0), PLAIN, 60);
	nw_send(1, &sent, 4096);
	nw_run();
	assert_int_equal(nw_notified[1][0], 1);
	assert_int_equal(nw_notified[1][1], 0);
}

static void make_tcp(bool is_ipv6, uint32_t payload)
{
	nw_tcp(&sent, 0, 1, is_ipv6, payload);
	sent.flags = NETTXF_csum_blank | NETTXF_data_validated;
}

static void make_gso(bool is_ipv6, uint32_t payload, uint32_t size)
{
	make_tcp(is_ipv6, payload);
	sent.gso_size = size;
	sent.gso_type = is_ipv6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4;
}

static void gso_passes_as_it_is(void **state)
{
	(void)state;
	nw_setup(2, 60);
	for (uint32_t i = 0; i < 2; i++) {
		make_gso(i == 1, 60000, 1400);
		nw_send(0, &sent, 3800);
		nw_run();
		assert_true(nw_receive(1, &got));
		assert_int_equal(got.len, sent.len);
		assert_memory_equal(got.bytes, sent.bytes, sent.len);
		assert_int_equal(got.gso_size, 1400);
		assert_int_equal(got.gso_type, sent.gso_type);
		assert_int_equal(got.flags & (NETRXF_csum_blank | NETRXF_data_validated),
				 NETRXF_csum_blank | NETRXF_data_validated);
		nw_post(1, nw_ring[1].rx_cons + 60 - nw_ring[1].rx_prod);
	}
	for (uint32_t i = 0; i < nw_ring[0].tx_prod; i++) {
		assert_int_equal(nw_answer(0), i % 18 == 1 ? NETIF_RSP_NULL : NETIF_RSP_OKAY);
	}
}

/* A small one has its extra information behind the only page. */
static void gso_in_one_page(void **state)
{
	(void)state;
	nw_setup(2, 20);
	make_gso(false, 2000, 1000);
	nw_send(0, &sent, 2100);
	make_gso(false, 2100, 1001);
	nw_send(0, &sent, 2200);
	nw_run();
	for (uint32_t i = 0; i < 2; i++) {
		assert_true(nw_receive(1, &got));
		assert_int_equal(got.gso_size, 1000 + i);
		assert_int_equal(got.len, 54 + 2000 + i * 100);
	}
	assert_false(nw_receive(1, &got));
}

static void blank_checksums_pass(void **state)
{
	(void)state;
	nw_setup(2, 20);
	make_tcp(false, 777);
	nw_send(0, &sent, 100);
	nw_run();
	expect_same();
	assert_int_equal(got.flags, NETRXF_csum_blank | NETRXF_data_validated);
	sent.flags = NETTXF_data_validated;
	nw_send(0, &sent, 100);
	nw_run();
	expect_same();
	assert_int_equal(got.flags, NETRXF_data_validated);
}

static void work_is_done_for_who_cannot(void **state)
{
	static const struct net_features none;

	(void)state;
	nw_setup(2, 60);
	nw_connect(1, &none);
	nw_post(1, 60);
	for (uint32_t odd = 0; odd < 2; odd++) {
		for (uint32_t i = 0; i < 2; i++) {
			make_tcp(i == 1, 100 + odd);
			nw_send(0, &sent, 4096);
			nw_run();
			assert_true(nw_receive(1, &got));
			assert_int_equal(got.flags, NETRXF_data_validated);
			assert_true(nw_is_tcp_sound(&got));
			nw_post(1, 1);
		}
	}
}

static void segments(bool is_ipv6, uint32_t payload)
{
	uint32_t head = is_ipv6 ? 74 : 54, done = 0;

	make_gso(is_ipv6, payload, 1440);
	nw_send(0, &sent, 3800);
	nw_run();
	for (uint32_t i = 0; done < payload; i++) {
		uint32_t n = payload - done < 1440 ? payload - done : 1440;
		bool is_last = done + n == payload;

		assert_true(nw_receive(1, &got));
		assert_int_equal(got.len, head + n);
		assert_int_equal(got.gso_size, 0);
		assert_true(nw_is_tcp_sound(&got));
		assert_memory_equal(got.bytes + head, sent.bytes + head + done, n);
		assert_int_equal(get32(got.bytes + head - 16), 1000 + done);
		assert_int_equal(got.bytes[head - 7], (i == 0 ? 0x80 : 0) | (is_last ? 9 : 0));
		if (!is_ipv6) {
			assert_int_equal(get16(got.bytes + 18), 100 + i);
		}
		done += n;
	}
	assert_false(nw_receive(1, &got));
	nw_post(1, nw_ring[1].rx_cons + 60 - nw_ring[1].rx_prod);
}

static void large_ones_are_cut_up(void **state)
{
	static const struct net_features none;

	(void)state;
	nw_setup(2, 60);
	nw_connect(1, &none);
	nw_post(1, 60);
	segments(false, 60000);
	segments(true, 60001);
	segments(false, 1441);
	segments(false, 1440);
	segments(true, 1);
}

static void bad_offloads(void **state)
{
	(void)state;
	nw_setup(3, 20);
	make_gso(false, 5000, 7); /* silly pieces */
	nw_send(0, &sent, 4096);
	make_gso(false, 5000, 1461); /* more than the wire takes */
	nw_send(0, &sent, 4096);
	make_gso(true, 5000, 1000); /* not what it says to be */
	sent.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
	nw_send(0, &sent, 4096);
	make_gso(false, 5000, 1000); /* not TCP */
	sent.bytes[23] = IP_UDP;
	nw_send(0, &sent, 4096);
	make_gso(false, 5000, 1000); /* a header beyond the packet's */
	sent.bytes[14] = 0x4f;
	put16(sent.bytes + 16, 30);
	nw_send(0, &sent, 4096);
	make_tcp(false, 10); /* as long as it likes to be */
	put16(sent.bytes + 16, 2000);
	nw_send(0, &sent, 4096);
	make_tcp(false, 10); /* a fragment */
	put16(sent.bytes + 20, 0x2000);
	nw_send(0, &sent, 4096);
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 100); /* nothing that has a checksum */
	sent.flags = NETTXF_csum_blank;
	nw_send(0, &sent, 4096);
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 1515); /* too long, and not for cutting up */
	nw_send(0, &sent, 4096);
	nw_run();
	assert_int_equal(net_counters(&nw, 0).malformed, 9);
	assert_false(nw_receive(1, &got));
	assert_null(nw_cut_off[0]);
	others_are_well();
}

static void multicast_on_request(void **state)
{
	struct net_features some = nw_all;
	struct netif_tx_request r = { .id = 5, .flags = NETTXF_extra_info };
	struct netif_extra_info e = { .type = XEN_NETIF_EXTRA_TYPE_MCAST_ADD,
				      .u.mcast.addr = { 1, 0, 0x5e, 0, 0, 9 } };

	(void)state;
	nw_setup(2, 20);
	some.has_mcast_control = true;
	nw_connect(1, &some);
	nw_post(1, 20);
	nw_frame(&sent, 0, UINT64_C(0x01005e000009), PLAIN, 60);
	nw_send(0, &sent, 4096);
	nw_run();
	assert_false(nw_receive(1, &got));
	nw_request(1, &r);
	nw_extra(1, &e);
	nw_tell(1);
	nw_run();
	assert_int_equal(nw_answer(1), NETIF_RSP_OKAY);
	assert_int_equal(nw_answer(1), NETIF_RSP_NULL);
	nw_send(0, &sent, 4096);
	nw_run();
	expect_same();
	e.type = XEN_NETIF_EXTRA_TYPE_MCAST_DEL;
	nw_request(1, &r);
	nw_extra(1, &e);
	nw_tell(1);
	nw_run();
	nw_send(0, &sent, 4096);
	nw_run();
	assert_false(nw_receive(1, &got));
	/* no more than there is room for */
	e.type = XEN_NETIF_EXTRA_TYPE_MCAST_ADD;
	(void)nw_answer(1);
	(void)nw_answer(1);
	for (uint32_t i = 0; i < NET_MAX_MCAST + 1; i++) {
		e.u.mcast.addr[5] = (uint8_t)i;
		nw_request(1, &r);
		nw_extra(1, &e);
		nw_tell(1);
		nw_run();
		assert_int_equal(nw_answer(1),
				 i < NET_MAX_MCAST ? NETIF_RSP_OKAY : NETIF_RSP_ERROR);
		assert_int_equal(nw_answer(1), NETIF_RSP_NULL);
	}
}

static void who_does_not_fetch(void **state)
{
	uint32_t n = 0;

	(void)state;
	nw_setup(3, 20);
	nw_connect(1, &nw_all); /* no page to receive into */
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 60);
	for (uint32_t i = 0; i < 1000; i++) {
		nw_send(0, &sent, 4096);
		nw_run();
		assert_int_equal(nw_answer(0), NETIF_RSP_OKAY);
	}
	assert_int_equal(net_counters(&nw, 1).full, 1000 - NET_QUEUE_PAGES);
	others_are_well();
	assert_int_equal(nw_ring[1].rx->req_event, 1);
	nw_post(1, 60);
	nw_run();
	while (nw_receive(1, &got)) {
		n++;
	}
	assert_int_equal(n, 60);
	net_disconnect(&nw, 1);
	nw_check();
}

/* The pool holds what all queues can, however it got there. */
static void all_queues_full(void **state)
{
	(void)state;
	nw_setup(4, 0);
	for (uint32_t i = 0; i < 400; i++) {
		uint32_t from = i % 4, to = (i + 1 + i / 4 % 3) % 4;

		if (from == to) {
			continue;
		}
		nw_tcp(&sent, from, to, false, i % 3 == 0 ? 60000 : 1000);
		sent.flags = NETTXF_csum_blank;
		sent.gso_size = i % 3 == 0 ? 1400 : 0;
		sent.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
		nw_send(from, &sent, 4000);
		nw_run();
		while (nw_answer(from) != 99) {
		}
		nw_frame(&sent, from, MAC_BROADCAST, PLAIN, 60);
		nw_send(from, &sent, 4000);
		nw_run();
		while (nw_answer(from) != 99) {
		}
	}
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(nw_ring[i].tx->rsp_prod, nw_ring[i].tx_prod);
		net_disconnect(&nw, i);
	}
	nw_check();
}

static void bad_grants(void **state)
{
	struct netif_tx_request r = { .gref = 5000, .size = 60, .id = 7 };

	(void)state;
	nw_setup(3, 20);
	nw_request(0, &r);
	nw_tell(0);
	nw_run();
	assert_int_equal(nw_answer(0), NETIF_RSP_ERROR);
	assert_int_equal(net_counters(&nw, 0).copy, 1);
	assert_null(nw_cut_off[0]);
	/* and of a receiver */
	nw_connect(1, &nw_all);
	nw_post(1, 3);
	nw_ring[1].rx->ring[0].req.gref = 9999;
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 60);
	nw_send(0, &sent, 4096);
	nw_send(0, &sent, 4096);
	nw_run();
	assert_true(nw_receive(1, &got));
	assert_int_equal(got.status, NETIF_RSP_ERROR);
	expect_same();
	others_are_well();
}

static void wrong_but_harmless(void **state)
{
	struct netif_tx_request r = { .size = 13, .id = 7 };

	(void)state;
	nw_setup(3, 20);
	nw_request(0, &r); /* too short to be a frame */
	r.size = 100;
	r.flags = NETTXF_more_data;
	nw_request(0, &r); /* parts larger than the whole */
	r.size = 101;
	r.flags = 0;
	nw_request(0, &r);
	r.size = 200;
	for (uint32_t i = 0; i < 19; i++) { /* more pieces than we take */
		r.flags = i < 18 ? NETTXF_more_data : 0;
		nw_request(0, &r);
		r.size = 10;
	}
	nw_tell(0);
	nw_run();
	for (uint32_t i = 0; i < 22; i++) {
		assert_int_equal(nw_answer(0), NETIF_RSP_ERROR);
	}
	assert_int_equal(nw_answer(0), 99);
	assert_null(nw_cut_off[0]);
	others_are_well();
}

/* The liar is cut off, once, and nothing more of it is answered; then it may begin again. */
static void expect_cut_off(void)
{
	uint32_t answers = nw_ring[0].tx->rsp_prod;

	nw_run();
	assert_non_null(nw_cut_off[0]);
	assert_false(net_is_connected(&nw, 0));
	assert_int_equal(nw_ring[0].tx->rsp_prod, answers);
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 60);
	nw_send(0, &sent, 4096);
	nw_run();
	assert_int_equal(nw_ring[0].tx->rsp_prod, answers);
	others_are_well();
	nw_connect(0, &nw_all);
	nw_post(0, 8);
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 60);
	nw_send(0, &sent, 4096);
	nw_run();
	assert_int_equal(nw_answer(0), NETIF_RSP_OKAY);
	while (nw_receive(1, &got)) {
		nw_post(1, 1);
	}
	nw_connect(0, &nw_all);
}

static void lies_about_packets(void **state)
{
	struct netif_tx_request r = { .size = 100, .flags = NETTXF_more_data };
	struct netif_extra_info e = { .type = 9 };

	(void)state;
	nw_setup(3, 20);
	nw_request(0, &r); /* without its end */
	nw_tell(0);
	expect_cut_off();
	r.flags = NETTXF_extra_info;
	nw_request(0, &r); /* the same, of extras */
	nw_tell(0);
	expect_cut_off();
	nw_request(0, &r);
	nw_extra(0, &e);
	nw_tell(0);
	expect_cut_off();
	e.type = XEN_NETIF_EXTRA_TYPE_GSO;
	e.flags = XEN_NETIF_EXTRA_FLAG_MORE;
	nw_request(0, &r);
	for (uint32_t i = 0; i < 200; i++) {
		nw_extra(0, &e);
	}
	nw_tell(0);
	expect_cut_off();
	r.flags = NETTXF_more_data;
	r.size = 500;
	for (uint32_t i = 0; i < 21; i++) {
		nw_request(0, &r);
		r.size = 1;
	}
	nw_tell(0);
	expect_cut_off();
	r.size = 2;
	r.offset = 4095;
	r.flags = 0;
	nw_request(0, &r);
	nw_tell(0);
	expect_cut_off();
}

static void lies_about_indices(void **state)
{
	(void)state;
	nw_setup(3, 20);
	nw_ring[0].tx->req_prod = 257;
	expect_cut_off();
	nw_ring[0].tx->req_prod = 0xffffffffu;
	expect_cut_off();
	/* of the other ring: noticed when there is something for it */
	nw_ring[0].rx->req_prod = 300;
	nw_frame(&sent, 1, nw_mac(0), PLAIN, 60);
	nw_send(1, &sent, 4096);
	expect_cut_off();
	/* our own indices are not read back */
	nw_ring[0].tx->rsp_prod = 77;
	nw_ring[0].rx->rsp_prod = 78;
	nw_frame(&sent, 0, nw_mac(1), PLAIN, 60);
	nw_send(0, &sent, 4096);
	nw_run();
	assert_int_equal(nw_ring[0].tx->rsp_prod, 1);
	assert_null(nw_cut_off[0]);
}

/* The switch's domain ends with requests of both rings unanswered, and is back: nothing is lost, nothing comes twice. */
static void goes_on_where_it_ended(void **state)
{
	struct nw_ring before;

	(void)state;
	nw_setup(2, 20);
	for (uint32_t round = 0; round < 5; round++) {
		nw_frame(&sent, 0, nw_mac(1), PLAIN, 100 + round);
		nw_send(0, &sent, 40);
		before = nw_ring[1];
		nw_restart();
		nw_run();
		expect_same();
		assert_false(nw_receive(1, &got));
		assert_int_equal(nw_ring[1].rx->rsp_prod, before.rx_cons + 1);
		nw_post(1, 1);
		while (nw_answer(0) != 99) {
		}
	}
	assert_int_equal(nw_ring[0].tx->rsp_prod, nw_ring[0].tx_prod);
}

static void many_rounds(void **state)
{
	(void)state;
	nw_setup(2, 60);
	for (uint32_t i = 0; i < 3000; i++) {
		nw_frame(&sent, 0, nw_mac(1), PLAIN, 60 + i % 1400);
		nw_send(0, &sent, 500);
		nw_run();
		expect_same();
		nw_post(1, 1);
		while (nw_answer(0) != 99) {
		}
	}
	assert_int_equal(net_counters(&nw, 0).in_packets, 3000);
	assert_int_equal(net_counters(&nw, 1).out_packets, 3000);
}

#define t(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(pieces),
		t(tells_when_asked),
		t(one_channel_for_both),
		t(gso_passes_as_it_is),
		t(gso_in_one_page),
		t(blank_checksums_pass),
		t(work_is_done_for_who_cannot),
		t(large_ones_are_cut_up),
		t(bad_offloads),
		t(multicast_on_request),
		t(who_does_not_fetch),
		t(all_queues_full),
		t(bad_grants),
		t(wrong_but_harmless),
		t(lies_about_packets),
		t(lies_about_indices),
		t(goes_on_where_it_ended),
		t(many_rounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
