// SPDX-License-Identifier: Apache-2.0
/*
 * Network interfaces and the store: two of one domain (1), a back end (2) with a real store under it, and a front end that
 * the test plays. What they send each other is net_ring_test.c's matter.
 */
#define _GNU_SOURCE
#include "net_device.h"
#include "unit.h"
#include "xenstore_world.h"

#include "../../rootfs/backends/io/nic.h"
#include "../../rootfs/backends/io/platform.h"
#include "../../rootfs/backends/io/virtio_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FRONT	   1u
#define BACK	   2u
#define PAGES	   16u
#define NR	   2u
#define STORE_PORT 7u
#define FIRST_BIT  5u

static uint8_t page[PAGES][4096] __attribute__((aligned(4096)));
static uint32_t nr_mapped, nr_bound, nr_events, nr_said;
static bool is_dying; /* the front end's domain: its grants are gone, its ports are not yet */
static uint8_t *memory, *maps;
static struct xs xs;
static uint32_t device_version; /* of the board's network; 0: none */

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

/* The front end grants pages below PAGES, and has ports 10 to 19. */
bool plat_map(uint16_t domid, uint32_t ref, void *at, uint32_t *handle)
{
	if (domid != FRONT || ref >= PAGES) {
		return false;
	}
	must(mremap(page[ref], 0, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at) == at);
	*handle = nr_mapped++;
	return true;
}

void plat_unmap(void *at, uint32_t handle)
{
	(void)handle;
	must(mmap(at, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at);
	nr_mapped--;
}

uint32_t plat_bind(uint16_t domid, uint32_t port)
{
	if (domid != FRONT || port < 10 || port > 19) {
		return 0;
	}
	nr_bound++;
	return port + 100;
}

void plat_close(uint32_t port)
{
	must(port >= 110 && port <= 119 && nr_bound > 0);
	nr_bound--;
}

bool plat_is_alive(uint16_t domid, uint32_t port)
{
	return domid == FRONT && (port == 0 || port >= 110) && !is_dying;
}

void plat_notify(uint32_t port)
{
	nr_events += port >= 110;
}

bool plat_copy(struct gnttab_copy *ops, uint32_t nr)
{
	for (uint32_t i = 0; i < nr; i++) {
		bool is_out = (ops[i].flags & GNTCOPY_dest_gref) != 0;
		struct gnttab_copy_ptr *own = is_out ? &ops[i].source : &ops[i].dest;
		struct gnttab_copy_ptr *other = is_out ? &ops[i].dest : &ops[i].source;
		uint8_t *ours = (uint8_t *)(uintptr_t)(own->u.gmfn * 4096) + own->offset;

		must(own->domid == DOMID_SELF && other->domid == FRONT && other->u.ref < PAGES);
		memcpy(is_out ? &page[other->u.ref][other->offset] : ours,
		       is_out ? ours : &page[other->u.ref][other->offset], ops[i].len);
		ops[i].status = GNTST_okay;
	}
	return true;
}

void plat_say(const char *fmt, ...)
{
	(void)fmt;
	nr_said++;
}

uint64_t plat_now_us(void)
{
	return 1000000;
}

void io_wait(void)
{
	sw_run();
	(void)nic_serve();
}

static void run(void)
{
	bool is_busy = true;

	while (is_busy) {
		sw_run();
		is_busy = xs_take(&xs);
		is_busy |= nic_serve();
		is_busy |= nic_settle();
		nd_work();
	}
}

/* The back end's program begins. */
static void begin(void)
{
	nic_reset();
	for (uint32_t i = 0; i < NR; i++) {
		struct net_port_config c = { .name = "vif1.0",
					     .bridge = "br0",
					     .mac = 0x00163e000000 };

		c.name[5] = (char)('0' + i);
		c.mac += i;
		assert_true(nic_add(BACK, FRONT, i, &c));
	}
	virtio_net_reset();
	if (virtio_net_probe(ND_BASE)) {
		struct net_port_config c = { .name = "uplink",
					     .bridge = "br0",
					     .may_use_any_mac = true };

		nic_uplink(&c);
	}
	free(memory);
	memory = aligned_alloc(4096, nic_memory());
	assert_non_null(memory);
	if (maps != NULL) {
		(void)munmap(maps, nic_maps() * 4096);
	}
	maps = mmap(NULL, nic_maps() * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(maps != MAP_FAILED);
	memset(&sw_ring[BACK - 1], 0, sizeof(sw_ring[0]));
	sw_ring[BACK - 1].connection = XENSTORE_RECONNECT;
	store_introduce(&sw, &sw.clients[BACK - 1], &sw_ring[BACK - 1]);
	xs_init(&xs, &sw_ring[BACK - 1], STORE_PORT);
	nr_mapped = nr_bound = 0;
	nic_init(&xs, memory, maps, FIRST_BIT);
	run();
}

static int setup(void **state)
{
	(void)state;
	must(mmap(page, sizeof(page), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (void *)page);
	nr_events = nr_said = 0;
	nd_reset(device_version);
	sw_setup(NULL);
	store_release(&sw, &sw.clients[FRONT - 1]);
	store_release(&sw, &sw.clients[BACK - 1]);
	for (uint32_t i = 0; i < NR; i++) {
		struct store_device d = {
			.kind = "vif", .front = FRONT, .back = BACK, .number = i
		};

		must(store_device_add(&sw, &d));
	}
	memset(&sw_ring[FRONT - 1], 0, sizeof(sw_ring[0]));
	store_introduce(&sw, &sw.clients[FRONT - 1], &sw_ring[FRONT - 1]);
	begin();
	return 0;
}

static const char *back(uint32_t i, const char *name)
{
	char text[128];

	snprintf(text, sizeof(text), "/local/domain/2/backend/vif/1/%u/%s|", i, name);
	return sw_say(FRONT - 1, XS_READ, 0, text);
}

static void say(uint32_t i, const char *name, const char *value)
{
	char text[128];

	snprintf(text, sizeof(text), "/local/domain/1/device/vif/%u/%s|%s", i, name, value);
	assert_string_equal(sw_say(FRONT - 1, XS_WRITE, 0, text), "OK|");
}

static void state(uint32_t i, const char *value)
{
	say(i, "state", value);
	run();
}

/* All that a front end says before it is connected; its rings are pages 2i and 2i + 1. */
static void tell(uint32_t i)
{
	char ref[16], other[16];

	memset(page[2 * i], 0, 2 * 4096);
	((netif_tx_sring_t *)(void *)page[2 * i])->rsp_event = 1;
	((netif_rx_sring_t *)(void *)page[2 * i + 1])->rsp_event = 1;
	snprintf(ref, sizeof(ref), "%u", 2 * i);
	snprintf(other, sizeof(other), "%u", 2 * i + 1);
	say(i, "tx-ring-ref", ref);
	say(i, "rx-ring-ref", other);
	say(i, "event-channel-tx", i == 0 ? "10" : "12");
	say(i, "event-channel-rx", i == 0 ? "11" : "13");
	say(i, "request-rx-copy", "1");
	say(i, "feature-rx-notify", "1");
	say(i, "feature-sg", "1");
	say(i, "feature-gso-tcpv4", "1");
}

static void offers_and_connects(void **s)
{
	(void)s;
	assert_string_equal(back(0, "state"), "2");
	assert_string_equal(back(1, "state"), "2");
	assert_string_equal(back(0, "feature-rx-copy"), "1");
	assert_string_equal(back(0, "feature-sg"), "1");
	assert_string_equal(back(0, "feature-gso-tcpv4"), "1");
	assert_string_equal(back(0, "feature-split-event-channels"), "1");
	tell(0);
	state(0, "4");
	assert_string_equal(back(0, "state"), "4");
	assert_int_equal(nr_mapped, 2);
	assert_int_equal(nr_bound, 2);
	assert_string_equal(back(1, "state"), "2");
}

static netif_tx_sring_t *tx_of(uint32_t i)
{
	return (netif_tx_sring_t *)(void *)page[2 * i];
}

static netif_rx_sring_t *rx_of(uint32_t i)
{
	return (netif_rx_sring_t *)(void *)page[2 * i + 1];
}

/* From interface 0 to interface 1, out of page 8 into page 9, as the @n-th. */
static void send(uint32_t n)
{
	static const uint8_t frame[] = {
		0, 0x16, 0x3e, 0, 0, 1, 0, 0x16, 0x3e, 0, 0, 0, 0x88, 0xb5
	};

	memcpy(page[8], frame, sizeof(frame));
	page[8][14] = (uint8_t)n;
	memset(page[9], 0, 4096);
	rx_of(1)->ring[n].req = (netif_rx_request_t){ .id = (uint16_t)n, .gref = 9 };
	rx_of(1)->req_prod = n + 1;
	tx_of(0)->ring[n].req = (netif_tx_request_t){ .gref = 8, .size = 60, .id = (uint16_t)n };
	tx_of(0)->req_prod = n + 1;
	run();
	assert_int_equal(tx_of(0)->rsp_prod, n + 1);
	assert_int_equal(rx_of(1)->rsp_prod, n + 1);
	assert_int_equal(rx_of(1)->ring[n].rsp.status, 60);
	assert_memory_equal(page[8], page[9], 60);
}

static void connect_both(void)
{
	for (uint32_t i = 0; i < NR; i++) {
		tell(i);
		state(i, "4");
		assert_string_equal(back(i, "state"), "4");
	}
}

static void packets_pass(void **s)
{
	(void)s;
	connect_both();
	send(0);
	send(1);
}

static void one_port_for_both_rings(void **s)
{
	(void)s;
	tell(0);
	assert_string_equal(sw_say(FRONT - 1, XS_RM, 0,
				   "/local/domain/1/device/vif/0/event-channel-tx|"),
			    "OK|");
	say(0, "event-channel", "14");
	state(0, "4");
	assert_string_equal(back(0, "state"), "4");
	assert_int_equal(nr_bound, 1);
	state(0, "6");
	assert_int_equal(nr_bound, 0);
	assert_int_equal(nr_mapped, 0);
}

/* @name is said wrongly: refused, nothing is held, and a new start is possible. */
static void refused(const char *name, const char *value)
{
	tell(0);
	say(0, name, value);
	state(0, "4");
	assert_string_equal(back(0, "state"), "6");
	assert_true(back(0, "error")[0] != '!');
	assert_int_equal(nr_mapped, 0);
	assert_int_equal(nr_bound, 0);
	state(0, "4"); /* not by saying it again */
	assert_string_equal(back(0, "state"), "6");
	state(0, "1");
	assert_string_equal(back(0, "state"), "2");
}

static void bad_front_ends_are_refused(void **s)
{
	(void)s;
	refused("tx-ring-ref", "99");
	refused("rx-ring-ref", "99");
	refused("rx-ring-ref", "none");
	refused("event-channel-tx", "3");
	refused("event-channel-rx", "3");
	refused("request-rx-copy", "0");
	refused("feature-rx-notify", "0");
	tell(0);
	state(0, "4");
	assert_string_equal(back(0, "state"), "4");
}

static void closes_and_comes_again(void **s)
{
	(void)s;
	connect_both();
	send(0);
	state(1, "5");
	assert_string_equal(back(1, "state"), "5");
	assert_int_equal(nr_mapped, 2);
	assert_int_equal(nr_bound, 2);
	state(1, "6");
	assert_string_equal(back(1, "state"), "6");
	state(0, "6");
	assert_int_equal(nr_mapped, 0);
	state(0, "1");
	state(1, "1");
	assert_string_equal(back(1, "state"), "2");
	connect_both();
	send(0);
}

static void a_liar_is_cut_off(void **s)
{
	(void)s;
	connect_both();
	tx_of(0)->req_prod = 1000;
	run();
	assert_string_equal(back(0, "state"), "6");
	assert_string_equal(back(0, "error"), "an index beyond the ring");
	assert_string_equal(back(1, "state"), "4");
	assert_int_equal(nr_mapped, 2);
	state(0, "4");
	assert_string_equal(back(0, "state"), "6");
	state(0, "1");
	tell(0);
	state(0, "4");
	assert_string_equal(back(0, "state"), "4");
	send(0);
}

static void the_front_end_dies(void **s)
{
	uint32_t said;

	(void)s;
	connect_both();
	store_release(&sw, &sw.clients[FRONT - 1]);
	tx_of(0)->req_prod = 1000; /* of whatever is in its ring's place now */
	said = nr_said;
	run();
	assert_int_equal(nr_said, said);
	tx_of(0)->req_prod = 0;
	assert_int_equal(nr_mapped, 0);
	assert_int_equal(nr_bound, 0);
	memset(&sw_ring[FRONT - 1], 0, sizeof(sw_ring[0]));
	store_introduce(&sw, &sw.clients[FRONT - 1], &sw_ring[FRONT - 1]);
	run();
	assert_string_equal(back(0, "state"), "2");
	connect_both();
	send(0);
}

/* Its pages show nothing any more; neither its ports nor the store says so yet. */
static void a_front_end_that_dies_breaks_no_rule(void **s)
{
	uint32_t said;

	(void)s;
	connect_both();
	for (uint32_t i = 0; i < 3; i++) {
		send(i);
	}
	is_dying = true;
	memset(page, 0, 4 * sizeof(page[0]));
	said = nr_said;
	run();
	is_dying = false;
	assert_int_equal(nr_said, said);
	assert_string_equal(back(0, "state"), "4");
	assert_int_equal(back(0, "error")[0], '!');
	store_release(&sw, &sw.clients[FRONT - 1]);
	run();
	memset(&sw_ring[FRONT - 1], 0, sizeof(sw_ring[0]));
	store_introduce(&sw, &sw.clients[FRONT - 1], &sw_ring[FRONT - 1]);
	run();
	connect_both();
	send(0);
}

/* The front ends do not have to do anything: they find Connected again, and their rings go on. */
static void the_back_end_begins_anew(void **s)
{
	(void)s;
	connect_both();
	send(0);
	send(1);
	store_release(&sw, &sw.clients[BACK - 1]);
	sw_run();
	nr_events = 0;
	begin();
	assert_string_equal(back(0, "state"), "4");
	assert_string_equal(back(1, "state"), "4");
	assert_int_equal(nr_mapped, 4);
	assert_int_equal(nr_events, 4);
	send(2);
	send(3);
}

static int setup_legacy(void **s)
{
	int rc;

	device_version = 1;
	rc = setup(s);
	device_version = 0;
	return rc;
}

static int setup_modern(void **s)
{
	int rc;

	device_version = 2;
	rc = setup(s);
	device_version = 0;
	return rc;
}

/* From interface 0 to an address that is not here. */
static void send_out(uint32_t n, uint16_t len)
{
	static const uint8_t frame[] = { 0x52, 0, 0, 0, 0, 9, 0, 0x16, 0x3e, 0, 0, 0, 0x88, 0xb5 };

	memset(page[8], (int)n, 4096);
	memcpy(page[8], frame, sizeof(frame));
	tx_of(0)->ring[n % 256].req =
		(netif_tx_request_t){ .gref = 8, .size = len, .id = (uint16_t)n };
	tx_of(0)->req_prod = n + 1;
	run();
	assert_int_equal(tx_of(0)->rsp_prod, n + 1);
}

static void frames_leave_and_come(void **s)
{
	static const uint8_t in[] = { 0, 0x16, 0x3e, 0, 0, 1, 0x52, 0, 0, 0, 0, 9, 0x88, 0xb5, 77 };

	(void)s;
	connect_both();
	assert_true(nd.is_running);
	send_out(0, 40);
	assert_int_equal(nd.nr_sent, 1);
	assert_int_equal(nd.sent_len, 60);
	assert_memory_equal(nd.sent, page[8], 40);
	assert_int_equal(nd.sent[45], 0);
	send_out(1, 1514);
	assert_int_equal(nd.sent_len, 1514);
	assert_memory_equal(nd.sent, page[8], 1514);
	rx_of(1)->ring[0].req = (netif_rx_request_t){ .gref = 9 };
	rx_of(1)->req_prod = 1;
	assert_true(nd_come(in, sizeof(in)));
	run();
	assert_int_equal(rx_of(1)->rsp_prod, 1);
	assert_int_equal(rx_of(1)->ring[0].rsp.status, sizeof(in));
	assert_memory_equal(page[9], in, sizeof(in));
	/* what is for each other does not leave, nor come back */
	send_out(2, 60);
	assert_int_equal(nd.nr_sent, 3);
}

static void many_frames(void **s)
{
	static const uint8_t in[] = { 0, 0x16, 0x3e, 0, 0, 1, 0x52, 0, 0, 0, 0, 9, 0x88, 0xb5, 77 };

	(void)s;
	connect_both();
	for (uint32_t i = 0; i < 500; i++) {
		send_out(i, 100);
		assert_int_equal(nd.nr_sent, i + 1);
		rx_of(1)->ring[i % 256].req = (netif_rx_request_t){ .gref = 9, .id = (uint16_t)i };
		rx_of(1)->req_prod = i + 1;
		assert_true(nd_come(in, sizeof(in)));
		run();
		assert_int_equal(rx_of(1)->rsp_prod, i + 1);
	}
}

static void a_stuck_device_holds_nobody_up(void **s)
{
	(void)s;
	connect_both();
	nd.is_stuck = true;
	for (uint32_t i = 0; i < 300; i++) {
		send_out(i, 100);
	}
	assert_int_equal(nd.nr_sent, 0);
	nd.is_stuck = false;
	run();
	run();
	assert_in_range(nd.nr_sent, 32, 32 + NET_QUEUE);
}

/* What is not with it cannot come back, and no length is longer than its buffer. */
static void a_lying_device_is_not_believed(void **s)
{
	static const uint8_t in[] = { 0, 0x16, 0x3e, 0, 0, 1, 0x52, 0, 0, 0, 0, 9, 0x88, 0xb5, 77 };
	static const uint32_t lies[][2] = {
		{ 0xffffffff, 60 }, { 3, 60 }, { 2, 0xffffffff }, { 4, 2048 + 13 }, { 6, 1 }
	};

	(void)s;
	connect_both();
	rx_of(1)->ring[0].req = (netif_rx_request_t){ .gref = 9 };
	rx_of(1)->req_prod = 1;
	for (uint32_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		nd.lie = lies[i][0];
		nd.lie_len = lies[i][1];
		assert_true(nd_come(in, sizeof(in)));
		run();
		assert_int_equal(rx_of(1)->rsp_prod, 0);
	}
	assert_true(nd_come(in, sizeof(in)));
	run();
	assert_int_equal(rx_of(1)->rsp_prod, 1);
}

#define t(f)	  cmocka_unit_test_setup(f, setup)
#define t_both(f) cmocka_unit_test_setup(f, setup_legacy), cmocka_unit_test_setup(f, setup_modern)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(offers_and_connects),
		t(packets_pass),
		t(one_port_for_both_rings),
		t(bad_front_ends_are_refused),
		t(closes_and_comes_again),
		t(a_liar_is_cut_off),
		t(the_front_end_dies),
		t(a_front_end_that_dies_breaks_no_rule),
		t(the_back_end_begins_anew),
		t_both(packets_pass),
		t_both(frames_leave_and_come),
		t_both(many_frames),
		t_both(a_stuck_device_holds_nobody_up),
		t_both(a_lying_device_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
