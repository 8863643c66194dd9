// SPDX-License-Identifier: Apache-2.0
/* Records of crashes over a warm reset, which is another crash_init() on the same memory. */
#include <unit.h>
#include <world.h>

#include <hyp/crash.h>

#include <stdio.h>

#define PAGES 4U

static uint8_t *memory;

static void reset(void)
{
	host.log_len = 0;
	memset(host.log, 0, sizeof(host.log));
	crash_init(&world_plan);
}

static int setup(void **state)
{
	(void)state;
	host_reset();
	world_plan.crash_record = (struct plan_range){ HOST_RAM_BASE + MIB, PAGES * PAGE_SIZE };
	memory = host_ram + MIB;
	memset(memory, 0xa5, PAGES * PAGE_SIZE); /* what somebody left there */
	reset();
	assert_int_equal(host.log_len, 0);
	return 0;
}

static void line(const char *text)
{
	crash_line(text, strlen(text));
}

static void crash(enum crash_kind kind, const char *text)
{
	crash_begin(kind);
	line(text);
	crash_end();
}

static bool has_said(const char *text)
{
	return strstr(host.log, text) != NULL;
}

static void said_once_by_the_next_boot(void **state)
{
	(void)state;
	line("nobody crashed: not kept\n");
	host.now_ns = 5000000000;
	crash(CRASH_DOMAIN, "guest: crashed\n  x0 1\n");
	reset();
	assert_true(has_said("crash record 1 of the boot before: a domain, 5000 ms after"));
	assert_true(has_said("\n| guest: crashed\n|   x0 1\n"));
	assert_false(has_said("nobody"));
	reset();
	assert_int_equal(host.log_len, 0);
}

static void numbers_go_on(void **state)
{
	(void)state;
	crash(CRASH_DOMAIN, "first");
	reset();
	crash(CRASH_DOMAIN, "second");
	reset();
	assert_true(has_said("crash record 2 of "));
	assert_true(has_said("| second\n"));
	assert_false(has_said("first"));
}

/* Whatever bit is lost, nothing wrong is said; nor is anything read beyond the record. */
static void a_lost_bit_is_no_record(void **state)
{
	static uint8_t before[PAGES * PAGE_SIZE];

	(void)state;
	crash(CRASH_HYPERVISOR, "panic: the text\n");
	memcpy(before, memory, sizeof(before));
	for (unsigned int bit = 0; bit < 8 * 56; bit++) {
		memcpy(memory, before, sizeof(before));
		memory[bit / 8] ^= (uint8_t)(1U << bit % 8);
		reset();
		if (bit < 8 * (32 + 16)) {
			assert_int_equal(host.log_len, 0);
		}
	}
	memcpy(memory, before, sizeof(before));
	reset();
	assert_true(has_said(": the hypervisor, "));
	assert_true(has_said("| panic: the text\n"));
}

static void domains_do_not_push_a_panic_out(void **state)
{
	char text[32];

	(void)state;
	crash(CRASH_HYPERVISOR, "panic\n");
	for (unsigned int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "crash %u\n", i);
		crash(CRASH_DOMAIN, text);
	}
	reset();
	assert_true(has_said("| panic\n"));
	assert_true(has_said("| crash 97\n") && has_said("| crash 98\n") &&
		    has_said("| crash 99\n"));
	assert_false(has_said("| crash 96\n"));
	assert_true(strstr(host.log, "panic") < strstr(host.log, "crash 97"));
}

static void only_the_latest_are_shown(void **state)
{
	(void)state;
	world_plan.crash_record.size = 2 * PAGES * PAGE_SIZE;
	reset();
	for (unsigned int i = 0; i < 7; i++) {
		crash(CRASH_DOMAIN, i < 3 ? "old\n" : "new\n");
	}
	reset();
	assert_false(has_said("old\n"));
	assert_true(has_said("| new\n"));
	assert_true(has_said("3 older crash records are not shown\n"));
	reset();
	assert_int_equal(host.log_len, 0);
}

static void each_cpu_has_its_own(void **state)
{
	(void)state;
	host.cpu = 0;
	crash_begin(CRASH_DOMAIN);
	line("a1\n");
	host.cpu = 1;
	line("not in one\n");
	crash_begin(CRASH_DOMAIN);
	line("b1\n");
	host.cpu = 0;
	line("a2\n");
	host.cpu = 1;
	line("b2\n");
	crash_end();
	host.cpu = 0;
	crash_end();
	reset();
	assert_true(has_said("| a1\n| a2\n"));
	assert_true(has_said("| b1\n| b2\n"));
	assert_false(has_said("not in one"));
}

/* A panic in the middle of a domain's crash: both are kept as far as they came. */
static void a_panic_takes_over(void **state)
{
	(void)state;
	crash_begin(CRASH_DOMAIN);
	line("guest: crashed\n");
	crash_begin(CRASH_HYPERVISOR);
	line("panic\n");
	crash_begin(CRASH_HYPERVISOR); /* a fault, then its panic: one record */
	line("more\n");
	reset();
	assert_true(has_said("| guest: crashed\n"));
	assert_true(has_said("| panic\n| more\n"));
	crash_end();
}

static void text_is_bounded_and_plain(void **state)
{
	static char much[3 * PAGE_SIZE];

	(void)state;
	memset(much, 'x', sizeof(much) - 1);
	crash_begin(CRASH_DOMAIN);
	line("bell \a, escape \033[2J\n");
	line(much);
	line("never seen\n");
	crash_end();
	assert_int_equal(memory[0], 0xa5); /* not the hypervisor's page */
	reset();
	assert_true(has_said("| bell ?, escape ?[2J\n"));
	assert_false(has_said("never seen"));
	assert_in_range(host.log_len, PAGE_SIZE - 64, PAGE_SIZE + 512);
}

static void no_place_no_record(void **state)
{
	(void)state;
	world_plan.crash_record.size = 0;
	host.maps_left = 0;
	reset();
	assert_int_equal(host.log_len, 0);
	world_plan.crash_record.size = PAGES * PAGE_SIZE;
	reset();
	assert_true(has_said("none are kept"));
	crash(CRASH_DOMAIN, "goes nowhere");
	host.maps_left = -1;
	reset();
	assert_int_equal(host.log_len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(said_once_by_the_next_boot, setup),
		cmocka_unit_test_setup(numbers_go_on, setup),
		cmocka_unit_test_setup(a_lost_bit_is_no_record, setup),
		cmocka_unit_test_setup(domains_do_not_push_a_panic_out, setup),
		cmocka_unit_test_setup(only_the_latest_are_shown, setup),
		cmocka_unit_test_setup(each_cpu_has_its_own, setup),
		cmocka_unit_test_setup(a_panic_takes_over, setup),
		cmocka_unit_test_setup(text_is_bounded_and_plain, setup),
		cmocka_unit_test_setup(no_place_no_record, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
