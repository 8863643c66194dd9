// SPDX-License-Identifier: Apache-2.0
/*
 * The time table on the fake machine: domains one and two share CPU 0 in a major frame of 10 ms, three is alone on CPU 1
 * with one window there. Whoever may, runs.
 */
#include <unit.h>
#include <world.h>

#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/lifecycle.h>
#include <hyp/percpu.h>
#include <hyp/sched.h>

#define MS    1000000UL
#define STEP  (MS / 20)
#define FRAME (10 * MS)

static struct vcpu *one, *two;

static void give(uint32_t domain, uint32_t from_us, uint32_t length_us)
{
	struct plan_time *t = &world_plan.domains[domain].time;

	t->frame_us = FRAME / 1000;
	t->windows[t->nr_windows++] = (struct plan_window){ from_us, length_us };
}

static int setup(void **state)
{
	(void)state;
	world_describe(3);
	world_plan.scheduler = PLAN_TIME_TABLE;
	world_plan.frame_us = FRAME / 1000;
	world_plan.domains[0].nr_vcpus = 1;
	world_plan.domains[0].cpus[0] = 0;
	world_plan.domains[1].cpus[0] = 0;
	world_plan.domains[2].cpus[0] = 1;
	give(0, 6000, 1000);
	give(0, 0, 4000);
	give(1, 4000, 2000);
	give(2, 0, 5000);
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(sched_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	host.now_ns = 1000 * MS; /* a frame begins */
	domains_start();
	one = domain_get(1)->vcpus[0];
	two = domain_get(2)->vcpus[0];
	return 0;
}

/* Whose the moment is, by the plan. */
static const struct vcpu *owner(uint64_t ns)
{
	uint64_t us = ns % FRAME / 1000;

	if (us < 4000 || (us >= 6000 && us < 7000)) {
		return one;
	}
	return us >= 4000 && us < 6000 ? two : NULL;
}

/* Two frames; @sleeper (NULL: nobody) is in none of them. Each choice holds until the CPU has to choose again. */
static void watch(const struct vcpu *sleeper)
{
	uint64_t end = host.now_ns + 2 * FRAME;

	while (host.now_ns < end) {
		const struct vcpu *v = sched_next(0);

		do {
			const struct vcpu *wanted = owner(host.now_ns);

			assert_ptr_equal(v, wanted == sleeper ? NULL : wanted);
			host_advance(STEP);
		} while (host.now_ns < end && !this_cpu()->must_choose &&
			 (v != NULL || owner(host.now_ns) == owner(host.now_ns - STEP)));
	}
}

static void to(uint64_t phase)
{
	while (host.now_ns % FRAME != phase) {
		host_advance(STEP);
	}
}

static void each_has_its_windows_and_no_more(void **state)
{
	(void)state;
	assert_true(one->shares_cpu);
	assert_true(two->shares_cpu);
	watch(NULL);
}

static void what_one_leaves_is_nobodys(void **state)
{
	(void)state;
	to(4500 * 1000UL);
	assert_ptr_equal(sched_next(0), two);
	vcpu_block(two);
	assert_null(sched_next(0));
	to(0);
	watch(two);
	vcpu_wake(two);
	watch(NULL);
}

static void who_wakes_in_its_window_has_it(void **state)
{
	(void)state;
	to(4500 * 1000UL);
	assert_ptr_equal(sched_next(0), two);
	vcpu_block(two);
	assert_null(sched_next(0));
	assert_false(this_cpu()->must_choose);
	vcpu_wake(two);
	assert_true(this_cpu()->must_choose);
	assert_ptr_equal(sched_next(0), two);
}

static void who_wakes_in_anothers_waits(void **state)
{
	(void)state;
	to(4500 * 1000UL);
	assert_ptr_equal(sched_next(0), two);
	vcpu_block(two);
	to(6500 * 1000UL);
	assert_ptr_equal(sched_next(0), one);
	vcpu_wake(two);
	assert_false(this_cpu()->must_choose);
	to(0);
	watch(NULL);
}

static void a_yield_gives_nothing_away(void **state)
{
	(void)state;
	to(1000 * 1000UL);
	assert_ptr_equal(sched_next(0), one);
	vcpu_yield(one);
	assert_ptr_equal(sched_next(0), one);
}

/* An idle CPU has its timer for the window that comes. */
static void between_windows_a_cpu_sleeps(void **state)
{
	(void)state;
	to(8000 * 1000UL);
	assert_null(sched_next(0));
	assert_int_equal(host.timer_ns % FRAME, 0);
	assert_int_equal(host.timer_ns - host.now_ns, 2 * MS);
	to(0);
	assert_ptr_equal(sched_next(0), one);
}

static void windows_hold_for_one_that_is_alone(void **state)
{
	struct vcpu *three = domain_get(3)->vcpus[0];

	(void)state;
	assert_true(three->shares_cpu);
	to(4000 * 1000UL);
	assert_ptr_equal(sched_next(1), three);
	to(5000 * 1000UL);
	assert_null(sched_next(1));
}

static void a_table_that_is_none_is_not_taken(void **state)
{
	static struct plan_domain plans[4];
	static struct domain domains[4];
	static struct vcpu v[4];
	uint32_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		domains[i].plan = &plans[i];
		v[i].domain = &domains[i];
		v[i].cpu = PLAN_MAX_CPUS - 1;
		plans[i].time = (struct plan_time){ 10000, 1, { { i * 1000, 1000 } } };
	}
	assert_int_equal(sched_add(&v[0]), 0);
	plans[1].time.windows[0].from_us = 500;
	assert_int_equal(sched_add(&v[1]), -EBUSY);
	plans[2].time.nr_windows = 0;
	assert_int_equal(sched_add(&v[2]), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_windows_and_no_more),
		cmocka_unit_test(what_one_leaves_is_nobodys),
		cmocka_unit_test(who_wakes_in_its_window_has_it),
		cmocka_unit_test(who_wakes_in_anothers_waits),
		cmocka_unit_test(a_yield_gives_nothing_away),
		cmocka_unit_test(between_windows_a_cpu_sleeps),
		cmocka_unit_test(windows_hold_for_one_that_is_alone),
		cmocka_unit_test(a_table_that_is_none_is_not_taken),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
