// SPDX-License-Identifier: Apache-2.0
/* A vCPU's timers by hypercall: VIRQ_TIMER when it is time, for nobody else, and in no other life. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/trap.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/sched.h>

#define MS 1000000UL

static struct domain *d;
static struct vcpu *v0;
static evtchn_port_t port[2];

static int setup(void **state)
{
	(void)state;
	world_setup(1);
	d = domain_get(1);
	v0 = d->vcpus[0];
	return 0;
}

static int fresh(void **state)
{
	(void)state;
	evtchn_reset(d);
	memset(d->shared_info, 0, PAGE_SIZE);
	vcpu_timer_stop(v0, true);
	vcpu_timer_stop(v0, false);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(evtchn_bind_virq(d, VIRQ_TIMER, i, &port[i]), 0);
	}
	return 0;
}

/* How often it has come since the last time: 0 or 1, for more are one. */
static unsigned int came(unsigned int vcpu)
{
	struct shared_info *si = d->shared_info;
	bool is_there = (si->evtchn_pending[0] >> port[vcpu] & 1) != 0;

	si->evtchn_pending[0] &= ~(1UL << port[vcpu]);
	return is_there;
}

static int64_t op(uint64_t cmd, uint64_t vcpu, const void *arg, size_t size)
{
	const uint64_t args[5] = { cmd, vcpu, WORLD_SCRATCH };

	memcpy(world_ram(d, WORLD_SCRATCH), arg, size);
	return trap_hypercall(v0, __HYPERVISOR_vcpu_op, args);
}

static int64_t once(uint64_t at_ns, uint32_t flags)
{
	struct vcpu_set_singleshot_timer t = { .timeout_abs_ns = at_ns, .flags = flags };

	return op(VCPUOP_set_singleshot_timer, 0, &t, sizeof(t));
}

static int64_t every(uint64_t period_ns)
{
	struct vcpu_set_periodic_timer t = { .period_ns = period_ns };

	return op(VCPUOP_set_periodic_timer, 0, &t, sizeof(t));
}

static void once_is_once(void **state)
{
	(void)state;
	assert_int_equal(once(host.now_ns + 5 * MS, 0), 0);
	host_advance(4 * MS);
	assert_int_equal(came(0), 0);
	host_advance(2 * MS);
	assert_int_equal(came(0), 1);
	assert_int_equal(came(1), 0);
	host_advance(100 * MS);
	assert_int_equal(came(0), 0);
	/* set again, it is another time; stopped, none */
	assert_int_equal(once(host.now_ns + 5 * MS, 0), 0);
	assert_int_equal(once(host.now_ns + 50 * MS, 0), 0);
	host_advance(20 * MS);
	assert_int_equal(came(0), 0);
	assert_int_equal(op(VCPUOP_stop_singleshot_timer, 0, "", 1), 0);
	host_advance(100 * MS);
	assert_int_equal(came(0), 0);
}

static void what_is_over_comes_at_once_or_never(void **state)
{
	(void)state;
	host_advance(10 * MS);
	assert_int_equal(once(host.now_ns - MS, VCPU_SSHOTTMR_future), -ETIME);
	host_advance(MS);
	assert_int_equal(came(0), 0);
	assert_int_equal(once(host.now_ns - MS, 0), 0);
	host_advance(1);
	assert_int_equal(came(0), 1);
	assert_int_equal(once(UINT64_MAX, 0), 0);
	host_advance(100 * MS);
	assert_int_equal(came(0), 0);
}

static void every_is_until_it_is_stopped(void **state)
{
	(void)state;
	assert_int_equal(every(MS - 1), -EINVAL);
	assert_int_equal(every(UINT64_MAX), -EINVAL);
	assert_int_equal(every(10 * MS), 0);
	for (unsigned int i = 0; i < 5; i++) {
		host_advance(9 * MS);
		assert_int_equal(came(0), 0);
		host_advance(MS);
		assert_int_equal(came(0), 1);
	}
	assert_int_equal(op(VCPUOP_stop_periodic_timer, 0, "", 1), 0);
	host_advance(100 * MS);
	assert_int_equal(came(0), 0);
}

static void timers_are_a_vcpus_own(void **state)
{
	struct vcpu_set_periodic_timer t = { .period_ns = 10 * MS };

	(void)state;
	assert_int_equal(op(VCPUOP_set_periodic_timer, 1, &t, sizeof(t)), -EINVAL);
	assert_int_equal(op(VCPUOP_stop_periodic_timer, 1, &t, sizeof(t)), -EINVAL);
	assert_int_equal(op(VCPUOP_set_singleshot_timer, 1, &t, sizeof(t)), -EINVAL);
	assert_int_equal(op(VCPUOP_set_periodic_timer, 2, &t, sizeof(t)), -ENOENT);
	/* nobody bound it */
	assert_int_equal(every(10 * MS), 0);
	evtchn_reset(d);
	host_advance(100 * MS);
	assert_int_equal(((struct shared_info *)d->shared_info)->evtchn_pending[0], 0);
}

static void no_other_life_hears_of_them(void **state)
{
	(void)state;
	assert_int_equal(every(10 * MS), 0);
	assert_int_equal(once(host.now_ns + 15 * MS, 0), 0);
	vcpu_timers_forget(v0);
	host_advance(100 * MS);
	assert_int_equal(came(0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(once_is_once, fresh),
		cmocka_unit_test_setup(what_is_over_comes_at_once_or_never, fresh),
		cmocka_unit_test_setup(every_is_until_it_is_stopped, fresh),
		cmocka_unit_test_setup(timers_are_a_vcpus_own, fresh),
		cmocka_unit_test_setup(no_other_life_hears_of_them, fresh),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
