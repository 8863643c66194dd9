// SPDX-License-Identifier: Apache-2.0
/*
 * A back end starts again: a front end with which it goes on is left alone, another one is asked to suspend itself, and
 * given up if it cannot or does not. Client 1 is the front end, client 2 the back end.
 */
#include "xenstore_world.h"

#include <string.h>
#include <unit.h>

#define FRONT "/local/domain/1/device/vbd/51712/state|"
#define BACK  "/local/domain/2/backend/vbd/1/51712/state|"
#define F     0u
#define B     1u
#define WAIT  5000u
#define LONG  30000u

#define is(c, type, text, answer) assert_string_equal(sw_say(c, type, 0, text), answer)

static const struct store_device disk = { .kind = "vbd", .front = 1, .back = 2, .number = 51712 };

static void state(unsigned int c, const char *path, char to)
{
	char text[128];

	strcpy(text, path);
	strncat(text, &to, 1);
	is(c, XS_WRITE, text, "OK|");
}

/* Connected, and ready to suspend if asked. */
static int setup(void **unused)
{
	(void)unused;
	sw_setup(NULL);
	sw_go(F);
	sw_go(B);
	assert_true(store_device_add(&sw, &disk));
	sw_come(F);
	sw_come(B);
	state(B, BACK, '2');
	state(F, FRONT, '3');
	state(B, BACK, '4');
	state(F, FRONT, '4');
	is(F, XS_WRITE, "control/feature-suspend|1", "OK|");
	is(F, XS_WATCH, "control/shutdown|t|", "OK|");
	assert_string_equal(sw_event(F), "control/shutdown|t");
	assert_false(store_recover(&sw, 0));
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	sw_check();
	return 0;
}

static bool is_asked(void)
{
	const char *event;

	sw_run();
	event = sw_event(F);
	assert_true(event == NULL || strcmp(event, "control/shutdown|t") == 0);
	return event != NULL && strcmp(sw_say(F, XS_READ, 0, "control/shutdown|"), "suspend") == 0;
}

/* The back end goes, is back at @ms, and waits for its front end. */
static void back_end_restarts(uint64_t ms)
{
	sw_go(B);
	assert_true(store_recover(&sw, ms));
	sw_come(B);
	assert_true(store_recover(&sw, ms));
	state(B, BACK, '2');
}

static void it_may_go_on_by_itself(void **unused)
{
	(void)unused;
	back_end_restarts(1000);
	assert_true(store_recover(&sw, 1000 + WAIT - 1));
	state(B, BACK, '4');
	assert_false(store_recover(&sw, 1000 + WAIT));
	assert_false(store_recover(&sw, 1000 + LONG));
	assert_false(is_asked());
	assert_int_equal(sw_lost[F], 0);
}

static void it_is_waited_for_while_it_is_away(void **unused)
{
	(void)unused;
	sw_go(B);
	assert_true(store_recover(&sw, 1000));
	assert_true(store_recover(&sw, 1000 + 100 * LONG));
	assert_false(is_asked());
	assert_int_equal(sw_lost[F], 0);
}

static void a_front_end_suspends_and_is_back(void **unused)
{
	(void)unused;
	back_end_restarts(1000);
	assert_true(store_recover(&sw, 1000 + WAIT - 1));
	assert_false(is_asked());
	is(F, XS_READ, FRONT, "4");
	assert_true(store_recover(&sw, 1000 + WAIT));
	assert_true(is_asked());
	/* a back end that comes only now does not take the old connection for a new one */
	is(F, XS_READ, FRONT, "1");
	assert_true(store_recover(&sw, 1000 + WAIT + LONG - 1));
	is(F, XS_WRITE, "control/shutdown|", "OK|");
	(void)sw_event(F);
	state(F, FRONT, '3');
	assert_false(store_recover(&sw, 1000 + WAIT + LONG));
	state(B, BACK, '4');
	state(F, FRONT, '4');
	assert_false(store_recover(&sw, 1000 + WAIT + LONG));
	assert_false(is_asked());
	assert_int_equal(sw_lost[F], 0);
	/* and the next time again */
	back_end_restarts(100000);
	assert_true(store_recover(&sw, 100000 + WAIT));
	assert_true(is_asked());
}

static void one_that_does_not_answer_is_given_up_once(void **unused)
{
	(void)unused;
	back_end_restarts(1000);
	assert_true(store_recover(&sw, 1000 + WAIT));
	assert_true(is_asked());
	assert_true(store_recover(&sw, 1000 + WAIT + LONG - 1));
	assert_int_equal(sw_lost[F], 0);
	assert_true(store_recover(&sw, 1000 + WAIT + LONG));
	assert_true(store_recover(&sw, 1000 + WAIT + 9 * LONG));
	assert_int_equal(sw_lost[F], 1);
	/* its next life begins with nothing lost */
	sw_go(F);
	sw_come(F);
	state(B, BACK, '2');
	assert_false(store_recover(&sw, 1000 + WAIT + 9 * LONG));
}

static void one_that_cannot_suspend_is_given_up(void **unused)
{
	(void)unused;
	is(F, XS_WRITE, "control/feature-suspend|0", "OK|");
	back_end_restarts(1000);
	assert_true(store_recover(&sw, 1000 + WAIT));
	assert_int_equal(sw_lost[F], 1);
	assert_false(is_asked());
}

static void one_that_was_not_connected_is_left_alone(void **unused)
{
	(void)unused;
	state(F, FRONT, '3');
	sw_go(B);
	sw_come(B);
	assert_false(store_recover(&sw, 1000));
	assert_false(store_recover(&sw, 1000 + WAIT));
	state(F, FRONT, '6');
	assert_false(store_recover(&sw, 1000 + 2 * WAIT));
	assert_false(is_asked());
	assert_int_equal(sw_lost[F], 0);
}

/* As Linux's netfront, which is connected before its back end is; one that is slow has not started again. */
static void one_whose_back_end_is_slow_is_left_alone(void **unused)
{
	(void)unused;
	state(F, FRONT, '1');
	state(B, BACK, '2');
	state(F, FRONT, '4');
	assert_false(store_recover(&sw, 1000));
	assert_false(store_recover(&sw, 1000 + WAIT));
	assert_false(store_recover(&sw, 1000 + 9 * LONG));
	assert_false(is_asked());
	assert_int_equal(sw_lost[F], 0);
	state(B, BACK, '4');
	back_end_restarts(1000 + 10 * LONG);
	assert_true(store_recover(&sw, 1000 + 10 * LONG + WAIT));
	assert_true(is_asked());
}

/* What was asked is not asked again by the store's next life. */
static void the_store_itself_starts_again(void **unused)
{
	(void)unused;
	back_end_restarts(1000);
	assert_true(store_recover(&sw, 1000 + WAIT));
	assert_true(is_asked());
	assert_true(sw_next_life());
	assert_true(store_device_add(&sw, &disk));
	sw_meet_again();
	assert_true(store_recover(&sw, 1000 + WAIT + LONG - 1));
	assert_int_equal(sw_lost[F], 0);
	assert_true(store_recover(&sw, 1000 + WAIT + LONG));
	assert_int_equal(sw_lost[F], 1);
}

#define t(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(it_may_go_on_by_itself),
		t(it_is_waited_for_while_it_is_away),
		t(a_front_end_suspends_and_is_back),
		t(one_that_does_not_answer_is_given_up_once),
		t(one_that_cannot_suspend_is_given_up),
		t(one_that_was_not_connected_is_left_alone),
		t(one_whose_back_end_is_slow_is_left_alone),
		t(the_store_itself_starts_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
