// SPDX-License-Identifier: Apache-2.0
/*
 * Fair share on the fake machine: four vCPUs of three domains on CPU 0, each with a scripted appetite. Time passes in
 * steps; a turn ends when the CPU has to choose again, as it would on the way back to a guest.
 */
#include <unit.h>
#include <world.h>

#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/lifecycle.h>
#include <hyp/percpu.h>
#include <hyp/sched.h>
#include <hyp/verify.h>

#define MS	 1000000UL
#define STEP	 (MS / 20)
#define SLICE	 (CONFIG_SCHED_SLICE_US * 1000UL)
#define NR_VCPUS 4

static struct domain *one, *two, *three;
static struct vcpu *vcpus[NR_VCPUS]; /* of one, one, two, three */
static uint64_t used[NR_VCPUS];
static uint64_t longest; /* turn of anybody while another waited */

static int setup(void **state)
{
	(void)state;
	world_describe(3);
	world_plan.scheduler = PLAN_FAIR_SHARE;
	for (uint32_t i = 0; i < 3; i++) {
		world_plan.domains[i].cpus[0] = 0;
		world_plan.domains[i].cpus[1] = 0;
		world_plan.domains[i].weight = 256U << i;
	}
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(sched_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	host.now_ns = 1000 * MS;
	domains_start();
	one = domain_get(1);
	two = domain_get(2);
	three = domain_get(3);
	vcpus[0] = one->vcpus[0];
	vcpus[1] = one->vcpus[1];
	vcpus[2] = two->vcpus[0];
	vcpus[3] = three->vcpus[0];
	return 0;
}

static unsigned int index_of(const struct vcpu *v)
{
	unsigned int i = 0;

	while (vcpus[i] != v) {
		i++;
		assert_true(i < NR_VCPUS);
	}
	return i;
}

/* One turn, at most until @end. Return: who had it; NULL: nobody, until something happened. */
static struct vcpu *turn(uint64_t end)
{
	struct vcpu *v = sched_next(0);
	uint64_t from = host.now_ns;

	while (host.now_ns < end && !this_cpu()->must_choose) {
		host_advance(STEP);
	}
	if (v != NULL) {
		used[index_of(v)] += host.now_ns - from;
		longest = MAX(longest, host.now_ns - from);
	}
	return v;
}

static void pass(uint64_t ns)
{
	uint64_t end = host.now_ns + ns;

	memset(used, 0, sizeof(used));
	longest = 0;
	while (host.now_ns < end) {
		(void)turn(end);
	}
}

/* @v waits from its own trap on, and its CPU goes on with somebody else. */
static void wait(struct vcpu *v)
{
	while (sched_next(0) != v) {
		host_advance(STEP);
	}
	vcpu_block(v);
}

static void assert_share(unsigned int i, uint64_t total, unsigned int percent)
{
	assert_in_range(used[i], total * (percent - 1) / 100, total * (percent + 1) / 100);
}

static void without_it_a_cpu_is_ones_own(void **state)
{
	static struct plan_domain p;
	static struct domain d;
	static struct vcpu v[3];

	(void)state;
	d.plan = &p;
	for (int i = 0; i < 3; i++) {
		v[i].domain = &d;
		v[i].cpu = PLAN_MAX_CPUS - 1;
	}
	world_plan.scheduler = PLAN_PINNED;
	assert_int_equal(sched_init(&world_plan), 0);
	assert_int_equal(sched_add(&v[0]), 0);
	assert_int_equal(sched_add(&v[1]), -EBUSY);
	assert_false(v[0].shares_cpu);
	v[2].cpu = PLAN_MAX_CPUS;
	assert_int_equal(sched_add(&v[2]), -EINVAL);
	world_plan.scheduler = PLAN_FAIR_SHARE;
	assert_int_equal(sched_init(&world_plan), 0);
	assert_int_equal(sched_add(&v[1]), 0);
	assert_true(v[0].shares_cpu);
	assert_true(v[1].shares_cpu);
}

static void time_is_shared_by_weight(void **state)
{
	(void)state;
	assert_true(vcpus[0]->shares_cpu);
	pass(7000 * MS);
	assert_share(0, 7000 * MS, 14);
	assert_int_equal(used[1], 0); /* never started */
	assert_share(2, 7000 * MS, 29);
	assert_share(3, 7000 * MS, 57);
	assert_true(longest <= SLICE + STEP);
}

static void each_vcpu_has_its_domains_weight(void **state)
{
	(void)state;
	assert_int_equal(vcpu_power_on(vcpus[0], 1, gpa(GUEST_RAM0_BASE), 0), 0);
	pass(8000 * MS);
	assert_share(0, 8000 * MS, 13);
	assert_share(1, 8000 * MS, 13);
	assert_share(2, 8000 * MS, 25);
	assert_share(3, 8000 * MS, 50);
}

static void who_sleeps_goes_first_when_it_wakes(void **state)
{
	(void)state;
	wait(vcpus[0]);
	pass(1000 * MS);
	assert_int_equal(used[0], 0);
	assert_ptr_not_equal(sched_next(0), vcpus[0]);
	assert_false(this_cpu()->must_choose);
	vcpu_wake(vcpus[0]);
	assert_true(this_cpu()->must_choose);
	assert_ptr_equal(sched_next(0), vcpus[0]);
}

/* Otherwise a night's sleep would be a day's monopoly. */
static void a_long_sleep_earns_one_slice(void **state)
{
	(void)state;
	wait(vcpus[0]);
	pass(100000 * MS);
	vcpu_wake(vcpus[0]);
	pass(8 * SLICE);
	assert_true(used[0] >= SLICE);
	assert_true(used[0] <= 3 * SLICE);
}

/* Its own share it can have, in short turns; the others' it cannot. */
static void who_wakes_often_gets_no_more(void **state)
{
	uint64_t end = host.now_ns + 4000 * MS;

	(void)state;
	memset(used, 0, sizeof(used));
	while (host.now_ns < end) {
		struct vcpu *v = turn(MIN(host.now_ns + STEP, end));

		if (v == vcpus[0]) {
			vcpu_block(v);
			(void)sched_next(0);
			vcpu_wake(v);
		}
	}
	assert_true(used[0] <= 4000 * MS * 15 / 100);
}

static void a_yield_lets_others_go_first_once(void **state)
{
	struct vcpu *v = sched_next(0);

	(void)state;
	trap_yield(v);
	assert_true(this_cpu()->must_choose);
	assert_ptr_not_equal(sched_next(0), v);
	pass(1000 * MS);
	assert_true(used[index_of(v)] > 0);
}

static void nobody_waits_for_what_is_there(void **state)
{
	struct vcpu *v = sched_next(0);

	(void)state;
	v->arch.has_pending = true;
	trap_wait(v);
	assert_false(v->is_blocked);
	assert_false(this_cpu()->must_choose);
	v->arch.has_pending = false;
}

/* It comes between the decision to wait and the leaving. */
static void a_wake_on_the_way_out_is_not_lost(void **state)
{
	struct vcpu *v = sched_next(0);

	(void)state;
	trap_wait(v);
	assert_true(v->is_blocked);
	trap_wake(v);
	assert_int_equal(v->sched.state, SCHED_ON);
	pass(1000 * MS);
	assert_true(used[index_of(v)] > 0);
	assert_int_equal(v->is_blocked, false);
}

static int64_t poll(struct vcpu *v, evtchn_port_t *ports, unsigned int nr, uint64_t timeout)
{
	const uint64_t at = WORLD_SCRATCH + PAGE_SIZE;
	struct sched_poll p = { .nr_ports = nr, .timeout = timeout };

	p.ports.q = at;
	memcpy(world_ram(v->domain, at), ports, nr * sizeof(*ports));
	while (sched_next(0) != v) {
		host_advance(STEP);
	}
	return world_call(v, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p));
}

static evtchn_port_t new_port(struct domain *d)
{
	evtchn_port_t port;

	assert_int_equal(evtchn_bind_ipi(d, 0, &port), 0);
	return port;
}

static void a_poll_ends_with_its_event(void **state)
{
	evtchn_port_t port = new_port(two);
	struct shared_info *si = two->shared_info;

	(void)state;
	si->evtchn_mask[port / 64] |= 1UL << (port % 64);
	assert_int_equal(poll(vcpus[2], &port, 1, 0), 0);
	pass(1000 * MS);
	assert_int_equal(used[2], 0);
	assert_int_equal(evtchn_send(two, port), 0); /* masked, and seen all the same */
	pass(100 * MS);
	assert_true(used[2] > 0);
	assert_int_equal(poll(vcpus[2], &port, 1, 0), 0); /* pending still: no wait */
	assert_false(vcpus[2]->is_blocked);
	si->evtchn_pending[port / 64] = 0;
	assert_int_equal(evtchn_close(two, port), 0);
}

static void a_poll_ends_with_its_time(void **state)
{
	evtchn_port_t port = new_port(two);
	uint64_t until = host.now_ns + 50 * MS;

	(void)state;
	assert_int_equal(poll(vcpus[2], &port, 1, until), 0);
	assert_true(vcpus[2]->is_blocked);
	while (vcpus[2]->is_blocked) {
		(void)turn(host.now_ns + STEP);
	}
	assert_in_range(host.now_ns, until, until + 2 * STEP);
	/* one that is over already */
	assert_int_equal(poll(vcpus[2], &port, 1, until), 0);
	pass(10 * SLICE);
	assert_true(used[2] > 0);
	/* the event first: the timer that is left behind wakes nobody from another wait for good */
	assert_int_equal(poll(vcpus[2], &port, 1, host.now_ns + 20 * MS), 0);
	assert_int_equal(evtchn_send(two, port), 0);
	pass(100 * MS);
	assert_false(vcpus[2]->is_blocked);
	assert_int_equal(poll(vcpus[2], &port, 1, 0), 0);
	assert_int_equal(evtchn_close(two, port), 0);
}

static void a_wrong_poll_does_not_wait(void **state)
{
	evtchn_port_t port = CONFIG_EVTCHN_PORTS;

	(void)state;
	assert_int_equal(poll(vcpus[2], &port, 1, 0), -EINVAL);
	assert_false(vcpus[2]->is_blocked);
}

static uint64_t runstate(struct vcpu *v, struct vcpu_runstate_info *info)
{
	vcpu_runstate_read(v, info);
	return info->time[0] + info->time[1] + info->time[2] + info->time[3];
}

static void runstates_add_up(void **state)
{
	struct vcpu_runstate_info before[NR_VCPUS], after[NR_VCPUS];
	uint64_t sums[NR_VCPUS], from = host.now_ns, running = 0, took;

	(void)state;
	wait(vcpus[2]);
	(void)sched_next(0);
	from = host.now_ns;
	for (int i = 0; i < NR_VCPUS; i++) {
		sums[i] = runstate(vcpus[i], &before[i]);
	}
	pass(500 * MS);
	(void)sched_next(0);
	took = host.now_ns - from;
	for (int i = 0; i < NR_VCPUS; i++) {
		assert_int_equal(runstate(vcpus[i], &after[i]) - sums[i], took);
		running += after[i].time[RUNSTATE_running] - before[i].time[RUNSTATE_running];
	}
	assert_int_equal(running, took); /* the CPU never idled */
	assert_int_equal(after[2].state, RUNSTATE_blocked);
	assert_int_equal(after[2].time[RUNSTATE_blocked] - before[2].time[RUNSTATE_blocked], took);
	assert_true(after[0].time[RUNSTATE_runnable] > before[0].time[RUNSTATE_runnable]);
	vcpu_wake(vcpus[2]);
	assert_int_equal((runstate(vcpus[2], &after[2]), after[2].state), RUNSTATE_runnable);
}

static void an_idle_cpu_is_nobodys_time(void **state)
{
	(void)state;
	for (int i = 0; i < NR_VCPUS; i++) {
		wait(vcpus[i]);
	}
	assert_null(sched_next(0));
	pass(1000 * MS);
	assert_int_equal(used[0] + used[1] + used[2] + used[3], 0);
	for (int i = 0; i < NR_VCPUS; i++) {
		vcpu_wake(vcpus[i]);
	}
	pass(8000 * MS);
	assert_share(0, 8000 * MS, 13);
	assert_share(3, 8000 * MS, 50);
}

static void seal(struct plan_image *image)
{
	digest_sha256(host_ram + (image->base - HOST_RAM_BASE), image->size, image->sha256);
}

/* The rebuilding takes turns like its guest: the others' share is theirs, and it comes to an end. */
static void housekeeping_is_on_its_domains_account(void **state)
{
	uint64_t work = 0, others = 0;

	(void)state;
	world_plan.domains[2].life.on[PLAN_ON_CRASH] = PLAN_RESTART;
	world_plan.domains[2].life.restart_limit = 1;
	world_plan.domains[2].life.restart_window_s = 60;
	seal(&world_plan.domains[2].kernel);
	world_plan.self = (struct plan_image){ .name = "plan",
					       .base = WORLD_IMAGES + 2 * MIB,
					       .size = 100 * KIB };
	seal(&world_plan.self);
	domain_shutdown(three, SHUTDOWN_crash);
	world_bury(three);
	assert_int_equal(three->state, DOMAIN_RESTARTING);
	while (three->state == DOMAIN_RESTARTING) {
		struct vcpu *v = sched_next(0);
		uint64_t from = host.now_ns;

		assert_non_null(v);
		while (!this_cpu()->must_choose && three->state == DOMAIN_RESTARTING) {
			if (vcpu_has_work(v)) {
				domain_work(v);
			}
			host_advance(MS);
		}
		assert_true(host.now_ns - from <= SLICE + MS);
		*(v == vcpus[3] ? &work : &others) += host.now_ns - from;
	}
	assert_true(domain_is_running(three));
	assert_true(work > 10 * SLICE);
	assert_in_range(others, work * 80 / 100, work * 120 / 100); /* weights: 4 to 1 + 1 + 2 */
}

static void who_is_stopped_is_not_chosen(void **state)
{
	(void)state;
	vcpu_power_off(vcpus[1]);
	pass(1000 * MS);
	assert_int_equal(used[1], 0);
	assert_int_equal(vcpu_resume(vcpus[1]), 0);
	pass(1000 * MS);
	assert_true(used[1] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_is_shared_by_weight),
		cmocka_unit_test(each_vcpu_has_its_domains_weight),
		cmocka_unit_test(who_sleeps_goes_first_when_it_wakes),
		cmocka_unit_test(a_long_sleep_earns_one_slice),
		cmocka_unit_test(who_wakes_often_gets_no_more),
		cmocka_unit_test(a_yield_lets_others_go_first_once),
		cmocka_unit_test(nobody_waits_for_what_is_there),
		cmocka_unit_test(a_wake_on_the_way_out_is_not_lost),
		cmocka_unit_test(a_poll_ends_with_its_event),
		cmocka_unit_test(a_poll_ends_with_its_time),
		cmocka_unit_test(a_wrong_poll_does_not_wait),
		cmocka_unit_test(runstates_add_up),
		cmocka_unit_test(an_idle_cpu_is_nobodys_time),
		cmocka_unit_test(who_is_stopped_is_not_chosen),
		cmocka_unit_test(housekeeping_is_on_its_domains_account),
		cmocka_unit_test(without_it_a_cpu_is_ones_own),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
