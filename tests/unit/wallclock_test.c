// SPDX-License-Identifier: Apache-2.0
/* What a domain is told of the time, from a board whose clock is broken (the fake machine's devices read as zero). */
#include <unit.h>
#include <world.h>

#include <hyp/wallclock.h>

#define BUILT	 0x200000000UL /* later than what 32 bits hold */
#define NS_PER_S 1000000000UL

static uint64_t told(const struct domain *d)
{
	const struct shared_info *si = d->shared_info;

	assert_int_equal(si->wc_version & 1, 0);
	return ((uint64_t)si->wc_sec_hi << 32 | si->wc_sec) * NS_PER_S + si->wc_nsec;
}

static void time_goes_on_from_the_build(void **state)
{
	struct domain *d;
	uint32_t version;

	(void)state;
	world_setup(1);
	d = domain_get(1);
	version = ((struct shared_info *)d->shared_info)->wc_version;
	world_plan.rtc.type = PLAN_RTC_PL031;
	world_plan.rtc.regs = (struct plan_range){ 0x9010000, PAGE_SIZE };
	world_plan.build_time = BUILT;
	wallclock_init(&world_plan);
	wallclock_set(d);
	assert_int_equal(told(d), BUILT * NS_PER_S);
	host_advance(1500000000);
	assert_int_equal(told(d), BUILT * NS_PER_S);
	wallclock_set(d);
	assert_int_equal(told(d), BUILT * NS_PER_S + 1500000000);
	assert_int_equal(((struct shared_info *)d->shared_info)->wc_version, version + 4);
}

/* Behind two arrays of 32 words of 32 bits; the seconds' upper half is where i386 has it. */
static void time_in_32_bit_words(void **state)
{
	struct domain *d = domain_get(1);
	const struct shared_info *si = d->shared_info;
	const uint32_t *wc = (const uint32_t *)(const void *)si->evtchn_pending + 64;

	(void)state;
	d->arch.is_narrow = true;
	wallclock_set(d);
	assert_int_equal(wc[0] & 1, 0);
	assert_int_equal(((uint64_t)wc[9] << 32 | wc[1]) * NS_PER_S + wc[2],
			 BUILT * NS_PER_S + 1500000000);
	d->arch.is_narrow = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_goes_on_from_the_build),
		cmocka_unit_test(time_in_32_bit_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
