// SPDX-License-Identifier: Apache-2.0
/* A domain ends and is built again from its images: nothing of its last life is left, nothing is lost by it. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/percpu.h>
#include <hyp/verify.h>
#include <libfdt.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../hypervisor/gnttab/internal.h"

#define LIVES		 100
#define WORLD_PLAN_BYTES (100 * KIB) /* never read as a plan */
#define SECOND		 1000000000UL
#define MAX_STEP	 (64 * KIB)

static struct domain *one, *two;
static uint8_t *kernel_image;

static void seal(struct plan_image *image)
{
	if (image->name != NULL) {
		digest_sha256(host_ram + (image->base - HOST_RAM_BASE), image->size, image->sha256);
	}
}

/* One restarts for every reason, as often as a test wants; two only when it crashes, twice in a minute. */
static int setup(void **state)
{
	struct plan_life *life;

	(void)state;
	world_setup(3);
	kernel_image = host_ram + (WORLD_IMAGES - HOST_RAM_BASE);
	one = domain_get(1);
	two = domain_get(2);
	for (unsigned int i = 0; i < 3; i++) {
		seal(&world_plan.domains[i].kernel);
		seal(&world_plan.domains[i].ramdisk);
	}
	world_plan.self = (struct plan_image){ .name = "plan",
					       .base = WORLD_IMAGES + 2 * MIB,
					       .size = WORLD_PLAN_BYTES };
	seal(&world_plan.self);
	life = &world_plan.domains[0].life;
	for (unsigned int i = 0; i < PLAN_ENDS; i++) {
		life->on[i] = PLAN_RESTART;
	}
	life->restart_limit = 10 * LIVES;
	life->restart_window_s = 60;
	life = &world_plan.domains[1].life;
	life->on[PLAN_ON_CRASH] = PLAN_RESTART;
	life->restart_limit = 2;
	life->restart_window_s = 60;
	life->restart_backoff_ms = 250;
	return 0;
}

static void end(struct domain *d, uint32_t reason)
{
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		d->vcpus[i]->is_on_cpu = true;
	}
	domain_shutdown(d, reason);
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		assert_int_equal(d->state, DOMAIN_DYING);
		vcpu_left_cpu(d->vcpus[i]);
	}
	assert_true(world_bury(d) > 1);
}

/* Return: steps that the rebuilding took. */
static unsigned int rebuild(struct domain *d)
{
	unsigned int steps = 0;

	while (sched_next(d->vcpus[0]->cpu) == d->vcpus[0] && vcpu_has_work(d->vcpus[0])) {
		domain_work(d->vcpus[0]);
		steps += vcpu_has_work(d->vcpus[0]); /* not the last one, nor a look at the clock */
	}
	return steps;
}

/* What a guest may do to all that it has. */
static void live_wildly(struct domain *d)
{
	struct vcpu_register_vcpu_info info = { .mfn = (GUEST_RAM0_BASE + 7 * MIB) >> PAGE_SHIFT };
	struct xen_add_to_physmap x = { .domid = DOMID_SELF,
					.space = XENMAPSPACE_shared_info,
					.gpfn = (GUEST_RAM0_BASE + 5 * MIB) >> PAGE_SHIFT };
	const uint64_t args[5] = { VCPUOP_register_vcpu_info, 0, WORLD_SCRATCH };
	struct evtchn_bind_ipi ipi = { .vcpu = 0 };

	memcpy(world_ram(d, WORLD_SCRATCH), &info, sizeof(info));
	assert_int_equal(trap_hypercall(d->vcpus[0], __HYPERVISOR_vcpu_op, args), 0);
	assert_int_equal(world_call(d->vcpus[0], __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x,
				    sizeof(x)),
			 0);
	assert_int_equal(world_call(d->vcpus[0], __HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi,
				    &ipi, sizeof(ipi)),
			 0);
	assert_int_equal(ipi.port, 1); /* each life begins with no port */
	assert_int_equal(evtchn_send(d, ipi.port), 0);
	memset(world_ram(d, GUEST_RAM0_BASE + 0x80000), 0x5a, PAGE_SIZE);
	memset(world_ram(d, GUEST_RAM0_BASE + 5 * MIB), 0x5a, PAGE_SIZE);
	memset(world_ram(d, GUEST_RAM0_BASE + 8 * MIB), 0x5a, PAGE_SIZE);
	d->vm_assist = 1;
	d->arch.irq[40] = true;
	if (d->nr_vcpus > 1) {
		(void)vcpu_power_on(d->vcpus[0], 1, gpa(GUEST_RAM0_BASE), 0);
	}
}

static void assert_new_born(struct domain *d)
{
	const struct shared_info *si = d->shared_info;
	const void *tree = world_ram(d, d->vcpus[0]->arch.arg);

	assert_int_equal(d->state, DOMAIN_RUNNING);
	for (uint64_t at = 0; at < WORLD_KERNEL_BYTES; at += PAGE_SIZE) {
		assert_memory_equal(world_ram(d, d->vcpus[0]->arch.entry + at), kernel_image + at,
				    PAGE_SIZE);
	}
	assert_int_equal(fdt_check_full(tree, 64 * KIB), 0);
	for (uint64_t at = 5 * MIB; at < 9 * MIB; at += 8) {
		assert_int_equal(*(uint64_t *)world_ram(d, GUEST_RAM0_BASE + at), 0);
	}
	assert_int_equal(si->evtchn_pending[0], 0);
	assert_int_equal(si->wc_version, 2);
	assert_false(d->vcpus[0]->has_own_info);
	assert_ptr_equal(d->vcpus[0]->vcpu_info, &si->vcpu_info[0]);
	assert_int_equal(d->vm_assist, 0);
	assert_false(d->arch.irq[40]);
	assert_true(vcpu_is_runnable(d->vcpus[0]));
}

static void a_hundred_lives_cost_nothing(void **state)
{
	unsigned int mapped = host.mapped, allocated = host.allocated;

	(void)state;
	for (unsigned int i = 0; i < LIVES; i++) {
		live_wildly(one);
		end(one, i % 2 == 0 ? SHUTDOWN_reboot : SHUTDOWN_crash);
		assert_int_equal(one->state, DOMAIN_RESTARTING);
		assert_ptr_equal(sched_next(0), one->vcpus[0]); /* not its guest */
		assert_false(vcpu_is_runnable(one->vcpus[0]));
		assert_true(vcpu_has_work(one->vcpus[0]));
		assert_null(sched_next(1));
		assert_ptr_equal(sched_next(2), two->vcpus[0]);
		assert_true(rebuild(one) > WORLD_DOMAIN_BYTES / MAX_STEP);
		assert_new_born(one);
		assert_false(vcpu_is_runnable(one->vcpus[1]));
		assert_int_equal(host.mapped, mapped);
		assert_int_equal(host.allocated, allocated);
		assert_int_equal(one->id, 1);
	}
	assert_int_equal(one->restart.count, LIVES);
}

/* In a process of its own. Return: did the domain come back? */
static bool comes_back(long maps_left, long allocs_left)
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		unsigned int mapped = host.mapped, allocated = host.allocated;

		end(one, SHUTDOWN_reboot);
		host.maps_left = maps_left;
		host.allocs_left = allocs_left;
		(void)rebuild(one);
		if (host.mapped != mapped || host.allocated != allocated ||
		    !domain_is_running(two)) {
			_exit(2);
		}
		if (one->state == DOMAIN_DEAD) {
			_exit(strstr(host.log, "one: cannot be restarted (error -") != NULL ? 1
											    : 2);
		}
		_exit(one->state == DOMAIN_RUNNING ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_in_range(WEXITSTATUS(status), 0, 1);
	return WEXITSTATUS(status) == 0;
}

/* The first mapping fails, then the second, ...: the domain stops, nothing stays mapped, the others go on. */
/* A device of another domain may still write to it: nothing of it is touched until that is over. */
static void it_waits_for_others_devices(void **state)
{
	char *mark = world_ram(one, GUEST_RAM0_BASE + 9 * MIB);

	(void)state;
	memset(mark, 0x5a, 64);
	one->gnttab->nr_device_users = 1;
	end(one, SHUTDOWN_crash);
	for (unsigned int i = 0; i < 20; i++) {
		(void)rebuild(one);
		assert_int_equal(one->state, DOMAIN_RESTARTING);
		assert_int_equal(mark[0], 0x5a);
		host_advance(SECOND);
	}
	one->gnttab->nr_device_users = 0;
	host_advance(SECOND);
	(void)rebuild(one);
	assert_int_equal(one->state, DOMAIN_RUNNING);
	assert_int_equal(mark[0], 0);
}

static void what_fails_stops_one_domain(void **state)
{
	long n = 0;

	(void)state;
	while (!comes_back(n, -1)) {
		n++;
	}
	assert_in_range(n, 8, 100);
	for (n = 0; !comes_back(-1, n); n++) {
	}
	assert_in_range(n, 1, 4);
}

static void a_hurt_plan_tells_nobody_anything(void **state)
{
	uint8_t *plan = host_ram + (world_plan.self.base - HOST_RAM_BASE);

	(void)state;
	plan[WORLD_PLAN_BYTES - 1] ^= 1;
	assert_false(comes_back(-1, -1));
	plan[WORLD_PLAN_BYTES - 1] ^= 1;
	assert_true(comes_back(-1, -1));
}

static void only_its_own_cpu_builds(void **state)
{
	(void)state;
	end(one, SHUTDOWN_poweroff);
	assert_null(sched_next(1));
	assert_false(vcpu_has_work(two->vcpus[0]));
	assert_ptr_equal(sched_next(0), one->vcpus[0]);
	(void)rebuild(one);
	assert_int_equal(one->state, DOMAIN_RUNNING);
}

static int64_t watchdog(struct domain *d, uint32_t id, uint32_t seconds)
{
	struct sched_watchdog w = { .id = id, .timeout = seconds };

	return world_call(d->vcpus[0], __HYPERVISOR_sched_op, SCHEDOP_watchdog, &w, sizeof(w));
}

static void watchdogs_are_two(void **state)
{
	(void)state;
	assert_int_equal(watchdog(one, 0, 0), -EINVAL);
	assert_int_equal(watchdog(one, 1, 5), -EINVAL);
	assert_int_equal(watchdog(one, 3, 5), -EINVAL);
	assert_int_equal(watchdog(one, UINT32_MAX, 5), -EINVAL);
	assert_int_equal(watchdog(one, 0, 5), 1);
	assert_int_equal(watchdog(one, 0, UINT32_MAX), 2);
	assert_int_equal(watchdog(one, 0, 5), -ENOSPC);
	assert_int_equal(watchdog(one, 1, 0), 0);
	assert_int_equal(watchdog(one, 1, 0), -EINVAL);
	assert_int_equal(watchdog(one, 2, 0), 0);
}

static void a_watchdog_bites_unless_poked(void **state)
{
	(void)state;
	host.cpu = 0;
	assert_int_equal(watchdog(one, 0, 5), 1);
	host_advance(4 * SECOND);
	assert_int_equal(watchdog(one, 1, 5), 0);
	host_advance(4 * SECOND);
	assert_true(domain_is_running(one));
	host_advance(2 * SECOND);
	assert_non_null(strstr(host.log, "one: shut down (watchdog)\n"));
	(void)rebuild(one);
	assert_true(domain_is_running(one));
	host_advance(60 * SECOND);
	assert_true(domain_is_running(one)); /* the next life has armed none */
}

/* Enough that the log's end can be looked at alone. */
static void forget_log(void)
{
	host.log_len = 0;
	memset(host.log, 0, sizeof(host.log));
}

static void the_limit_holds_within_its_window(void **state)
{
	(void)state;
	forget_log();
	host.cpu = 2;
	for (unsigned int i = 0; i < 2; i++) {
		end(two, SHUTDOWN_crash);
		assert_int_equal(rebuild(two), 0); /* the back-off runs */
		host_advance(SECOND / 4);
		assert_true(rebuild(two) > 0);
		assert_new_born(two);
	}
	assert_non_null(strstr(host.log, "two: restarted (2 of 2 in 60 s)\n"));
	host_advance(61 * SECOND);
	end(two, SHUTDOWN_crash);
	host_advance(SECOND / 4);
	(void)rebuild(two);
	assert_true(domain_is_running(two));
	end(two, SHUTDOWN_crash);
	host_advance(SECOND / 4);
	(void)rebuild(two);
	forget_log();
	end(two, SHUTDOWN_crash);
	assert_int_equal(two->state, DOMAIN_DEAD);
	assert_non_null(
		strstr(host.log, "two: restarted 2 times within 60 s, its limit: stopped\n"));
	host_advance(200 * SECOND);
	assert_int_equal(rebuild(two), 0);
	assert_int_equal(two->state, DOMAIN_DEAD);
}

static void the_back_off_grows_to_its_limit(void **state)
{
	static const unsigned int ms[] = { 100, 200, 400, 500, 500 };
	struct plan_life *life = &world_plan.domains[0].life;

	(void)state;
	host.cpu = 0;
	host_advance(life->restart_window_s * SECOND); /* a new window */
	life->restart_backoff_ms = 100;
	life->restart_backoff_max_ms = 500;
	for (unsigned int i = 0; i < ARRAY_SIZE(ms); i++) {
		end(one, SHUTDOWN_crash);
		host_advance((ms[i] - 1) * (SECOND / 1000));
		assert_int_equal(rebuild(one), 0);
		host_advance(SECOND / 1000);
		assert_true(rebuild(one) > 0);
		assert_true(domain_is_running(one));
	}
	host_advance(life->restart_window_s * SECOND);
	end(one, SHUTDOWN_crash);
	host_advance(100 * (SECOND / 1000));
	assert_true(rebuild(one) > 0);
	life->restart_backoff_ms = 0;
	life->restart_backoff_max_ms = 0;
}

static unsigned int count(const char *what)
{
	unsigned int n = 0;
	const char *at;

	for (at = host.log; (at = strstr(at, what)) != NULL; at++) {
		n++;
	}
	return n;
}

/* What many ends say is bounded; how many there were is not lost. */
static void a_storm_of_ends_does_not_fill_the_log(void **state)
{
	unsigned int dumps = one->vcpus[0]->arch.dumps;

	(void)state;
	host_advance(1000 * SECOND);
	forget_log();
	for (unsigned int i = 0; i < 130; i++) {
		one->vcpus[0]->is_on_cpu = true;
		domain_crash(one->vcpus[0], "again");
		vcpu_left_cpu(one->vcpus[0]);
		world_bury(one);
		(void)rebuild(one);
		assert_true(domain_is_running(one));
	}
	assert_in_range(count("one: crashed on vCPU 0: again"), 100, 104);
	assert_int_equal(count("one: crashed"), count("one: restarted"));
	assert_int_equal(one->vcpus[0]->arch.dumps - dumps, 4);
	host_advance(SECOND);
	end(one, SHUTDOWN_reboot);
	(void)rebuild(one);
	assert_int_equal(count(" times more, of which nothing was said\n"), 1);
	assert_int_equal(count("one: shut down (reboot)\n"), 1);
}

static void a_hurt_image_never_runs(void **state)
{
	(void)state;
	forget_log();
	host.cpu = 0;
	kernel_image[WORLD_KERNEL_BYTES - 1] ^= 1;
	end(one, SHUTDOWN_reboot);
	(void)rebuild(one);
	assert_int_equal(one->state, DOMAIN_DEAD);
	assert_non_null(strstr(host.log, "one: image kernel does not match its digest any more\n"));
	assert_non_null(strstr(host.log, "one: cannot be restarted"));
	assert_null(sched_next(0));
}

static void a_board_may_go_with_its_domain(void **state)
{
	struct domain *three = domain_get(3);

	(void)state;
	world_plan.domains[2].life.on[PLAN_ON_POWEROFF] = PLAN_REBOOT_BOARD;
	three->vcpus[0]->is_on_cpu = true;
	domain_shutdown(three, SHUTDOWN_poweroff);
	vcpu_left_cpu(three->vcpus[0]);
	HOST_ENDS(world_bury(three));
	assert_int_equal(host.end, HOST_RESET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hundred_lives_cost_nothing),
		cmocka_unit_test(it_waits_for_others_devices),
		cmocka_unit_test(what_fails_stops_one_domain),
		cmocka_unit_test(a_hurt_plan_tells_nobody_anything),
		cmocka_unit_test(only_its_own_cpu_builds),
		cmocka_unit_test(watchdogs_are_two),
		cmocka_unit_test(a_watchdog_bites_unless_poked),
		cmocka_unit_test(the_limit_holds_within_its_window),
		cmocka_unit_test(the_back_off_grows_to_its_limit),
		cmocka_unit_test(a_storm_of_ends_does_not_fill_the_log),
		cmocka_unit_test(a_hurt_image_never_runs),
		cmocka_unit_test(a_board_may_go_with_its_domain),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
