// SPDX-License-Identifier: Apache-2.0
/*
 * The nodes of the plan's PV devices: what each end finds, who may do what with it, and how they are made anew when
 * either of the two domains starts again. Client 1 is the front end, client 2 the back end, client 3 neither.
 */
#include "xenstore_world.h"

#include <string.h>
#include <unit.h>

#define FRONT "/local/domain/1/device/vbd/51712"
#define BACK  "/local/domain/2/backend/vbd/1/51712"
#define F     0u
#define B     1u
#define OTHER 2u

static const struct store_device disk = {
	.kind = "vbd",
	.front = 1,
	.back = 2,
	.number = 51712,
	.front_values = { 21, "virtual-device\0"
			      "51712" },
	.back_values = { 7, "mode\0r\0" },
};

static int setup(void **state)
{
	(void)state;
	sw_setup(NULL);
	for (unsigned int i = 0; i < SW_CLIENTS; i++) {
		store_release(&sw, &sw.clients[i]);
	}
	assert_true(store_device_add(&sw, &disk));
	return 0;
}

static void start(unsigned int c)
{
	sw_ring[c].connection = XENSTORE_RECONNECT;
	sw_ring[c].req_prod = sw_ring[c].rsp_cons = 0;
	store_introduce(&sw, &sw.clients[c], &sw_ring[c]);
	sw_run();
}

static void start_all(void)
{
	start(F);
	start(B);
	start(OTHER);
}

static void each_end_finds_the_other(void **state)
{
	(void)state;
	start_all();
	assert_string_equal(sw_say(F, XS_READ, 0, FRONT "/backend|"), BACK);
	assert_string_equal(sw_say(F, XS_READ, 0, "device/vbd/51712/backend-id|"), "2");
	assert_string_equal(sw_say(F, XS_READ, 0, FRONT "/state|"), "1");
	assert_string_equal(sw_say(F, XS_READ, 0, FRONT "/virtual-device|"), "51712");
	assert_string_equal(sw_say(B, XS_READ, 0, BACK "/frontend|"), FRONT);
	assert_string_equal(sw_say(B, XS_READ, 0, BACK "/frontend-id|"), "1");
	assert_string_equal(sw_say(B, XS_READ, 0, BACK "/state|"), "1");
	assert_string_equal(sw_say(B, XS_READ, 0, BACK "/mode|"), "r");
	assert_string_equal(sw_say(F, XS_DIRECTORY, 0, "device/vbd|"), "51712|");
	assert_string_equal(sw_say(B, XS_DIRECTORY, 0, "backend/vbd/1|"), "51712|");
	sw_check();
}

static void each_end_writes_its_own_and_reads_the_others(void **state)
{
	(void)state;
	start_all();
	assert_string_equal(sw_say(F, XS_WRITE, 0, FRONT "/state|3"), "OK|");
	assert_string_equal(sw_say(B, XS_READ, 0, FRONT "/state|"), "3");
	assert_string_equal(sw_say(B, XS_WRITE, 0, FRONT "/state|4"), "!EACCES|");
	assert_string_equal(sw_say(F, XS_WRITE, 0, FRONT "/ring-ref|8"), "OK|");
	assert_string_equal(sw_say(B, XS_READ, 0, FRONT "/ring-ref|"), "8");
	assert_string_equal(sw_say(B, XS_WRITE, 0, BACK "/sectors|64"), "OK|");
	assert_string_equal(sw_say(F, XS_READ, 0, BACK "/sectors|"), "64");
	assert_string_equal(sw_say(F, XS_WRITE, 0, BACK "/mode|w"), "!EACCES|");
	assert_string_equal(sw_say(OTHER, XS_READ, 0, BACK "/mode|"), "!EACCES|");
	assert_string_equal(sw_say(OTHER, XS_READ, 0, FRONT "/state|"), "!EACCES|");
}

static void a_front_end_that_starts_again_finds_both_as_new(void **state)
{
	(void)state;
	start_all();
	(void)sw_say(F, XS_WRITE, 0, FRONT "/state|4");
	(void)sw_say(F, XS_WRITE, 0, FRONT "/ring-ref|8");
	(void)sw_say(B, XS_WRITE, 0, BACK "/state|4");
	(void)sw_say(B, XS_WRITE, 0, BACK "/sectors|64");
	(void)sw_say(B, XS_WATCH, 0, FRONT "/state|t|");
	assert_string_equal(sw_event(B), FRONT "/state|t");
	store_release(&sw, &sw.clients[F]);
	sw_run();
	assert_string_equal(sw_event(B), FRONT "/state|t");
	start(F);
	assert_string_equal(sw_event(B), FRONT "/state|t");
	assert_string_equal(sw_say(B, XS_READ, 0, BACK "/state|"), "1");
	(void)sw_say(B, XS_WRITE, 0, BACK "/state|2");
	assert_string_equal(sw_say(F, XS_READ, 0, BACK "/sectors|"), "!ENOENT|");
	assert_string_equal(sw_say(F, XS_READ, 0, FRONT "/state|"), "1");
	assert_string_equal(sw_say(F, XS_READ, 0, FRONT "/ring-ref|"), "!ENOENT|");
	sw_check();
}

/* A front end that asks at once, and takes what it finds then for all there is. */
static void ask_at_once(void)
{
	const char path[] = BACK "/state";

	start_all();
	(void)sw_say(B, XS_WRITE, 0, BACK "/state|4");
	store_release(&sw, &sw.clients[F]);
	start(F);
	sw_put(F, XS_READ, 0, path, sizeof(path));
	sw_run();
}

static void one_that_starts_again_finds_its_device_offered(void **state)
{
	struct sw_message m;

	(void)state;
	ask_at_once();
	assert_false(sw_get(F, &m));
	(void)sw_say(B, XS_WRITE, 0, BACK "/state|2");
	sw_run();
	assert_true(sw_get(F, &m));
	assert_int_equal(m.head.len, 1);
	assert_int_equal(m.payload[0], '2');
}

static void a_back_end_that_says_nothing_keeps_nobody_for_long(void **state)
{
	struct sw_message m;

	(void)state;
	ask_at_once();
	assert_true(store_recover(&sw, 1000));
	assert_true(store_recover(&sw, 2999));
	sw_run();
	assert_false(sw_get(F, &m));
	assert_true(store_recover(&sw, 3000));
	sw_run();
	assert_true(sw_get(F, &m));
	assert_int_equal(m.payload[0], '1');
	assert_false(store_recover(&sw, 3001));
}

static void a_back_end_that_starts_again_finds_the_front_end_as_it_is(void **state)
{
	(void)state;
	start_all();
	(void)sw_say(F, XS_WRITE, 0, FRONT "/state|4");
	(void)sw_say(F, XS_WRITE, 0, FRONT "/ring-ref|8");
	(void)sw_say(B, XS_WRITE, 0, BACK "/state|4");
	(void)sw_say(F, XS_WATCH, 0, BACK "/state|t|");
	assert_string_equal(sw_event(F), BACK "/state|t");
	store_release(&sw, &sw.clients[B]);
	sw_run();
	assert_string_equal(sw_event(F), BACK "/state|t");
	assert_string_equal(sw_say(F, XS_READ, 0, BACK "/state|"), "!EACCES|");
	start(B);
	assert_string_equal(sw_event(F), BACK "/state|t");
	assert_string_equal(sw_say(B, XS_READ, 0, BACK "/state|"), "1");
	assert_string_equal(sw_say(B, XS_READ, 0, FRONT "/state|"), "4");
	assert_string_equal(sw_say(B, XS_READ, 0, FRONT "/ring-ref|"), "8");
	sw_check();
}

static void a_back_end_that_is_not_there_has_no_nodes(void **state)
{
	(void)state;
	start(F);
	start(OTHER);
	assert_string_equal(sw_say(F, XS_READ, 0, FRONT "/backend|"), BACK);
	assert_string_equal(sw_say(F, XS_READ, 0, BACK "/state|"), "!EACCES|");
	start(B);
	assert_string_equal(sw_say(F, XS_READ, 0, BACK "/state|"), "1");
}

static void values_that_do_not_end_are_refused(void **state)
{
	struct store_device d = disk;

	(void)state;
	d.back_values.len = 6;
	assert_false(store_device_add(&sw, &d));
	d = disk;
	d.front_values = (struct store_pairs){ 5, "name" };
	assert_false(store_device_add(&sw, &d));
	d = disk;
	memset(d.kind, 'x', sizeof(d.kind));
	assert_false(store_device_add(&sw, &d));
	while (store_device_add(&sw, &disk)) {
	}
	assert_int_equal(sw.nr_devices, STORE_MAX_DEVICES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_end_finds_the_other, setup),
		cmocka_unit_test_setup(each_end_writes_its_own_and_reads_the_others, setup),
		cmocka_unit_test_setup(a_front_end_that_starts_again_finds_both_as_new, setup),
		cmocka_unit_test_setup(one_that_starts_again_finds_its_device_offered, setup),
		cmocka_unit_test_setup(a_back_end_that_says_nothing_keeps_nobody_for_long, setup),
		cmocka_unit_test_setup(a_back_end_that_starts_again_finds_the_front_end_as_it_is,
				       setup),
		cmocka_unit_test_setup(a_back_end_that_is_not_there_has_no_nodes, setup),
		cmocka_unit_test_setup(values_that_do_not_end_are_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
