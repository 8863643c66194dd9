// SPDX-License-Identifier: Apache-2.0
/*
 * The selector's record: which slot it says, what a start and a refusal make of it, and that power may fail at any byte of a
 * write: a slot on trial is never started more often than it has tries, and some slot is always the first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../arch/efi/selector/record.h"
#include "../../rootfs/backends/io/crc32.h"
#include "unit.h"

#define BYTES  1024U
#define SECTOR 128U
#define HEAD   5U
#define TRIAL  "other=kept\0slot=b\0upgrade_available=1\0bootcount=0\0ashlar_min=5\0"

static uint8_t disk[2][BYTES];
static const uint8_t *const copies[2] = { disk[0], disk[1] };

static void seal(uint8_t *copy)
{
	uint32_t crc = ~crc32_add(UINT32_MAX, copy + HEAD, BYTES - HEAD);

	memcpy(copy, &crc, sizeof(crc));
}

static void put(unsigned int n, uint8_t counter, const char *text, size_t bytes)
{
	memset(disk[n], 0, BYTES);
	disk[n][HEAD - 1] = counter;
	memcpy(disk[n] + HEAD, text, bytes);
	seal(disk[n]);
}

#define PUT(n, counter, text) put(n, counter, text, sizeof(text) - 1)

static int empty(void **state)
{
	(void)state;
	memset(disk, 0xff, sizeof(disk));
	return 0;
}

static void is_record(const struct record *r, char first, bool is_on_trial, uint32_t starts)
{
	assert_int_equal(r->first, first);
	assert_int_equal(r->is_on_trial, is_on_trial);
	assert_int_equal(r->starts, starts);
}

static void says(int newest, char first, bool is_on_trial, uint32_t starts)
{
	struct record r;

	assert_int_equal(record_read(copies, BYTES, &r), newest);
	is_record(&r, first, is_on_trial, starts);
}

static void test_none(void **state)
{
	(void)state;
	says(-1, 'a', false, 0);
	memset(disk, 0, sizeof(disk));
	says(-1, 'a', false, 0);
}

static void test_read(void **state)
{
	(void)state;
	PUT(1, 9, TRIAL);
	says(1, 'b', true, 0);
	PUT(0, 10, "slot=a\0bootcount=7\0");
	says(0, 'a', false, 7);
	PUT(1, 11, "slots=b\0slot=c\0upgrade_available=2\0bootcount=-1\0");
	says(1, 'a', false, 0);
	PUT(0, 12, "bootcount=9999999999\0upgrade_available=1\0");
	says(0, 'a', true, 0);
	PUT(1, 13, "");
	says(1, 'a', false, 0);
}

static void test_counter_goes_round(void **state)
{
	(void)state;
	PUT(0, 255, "slot=a\0");
	PUT(1, 0, "slot=b\0");
	says(1, 'b', false, 0);
	PUT(0, 0, "slot=a\0");
	PUT(1, 255, "slot=b\0");
	says(0, 'a', false, 0);
	PUT(0, 128, "slot=a\0");
	PUT(1, 127, "slot=b\0");
	says(0, 'a', false, 0);
}

/* Any byte of a copy changed: it is not that copy. Its counter is not summed, as U-Boot has it. */
static void test_damage(void **state)
{
	(void)state;
	PUT(0, 1, "slot=a\0");
	PUT(1, 2, TRIAL);
	for (size_t i = 0; i < BYTES; i++) {
		if (i == HEAD - 1) {
			continue;
		}
		disk[1][i] ^= 1;
		says(0, 'a', false, 0);
		disk[1][i] ^= 1;
	}
	says(1, 'b', true, 0);
}

static void test_no_end(void **state)
{
	(void)state;
	memset(disk[0], 'x', BYTES);
	seal(disk[0]);
	says(-1, 'a', false, 0);
	disk[0][BYTES - 1] = 0;
	seal(disk[0]);
	says(-1, 'a', false, 0);
	disk[0][BYTES - 2] = 0;
	seal(disk[0]);
	says(0, 'a', false, 0);
}

static void test_begin(void **state)
{
	struct record r = { .first = 'b', .is_on_trial = true };

	(void)state;
	for (uint32_t n = 1; n <= RECORD_TRIES; n++) {
		assert_true(record_begin(&r));
		is_record(&r, 'b', true, n);
	}
	assert_true(record_begin(&r));
	is_record(&r, 'a', false, 0);
	assert_false(record_begin(&r));
	is_record(&r, 'a', false, 0);
	r = (struct record){ .first = 'a', .is_on_trial = true, .starts = UINT32_MAX };
	assert_true(record_begin(&r));
	is_record(&r, 'b', false, 0);
}

static void test_refused(void **state)
{
	struct record r = { .first = 'b', .is_on_trial = true, .starts = 1 };

	(void)state;
	assert_true(record_end_trial(&r));
	is_record(&r, 'a', false, 0);
	assert_false(record_end_trial(&r));
	is_record(&r, 'a', false, 0);
}

static bool has(const uint8_t *copy, const char *variable)
{
	const char *at = (const char *)copy + HEAD;

	while (*at != '\0' && strcmp(at, variable) != 0) {
		at += strlen(at) + 1;
	}
	return *at != '\0';
}

static void test_make(void **state)
{
	struct record r;

	(void)state;
	PUT(0, 255, TRIAL);
	assert_int_equal(record_read(copies, BYTES, &r), 0);
	assert_true(record_begin(&r));
	assert_true(record_make(disk[0], disk[1], BYTES, &r));
	says(1, 'b', true, 1);
	assert_int_equal(disk[1][HEAD - 1], 0);
	assert_true(has(disk[1], "other=kept") && has(disk[1], "ashlar_min=5"));
	assert_true(has(disk[1], "slot=b") && has(disk[1], "upgrade_available=1") &&
		    has(disk[1], "bootcount=1"));
	assert_false(has(disk[1], "bootcount=0"));
}

/* What is there fills it: the record does not fit, and that is said. */
static void test_full(void **state)
{
	static uint8_t out[BYTES];
	struct record r = { .first = 'a', .starts = UINT32_MAX };

	(void)state;
	memset(disk[0] + HEAD, 'x', BYTES - HEAD - 2);
	disk[0][HEAD + 1] = '=';
	disk[0][BYTES - 2] = disk[0][BYTES - 1] = 0;
	seal(disk[0]);
	assert_false(record_make(disk[0], out, BYTES, &r));
}

/* A start, as the selector makes it: written first, and cut after @cut bytes of that. Return: the slot started, or 0: power failed. */
static char start(size_t cut)
{
	static uint8_t made[BYTES];
	struct record r;
	int newest = record_read(copies, BYTES, &r);

	assert_true(newest >= 0);
	if (!record_begin(&r)) {
		return r.first;
	}
	assert_true(record_make(disk[newest], made, BYTES, &r));
	memcpy(disk[1 - newest], made, MIN(cut, BYTES));
	return cut < BYTES ? '\0' : r.first;
}

/* Each start but the last few cut somewhere, by a generator of a fixed seed. */
static unsigned int one_life(unsigned int seed)
{
	unsigned int of_b = 0;

	srand(seed);
	PUT(0, (uint8_t)seed, "other=kept\0slot=a\0");
	PUT(1, (uint8_t)(seed + 1), TRIAL);
	for (unsigned int n = 0; n < 20; n++) {
		size_t cut = n < 14 && rand() % 2 != 0 ? (size_t)rand() % (BYTES / SECTOR) * SECTOR
						       : BYTES;

		of_b += start(cut) == 'b';
	}
	assert_int_equal(start(BYTES), 'a');
	assert_true(has(disk[0], "other=kept") && has(disk[1], "other=kept"));
	return of_b;
}

static void test_cuts(void **state)
{
	unsigned int most = 0;

	(void)state;
	for (unsigned int seed = 0; seed < 300; seed++) {
		most = MAX(most, one_life(seed));
	}
	assert_int_equal(most, RECORD_TRIES);
}

/* A copy half of one write and half of the one before is one of the two copies, or none: the other counts. */
static void test_each_cut(void **state)
{
	static uint8_t before[sizeof(disk)];

	(void)state;
	PUT(0, 1, "slot=a\0");
	PUT(1, 2, TRIAL);
	memcpy(before, disk, sizeof(disk));
	for (size_t cut = 0; cut < BYTES; cut++) {
		struct record r;

		memcpy(disk, before, sizeof(disk));
		assert_int_equal(start(cut), 0);
		assert_true(record_read(copies, BYTES, &r) >= 0);
		assert_int_equal(r.first, 'b');
		assert_true(r.is_on_trial && r.starts <= 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_none, empty),
		cmocka_unit_test_setup(test_read, empty),
		cmocka_unit_test_setup(test_counter_goes_round, empty),
		cmocka_unit_test_setup(test_damage, empty),
		cmocka_unit_test_setup(test_no_end, empty),
		cmocka_unit_test_setup(test_begin, empty),
		cmocka_unit_test_setup(test_refused, empty),
		cmocka_unit_test_setup(test_make, empty),
		cmocka_unit_test_setup(test_full, empty),
		cmocka_unit_test_setup(test_cuts, empty),
		cmocka_unit_test_setup(test_each_cut, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
