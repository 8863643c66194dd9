// SPDX-License-Identifier: Apache-2.0
/* A domain's TSC out of the machine's: arch/x86_64/policy/tsc.c. */
#include <unit.h>

#include <asm/tsc.h>

#define GHZ   1000000000UL
#define START 0x123456789abcUL

static const struct tsc_scaler svm = { 32, 40 }, vmx = { 48, 64 };
static struct tsc t;

static int begin(void **state)
{
	(void)state;
	tsc_init(&t, 3 * GHZ);
	t.start = START;
	return 0;
}

static void offset(void **state)
{
	(void)state;
	assert_int_equal(tsc_at(&t, START, 0), 0);
	assert_int_equal(tsc_at(&t, START + 12345, 0), 12345);
	assert_int_equal(tsc_offset(&t, 0), 0UL - START);
	assert_int_equal(tsc_at(&t, START + 5, 1000), 1005);
	assert_int_equal(tsc_offset(&t, 1000), 1000 - START);
	t.start = UINT64_MAX - 9; /* the machine's wraps */
	assert_int_equal(tsc_at(&t, 10, 0), 20);
}

/* What it reads at once is what it wrote, whatever that is; from there it goes on. */
static void write(void **state)
{
	static const uint64_t values[] = { 0, 1, START, 1UL << 63, UINT64_MAX };

	(void)state;
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(values); i++) {
		uint64_t value = values[i / 2], now = START + 777, moved;

		if (i % 2 == 1) {
			assert_true(tsc_set_rate(&t, &vmx, 2 * GHZ + 1));
		}
		moved = tsc_moved_to(&t, now, value);
		assert_int_equal(tsc_at(&t, now, moved), value);
		assert_int_equal(tsc_at(&t, now + 3000, moved) - value, i % 2 == 1 ? 2000 : 3000);
		begin(NULL);
	}
}

static void wait(void **state)
{
	(void)state;
	assert_int_equal(tsc_wait_ns(&t, 100, 100), 0);
	assert_int_equal(tsc_wait_ns(&t, 100, 99), 0);
	assert_int_equal(tsc_wait_ns(&t, 100, 100 + 3 * GHZ),
			 GHZ - 1); /* a tick is no whole number */
	assert_int_equal(tsc_wait_ns(&t, 0, UINT64_MAX), UINT64_MAX / 3 - 1431655766);
	tsc_init(&t, GHZ / 10);
	assert_int_equal(tsc_wait_ns(&t, 7, 8), 10);
	assert_int_equal(tsc_wait_ns(&t, 0, UINT64_MAX), UINT64_MAX);
}

static void clock_is(uint64_t hz, uint32_t mul, int8_t shift)
{
	struct tsc_clock c;

	tsc_init(&t, hz);
	c = tsc_clock(&t);
	assert_int_equal(c.mul, mul);
	assert_int_equal(c.shift, shift);
}

static void clocks(void **state)
{
	(void)state;
	clock_is(3 * GHZ, 1431655765, 0);
	clock_is(2 * GHZ, 1U << 31, 0);
	clock_is(GHZ, 1U << 31, 1);
	clock_is(GHZ / 2, 1U << 31, 2);
	clock_is(GHZ + 1, UINT32_MAX - 4, 0);
}

/* A second of the machine's is a second of the guest's, to the millionth, late in the machine's life too. */
static void second(uint64_t hz, const struct tsc_scaler *s)
{
	uint64_t at = START, ticks;

	begin(NULL);
	assert_true(tsc_set_rate(&t, s, hz));
	for (unsigned int i = 0; i < 3; i++, at <<= 8) {
		ticks = tsc_at(&t, at + 3 * GHZ, 5) - tsc_at(&t, at, 5);
		assert_in_range(ticks, hz - hz / 1000000, hz + 1);
		assert_in_range(tsc_wait_ns(&t, 0, ticks), GHZ - 1000, GHZ + 1000);
	}
	assert_int_equal(tsc_at(&t, START, 0), 0);
	assert_int_equal(tsc_offset(&t, 0) +
				 (uint64_t)((unsigned __int128)START * t.ratio >> s->fraction),
			 0);
}

static void rates(void **state)
{
	static const uint64_t hz[] = { GHZ / 10, GHZ, 2500000000UL, 3 * GHZ, 10 * GHZ };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(hz); i++) {
		second(hz[i], &svm);
		second(hz[i], &vmx);
	}
	begin(NULL);
	assert_true(tsc_set_rate(&t, &svm, 3 * GHZ / 2));
	assert_int_equal(t.ratio, 1UL << 31);
	assert_int_equal(tsc_clock(&t).mul, 2863311530U);
	begin(NULL);
	assert_true(tsc_set_rate(&t, &vmx, 6 * GHZ));
	assert_int_equal(t.ratio, 2UL << 48);
	assert_int_equal(t.hz, 6 * GHZ);
}

/* The hardware's number has an end, and is not 0. */
static void no_rate(void **state)
{
	struct tsc old;

	(void)state;
	tsc_init(&t, 1000000);
	old = t;
	assert_false(tsc_set_rate(&t, &svm, 1000000UL << 7));
	assert_memory_equal(&t, &old, sizeof(t));
	assert_true(tsc_set_rate(&t, &svm, (1000000UL << 7) - 1));
	assert_int_equal(t.ratio >> 40, 0);
	tsc_init(&t, 1UL << 40);
	assert_false(tsc_set_rate(&t, &svm, 1));
	assert_true(tsc_set_rate(&t, &vmx, 1));
	assert_int_equal(t.ratio, 1UL << 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(offset, begin), cmocka_unit_test_setup(write, begin),
		cmocka_unit_test_setup(wait, begin),   cmocka_unit_test_setup(clocks, begin),
		cmocka_unit_test_setup(rates, begin),  cmocka_unit_test_setup(no_rate, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
