// SPDX-License-Identifier: Apache-2.0
/* Who makes others' transactions fail waits; who does not, and whose change is long ago, does not. */
#include "unit.h"
#include "xenstore_world.h"

#include <stdio.h>
#include <string.h>

#define BURST	   3u
#define HISTORY_MS 50u

#define is(c, type, tx, text, answer) assert_string_equal(sw_say(c, type, tx, text), answer)

static uint64_t now;

/* Time goes on in steps that are not the history's. Return: what store_clock() said last. */
static uint32_t pass(uint32_t ms)
{
	uint32_t held = 0;

	for (uint32_t i = 0; i < ms; i++) {
		held = store_clock(&sw, ++now);
	}
	sw_run();
	return held;
}

static struct store_limits limits_of(bool is_aggregate)
{
	struct store_limits l = sw_limits();

	l.conflict_burst = BURST;
	l.conflict_history_ms = HISTORY_MS;
	l.conflict_is_aggregate = is_aggregate;
	return l;
}

/* All may write to a node of one's. */
static int set_up_with(const struct store_limits *l)
{
	now = 1000;
	sw_setup(l);
	(void)store_clock(&sw, now);
	is(0, XS_WRITE, 0, "data/x|0", "OK|");
	is(0, XS_SET_PERMS, 0, "data/x|b1|", "OK|");
	is(0, XS_WRITE, 0, "data/y|0", "OK|");
	is(0, XS_SET_PERMS, 0, "data/y|b1|", "OK|");
	(void)pass(2 * HISTORY_MS);
	return 0;
}

static int setup(void **state)
{
	struct store_limits l = limits_of(true);

	(void)state;
	return set_up_with(&l);
}

static int setup_each(void **state)
{
	struct store_limits l = limits_of(false);

	(void)state;
	return set_up_with(&l);
}

static int setup_without_merge(void **state)
{
	struct store_limits l = limits_of(true);

	(void)state;
	l.has_merge = false;
	return set_up_with(&l);
}

static int teardown(void **state)
{
	(void)state;
	sw_check();
	return 0;
}

#define X "/local/domain/1/data/x"
#define Y "/local/domain/1/data/y"

/* @loser's transaction fails because @who wrote what it read. */
static void meet(unsigned int who, unsigned int loser, const char *path)
{
	char write[64];
	uint32_t tx = sw_start(loser);

	(void)snprintf(write, sizeof(write), "%s|1", path);
	(void)sw_say(loser, XS_READ, tx, path[strlen(path) - 1] == 'x' ? X "|" : Y "|");
	is(who, XS_WRITE, 0, write, "OK|");
	is(loser, XS_TRANSACTION_END, tx, "T|", "!EAGAIN|");
}

/* A request that is not answered yet. */
static void ask(unsigned int c)
{
	sw_put(c, XS_READ, 0, X, sizeof(X));
	sw_run();
}

static bool is_answered(unsigned int c)
{
	struct sw_message m;

	return sw_get(c, &m);
}

static void who_makes_others_fail_waits(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < BURST; i++) {
		meet(1, 2, X);
	}
	ask(1);
	assert_false(is_answered(1));
	is(2, XS_READ, 0, X "|", "1"); /* who failed goes on */
	is(3, XS_READ, 0, X "|", "1");
	(void)pass(HISTORY_MS);
	assert_true(is_answered(1));
}

static void the_clock_says_for_how_long(void **state)
{
	uint32_t held, waited = 0;

	(void)state;
	for (uint32_t i = 0; i < BURST; i++) {
		meet(1, 2, X);
	}
	held = pass(1);
	assert_in_range(held, 1, HISTORY_MS);
	while (waited++ < held) {
		(void)pass(1);
	}
	assert_int_equal(pass(1), 0);
}

static void time_gives_all_of_it_back_and_no_more(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 3; n++) {
		for (uint32_t i = 0; i < BURST; i++) {
			meet(1, 2, X);
		}
		ask(1);
		assert_false(is_answered(1));
		(void)pass(100 * HISTORY_MS);
		assert_true(is_answered(1));
	}
}

static void those_who_share_it_pay_a_part(void **state)
{
	uint32_t tx;

	(void)state;
	for (uint32_t i = 0; i < BURST; i++) {
		tx = sw_start(3);
		(void)sw_say(3, XS_READ, tx, X "|");
		(void)sw_say(3, XS_READ, tx, Y "|");
		is(1, XS_WRITE, 0, X "|1", "OK|");
		is(2, XS_WRITE, 0, Y "|1", "OK|");
		is(3, XS_TRANSACTION_END, tx, "T|", "!EAGAIN|");
	}
	ask(1);
	assert_true(is_answered(1)); /* half of each */
}

static void who_disturbs_nobody_does_not_pay(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 10 * BURST; i++) {
		uint32_t tx = sw_start(2);

		(void)sw_say(2, XS_READ, tx, X "|");
		is(1, XS_WRITE, 0, Y "|1", "OK|");
		is(2, XS_TRANSACTION_END, tx, "T|", "OK|");
	}
	ask(1);
	assert_true(is_answered(1));
}

static void what_is_long_ago_is_nobodys_fault(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 2 * BURST; i++) {
		uint32_t tx = sw_start(2);

		(void)sw_say(2, XS_READ, tx, X "|");
		is(1, XS_WRITE, 0, X "|1", "OK|");
		now += HISTORY_MS + 1;
		sw.conflict.filled_ms = now; /* no credit comes back for it */
		(void)store_clock(&sw, now);
		is(2, XS_TRANSACTION_END, tx, "T|", "!EAGAIN|");
	}
	ask(1);
	assert_true(is_answered(1));
}

/* A node that is gone names nobody; what it was in does. */
static void a_removal_is_a_change_too(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < BURST; i++) {
		uint32_t tx;

		is(1, XS_WRITE, 0, X "/z|1", "OK|");
		tx = sw_start(2);
		(void)sw_say(2, XS_READ, tx, X "/z|");
		is(1, XS_RM, 0, X "/z|", "OK|");
		is(2, XS_TRANSACTION_END, tx, "T|", "!EAGAIN|");
	}
	ask(1);
	assert_false(is_answered(1));
}

static void a_transaction_makes_others_fail_too(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < BURST; i++) {
		uint32_t tx = sw_start(2), other = sw_start(1);

		(void)sw_say(2, XS_READ, tx, X "|");
		is(1, XS_WRITE, other, X "|1", "OK|");
		is(1, XS_TRANSACTION_END, other, "T|", "OK|");
		is(2, XS_TRANSACTION_END, tx, "T|", "!EAGAIN|");
	}
	ask(1);
	assert_false(is_answered(1));
}

static void one_at_a_time_gets_some_back(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < BURST; i++) {
		meet(1, 3, X);
		meet(2, 3, X);
	}
	ask(1);
	ask(2);
	(void)pass(HISTORY_MS + 1);
	assert_int_equal(is_answered(1) + is_answered(2), 1);
	(void)pass(HISTORY_MS);
	assert_int_equal(is_answered(1) + is_answered(2), 1);
}

static void or_each_does(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < BURST; i++) {
		meet(1, 3, X);
		meet(2, 3, X);
	}
	ask(1);
	ask(2);
	assert_false(is_answered(1));
	(void)pass(HISTORY_MS + 1);
	assert_true(is_answered(1));
	assert_true(is_answered(2));
}

static void without_merge_the_last_one_pays(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < BURST; i++) {
		uint32_t tx = sw_start(2);

		(void)sw_say(2, XS_READ, tx, X "|");
		is(1, XS_WRITE, 0, Y "|1", "OK|");
		is(2, XS_TRANSACTION_END, tx, "T|", "!EAGAIN|");
	}
	ask(1);
	assert_false(is_answered(1));
}

static void who_starts_again_has_all_of_it(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < BURST; i++) {
		meet(1, 2, X);
	}
	sw_go(1);
	sw_come(1);
	sw_run();
	ask(1);
	assert_true(is_answered(1));
}

#define t(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(who_makes_others_fail_waits),
		t(the_clock_says_for_how_long),
		t(time_gives_all_of_it_back_and_no_more),
		t(those_who_share_it_pay_a_part),
		t(who_disturbs_nobody_does_not_pay),
		t(what_is_long_ago_is_nobodys_fault),
		t(a_removal_is_a_change_too),
		t(a_transaction_makes_others_fail_too),
		t(one_at_a_time_gets_some_back),
		cmocka_unit_test_setup_teardown(or_each_does, setup_each, teardown),
		cmocka_unit_test_setup_teardown(without_merge_the_last_one_pays,
						setup_without_merge, teardown),
		t(who_starts_again_has_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
