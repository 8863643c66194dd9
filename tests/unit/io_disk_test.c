// SPDX-License-Identifier: Apache-2.0
/*
 * The block back end on a block device: finding partitions, the driver in both layouts of the registers, the order of
 * things, and what an end of the back end in the midst of it leaves.
 */
#include "io_world.h"
#include "xenstore_world.h"

#include <stdio.h>
#include <string.h>
#include <unit.h>

#define F	0u
#define DATA	40u
#define FIRST	64u /* of the partition "data" */
#define PART	"PARTLABEL=data"
#define UUID	"PARTUUID=00112233-4455-6677-8899-aabbccddeeff"
#define ENTRIES 128u
#define BACKUP	(IW_SECTORS - 1)

static uint32_t crc32(const uint8_t *data, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++) {
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
		}
	}
	return ~crc;
}

static void put(uint8_t *at, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		at[i] = (uint8_t)(value >> (8 * i));
	}
}

static void entry(uint8_t *at, const char *name, uint64_t first, uint64_t last, const uint8_t *uuid)
{
	memset(at, 0x42, 16);
	memcpy(at + 16, uuid, 16);
	put(at + 32, first, 8);
	put(at + 40, last, 8);
	for (size_t i = 0; name[i] != '\0'; i++) {
		at[56 + 2 * i] = (uint8_t)name[i];
	}
}

/* A table at @here, its entries at @entries. UEFI 2.10, section 5.3. */
static void table(uint64_t here, uint64_t entries)
{
	static const uint8_t uuid[16] = { 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
					  0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
	static const uint8_t none[16] = { 1 };
	uint8_t *h = iw_disk + here * SECTOR, *e = iw_disk + entries * SECTOR;

	memset(e, 0, ENTRIES * 128);
	entry(e, "database", 40, 63, none);
	entry(e + 5 * 128, "data", FIRST, FIRST + 1023, uuid);
	entry(e + 6 * 128, "outside", 100, IW_SECTORS, none);
	memset(h, 0, SECTOR);
	memcpy(h, "EFI PART", 8);
	put(h + 8, 0x10000, 4);
	put(h + 12, 92, 4);
	put(h + 24, here, 8);
	put(h + 72, entries, 8);
	put(h + 80, ENTRIES, 4);
	put(h + 84, 128, 4);
	put(h + 88, crc32(e, ENTRIES * 128), 4);
	put(h + 16, crc32(h, 92), 4);
}

static void format(void)
{
	memset(iw_disk, 0, sizeof(iw_disk));
	table(1, 2);
	table(BACKUP, BACKUP - 32);
	memset(&model, 0, sizeof(model));
}

static int connected(void **state)
{
	(void)state;
	format();
	iw_setup_with_device(PART, true, 2);
	assert_string_equal(iw_state(), "2");
	iw_connect(0);
	assert_string_equal(iw_state(), "4");
	for (uint32_t i = 0; i < 32; i++) {
		iw.is_granted[DATA + i] = true;
	}
	return 0;
}

static const char *sectors(void)
{
	return sw_say(F, XS_READ, 0, IW_BNODE "/sectors|");
}

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

static void flush(uint64_t id)
{
	struct blkif_request *q = iw_request();

	q->operation = BLKIF_OP_FLUSH_DISKCACHE;
	q->id = id;
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

/* Return: the back end found it. */
static bool finds(const char *source, uint32_t version)
{
	iw_setup_with_device(source, true, version);
	return strcmp(iw_state(), "2") == 0;
}

static void partitions_by_label_and_uuid(void **state)
{
	(void)state;
	format();
	for (uint32_t version = 1; version <= 2; version++) {
		assert_true(finds(PART, version));
		assert_true(finds(UUID, version));
		assert_true(finds("PARTUUID=00112233-4455-6677-8899-AABBCCDDEEFF", version));
		assert_true(finds("PARTLABEL=database", version));
		assert_false(finds("PARTLABEL=dat", version));
		assert_false(finds("PARTLABEL=data2", version));
		assert_false(finds("PARTLABEL=outside", version));
		assert_false(finds("PARTLABEL=", version));
		assert_false(finds("PARTUUID=00112233-4455-6677-8899-aabbccddeef0", version));
		assert_false(finds("PARTUUID=0011", version));
		assert_false(finds("/dev/sda", version));
	}
}

static void only_a_sound_table_is_believed(void **state)
{
	uint8_t *name = iw_disk + 2 * SECTOR + 5 * 128 + 56;

	(void)state;
	format();
	name[0] = 'x'; /* without its checksum: the other copy counts */
	assert_true(finds(PART, 2));
	memset(iw_disk + BACKUP * SECTOR, 0, SECTOR);
	assert_false(finds(PART, 2));
	format();
	memset(iw_disk + SECTOR, 0xff, SECTOR);
	assert_true(finds(PART, 2));
	iw_disk[BACKUP * SECTOR + 80] ^= 1;
	assert_false(finds(PART, 2));
	format();
	model.is_bad = true;
	assert_false(finds(PART, 2));
}

static void each_byte_of_a_header_counts(void **state)
{
	(void)state;
	format();
	memset(iw_disk + BACKUP * SECTOR, 0, SECTOR);
	for (size_t i = 0; i < 92; i += 3) {
		iw_disk[SECTOR + i] ^= 0x10;
		assert_false(finds(PART, 2));
		iw_disk[SECTOR + i] ^= 0x10;
	}
	assert_true(finds(PART, 2));
}

static void reads_and_writes(uint32_t version)
{
	format();
	iw_setup_with_device(PART, true, version);
	iw_connect(0);
	assert_string_equal(sectors(), "1024");
	for (uint32_t i = 0; i < 11; i++) {
		iw.is_granted[DATA + i] = true;
		memset(iw_page[DATA + i], (int)(0x80 + i), 4096);
	}
	transfer(BLKIF_OP_WRITE, 1, 1024 - 88, 11);
	go();
	answered(1, BLKIF_RSP_OKAY);
	assert_int_equal(iw_disk[(FIRST + 1024 - 88) * SECTOR], 0x80);
	assert_int_equal(iw_disk[(FIRST + 1024) * SECTOR - 1], 0x8a);
	assert_int_equal(iw_disk[(FIRST + 1024) * SECTOR], 0);
	memset(iw_page[DATA], 0, 11 * 4096);
	transfer(BLKIF_OP_READ, 2, 1024 - 88, 11);
	transfer(BLKIF_OP_READ, 3, 1024 - 80, 11);
	go();
	answered(2, BLKIF_RSP_OKAY);
	answered(3, BLKIF_RSP_ERROR); /* the next partition is not ours */
	assert_int_equal(iw_page[DATA][0], 0x80);
	assert_int_equal(iw_page[DATA + 10][4095], 0x8a);
}

static void both_layouts(void **state)
{
	(void)state;
	reads_and_writes(1);
	reads_and_writes(2);
}

static void a_flush_is_after_what_was_before_it(void **state)
{
	(void)state;
	model.is_stuck = true;
	transfer(BLKIF_OP_WRITE, 1, 0, 4);
	transfer(BLKIF_OP_WRITE, 2, 32, 4);
	flush(3);
	transfer(BLKIF_OP_WRITE, 4, 64, 4);
	go();
	assert_null(iw_response());
	model.is_stuck = false;
	iw_run();
	answered(1, BLKIF_RSP_OKAY);
	answered(2, BLKIF_RSP_OKAY);
	answered(3, BLKIF_RSP_OKAY);
	answered(4, BLKIF_RSP_OKAY);
	assert_int_equal(model.nr_flushes, 1);
	assert_int_equal(model.writes_at_flush, 2);
}

static void a_device_that_keeps_nothing_back(void **state)
{
	(void)state;
	format();
	model.has_no_flush = true;
	iw_setup_with_device(PART, true, 2);
	iw_connect(0);
	flush(1);
	go();
	answered(1, BLKIF_RSP_OKAY);
}

static void a_read_only_device(void **state)
{
	(void)state;
	format();
	model.is_read_only = true;
	iw_setup_with_device(PART, true, 2);
	iw_connect(0);
	assert_string_equal(sw_say(F, XS_READ, 0, IW_BNODE "/info|"), "4");
	iw.is_granted[DATA] = true;
	transfer(BLKIF_OP_WRITE, 1, 0, 1);
	go();
	answered(1, BLKIF_RSP_ERROR);
	assert_int_equal(model.nr_writes, 0);
}

static void errors_of_the_device(void **state)
{
	(void)state;
	model.is_bad = true;
	transfer(BLKIF_OP_READ, 1, 0, 1);
	transfer(BLKIF_OP_WRITE, 2, 0, 1);
	flush(3);
	go();
	answered(1, BLKIF_RSP_ERROR);
	answered(2, BLKIF_RSP_ERROR);
	answered(3, BLKIF_RSP_ERROR);
	assert_string_equal(iw_state(), "4");
}

static void more_than_there_is_room_for(void **state)
{
	(void)state;
	for (uint64_t round = 0; round < 40; round++) {
		for (uint64_t i = 0; i < 32; i++) {
			uint8_t op = (i + round) % 3 == 0 ? BLKIF_OP_READ : BLKIF_OP_WRITE;

			transfer(op, round * 32 + i, i * 8 % 512,
				 (uint8_t)(1 + (i * 7 + round) % 11));
		}
		go();
		for (uint64_t i = 0; i < 32; i++) {
			answered(round * 32 + i, BLKIF_RSP_OKAY);
		}
	}
}

static void discards_reach_the_device(void **state)
{
	struct blkif_request_discard *d;

	(void)state;
	memset(iw_disk + FIRST * SECTOR, 0x99, 8 * SECTOR);
	d = (void *)iw_request();
	d->operation = BLKIF_OP_DISCARD;
	d->id = 1;
	d->sector_number = 1;
	d->nr_sectors = 1000; /* of which the device takes 64 at a time */
	go();
	answered(1, BLKIF_RSP_OKAY);
	assert_int_equal(model.nr_discards, 1);
	assert_int_equal(iw_disk[FIRST * SECTOR], 0x99);
	assert_int_equal(iw_disk[(FIRST + 1) * SECTOR], 0);
}

static void a_link_ends_while_the_device_works(void **state)
{
	(void)state;
	model.is_stuck = true;
	transfer(BLKIF_OP_READ, 1, 0, 4);
	go();
	store_release(&sw, &sw.clients[F]);
	sw_ring[F].req_prod = sw_ring[F].rsp_cons = 0;
	store_introduce(&sw, &sw.clients[F], &sw_ring[F]);
	iw_run();
	assert_string_equal(iw_state(), "2");
	iw_connect(0); /* not before the device has let go of our memory */
	assert_string_equal(iw_state(), "2");
	model.is_stuck = false;
	iw_run();
	assert_string_equal(iw_state(), "4");
	assert_null(iw_response());
	transfer(BLKIF_OP_READ, 2, 0, 1);
	go();
	answered(2, BLKIF_RSP_OKAY);
}

/* What the front end asked for is done, once or twice; what was answered stays answered. */
static void a_restart_in_the_midst_of_it(void **state)
{
	(void)state;
	memset(iw_page[DATA], 0x61, 4096);
	transfer(BLKIF_OP_WRITE, 1, 0, 1);
	go();
	answered(1, BLKIF_RSP_OKAY);
	model.is_stuck = true;
	transfer(BLKIF_OP_WRITE, 2, 8, 1);
	flush(3);
	go();
	assert_null(iw_response());
	model.is_stuck = false; /* it is reset, and forgets what it had */
	iw_restart();
	assert_string_equal(iw_state(), "4");
	answered(2, BLKIF_RSP_OKAY);
	answered(3, BLKIF_RSP_OKAY);
	assert_null(iw_response());
	assert_int_equal(iw_disk[(FIRST + 8) * SECTOR], 0x61);
	transfer(BLKIF_OP_READ, 4, 8, 1);
	go();
	answered(4, BLKIF_RSP_OKAY);
}

/* The end came when the response had taken its request's place and was not shown. */
static void a_restart_in_the_midst_of_an_answer(void **state)
{
	blkif_sring_t *ring = iw_ring();

	(void)state;
	transfer(BLKIF_OP_WRITE, 1, 0, 1);
	transfer(BLKIF_OP_WRITE, 2, 8, 1);
	go();
	answered(1, BLKIF_RSP_OKAY);
	ring->rsp_prod = 1; /* as if 2 had not been shown */
	memset(&ring->ring[1].rsp, 0xee, sizeof(ring->ring[1].rsp));
	iw_restart();
	assert_string_equal(iw_state(), "4");
	answered(2, BLKIF_RSP_OKAY);
	assert_null(iw_response());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(partitions_by_label_and_uuid),
		cmocka_unit_test(only_a_sound_table_is_believed),
		cmocka_unit_test(each_byte_of_a_header_counts),
		cmocka_unit_test(both_layouts),
		cmocka_unit_test_setup(a_flush_is_after_what_was_before_it, connected),
		cmocka_unit_test(a_device_that_keeps_nothing_back),
		cmocka_unit_test(a_read_only_device),
		cmocka_unit_test_setup(errors_of_the_device, connected),
		cmocka_unit_test_setup(more_than_there_is_room_for, connected),
		cmocka_unit_test_setup(discards_reach_the_device, connected),
		cmocka_unit_test_setup(a_link_ends_while_the_device_works, connected),
		cmocka_unit_test_setup(a_restart_in_the_midst_of_it, connected),
		cmocka_unit_test_setup(a_restart_in_the_midst_of_an_answer, connected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
