// SPDX-License-Identifier: Apache-2.0
/*
 * A front end that puts anything into its rings, its pages and its indices, beside two honest ones.
 *
 * After each step the books of packets and pages must add up; at the end, and after the liar is gone, a packet between the
 * honest two must arrive as it was sent. What the liar's port must not send never arrives at them.
 */
#include "../unit/net_world.h"

#include <stdlib.h>
#include <string.h>

#define LIAR	  0u
#define MAX_STEPS 120u
#define RING	  256u

struct input {
	const uint8_t *at;
	size_t left;
};

static struct nw_packet sent, got;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static uint8_t next(struct input *in)
{
	if (in->left == 0) {
		return 0;
	}
	in->left--;
	return *in->at++;
}

static uint32_t next16(struct input *in)
{
	return next(in) | (uint32_t)next(in) << 8;
}

/* Nearly right, so that more than the first check is met. */
static void do_request(struct input *in)
{
	uint8_t how = next(in);
	struct netif_tx_request r = { .gref = next(in) % (NW_PAGES + 8u),
				      .offset = (uint16_t)(next(in) * 17u),
				      .flags = (uint16_t)(next(in) % 16u),
				      .id = next(in),
				      .size = (uint16_t)next16(in) };

	if (how % 4 != 0) {
		r.size %= 1500;
		r.offset %= 2000;
		r.gref %= NW_PAGES;
	}
	nw_request(LIAR, &r);
}

static void do_extra(struct input *in)
{
	struct netif_extra_info e = { .type = next(in) % 6u, .flags = next(in) % 2u };

	for (uint32_t i = 0; i < 6; i++) {
		e.u.mcast.addr[i] = next(in);
	}
	nw_extra(LIAR, &e);
}

static void do_index(struct input *in)
{
	struct nw_ring *r = &nw_ring[LIAR];
	uint32_t *const fields[] = { &r->tx->req_prod,	&r->tx->req_event, &r->tx->rsp_prod,
				     &r->tx->rsp_event, &r->rx->req_prod,  &r->rx->req_event,
				     &r->rx->rsp_prod,	&r->rx->rsp_event };

	*fields[next(in) % 8] = next16(in) << (next(in) % 17);
}

/* A sound packet but for one field of its headers. */
static void do_packet(struct input *in)
{
	uint8_t how = next(in);
	uint32_t payload = how % 2 != 0 ? next16(in) % 60000u : next(in);

	nw_tcp(&sent, LIAR, 1 + how / 2 % 2, how / 4 % 2 != 0, payload);
	sent.flags = next(in) % 4u;
	if (how / 8 % 2 != 0) {
		sent.gso_size = next16(in);
		sent.gso_type = next(in) % 4u;
	}
	for (uint32_t n = next(in) % 4u; n > 0; n--) {
		sent.bytes[next(in) % 90u] = next(in);
	}
	nw_send(LIAR, &sent, sent.len / 17 + 64 < 4096 ? sent.len / 17 + 64 : 4096);
}

static void do_receive(struct input *in)
{
	uint32_t nr = next(in) % 64u;

	nw_post(LIAR, nr);
	if (nr % 3 == 0) {
		nw_ring[LIAR].rx->ring[next(in)].req.gref = next16(in);
	}
}

static void do_connect(struct input *in)
{
	uint8_t how = next(in);
	struct net_features features = { .has_csum4 = how % 2 != 0,
					 .has_csum6 = how / 2 % 2 != 0,
					 .has_gso4 = how / 4 % 2 != 0,
					 .has_gso6 = how / 8 % 2 != 0,
					 .has_mcast_control = how / 16 % 2 != 0 };

	if (how >= 200) {
		net_disconnect(&nw, LIAR);
	} else {
		nw_connect(LIAR, &features);
	}
}

/* The honest ones fetch all they get: it comes from an address of the sender's. */
static void drain(uint32_t i)
{
	while (nw_ring[i].rx_cons != nw_ring[i].rx->rsp_prod) {
		must(nw_receive(i, &got));
		must(got.status == 0 && got.len >= ETH_HEAD);
		must(get_mac(got.bytes + 6) == nw_mac(LIAR) ||
		     get_mac(got.bytes + 6) == nw_mac(3 - i));
	}
	nw_post(i, nw_ring[i].rx_cons + 60 - nw_ring[i].rx_prod);
	while (nw_answer(i) != 99) {
	}
}

static void witness(void)
{
	drain(1);
	drain(2);
	nw_run();
	drain(2);
	nw_frame(&sent, 1, nw_mac(2), 0x88b5u, 300);
	nw_send(1, &sent, 100);
	nw_run();
	do {
		must(nw_receive(2, &got));
	} while (got.bytes[11] != 2);
	must(got.len == 300 && memcmp(got.bytes, sent.bytes, 300) == 0);
}

static void step(struct input *in)
{
	switch (next(in) % 8) {
	case 0:
		do_index(in);
		break;
	case 1:
	case 2:
		do_request(in);
		return;
	case 3:
		do_extra(in);
		return;
	case 4:
		do_packet(in);
		break;
	case 5:
		do_receive(in);
		break;
	case 6:
		do_connect(in);
		break;
	default:
		nw_tell(LIAR);
		break;
	}
	nw_run();
	drain(1);
	drain(2);
	nw_now_us += 1000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	nw_setup(3, 60);
	for (unsigned int i = 0; i < MAX_STEPS && in.left > 0; i++) {
		step(&in);
	}
	nw_run();
	witness();
	net_disconnect(&nw, LIAR);
	nw_run();
	witness();
	return 0;
}
