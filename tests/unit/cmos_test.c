// SPDX-License-Identifier: Apache-2.0
/* What a PC's clock says, in each of the ways that it may say it. */
#include <unit.h>

#include <asm/cmos.h>

#define IN_2031 1935817689 /* 2031-05-06 07:08:09 */
#define PM	0x80

static void bcd_of_24_hours(void **state)
{
	struct cmos_time t = { 0x09, 0x08, 0x07, 0x06, 0x05, 0x31, 0x20, CMOS_24_HOURS };

	(void)state;
	assert_int_equal(cmos_seconds(&t), IN_2031);
	t.century = CMOS_NO_CENTURY;
	assert_int_equal(cmos_seconds(&t), IN_2031);
}

static void binary(void **state)
{
	struct cmos_time t = { 59, 59, 23, 29, 2, 0, 20, CMOS_24_HOURS | CMOS_BINARY };

	(void)state;
	assert_int_equal(cmos_seconds(&t), 951868799);
}

static void twelve_hours(void **state)
{
	struct cmos_time noon = { 0, 0, 0x12 | PM, 0x31, 0x12, 0x99, 0x19, 0 };
	struct cmos_time midnight = { 0, 30, 12, 31, 12, 99, CMOS_NO_CENTURY, CMOS_BINARY };

	(void)state;
	assert_int_equal(cmos_seconds(&noon), 946641600);
	assert_int_equal(cmos_seconds(&midnight), 4102360200);
	noon.hour = 0x11 | PM;
	assert_int_equal(cmos_seconds(&noon), 946641600 + 11 * 3600);
	noon.hour = 0x13;
	assert_int_equal(cmos_seconds(&noon), 0);
	noon.hour = 0;
	assert_int_equal(cmos_seconds(&noon), 0);
}

static void what_is_no_time(void **state)
{
	static const struct cmos_time good = { 0x09, 0x08, 0x07, 0x06,
					       0x05, 0x31, 0x20, CMOS_24_HOURS };
	struct cmos_time t = good;

	(void)state;
	t.second = 0x60;
	assert_int_equal(cmos_seconds(&t), 0);
	t = good;
	t.minute = 0x1a; /* no number in BCD */
	assert_int_equal(cmos_seconds(&t), 0);
	t = good;
	t.hour = 0x24;
	assert_int_equal(cmos_seconds(&t), 0);
	t = good;
	t.day = 0;
	assert_int_equal(cmos_seconds(&t), 0);
	t = good;
	t.month = 0x13;
	assert_int_equal(cmos_seconds(&t), 0);
	t = (struct cmos_time){
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	}; /* nothing is there */
	assert_int_equal(cmos_seconds(&t), 0);
	t = good;
	t.century = 0x19; /* 1931 */
	assert_int_equal(cmos_seconds(&t), 0);
}

/* The first second is 1970's, and zero: it is none. */
static void the_first_time_is_behind_the_first_second(void **state)
{
	struct cmos_time t = { 1, 0, 0, 1, 1, 0x70, 0x19, CMOS_24_HOURS };

	(void)state;
	assert_int_equal(cmos_seconds(&t), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bcd_of_24_hours),
		cmocka_unit_test(binary),
		cmocka_unit_test(twelve_hours),
		cmocka_unit_test(what_is_no_time),
		cmocka_unit_test(the_first_time_is_behind_the_first_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
