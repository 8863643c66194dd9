// SPDX-License-Identifier: Apache-2.0
/* The block back end against a front end: how they find each other, what is done, who is cut off, what a restart leaves. */
#include "io_world.h"
#include "xenstore_world.h"

#include <stdio.h>
#include <string.h>
#include <unit.h>

#define F    0u
#define DATA 40u /* the front end's pages for data begin here */

static const char *read_back(const char *name)
{
	char text[128];

	snprintf(text, sizeof(text), IW_BNODE "/%s|", name);
	return sw_say(F, XS_READ, 0, text);
}

static void write_front(const char *name, const char *value)
{
	char text[128];

	snprintf(text, sizeof(text), IW_FNODE "/%s|%s", name, value);
	assert_string_equal(sw_say(F, XS_WRITE, 0, text), "OK|");
}

static int ram(void **state)
{
	(void)state;
	memset(&model, 0, sizeof(model));
	iw_setup("RAM=1", true);
	return 0;
}

static int ram_connected(void **state)
{
	ram(state);
	iw_connect(0);
	return 0;
}

static void grant_data(uint32_t nr)
{
	for (uint32_t i = 0; i < nr; i++) {
		iw.is_granted[DATA + i] = true;
	}
}

/* A read or write of @nr whole pages from @sector on. */
static struct blkif_request *transfer(uint8_t op, uint64_t id, uint64_t sector, uint8_t nr)
{
	struct blkif_request *q = iw_request();

	q->operation = op;
	q->id = id;
	q->sector_number = sector;
	q->nr_segments = nr;
	for (uint8_t i = 0; i < nr; i++) {
		q->seg[i] = (struct blkif_request_segment){ DATA + i, 0, 7 };
	}
	return q;
}

static void go(void)
{
	iw_push();
	iw_run();
}

static void answered(uint64_t id, int16_t status)
{
	const struct blkif_response *r = iw_response();

	assert_non_null(r);
	assert_int_equal(r->id, id);
	assert_int_equal(r->status, status);
}

static void cut_off(void)
{
	assert_string_equal(iw_state(), "6");
	assert_int_equal(iw.nr_mapped, 0);
	assert_int_equal(iw.nr_bound, 0);
	assert_null(strchr("!", read_back("error")[0]));
}

static void offers_and_connects(void **state)
{
	(void)state;
	assert_string_equal(iw_state(), "2");
	assert_string_equal(read_back("feature-flush-cache"), "1");
	assert_string_equal(read_back("feature-discard"), "1");
	assert_string_equal(read_back("max-ring-page-order"), "3");
	iw_connect(0);
	assert_string_equal(iw_state(), "4");
	assert_string_equal(read_back("sectors"), "2048");
	assert_string_equal(read_back("sector-size"), "512");
	assert_string_equal(read_back("info"), "0");
	assert_int_equal(iw.nr_mapped, 1);
	assert_int_equal(iw.nr_bound, 1);
}

static void a_source_that_is_not_there_is_said(void **state)
{
	(void)state;
	iw_setup("PARTLABEL=none", true);
	assert_string_equal(iw_state(), "6");
	assert_string_equal(read_back("error"), "there is no such source");
	iw_connect(0);
	assert_string_equal(iw_state(), "6");
	assert_int_equal(iw.nr_mapped, 0);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	grant_data(11);
	for (uint32_t i = 0; i < 11; i++) {
		memset(iw_page[DATA + i], (int)(i + 1), 4096);
	}
	transfer(BLKIF_OP_WRITE, 7, 16, 11);
	go();
	answered(7, BLKIF_RSP_OKAY);
	memset(iw_page[DATA], 0, 11 * 4096);
	transfer(BLKIF_OP_READ, 8, 24, 10);
	go();
	answered(8, BLKIF_RSP_OKAY);
	assert_int_equal(iw_page[DATA][0], 2);
	assert_int_equal(iw_page[DATA + 9][4095], 11);
	assert_int_equal(iw_page[DATA + 10][0], 0);
	assert_true(iw.nr_events >= 2);
}

static void parts_of_pages(void **state)
{
	struct blkif_request *q;

	(void)state;
	grant_data(2);
	memset(iw_page[DATA], 0x11, 4096);
	memset(iw_page[DATA + 1], 0x22, 4096);
	q = transfer(BLKIF_OP_WRITE, 1, 3, 2);
	q->seg[0].first_sect = 7;
	q->seg[1].last_sect = 1;
	go();
	answered(1, BLKIF_RSP_OKAY);
	memset(iw_page[DATA], 0, 4096);
	transfer(BLKIF_OP_READ, 2, 0, 1);
	go();
	answered(2, BLKIF_RSP_OKAY);
	assert_int_equal(iw_page[DATA][3 * 512], 0x11);
	assert_int_equal(iw_page[DATA][4 * 512], 0x22);
	assert_int_equal(iw_page[DATA][6 * 512 - 1], 0x22);
}

static void indirect(uint8_t op, uint64_t id, uint32_t page, uint16_t nr)
{
	struct blkif_request_indirect *q = (void *)iw_request();
	struct blkif_request_segment *seg = (void *)iw_page[page];

	q->operation = BLKIF_OP_INDIRECT;
	q->indirect_op = op;
	q->nr_segments = nr;
	q->id = id;
	q->indirect_grefs[0] = page;
	iw.is_granted[page] = true;
	for (uint16_t i = 0; i < nr && i < 512; i++) {
		seg[i] = (struct blkif_request_segment){ DATA + i, 0, 7 };
	}
}

static void indirect_segments(void **state)
{
	(void)state;
	grant_data(32);
	memset(iw_page[DATA + 31], 0x77, 4096);
	indirect(BLKIF_OP_WRITE, 5, 30, 32);
	go();
	answered(5, BLKIF_RSP_OKAY);
	transfer(BLKIF_OP_READ, 6, 31 * 8, 1);
	go();
	answered(6, BLKIF_RSP_OKAY);
	assert_int_equal(iw_page[DATA][100], 0x77);
	indirect(BLKIF_OP_WRITE, 7, 30, 33);
	go();
	cut_off();
}

static void a_ring_of_several_pages(void **state)
{
	ram(state);
	iw_connect(3);
	assert_string_equal(iw_state(), "4");
	assert_int_equal(iw.nr_mapped, 8);
	grant_data(1);
	for (uint64_t id = 0; id < 1000; id++) {
		transfer(id % 2 == 0 ? BLKIF_OP_WRITE : BLKIF_OP_READ, id, id % 256 * 8, 1);
		if (id % 200 == 199) {
			go();
			for (uint64_t i = id - 199; i <= id; i++) {
				answered(i, BLKIF_RSP_OKAY);
			}
		}
	}
}

static void too_large_a_ring_is_refused(void **state)
{
	ram(state);
	iw_connect(4);
	cut_off();
}

static void flush_and_discard(void **state)
{
	struct blkif_request_discard *d;
	struct blkif_request *q;

	(void)state;
	grant_data(1);
	memset(iw_page[DATA], 0x33, 4096);
	transfer(BLKIF_OP_WRITE, 1, 0, 1);
	q = iw_request();
	q->operation = BLKIF_OP_FLUSH_DISKCACHE;
	q->id = 2;
	d = (void *)iw_request();
	d->operation = BLKIF_OP_DISCARD;
	d->id = 3;
	d->sector_number = 1;
	d->nr_sectors = 2;
	transfer(BLKIF_OP_READ, 4, 0, 1);
	go();
	answered(1, BLKIF_RSP_OKAY);
	answered(2, BLKIF_RSP_OKAY);
	answered(3, BLKIF_RSP_OKAY);
	answered(4, BLKIF_RSP_OKAY);
	assert_int_equal(iw_page[DATA][511], 0x33);
	assert_int_equal(iw_page[DATA][512], 0);
	assert_int_equal(iw_page[DATA][1535], 0);
	assert_int_equal(iw_page[DATA][1536], 0x33);
}

static void read_only(void **state)
{
	struct blkif_request_discard *d;

	(void)state;
	iw_setup("RAM=1", false);
	assert_string_equal(read_back("feature-discard"), "0");
	iw_connect(0);
	assert_string_equal(read_back("info"), "4");
	grant_data(1);
	memset(iw_page[DATA], 0x33, 4096);
	transfer(BLKIF_OP_WRITE, 1, 0, 1);
	d = (void *)iw_request();
	d->operation = BLKIF_OP_DISCARD;
	d->id = 2;
	d->nr_sectors = 8;
	transfer(BLKIF_OP_READ, 3, 0, 1);
	go();
	answered(1, BLKIF_RSP_ERROR);
	answered(2, BLKIF_RSP_ERROR);
	answered(3, BLKIF_RSP_OKAY);
	assert_int_not_equal(iw_page[DATA][0], 0x33);
}

static void beyond_the_end(void **state)
{
	struct blkif_request_discard *d;

	(void)state;
	grant_data(1);
	transfer(BLKIF_OP_READ, 1, 2048 - 7, 1);
	transfer(BLKIF_OP_READ, 2, 2048 - 8, 1);
	transfer(BLKIF_OP_READ, 3, UINT64_MAX - 7, 1);
	transfer(BLKIF_OP_WRITE, 4, UINT64_MAX, 1);
	d = (void *)iw_request();
	d->operation = BLKIF_OP_DISCARD;
	d->id = 5;
	d->sector_number = 2;
	d->nr_sectors = UINT64_MAX - 1;
	go();
	answered(1, BLKIF_RSP_ERROR);
	answered(2, BLKIF_RSP_OKAY);
	answered(3, BLKIF_RSP_ERROR);
	answered(4, BLKIF_RSP_ERROR);
	answered(5, BLKIF_RSP_ERROR);
	assert_string_equal(iw_state(), "4");
}

static void what_is_not_offered_is_answered(void **state)
{
	struct blkif_request *q;

	(void)state;
	q = iw_request();
	q->operation = BLKIF_OP_WRITE_BARRIER;
	q->id = 1;
	q = iw_request();
	q->operation = 200;
	q->id = 2;
	q = transfer(BLKIF_OP_FLUSH_DISKCACHE, 3, 0, 1);
	go();
	answered(1, BLKIF_RSP_EOPNOTSUPP);
	answered(2, BLKIF_RSP_EOPNOTSUPP);
	answered(3, BLKIF_RSP_EOPNOTSUPP);
	assert_string_equal(iw_state(), "4");
}

static void lies_about_indices(void **state)
{
	static const uint32_t lies[] = { 33, 0x80000000u, UINT32_MAX };

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		ram_connected(state);
		iw_ring()->req_prod = lies[i];
		iw_run();
		cut_off();
	}
	/* back, behind what was taken already */
	ram_connected(state);
	grant_data(1);
	transfer(BLKIF_OP_READ, 1, 0, 1);
	transfer(BLKIF_OP_READ, 2, 0, 1);
	go();
	iw_ring()->req_prod = 1;
	iw_run();
	cut_off();
}

static void lies_about_lengths(void **state)
{
	struct blkif_request *q;

	for (int i = 0; i < 5; i++) {
		ram_connected(state);
		grant_data(1);
		q = transfer(BLKIF_OP_WRITE, 1, 0, 1);
		switch (i) {
		case 0:
			q->nr_segments = 12;
			break;
		case 1:
			q->nr_segments = 0;
			break;
		case 2:
			q->seg[0].last_sect = 8;
			break;
		case 3:
			q->seg[0].first_sect = 5;
			q->seg[0].last_sect = 4;
			break;
		default:
			q->seg[0].last_sect = 255;
			break;
		}
		go();
		cut_off();
	}
}

static void lies_about_grants(void **state)
{
	(void)state;
	transfer(BLKIF_OP_WRITE, 1, 0, 1); /* not granted */
	go();
	cut_off();
	ram_connected(state);
	grant_data(2);
	iw.is_read_only[DATA + 1] = true;
	transfer(BLKIF_OP_READ, 1, 0, 2);
	go();
	cut_off();
	ram_connected(state);
	indirect(BLKIF_OP_WRITE, 1, 30, 4);
	iw.is_granted[30] = false;
	go();
	cut_off();
}

static void a_liar_may_start_anew(void **state)
{
	(void)state;
	iw_ring()->req_prod = 99;
	iw_run();
	cut_off();
	iw_connect(0); /* without starting anew it stays so */
	cut_off();
	write_front("state", "1");
	iw_run();
	assert_string_equal(iw_state(), "2");
	iw_connect(0);
	assert_string_equal(iw_state(), "4");
}

/* Found by the fuzzer: both are seen in one turn. */
static void a_liar_starts_anew_at_once(void **state)
{
	(void)state;
	iw_ring()->req_prod = 99;
	write_front("state", "1");
	iw_run();
	assert_string_equal(iw_state(), "2");
}

static void refusals_of_a_link(void **state)
{
	ram(state);
	write_front("event-channel", "9");
	write_front("state", "3");
	iw_run();
	cut_off(); /* no ring */
	ram(state);
	write_front("ring-ref", "127");
	write_front("event-channel", "9");
	write_front("state", "3");
	iw_run();
	cut_off(); /* not granted */
	ram(state);
	iw.is_granted[1] = true;
	write_front("ring-ref", "1");
	write_front("event-channel", "10");
	write_front("state", "3");
	iw_run();
	cut_off(); /* not its port */
	ram(state);
	iw.is_granted[1] = true;
	write_front("ring-ref", "1");
	write_front("event-channel", "9");
	write_front("protocol", "sparc-abi");
	write_front("state", "3");
	iw_run();
	cut_off(); /* another layout */
}

/* Request @n of 32-bit x86: a word, and at once the 64-bit numbers; 108 bytes. */
static void narrow(uint32_t n, uint8_t op, uint64_t id, uint64_t sector, uint32_t page)
{
	uint8_t *at = iw_page[0] + 64 + 108 * (size_t)(n % 32);
	const uint32_t segment[2] = { page, 7 << 8 };

	memset(at, 0, 108);
	at[0] = op;
	at[1] = 1;
	memcpy(at + 4, &id, sizeof(id));
	memcpy(at + 12, &sector, sizeof(sector));
	memcpy(at + 20, segment, sizeof(segment));
	iw_ring()->req_prod = n + 1;
	iw_run();
}

static void narrow_answered(uint32_t n, uint64_t id, int16_t status)
{
	const uint8_t *at = iw_page[0] + 64 + 108 * (size_t)(n % 32);

	assert_int_equal(iw_ring()->rsp_prod, n + 1);
	assert_memory_equal(at, &id, sizeof(id));
	assert_memory_equal(at + 10, &status, sizeof(status));
}

/* More requests than the ring has places; the data of one that is written is read. */
static void the_ring_of_32_bit_x86(void **state)
{
	ram(state);
	iw.is_narrow = true;
	iw_connect(0);
	assert_string_equal(iw_state(), "4");
	grant_data(2);
	for (uint32_t i = 0; i < 40; i++) {
		memset(iw_page[DATA], (int)(i + 1), 4096);
		narrow(2 * i, BLKIF_OP_WRITE, 0x100000001UL + i, 8UL * i, DATA);
		narrow_answered(2 * i, 0x100000001UL + i, BLKIF_RSP_OKAY);
		narrow(2 * i + 1, BLKIF_OP_READ, 77, 8UL * i, DATA + 1);
		narrow_answered(2 * i + 1, 77, BLKIF_RSP_OKAY);
		assert_memory_equal(iw_page[DATA], iw_page[DATA + 1], 4096);
	}
	narrow(80, BLKIF_OP_READ, 78, 1UL << 40, DATA);
	narrow_answered(80, 78, BLKIF_RSP_ERROR);
}

static void closes_with_the_front_end(void **state)
{
	(void)state;
	write_front("state", "5");
	iw_run();
	assert_string_equal(iw_state(), "5");
	assert_int_equal(iw.nr_mapped, 0);
	write_front("state", "6");
	iw_run();
	assert_string_equal(iw_state(), "6");
	write_front("state", "1");
	iw_run();
	assert_string_equal(iw_state(), "2");
}

static void a_front_end_that_starts_again(void **state)
{
	unsigned int said;

	(void)state;
	grant_data(1);
	memset(iw_page[DATA], 0x55, 4096);
	transfer(BLKIF_OP_WRITE, 1, 0, 1);
	go();
	answered(1, BLKIF_RSP_OKAY);
	store_release(&sw, &sw.clients[F]);
	iw_ring()->req_prod = 99; /* of whatever is in its ring's place now */
	said = iw.nr_said;
	iw_run();
	assert_int_equal(iw.nr_said, said);
	sw_ring[F].req_prod = sw_ring[F].rsp_cons = 0;
	store_introduce(&sw, &sw.clients[F], &sw_ring[F]);
	iw_run();
	assert_int_equal(iw.nr_mapped, 0);
	assert_string_equal(iw_state(), "2");
	iw_connect(1);
	assert_string_equal(iw_state(), "4");
	memset(iw_page[DATA], 0, 4096);
	transfer(BLKIF_OP_READ, 2, 0, 1);
	go();
	answered(2, BLKIF_RSP_OKAY);
	assert_int_equal(iw_page[DATA][0], 0x55);
}

/* Its pages show nothing any more, its grants are refused; neither its port nor the store says so yet. */
static void dies_unnoticed(bool is_copy_refused)
{
	unsigned int said = iw.nr_said;

	iw.is_dying = true;
	if (is_copy_refused) {
		iw.is_granted[DATA] = false;
		transfer(BLKIF_OP_READ, 2, 0, 1);
		iw_push();
	} else {
		memset(iw_page, 0, 4096);
	}
	iw_run();
	assert_int_equal(iw.nr_said, said);
	assert_int_equal(iw.nr_mapped, 0);
	assert_int_equal(iw.nr_bound, 0);
	assert_string_equal(iw_state(), "4");
	assert_non_null(strchr("!", read_back("error")[0]));
}

static void a_front_end_that_dies_breaks_no_rule(void **state)
{
	for (int i = 0; i < 2; i++) {
		ram_connected(state);
		grant_data(1);
		transfer(BLKIF_OP_READ, 1, 0, 1);
		go();
		answered(1, BLKIF_RSP_OKAY);
		dies_unnoticed(i != 0);
		store_release(&sw, &sw.clients[F]);
		iw_run();
		iw.is_dying = false;
		sw_ring[F].req_prod = sw_ring[F].rsp_cons = 0;
		store_introduce(&sw, &sw.clients[F], &sw_ring[F]);
		iw_run();
		assert_string_equal(iw_state(), "2");
		iw_connect(0);
		assert_string_equal(iw_state(), "4");
	}
}

/* It has said that it is ready, and the rest is gone already. */
static void a_front_end_that_dies_connecting_is_not_refused(void **state)
{
	ram(state);
	write_front("event-channel", "9");
	write_front("state", "3");
	iw.is_dying = true;
	iw_run();
	assert_string_equal(iw_state(), "2");
	assert_non_null(strchr("!", read_back("error")[0]));
	iw.is_dying = false;
	iw_connect(0);
	assert_string_equal(iw_state(), "4");
}

/* Its ports closed when it was suspended; it connects anew without starting anew. */
static void a_front_end_that_was_suspended(void **state)
{
	(void)state;
	iw.is_port_dead = true;
	iw_connect(0);
	assert_string_equal(iw_state(), "4");
	assert_int_equal(iw.nr_mapped, 1);
	grant_data(1);
	transfer(BLKIF_OP_READ, 1, 0, 1);
	go();
	answered(1, BLKIF_RSP_OKAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(offers_and_connects, ram),
		cmocka_unit_test(a_source_that_is_not_there_is_said),
		cmocka_unit_test_setup(what_is_written_is_read, ram_connected),
		cmocka_unit_test_setup(parts_of_pages, ram_connected),
		cmocka_unit_test_setup(indirect_segments, ram_connected),
		cmocka_unit_test(a_ring_of_several_pages),
		cmocka_unit_test(too_large_a_ring_is_refused),
		cmocka_unit_test_setup(flush_and_discard, ram_connected),
		cmocka_unit_test(read_only),
		cmocka_unit_test_setup(beyond_the_end, ram_connected),
		cmocka_unit_test_setup(what_is_not_offered_is_answered, ram_connected),
		cmocka_unit_test(lies_about_indices),
		cmocka_unit_test(lies_about_lengths),
		cmocka_unit_test_setup(lies_about_grants, ram_connected),
		cmocka_unit_test_setup(a_liar_may_start_anew, ram_connected),
		cmocka_unit_test_setup(a_liar_starts_anew_at_once, ram_connected),
		cmocka_unit_test(refusals_of_a_link),
		cmocka_unit_test(the_ring_of_32_bit_x86),
		cmocka_unit_test_setup(closes_with_the_front_end, ram_connected),
		cmocka_unit_test_setup(a_front_end_that_starts_again, ram_connected),
		cmocka_unit_test(a_front_end_that_dies_breaks_no_rule),
		cmocka_unit_test(a_front_end_that_dies_connecting_is_not_refused),
		cmocka_unit_test_setup(a_front_end_that_was_suspended, ram_connected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
