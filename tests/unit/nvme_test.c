// SPDX-License-Identifier: Apache-2.0
/* The driver of NVMe: data goes where it should, nothing of what a controller says is believed, and one that fails hurts nobody else. */
#include "../../rootfs/backends/io/block.h"
#include "../../rootfs/backends/io/nvme.h"
#include "../../rootfs/backends/io/platform.h"
#include "../../rootfs/backends/io/sdcard.h"
#include "../../rootfs/backends/io/virtio_blk.h"
#include "nvme_model.h"

#include <stdio.h>
#include <string.h>
#include <unit.h>

#define SECTORS_MOST 256u /* of a request: 128 KiB */
#define SLOTS	     32u

static uint8_t memory[(SECTORS_MOST + 8) * SECTOR] __attribute__((aligned(4096)));
static unsigned int nr_good, nr_bad;
static uint32_t last_tag;
static char said[256];

/* None of these is reached here. */
uint16_t plat_read16(uint64_t addr)
{
	fail_msg("%lx", (unsigned long)addr);
	return 0;
}

void plat_write16(uint64_t addr, uint16_t value)
{
	(void)value;
	(void)plat_read16(addr);
}

uint8_t plat_read8(uint64_t addr)
{
	return (uint8_t)plat_read16(addr);
}

void plat_write8(uint64_t addr, uint8_t value)
{
	(void)value;
	(void)plat_read16(addr);
}

void plat_cache_clean(uint64_t addr, size_t size)
{
	(void)size;
	(void)plat_read16(addr);
}

void plat_cache_drop(uint64_t addr, size_t size)
{
	plat_cache_clean(addr, size);
}

void plat_say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
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
	nvme_model_reset(memory, sizeof(memory));
	memset(memory, 0, sizeof(memory));
	nr_good = nr_bad = 0;
	said[0] = '\0';
	nvme_reset();
	return 0;
}

static bool finds(void)
{
	return nvme_probe(NVME_CONFIG, NVME_REGS, NVME_BYTES);
}

static int found(void **state)
{
	(void)switch_on(state);
	assert_true(finds());
	assert_int_equal(block_sectors(), NVME_SECTORS);
	return 0;
}

static void begin(enum disk_op op, uint64_t sector, uint64_t sectors, uint8_t *at, uint32_t tag)
{
	assert_int_equal(block_submit(op, sector, sectors, at, tag), DISK_GOES_ON);
	assert_true(block_is_waited_for());
}

/* All that is in work. */
static void finish(unsigned int good, unsigned int bad)
{
	nr_good = nr_bad = 0;
	while (nvme_model_work() || block_poll()) {
	}
	assert_int_equal(nr_good, good);
	assert_int_equal(nr_bad, bad);
	assert_false(block_is_waited_for());
}

static void do_it(enum disk_op op, uint64_t sector, uint64_t sectors, uint8_t *at)
{
	begin(op, sector, sectors, at, 7);
	finish(1, 0);
	assert_int_equal(last_tag, 7);
}

/* One sector, pieces that begin and end anywhere, and the most, there and back. */
static void works(void)
{
	static const struct {
		uint32_t sectors, offset;
	} pieces[] = { { 1, 0 },
		       { 1, 4096 - 64 },
		       { 8, 0 },
		       { 8, 512 },
		       { 9, 0 },
		       { 16, 0 },
		       { 16, 64 },
		       { 17, 1024 },
		       { SECTORS_MOST, 0 },
		       { SECTORS_MOST, 512 } };

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		uint32_t bytes = pieces[i].sectors * SECTOR, sector = 3 + 300 * (uint32_t)i;
		uint8_t *at = memory + pieces[i].offset;

		do_it(DISK_READ, sector, pieces[i].sectors, at);
		assert_memory_equal(at, nvme_disk + sector * SECTOR, bytes);
		memset(at, (int)(0x50 + i), bytes);
		do_it(DISK_WRITE, sector + 1, pieces[i].sectors, at);
		assert_memory_equal(at, nvme_disk + (sector + 1) * SECTOR, bytes);
		assert_int_not_equal(nvme_disk[(sector + 1) * SECTOR + bytes], 0x50 + i);
	}
}

static void there_and_back(void **state)
{
	(void)state;
	works();
	assert_int_equal(nvme_model.nr_reads, 10); /* a command for each */
	do_it(DISK_FLUSH, 0, 0, NULL);
	assert_int_equal(nvme_model.nr_flushes, 1);
	assert_int_equal(block_submit(DISK_DISCARD, 0, 8, NULL, 1), DISK_DONE);
	assert_int_equal(block_submit(DISK_READ, 0, 0, memory, 1), DISK_DONE);
	assert_false(block_can_discard());
	assert_false(block_is_read_only());
	assert_false(block_poll());
	assert_true(block_read(5, memory));
	assert_false(block_read(NVME_SECTORS, memory));
	assert_string_equal(said, "");
}

static void one_that_takes_little_at_a_time(void **state)
{
	for (uint8_t mdts = 0; mdts < 8; mdts++) {
		(void)switch_on(state);
		nvme_controller[77] = mdts;
		assert_true(finds());
		do_it(DISK_READ, 0, SECTORS_MOST, memory + 512);
		assert_int_equal(nvme_model.nr_reads, mdts == 0 || mdts > 5 ? 1 : 32 >> mdts);
		works();
	}
	/* the fourth of its parts fails, and the rest is not asked for */
	(void)switch_on(state);
	nvme_controller[77] = 1;
	assert_true(finds());
	nvme_model.bad_at = 100 + 3 * 16;
	begin(DISK_READ, 100, SECTORS_MOST, memory, 1);
	finish(0, 1);
	assert_int_equal(nvme_model.nr_reads, 4);
	nvme_controller[77] = 255;
	(void)switch_on(state);
	assert_true(finds());
	works();
}

static void queues_of_any_size(void **state)
{
	for (uint32_t entries = 2; entries < 70; entries += 13) {
		uint32_t room = entries - 1 < SLOTS ? entries - 1 : SLOTS;

		(void)switch_on(state);
		nvme_model.cap_low = 0x04010000 | (entries - 1);
		nvme_model.cap_high |= entries % 4; /* doorbells further apart, too */
		assert_true(finds());
		for (uint32_t round = 0; round < 10; round++) {
			for (uint32_t i = 0; i < room; i++) {
				begin(DISK_READ, i * 8, 1, memory + i * SECTOR, i);
			}
			assert_int_equal(block_submit(DISK_READ, 0, 1, memory, 1), DISK_FULL);
			nvme_model.is_backwards = round % 2 != 0;
			finish(room, 0);
			assert_int_equal(last_tag, nvme_model.is_backwards ? 0 : room - 1);
		}
		for (uint32_t i = 0; i < room; i++) {
			assert_memory_equal(memory + i * SECTOR, nvme_disk + i * 8 * SECTOR,
					    SECTOR);
		}
	}
}

static void nothing_kept_back_is_flushed(void **state)
{
	(void)state;
	nvme_controller[525] = 0;
	assert_true(finds());
	assert_int_equal(block_submit(DISK_FLUSH, 0, 0, NULL, 1), DISK_DONE);
}

static void a_protected_namespace(void **state)
{
	(void)state;
	nvme_namespace[99] = 1;
	assert_true(finds());
	assert_true(block_is_read_only());
	assert_false(block_write(0, 1, memory));
	assert_int_equal(nvme_model.nr_writes, 0);
}

static void an_error_ends_one_request(void **state)
{
	(void)state;
	nvme_model.bad_at = 20;
	begin(DISK_READ, 8, 8, memory, 1);
	begin(DISK_READ, 16, 8, memory + 4096, 2);
	begin(DISK_WRITE, 24, 8, memory + 8192, 3);
	finish(2, 1);
	assert_int_equal(nvme_model.nr_resets, 1); /* that of its begin */
	assert_string_equal(said, "");
}

/* ---- what is not taken ---- */

static void is_refused(const char *why)
{
	assert_false(finds());
	assert_non_null(strstr(said, why));
	assert_int_equal(nvme_sectors(), 0);
	assert_int_equal(nvme_model.command & 4, 0); /* it reaches no memory */
	assert_false(block_is_waited_for());
	assert_false(nvme_poll());
}

static void other_functions(void **state)
{
	(void)state;
	nvme_model.class_code = 0x01060105; /* a disk, of another kind */
	assert_false(finds());
	nvme_model.class_code = 0x01080305; /* NVMe's administration alone */
	assert_false(finds());
	nvme_model.is_gone = true;
	assert_false(finds());
	assert_int_equal(nvme_model.command, 0);
	assert_string_equal(said, "");
	(void)switch_on(state);
	nvme_model.bar = 0xc001; /* ports */
	is_refused("no place");
	nvme_model.bar = 0xe000000c;
	assert_true(finds());
	assert_false(finds()); /* the second one */
	(void)switch_on(state);
	nvme_model.bar = 0xd000000c; /* not where the plan has it */
	is_refused("no place");
}

static void registers_that_cannot_be(void **state)
{
	static const struct {
		uint32_t low, high;
	} wrong[] = {
		{ 0x0401003f, 0 },		  /* no NVM command set */
		{ 0x0401003f, 1 << 5 | 1 << 16 }, /* pages of 8 KiB at least */
		{ 0x04010000, 1 << 5 },		  /* a queue of one */
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)switch_on(state);
		nvme_model.cap_low = wrong[i].low;
		nvme_model.cap_high = wrong[i].high;
		is_refused("lacks");
	}
	for (uint32_t stride = 0; stride < 16; stride++) {
		(void)switch_on(state);
		nvme_model.cap_high |= stride;
		if (stride <= 9) { /* four of 2 KiB in the three pages behind the registers */
			assert_true(finds());
		} else {
			is_refused("doorbells");
		}
	}
	(void)switch_on(state);
	assert_false(nvme_probe(NVME_CONFIG, NVME_REGS, 0x800));
}

static void it_is_waited_for_as_long_as_it_says(void **state)
{
	static const uint32_t units[] = { 0, 1, 20, 255 };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		(void)switch_on(state);
		nvme_model.cap_low = units[i] << 24 | 63;
		nvme_model.is_never_ready = true;
		is_refused("does not get ready");
		assert_in_range(nvme_model.now_us, units[i] * 500000ull,
				(units[i] + 2) * 500000ull);
		(void)switch_on(state);
		nvme_model.never_goes_off = true;
		nvme_model.cap_low = units[i] << 24 | 63;
		is_refused("cannot be reset");
	}
	(void)switch_on(state);
	nvme_model.nr_looks_till_ready = 1000;
	assert_true(finds());
	(void)switch_on(state);
	nvme_model.is_stuck = true; /* ready, and deaf */
	is_refused("does not say what it is");
	assert_in_range(nvme_model.now_us, 30000000, 31000000);
}

/* Each byte that counts, wrong. */
static void what_it_says_of_itself(void **state)
{
	static const struct {
		uint16_t at;
		uint8_t value;
		const char *why;
	} wrong[] = {
		{ 111, 2, "namespaces" }, { 111, 255, "namespaces" }, { 512, 0x77, "queues" },
		{ 512, 0x55, "queues" },  { 512, 0x00, "queues" },    { 513, 0x55, "queues" },
		{ 513, 0x33, "queues" },  { 516, 0, "namespaces" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)switch_on(state);
		nvme_controller[wrong[i].at] = wrong[i].value;
		is_refused(wrong[i].why);
	}
}

static void what_it_says_of_the_namespace(void **state)
{
	static const struct {
		uint16_t at;
		uint8_t value;
		const char *why;
	} wrong[] = {
		{ 26, 0, "4096" },	  { 26, 2, "cannot be" },   { 26, 15, "cannot be" },
		{ 134, 8, "not of 512" }, { 134, 0, "not of 512" }, { 134, 255, "not of 512" },
		{ 132, 8, "metadata" },	  { 133, 1, "metadata" },   { 29, 1, "metadata" },
		{ 7, 1, "cannot be" },	  { 1, 0, "no namespace" }, /* of 4096 = 0x1000 */
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)switch_on(state);
		nvme_namespace[wrong[i].at] = wrong[i].value;
		is_refused(wrong[i].why);
	}
}

static void commands_that_it_refuses(void **state)
{
	static const uint32_t opcodes[] = { 0x06, 0x09, 0x05, 0x01 };

	for (size_t i = 0; i < 4; i++) {
		(void)switch_on(state);
		nvme_model.refused = opcodes[i];
		is_refused(i == 0 ? "what it is" : "makes no queues");
	}
	for (uint32_t bit = 1; bit < 0x10000; bit <<= 1) {
		(void)switch_on(state);
		nvme_model.wrong_id = bit;
		is_refused("what it is");
		(void)switch_on(state);
		nvme_model.wrong_queue = bit;
		is_refused("what it is");
	}
}

/* ---- what fails later ---- */

static void begin_three(void)
{
	for (uint32_t i = 0; i < 3; i++) {
		begin(i == 1 ? DISK_WRITE : DISK_READ, 8 * i, 8, memory + i * 4096, i);
	}
}

/* Those that were in work end with an error, and nothing else is wrong with it. */
static void is_reset(const char *why)
{
	nr_good = nr_bad = 0;
	assert_true(block_poll());
	assert_int_equal(nr_good, 0);
	assert_int_equal(nr_bad, 3);
	assert_non_null(strstr(said, why));
	assert_int_equal(nvme_model.nr_resets, 2);
	assert_false(block_is_waited_for());
	works();
}

static void one_that_fails_is_reset(void **state)
{
	(void)state;
	begin_three();
	nvme_model.is_fatal = true;
	is_reset("has failed");
}

static void one_that_does_not_answer_is_reset(void **state)
{
	(void)state;
	nvme_model.is_stuck = true;
	begin_three();
	assert_false(block_poll());
	nvme_model.now_us += 29000000;
	assert_false(block_poll());
	nvme_model.now_us += 1000000;
	nvme_model.is_stuck = false;
	is_reset("does not answer");
}

static void nonsense(uint32_t *bits, uint32_t value, void **state)
{
	(void)found(state);
	begin_three();
	*bits = value;
	assert_true(nvme_model_work());
	*bits = 0;
	is_reset("nobody asked");
}

static void one_that_answers_what_nobody_asked_is_reset(void **state)
{
	for (uint32_t bit = 4; bit < 0x10000; bit <<= 1) {
		nonsense(&nvme_model.wrong_id, bit, state);
		nonsense(&nvme_model.wrong_queue, bit, state);
	}
	for (uint32_t bit = 0x40; bit < 0x10000; bit <<= 1) {
		nonsense(&nvme_model.wrong_head, bit, state);
	}
}

/* Everything fails from now on, at once; the size stays what front ends know. */
static void is_lost(void)
{
	assert_string_equal(said, "block device: lost\n");
	assert_int_equal(nvme_model.command & 4, 0);
	assert_int_equal(block_sectors(), NVME_SECTORS);
	for (uint32_t i = 0; i < SLOTS; i++) {
		begin(i % 2 == 0 ? DISK_READ : DISK_FLUSH, 0, i % 2 == 0 ? 8 : 0, memory, i);
	}
	assert_int_equal(block_submit(DISK_READ, 0, 1, memory, 1), DISK_FULL);
	finish(0, SLOTS);
	assert_false(block_read(0, memory));
	assert_false(block_write(0, 1, memory));
	assert_false(block_flush());
}

static void one_that_fails_again_and_again_is_lost(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(nvme_model.nr_resets, 1 + i);
		begin_three();
		nvme_model.is_fatal = true;
		finish(0, 3);
	}
	is_lost();
}

static void one_that_fails_now_and_then_stays(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		begin_three();
		nvme_model.is_fatal = true;
		finish(0, 3);
		nvme_model.now_us += 3600000000;
	}
	works();
}

static void one_that_does_not_come_back_is_lost(void **state)
{
	(void)state;
	begin_three();
	nvme_model.is_fatal = nvme_model.is_never_ready = true;
	finish(0, 3);
	is_lost();
}

static void one_that_comes_back_as_another_is_lost(void **state)
{
	(void)state;
	begin_three();
	nvme_namespace[1] = 8;
	nvme_model.is_fatal = true;
	finish(0, 3);
	is_lost();
}

static void one_that_is_gone_is_lost(void **state)
{
	(void)state;
	begin_three();
	nvme_model.is_gone = true;
	finish(0, 3);
	is_lost();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(there_and_back, found),
		cmocka_unit_test(one_that_takes_little_at_a_time),
		cmocka_unit_test(queues_of_any_size),
		cmocka_unit_test_setup(nothing_kept_back_is_flushed, switch_on),
		cmocka_unit_test_setup(a_protected_namespace, switch_on),
		cmocka_unit_test_setup(an_error_ends_one_request, found),
		cmocka_unit_test_setup(other_functions, switch_on),
		cmocka_unit_test(registers_that_cannot_be),
		cmocka_unit_test(it_is_waited_for_as_long_as_it_says),
		cmocka_unit_test(what_it_says_of_itself),
		cmocka_unit_test(what_it_says_of_the_namespace),
		cmocka_unit_test(commands_that_it_refuses),
		cmocka_unit_test_setup(one_that_fails_is_reset, found),
		cmocka_unit_test_setup(one_that_does_not_answer_is_reset, found),
		cmocka_unit_test(one_that_answers_what_nobody_asked_is_reset),
		cmocka_unit_test_setup(one_that_fails_again_and_again_is_lost, found),
		cmocka_unit_test_setup(one_that_fails_now_and_then_stays, found),
		cmocka_unit_test_setup(one_that_does_not_come_back_is_lost, found),
		cmocka_unit_test_setup(one_that_comes_back_as_another_is_lost, found),
		cmocka_unit_test_setup(one_that_is_gone_is_lost, found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
