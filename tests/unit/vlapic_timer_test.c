// SPDX-License-Identifier: Apache-2.0
/* The timer of the virtual local APIC, by a clock that the test sets. */
#include <unit.h>

#include "vlapic_fake.h"

#define VECTOR 0xec
#define TICK   20U /* ns, at TDCR's reset value: half of 100 MHz */

static struct vlapic *const l = &apic[0];

static uint32_t reg(uint32_t at)
{
	uint64_t value = 0;

	assert_true(vlapic_mmio_read(l, at, 4, &value));
	return (uint32_t)value;
}

static void set_reg(uint32_t at, uint32_t value)
{
	assert_true(vlapic_mmio_write(l, at, 4, value));
}

static int set_up(void **state)
{
	(void)state;
	vlapic_fake_begin();
	set_reg(APIC_SVR, 0x1ff);
	return 0;
}

/* How many times has the timer interrupted since the last call? Each is taken and ended at once. */
static bool came(void)
{
	if (vlapic_pending(l) != VECTOR) {
		return false;
	}
	vlapic_take(l, VECTOR);
	set_reg(APIC_EOI, 0);
	return true;
}

static void one_shot(void **state)
{
	uint64_t start = now_ns;

	(void)state;
	set_reg(APIC_LVT_TIMER, VECTOR);
	set_reg(APIC_TMICT, 1000);
	assert_int_equal(fake[0].due, start + 1000 * TICK);
	assert_int_equal(vlapic_timer_due(l), start + 1000 * TICK);
	assert_int_equal(reg(APIC_TMCCT), 1000);
	vlapic_fake_go(start + 300 * TICK + 1);
	assert_int_equal(reg(APIC_TMCCT), 700);
	vlapic_fake_go(start + 1000 * TICK - 1);
	assert_int_equal(reg(APIC_TMCCT), 1);
	assert_false(came());
	vlapic_fake_go(start + 1000 * TICK);
	assert_true(came());
	assert_int_equal(reg(APIC_TMCCT), 0);
	assert_int_equal(reg(APIC_TMICT), 1000);
	assert_int_equal(fake[0].due, UINT64_MAX);
	vlapic_fake_go(start + 5000 * TICK);
	assert_false(came());
	assert_int_equal(reg(APIC_TMCCT), 0);
}

static void one_shot_stopped(void **state)
{
	(void)state;
	set_reg(APIC_LVT_TIMER, VECTOR);
	set_reg(APIC_TMICT, 1000);
	set_reg(APIC_TMICT, 0);
	assert_int_equal(fake[0].due, UINT64_MAX);
	assert_int_equal(reg(APIC_TMCCT), 0);
	vlapic_fake_go(now_ns + 2000 * TICK);
	assert_false(came());
}

static void masked(void **state)
{
	(void)state;
	set_reg(APIC_LVT_TIMER, VECTOR | APIC_LVT_MASKED);
	set_reg(APIC_TMICT, 1000);
	vlapic_fake_go(now_ns + 500 * TICK);
	assert_int_equal(reg(APIC_TMCCT), 500); /* it counts, for calibration */
	vlapic_fake_go(now_ns + 500 * TICK);
	assert_false(came());
}

static void dividers(void **state)
{
	static const struct {
		uint32_t tdcr;
		unsigned int by;
	} codes[] = { { 0xb, 1 }, { 0, 2 },  { 1, 4 },	{ 2, 8 },
		      { 3, 16 },  { 8, 32 }, { 9, 64 }, { 0xa, 128 } };

	(void)state;
	set_reg(APIC_LVT_TIMER, VECTOR);
	for (size_t n = 0; n < ARRAY_SIZE(codes); n++) {
		set_reg(APIC_TDCR, codes[n].tdcr);
		set_reg(APIC_TMICT, 100);
		assert_int_equal(fake[0].due - now_ns, 1000 * codes[n].by);
	}
	/* the longest of all */
	set_reg(APIC_TMICT, UINT32_MAX);
	assert_int_equal(fake[0].due - now_ns, 1280ULL * UINT32_MAX);
}

/* A new divider under way: what is left goes at the new rate. */
static void new_divider(void **state)
{
	(void)state;
	set_reg(APIC_LVT_TIMER, VECTOR);
	set_reg(APIC_TMICT, 1000);
	vlapic_fake_go(now_ns + 400 * TICK);
	set_reg(APIC_TDCR, 0xb);
	assert_int_equal(reg(APIC_TMCCT), 600);
	assert_int_equal(fake[0].due - now_ns, 600 * TICK / 2);
	vlapic_fake_go(now_ns + 600 * TICK / 2);
	assert_true(came());
}

static void periodic(void **state)
{
	uint64_t start = now_ns, period = 5000 * TICK;

	(void)state;
	set_reg(APIC_LVT_TIMER, VECTOR | APIC_TIMER_PERIODIC);
	set_reg(APIC_TMICT, 5000);
	for (unsigned int n = 1; n < 10; n++) {
		vlapic_fake_go(start + n * period - 1);
		assert_false(came());
		vlapic_fake_go(start + n * period);
		assert_true(came());
		assert_int_equal(reg(APIC_TMCCT), 5000);
	}
	vlapic_fake_go(now_ns + period / 2);
	assert_int_equal(reg(APIC_TMCCT), 2500);
	set_reg(APIC_TMICT, 0);
	vlapic_fake_go(now_ns + 10 * period);
	assert_false(came());
}

/* Its vCPU was away for some periods: one interrupt, and the rhythm is kept. */
static void periodic_late(void **state)
{
	uint64_t start = now_ns, period = 5000 * TICK;

	(void)state;
	set_reg(APIC_LVT_TIMER, VECTOR | APIC_TIMER_PERIODIC);
	set_reg(APIC_TMICT, 5000);
	now_ns = start + 4 * period + period / 4;
	vlapic_timer(l);
	assert_true(came());
	assert_int_equal(fake[0].due, start + 5 * period);
	assert_int_equal(reg(APIC_TMCCT), 3750);
}

/* No period is so short that nothing else would run. */
static void periodic_fast(void **state)
{
	unsigned int nr = 0;
	uint64_t end = now_ns + 100 * VLAPIC_MIN_PERIOD_NS;

	(void)state;
	set_reg(APIC_TDCR, 0xb);
	set_reg(APIC_LVT_TIMER, VECTOR | APIC_TIMER_PERIODIC);
	set_reg(APIC_TMICT, 1);
	while (now_ns < end) {
		vlapic_fake_go(fake[0].due);
		nr += came();
	}
	assert_in_range(nr, 99, 101);
}

static void deadline(void **state)
{
	uint64_t value = 1, at = 2 * now_ns + 10000; /* the guest's TSC runs at 2 GHz */

	(void)state;
	assert_true(vlapic_msr_write(l, MSR_TSC_DEADLINE, at)); /* not in this mode */
	assert_int_equal(fake[0].due, UINT64_MAX);
	set_reg(APIC_LVT_TIMER, VECTOR | APIC_TIMER_DEADLINE);
	assert_true(vlapic_msr_read(l, MSR_TSC_DEADLINE, &value));
	assert_int_equal(value, 0);
	assert_true(vlapic_msr_write(l, MSR_TSC_DEADLINE, at));
	assert_int_equal(fake[0].due, at / 2);
	assert_true(vlapic_msr_read(l, MSR_TSC_DEADLINE, &value));
	assert_int_equal(value, at);
	assert_int_equal(reg(APIC_TMCCT), 0);
	set_reg(APIC_TMICT, 77); /* not in this mode either */
	assert_int_equal(reg(APIC_TMICT), 0);
	vlapic_fake_go(at / 2 - 1);
	assert_false(came());
	vlapic_fake_go(at / 2);
	assert_true(came());
	assert_true(vlapic_msr_read(l, MSR_TSC_DEADLINE, &value));
	assert_int_equal(value, 0);
}

static void deadline_disarmed(void **state)
{
	(void)state;
	set_reg(APIC_LVT_TIMER, VECTOR | APIC_TIMER_DEADLINE);
	assert_true(vlapic_msr_write(l, MSR_TSC_DEADLINE, 2 * now_ns + 5000));
	assert_true(vlapic_msr_write(l, MSR_TSC_DEADLINE, 0));
	assert_int_equal(fake[0].due, UINT64_MAX);
	assert_true(vlapic_msr_write(l, MSR_TSC_DEADLINE, 1)); /* long past: at once */
	vlapic_fake_go(now_ns);
	assert_true(came());
}

/* The guest writes its TSC: what was to come then comes when that reads so. Without a deadline nothing comes of it. */
static void deadline_moved(void **state)
{
	uint64_t at = 2 * now_ns + 10000, value;

	(void)state;
	tsc_moved = 6000;
	vlapic_tsc_moved(l);
	assert_int_equal(fake[0].due, UINT64_MAX);
	set_reg(APIC_LVT_TIMER, VECTOR | APIC_TIMER_DEADLINE);
	vlapic_tsc_moved(l);
	assert_int_equal(fake[0].due, UINT64_MAX);
	assert_true(vlapic_msr_write(l, MSR_TSC_DEADLINE, at));
	assert_int_equal(fake[0].due, now_ns + 2000);
	tsc_moved = 0;
	vlapic_tsc_moved(l);
	assert_int_equal(fake[0].due, now_ns + 5000);
	tsc_moved = 8000;
	vlapic_tsc_moved(l);
	vlapic_fake_go(now_ns + 999);
	assert_false(came());
	vlapic_fake_go(now_ns + 1);
	assert_true(came());
	assert_true(vlapic_msr_read(l, MSR_TSC_DEADLINE, &value));
	assert_int_equal(value, 0);
	vlapic_tsc_moved(l);
	assert_int_equal(fake[0].due, UINT64_MAX);
}

static void changes_of_mode(void **state)
{
	uint64_t value = 1;

	(void)state;
	set_reg(APIC_LVT_TIMER, VECTOR | APIC_TIMER_DEADLINE);
	assert_true(vlapic_msr_write(l, MSR_TSC_DEADLINE, 4 * now_ns));
	set_reg(APIC_LVT_TIMER, VECTOR);
	assert_int_equal(fake[0].due, UINT64_MAX);
	set_reg(APIC_TMICT, 1000);
	set_reg(APIC_LVT_TIMER,
		VECTOR | APIC_TIMER_PERIODIC); /* goes on, and is periodic from now on */
	vlapic_fake_go(now_ns + 1000 * TICK);
	assert_true(came());
	assert_int_equal(fake[0].due, now_ns + MAX(1000 * TICK, VLAPIC_MIN_PERIOD_NS));
	set_reg(APIC_LVT_TIMER, VECTOR | APIC_TIMER_DEADLINE);
	assert_int_equal(fake[0].due, UINT64_MAX);
	assert_true(vlapic_msr_read(l, MSR_TSC_DEADLINE, &value));
	assert_int_equal(value, 0);
}

static void early(void **state)
{
	(void)state;
	vlapic_timer(l); /* nothing is armed */
	assert_false(came());
	set_reg(APIC_LVT_TIMER, VECTOR);
	set_reg(APIC_TMICT, 1000);
	fake[0].due = 0;
	vlapic_timer(l);
	assert_false(came());
	assert_int_equal(fake[0].due, now_ns + 1000 * TICK); /* asked for again */
}

/* A vector that is none: an error of the APIC's, not an interrupt. */
static void bad_vector(void **state)
{
	(void)state;
	set_reg(APIC_LVT_ERROR, 0xfe);
	set_reg(APIC_LVT_TIMER, 5);
	set_reg(APIC_TMICT, 10);
	vlapic_fake_go(now_ns + 10 * TICK);
	assert_int_equal(vlapic_pending(l), 0xfe);
	set_reg(APIC_ESR, 0);
	assert_int_equal(reg(APIC_ESR), 0x40);
}

static void stopped_by_init(void **state)
{
	(void)state;
	set_reg(APIC_LVT_TIMER, VECTOR | APIC_TIMER_PERIODIC);
	set_reg(APIC_TMICT, 5000);
	vlapic_init_signal(l);
	assert_int_equal(fake[0].due, UINT64_MAX);
	assert_int_equal(vlapic_timer_due(l), UINT64_MAX);
	assert_int_equal(reg(APIC_TMICT), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_shot, set_up),
		cmocka_unit_test_setup(one_shot_stopped, set_up),
		cmocka_unit_test_setup(masked, set_up),
		cmocka_unit_test_setup(dividers, set_up),
		cmocka_unit_test_setup(new_divider, set_up),
		cmocka_unit_test_setup(periodic, set_up),
		cmocka_unit_test_setup(periodic_late, set_up),
		cmocka_unit_test_setup(periodic_fast, set_up),
		cmocka_unit_test_setup(deadline, set_up),
		cmocka_unit_test_setup(deadline_disarmed, set_up),
		cmocka_unit_test_setup(deadline_moved, set_up),
		cmocka_unit_test_setup(changes_of_mode, set_up),
		cmocka_unit_test_setup(early, set_up),
		cmocka_unit_test_setup(bad_vector, set_up),
		cmocka_unit_test_setup(stopped_by_init, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
