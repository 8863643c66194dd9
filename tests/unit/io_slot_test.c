// SPDX-License-Identifier: Apache-2.0
/*
 * The disk by which a domain says that the slot in use may stay: what it shows, the one thing that may be written there, and what
 * that changes on the device. Nothing else changes a byte.
 */
#include "../../rootfs/backends/io/crc32.h"
#include "../../rootfs/backends/io/environment.h"
#include "io_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unit.h>

#define DATA   40u
#define FIRST  0x40000u
#define SECOND 0x60000u
#define SIZE   0x8000u
#define TRIAL  "other=kept\0slot=b\0upgrade_available=1\0bootcount=1\0ashlar_min=5\0"
#define AGREED "confirm slot b boot 1\n"

static uint8_t before[sizeof(iw_disk)];

static void write_copy(uint32_t at, uint8_t counter, const char *text, size_t len)
{
	uint8_t *to = iw_disk + at;
	uint32_t crc;

	memset(to, 0, SIZE);
	to[4] = counter;
	memcpy(to + 5, text, len);
	crc = ~crc32_add(UINT32_MAX, to + 5, SIZE - 5);
	memcpy(to, &crc, sizeof(crc));
}

#define COPY(at, counter, text) write_copy(at, counter, text, sizeof(text) - 1)

/* A device of noise, so that whatever is written there is seen. */
static void noise(void)
{
	memset(&model, 0, sizeof(model));
	srand(1);
	for (size_t i = 0; i < sizeof(iw_disk); i++) {
		iw_disk[i] = (uint8_t)rand();
	}
}

static void begin(void)
{
	environment_place(FIRST, SECOND, SIZE);
	memcpy(before, iw_disk, sizeof(before));
	iw_setup_with_device("SLOT", true, 2);
	if (strcmp(iw_state(), "2") == 0) {
		iw_connect(0);
		iw.is_granted[DATA] = true;
	}
}

static void begin_trial(void)
{
	noise();
	COPY(FIRST, 7, "slot=a\0");
	COPY(SECOND, 8, TRIAL);
	begin();
}

static int16_t transfer(uint8_t op)
{
	struct blkif_request *q = iw_request();
	const struct blkif_response *r;

	q->operation = op;
	q->id = 1;
	q->sector_number = 0;
	q->nr_segments = 1;
	q->seg[0] = (struct blkif_request_segment){ DATA, 0, 0 };
	iw_push();
	iw_run();
	r = iw_response();
	assert_non_null(r);
	return r->status;
}

static void shows(const char *text)
{
	assert_int_equal(transfer(BLKIF_OP_READ), BLKIF_RSP_OKAY);
	assert_string_equal((const char *)iw_page[DATA], text);
}

static void write_text(const char *text)
{
	memset(iw_page[DATA], 0, SECTOR);
	memcpy(iw_page[DATA], text, strlen(text));
	assert_int_equal(transfer(BLKIF_OP_WRITE), BLKIF_RSP_OKAY);
}

static void nothing_changed(void)
{
	assert_memory_equal(iw_disk, before, sizeof(before));
}

static void the_trial_ends(void **state)
{
	static const char made[] =
		"other=kept\0slot=b\0ashlar_min=5\0bootcount=0\0upgrade_available=0\0";
	uint32_t crc;

	(void)state;
	begin_trial();
	shows("slot b boot 1\n");
	write_text(AGREED);
	shows("slot b confirmed\n");
	assert_memory_equal(iw_disk + FIRST + 5, made, sizeof(made));
	assert_int_equal(iw_disk[FIRST + 4], 9);
	memcpy(&crc, iw_disk + FIRST, sizeof(crc));
	assert_int_equal(crc, ~crc32_add(UINT32_MAX, iw_disk + FIRST + 5, SIZE - 5));
	memcpy(before + FIRST, iw_disk + FIRST, SIZE); /* this copy alone */
	nothing_changed();
	write_text(AGREED);
	nothing_changed();
}

static void no_other_words(void **state)
{
	static const char *const words[] = {
		"confirm slot a boot 1\n",  "confirm slot b boot 2\n",
		"confirm slot b boot 11\n", "confirm slot b boot 1\nx",
		"Confirm slot b boot 1\n",  "confirm slot b boot 1\n\n",
		"confirm slot b boot 1 ",   "slot b boot 1\n",
		"confirm slot b boot ",	    ""
	};

	(void)state;
	begin_trial();
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		write_text(words[i]);
		shows("slot b boot 1\n");
		nothing_changed();
	}
	write_text(AGREED);
	shows("slot b confirmed\n");
}

/* Whatever lies there, and the right words with a byte of them or behind them changed. */
static void no_other_bytes(void **state)
{
	(void)state;
	begin_trial();
	for (size_t i = 0; i < SECTOR; i++) {
		memset(iw_page[DATA], 0, SECTOR);
		memcpy(iw_page[DATA], AGREED, sizeof(AGREED) - 1);
		iw_page[DATA][i] ^= (uint8_t)(1 + rand() % 255);
		if (iw_page[DATA][sizeof(AGREED) - 2] == '\0') {
			continue; /* no line's end, which may be */
		}
		assert_int_equal(transfer(BLKIF_OP_WRITE), BLKIF_RSP_OKAY);
		nothing_changed();
	}
	shows("slot b boot 1\n");
}

static void nothing_is_on_trial(void **state)
{
	(void)state;
	noise();
	COPY(FIRST, 255, "slot=b\0upgrade_available=1\0bootcount=2\0");
	COPY(SECOND, 0, "slot=a\0upgrade_available=0\0bootcount=2\0"); /* the newer */
	begin();
	shows("slot a confirmed\n");
	write_text("confirm slot a boot 2\n");
	nothing_changed();
}

static void the_copy_that_is_whole(void **state)
{
	(void)state;
	noise();
	COPY(FIRST, 7, TRIAL);
	COPY(SECOND, 8, "slot=a\0");
	iw_disk[SECOND + SIZE - 1] ^= 1;
	begin();
	shows("slot b boot 1\n");
	write_text(AGREED);
	shows("slot b confirmed\n");
	memcpy(before + SECOND, iw_disk + SECOND, SIZE);
	nothing_changed();
}

static void without_an_environment(void **state)
{
	(void)state;
	noise();
	begin();
	assert_string_not_equal(iw_state(), "2");
	nothing_changed();
}

static void a_device_that_fails(void **state)
{
	(void)state;
	begin_trial();
	model.is_bad = true;
	write_text(AGREED);
	shows("slot b boot 1\n");
	nothing_changed();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_trial_ends),	  cmocka_unit_test(no_other_words),
		cmocka_unit_test(no_other_bytes),	  cmocka_unit_test(nothing_is_on_trial),
		cmocka_unit_test(the_copy_that_is_whole), cmocka_unit_test(without_an_environment),
		cmocka_unit_test(a_device_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
