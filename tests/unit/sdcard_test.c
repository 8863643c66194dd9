// SPDX-License-Identifier: Apache-2.0
/* The driver of memory cards: every kind is found, data arrives past caches, and an error hurts one request. */
#include "../../rootfs/backends/io/block.h"
#include "../../rootfs/backends/io/platform.h"
#include "../../rootfs/backends/io/sdcard.h"
#include "sdhci_model.h"

#include <string.h>
#include <unit.h>

#define SECTORS_MOST 256u /* of a request: 128 KiB */

static uint8_t buffer[SECTORS_MOST * SECTOR] __attribute__((aligned(4096)));
static unsigned int nr_good, nr_bad;
static uint32_t last_tag;

uint64_t plat_bus(const volatile void *p)
{
	return (uintptr_t)p;
}

uint32_t plat_read32(uint64_t addr)
{
	return card_model_read(addr - CARD_BASE);
}

void plat_write32(uint64_t addr, uint32_t value)
{
	card_model_write(addr - CARD_BASE, value);
}

/* Time goes on when it is looked at; what the card has in work is done meanwhile. */
uint64_t plat_now_us(void)
{
	static uint64_t now;

	return now += 1000;
}

void plat_sleep(void)
{
	assert_true(card_model_work());
}

void plat_cache_clean(uint64_t addr, size_t size)
{
	card_model_cleaned(addr, size);
}

void plat_cache_drop(uint64_t addr, size_t size)
{
	card_model_dropped(addr, size);
}

void plat_say(const char *fmt, ...)
{
	fail_msg("%s", fmt); /* what is said is NVMe's */
}

void io_done(uint32_t tag, bool is_good)
{
	last_tag = tag;
	nr_good += is_good;
	nr_bad += !is_good;
}

static int switch_on(void **state)
{
	(void)state;
	memset(&card_model, 0, sizeof(card_model));
	for (size_t i = 0; i < sizeof(card_disk); i++) {
		card_disk[i] = (uint8_t)(i / SECTOR + i % 251);
	}
	nr_good = nr_bad = 0;
	card_model_reset();
	sdcard_reset();
	return 0;
}

static bool finds(void)
{
	return sdcard_probe(CARD_BASE, card_model.is_coherent, true);
}

static void is_done(bool is_good)
{
	unsigned int good = nr_good, bad = nr_bad;

	assert_false(block_poll());
	assert_true(card_model_work());
	assert_true(block_poll());
	assert_int_equal(nr_good, good + is_good);
	assert_int_equal(nr_bad, bad + !is_good);
	assert_false(block_poll());
	assert_false(card_model_is_stale() && !card_model.is_coherent);
}

static void do_it(enum disk_op op, uint64_t sector, uint64_t sectors)
{
	assert_int_equal(block_submit(op, sector, sectors, buffer, 7), DISK_GOES_ON);
	is_done(true);
	assert_int_equal(last_tag, 7);
}

/* One sector and the most of them, there and back. */
static void works(void)
{
	assert_int_equal(block_sectors(), CARD_SECTORS);
	do_it(DISK_READ, 5, 1);
	assert_memory_equal(buffer, card_disk + 5 * SECTOR, SECTOR);
	do_it(DISK_READ, 100, SECTORS_MOST);
	assert_memory_equal(buffer, card_disk + 100 * SECTOR, sizeof(buffer));
	memset(buffer, 0x5a, sizeof(buffer));
	do_it(DISK_WRITE, 1000, 1);
	do_it(DISK_WRITE, CARD_SECTORS - SECTORS_MOST, SECTORS_MOST);
	assert_memory_equal(buffer, card_disk + 1000 * SECTOR, SECTOR);
	assert_memory_equal(buffer, card_disk + sizeof(card_disk) - sizeof(buffer), sizeof(buffer));
	assert_int_not_equal(card_disk[1001 * SECTOR], 0x5a);
}

static void cards_of_all_kinds(void **state)
{
	static const enum card_kind kinds[] = { CARD_SDHC, CARD_SDSC_V1, CARD_EMMC };

	for (size_t i = 0; i < 3; i++) {
		(void)switch_on(state);
		card_model.kind = kinds[i];
		card_model.is_slow_to_wake = i == 1;
		assert_true(finds());
		assert_int_equal(card_model.nr_lines, 4);
		assert_in_range(card_model.hz, 1000000, 25000000);
		works();
	}
}

static void addresses_of_either_width(void **state)
{
	(void)state;
	card_model.is_narrow = true;
	assert_true(finds());
	works();
	/* what it cannot reach is not given to it */
	assert_int_equal(block_submit(DISK_READ, 0, 1, (void *)0x100000000, 9), DISK_GOES_ON);
	assert_int_equal(block_submit(DISK_READ, 0, 1, buffer, 10), DISK_FULL);
	assert_false(card_model_work());
	assert_true(block_poll());
	assert_int_equal(nr_bad, 1);
	assert_int_equal(last_tag, 9);
	works();
}

static void one_that_sees_caches(void **state)
{
	(void)state;
	card_model.is_coherent = true;
	assert_true(finds());
	works();
}

static void a_checksum_error_ends_one_request(void **state)
{
	(void)state;
	assert_true(finds());
	card_model.is_bad_once = true;
	assert_int_equal(block_submit(DISK_READ, 0, 8, buffer, 1), DISK_GOES_ON);
	is_done(false);
	assert_int_equal(card_model.nr_stops, 1); /* or the card would send on */
	card_model.is_bad_once = true;
	assert_int_equal(block_submit(DISK_WRITE, 0, 1, buffer, 1), DISK_GOES_ON);
	is_done(false);
	assert_int_equal(card_model.nr_stops, 1);
	works();
}

static void what_the_card_refuses_is_an_error(void **state)
{
	(void)state;
	assert_true(finds());
	card_model.is_refusing = true;
	assert_int_equal(block_submit(DISK_WRITE, 0, 1, buffer, 1), DISK_GOES_ON);
	is_done(false);
	card_model.is_refusing = false;
	works();
}

static void protected_ones(void **state)
{
	card_model.is_switched = true;
	assert_true(finds());
	assert_true(block_is_read_only());
	(void)switch_on(state);
	card_model.is_switched = true; /* the board has no switch: the line means nothing */
	assert_true(sdcard_probe(CARD_BASE, false, false));
	assert_false(block_is_read_only());
	(void)switch_on(state);
	card_model.is_for_good = true;
	assert_true(finds());
	assert_true(block_is_read_only());
	(void)switch_on(state);
	assert_true(finds());
	assert_false(block_is_read_only());
}

static void none_is_found_without_a_card(void **state)
{
	card_model.is_absent = true;
	assert_false(finds());
	assert_int_equal(block_sectors(), 0);
	assert_false(block_read(0, buffer));
	(void)switch_on(state);
	card_model.has_no_adma = true;
	assert_false(finds());
}

static void one_at_a_time(void **state)
{
	(void)state;
	assert_true(finds());
	assert_false(sdcard_probe(CARD_BASE, false, true)); /* the second card */
	assert_int_equal(block_submit(DISK_READ, 0, 1, buffer, 1), DISK_GOES_ON);
	assert_int_equal(block_submit(DISK_READ, 1, 1, buffer, 2), DISK_FULL);
	is_done(true);
	assert_int_equal(last_tag, 1);
	/* nothing is kept back, and advice is not taken */
	assert_int_equal(block_submit(DISK_FLUSH, 0, 0, NULL, 3), DISK_DONE);
	assert_int_equal(block_submit(DISK_DISCARD, 0, 8, NULL, 3), DISK_DONE);
	assert_false(block_can_discard());
	assert_true(block_read(5, buffer));
	assert_memory_equal(buffer, card_disk + 5 * SECTOR, SECTOR);
	assert_false(block_read(CARD_SECTORS, buffer));
}

static void it_interrupts_when_there_is_news(void **state)
{
	(void)state;
	assert_true(finds());
	assert_int_equal(block_submit(DISK_READ, 0, 1, buffer, 1), DISK_GOES_ON);
	assert_false(block_poll());
	assert_false(card_model.interrupts);
	assert_true(card_model_work());
	assert_true(card_model.interrupts);
	block_quiet(); /* a level, until it is looked at */
	assert_false(card_model.interrupts);
	assert_true(block_poll());
	assert_int_equal(nr_good, 1);
	assert_false(card_model.interrupts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(cards_of_all_kinds, switch_on),
		cmocka_unit_test_setup(addresses_of_either_width, switch_on),
		cmocka_unit_test_setup(one_that_sees_caches, switch_on),
		cmocka_unit_test_setup(a_checksum_error_ends_one_request, switch_on),
		cmocka_unit_test_setup(what_the_card_refuses_is_an_error, switch_on),
		cmocka_unit_test_setup(protected_ones, switch_on),
		cmocka_unit_test_setup(none_is_found_without_a_card, switch_on),
		cmocka_unit_test_setup(one_at_a_time, switch_on),
		cmocka_unit_test_setup(it_interrupts_when_there_is_news, switch_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
