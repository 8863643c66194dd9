// SPDX-License-Identifier: Apache-2.0
/* From the first vCPU to the board's power-off, in the order of one life. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/trap.h>
#include <hyp/errno.h>
#include <hyp/percpu.h>

static struct domain *one, *two, *three;

static int setup(void **state)
{
	(void)state;
	world_setup(3);
	one = domain_get(1);
	two = domain_get(2);
	three = domain_get(3);
	return 0;
}

/* What a CPU does around arch_vcpu_run(). */
static void enter(struct vcpu *v)
{
	v->is_on_cpu = true;
}

static void domids_are_the_plans(void **state)
{
	(void)state;
	assert_null(domain_get(0));
	assert_null(domain_get(4));
	assert_string_equal(one->name, "one");
	assert_int_equal(one->id, 1);
	assert_ptr_equal(sched_next(2), two->vcpus[0]);
	assert_true(vcpu_is_runnable(one->vcpus[0]));
	assert_non_null(strstr(host.log, "one: started\n"));
}

static void vcpus_go_on_and_off(void **state)
{
	struct vcpu *v0 = one->vcpus[0], *v1 = one->vcpus[1];
	unsigned int kicks = cpu_get(1)->arch.kicks;
	bool exists;

	(void)state;
	assert_null(sched_next(1));
	assert_false(vcpu_is_on(v0, 1, &exists));
	assert_true(exists);
	assert_int_equal(vcpu_power_on(v0, 1, gpa(0x40080000), 42), 0);
	assert_int_equal(v1->arch.entry, 0x40080000);
	assert_int_equal(v1->arch.arg, 42);
	assert_int_equal(cpu_get(1)->arch.kicks, kicks + 1);
	assert_ptr_equal(sched_next(1), v1);
	assert_true(vcpu_is_on(v0, 1, &exists));
	assert_int_equal(vcpu_power_on(v0, 1, gpa(0), 0), -EBUSY);
	assert_int_equal(vcpu_power_on(v0, 2, gpa(0), 0), -EINVAL);
	assert_int_equal(vcpu_power_on(v0, UINT32_MAX, gpa(0), 0), -EINVAL);
	assert_false(vcpu_is_on(v0, 2, &exists));
	assert_false(exists);
}

/* Its registers are still being put away: a new entry point would be lost. */
static void not_on_again_before_it_left(void **state)
{
	struct vcpu *v0 = one->vcpus[0], *v1 = one->vcpus[1];
	bool exists;

	(void)state;
	enter(v1);
	vcpu_power_off(v1);
	assert_null(sched_next(1));
	assert_true(vcpu_is_on(v0, 1, &exists));
	assert_int_equal(vcpu_power_on(v0, 1, gpa(0), 0), -EBUSY);
	vcpu_left_cpu(v1);
	assert_false(vcpu_is_on(v0, 1, &exists));
	assert_int_equal(vcpu_power_on(v0, 1, gpa(0x40080000), 0), 0);
	assert_true(domain_is_running(one));
}

static void a_crash_takes_one_domain_and_dumps_once(void **state)
{
	struct vcpu *v0 = one->vcpus[0], *v1 = one->vcpus[1];

	(void)state;
	enter(v0);
	enter(v1);
	domain_crash(v0, "read of %#x", 0x1234u);
	domain_crash(v1, "me too");
	assert_int_equal(v0->arch.dumps, 1);
	assert_int_equal(v1->arch.dumps, 0);
	assert_null(strstr(host.log, "me too"));
	assert_non_null(strstr(host.log, "one: crashed on vCPU 0: read of "));
	assert_non_null(strstr(host.log, "one: shut down (crash)\n"));
	assert_int_equal(one->state, DOMAIN_DYING);
	assert_null(sched_next(0));
	assert_null(sched_next(1));
	assert_ptr_equal(sched_next(2), two->vcpus[0]);
	vcpu_left_cpu(v0);
	assert_int_equal(one->state, DOMAIN_DYING);
	vcpu_left_cpu(v1);
	assert_int_equal(one->state, DOMAIN_GONE);
	assert_ptr_equal(sched_next(0), v0); /* its turns, not its guest's */
	assert_false(vcpu_is_runnable(v0));
	assert_true(world_bury(one) > 1);
	assert_int_equal(one->state, DOMAIN_DEAD);
	assert_null(sched_next(0));
	assert_int_equal(host.end, HOST_RUNS);
}

static void the_dead_stay_dead(void **state)
{
	(void)state;
	domain_shutdown(one, SHUTDOWN_poweroff);
	assert_int_equal(one->shutdown_reason, SHUTDOWN_crash);
	assert_null(strstr(host.log, "one: shut down (poweroff)"));
}

static void the_last_one_switches_off(void **state)
{
	(void)state;
	enter(two->vcpus[0]);
	domain_shutdown(two, SHUTDOWN_poweroff);
	vcpu_left_cpu(two->vcpus[0]);
	world_bury(two);
	assert_int_equal(host.end, HOST_RUNS);
	enter(three->vcpus[0]);
	domain_shutdown(three, SHUTDOWN_reboot);
	assert_int_equal(host.end, HOST_RUNS);
	assert_null(strstr(host.log, "all domains are down"));
	vcpu_left_cpu(three->vcpus[0]);
	HOST_ENDS(world_bury(three));
	assert_int_equal(host.end, HOST_POWERED_OFF);
	assert_non_null(strstr(host.log, "all domains are down, powering off\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domids_are_the_plans),
		cmocka_unit_test(vcpus_go_on_and_off),
		cmocka_unit_test(not_on_again_before_it_left),
		cmocka_unit_test(a_crash_takes_one_domain_and_dumps_once),
		cmocka_unit_test(the_dead_stay_dead),
		cmocka_unit_test(the_last_one_switches_off),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
