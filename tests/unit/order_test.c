// SPDX-License-Identifier: Apache-2.0
/* Domains start once those before them are ready, and end the other way round. Each case has a machine of its own. */
#include <unit.h>
#include <world.h>

#include <hyp/console.h>
#include <hyp/evtchn.h>
#include <hyp/percpu.h>

#include <sys/wait.h>
#include <unistd.h>

#define MS   1000000UL
#define PORT 10U

/* On which the store hears that its client is to stop. */
#define STOP_PORT 9U

static struct domain *one, *two, *three;

static struct plan_order *order(unsigned int n)
{
	return &world_plan.domains[n - 1].order;
}

/* Two after one, three after both. */
static void describe(void)
{
	struct plan_domain *p;

	world_describe(3);
	order(2)->after = PLAN_DOMAIN_BIT(1);
	order(3)->after = PLAN_DOMAIN_BIT(1) | PLAN_DOMAIN_BIT(2);
	for (p = world_plan.domains; p < &world_plan.domains[3]; p++) {
		p->order.stop_within_ms = 1000;
		p->life.restart_limit = 5;
		p->life.restart_window_s = 60;
	}
	p = world_plan.domains;
	p[0].evtchns[0] = (struct plan_evtchn){ PORT, PORT + 1, 2, -1 };
	p[1].evtchns[0] = (struct plan_evtchn){ PORT + 1, PORT, 1, -1 };
	p[0].nr_evtchns = p[1].nr_evtchns = 1;
}

static void begin(void)
{
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	one = domain_get(1);
	two = domain_get(2);
	three = domain_get(3);
	domains_start();
}

/* The core keeps its domains in variables of its own: each case runs in a process. */
static void alone(void (*fn)(void))
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		describe();
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static bool has_said(const char *text)
{
	return strstr(host.log, text) != NULL;
}

static void assert_in_order(const char *first, const char *second)
{
	assert_true(has_said(first) && has_said(second));
	assert_true(strstr(host.log, first) < strstr(host.log, second));
}

static void say(struct domain *d, const char *text)
{
	console_write(d->console, text, strlen(text));
}

static int64_t arm_watchdog(struct domain *d)
{
	struct sched_watchdog w = { .timeout = 3600 };

	return world_call(d->vcpus[0], __HYPERVISOR_sched_op, SCHEDOP_watchdog, &w, sizeof(w));
}

static void run_signs(void)
{
	order(1)->ready = PLAN_READY_CONSOLE;
	order(1)->ready_text = "aab: up";
	order(2)->ready = PLAN_READY_WATCHDOG;
	begin();
	assert_true(has_said("one: started\n"));
	assert_int_equal(two->state, DOMAIN_WAITING);
	assert_null(sched_next(2));
	assert_int_equal(arm_watchdog(one), 1); /* not the sign that one is waited for to give */
	say(one, "aab:\n up aaab: u");
	assert_false(has_said("one: ready"));
	say(one, "p and running\n");
	assert_in_order("one: ready (console)\n", "two: started\n");
	assert_ptr_equal(sched_next(2), two->vcpus[0]);
	assert_int_equal(three->state, DOMAIN_WAITING);
	say(one, "aab: up\n");
	assert_int_equal(arm_watchdog(two), 1);
	assert_in_order("two: ready (watchdog)\n", "three: started\n");
	assert_int_equal(arm_watchdog(two), 2);
	assert_null(strstr(strstr(host.log, "two: ready") + 1, "two: ready"));
}

static void run_times(void)
{
	order(1)->ready = PLAN_READY_DELAY;
	order(1)->ready_after_ms = 500;
	order(2)->ready = PLAN_READY_EVENT;
	order(2)->ready_after_ms = 1000;
	begin();
	host_advance(499 * MS);
	assert_false(has_said("two: started"));
	host_advance(1 * MS);
	assert_in_order("one: ready (its delay is over)\n", "two: started\n");
	assert_int_equal(evtchn_send(one, PORT), 0); /* the peer's send is what counts */
	host_advance(999 * MS);
	assert_false(has_said("three: started"));
	host_advance(1 * MS);
	assert_in_order("two: taken for ready, 1000 ms without its sign (event)\n",
			"three: started\n");
	assert_true(host.timer_ns == TIMER_OFF);
}

static void run_event(void)
{
	order(2)->ready = PLAN_READY_EVENT;
	begin();
	assert_int_equal(two->state, DOMAIN_RUNNING);
	assert_int_equal(evtchn_send(two, PORT + 1), 0);
	assert_in_order("two: ready (event)\n", "three: started\n");
}

static void run_lost(void)
{
	order(1)->ready = PLAN_READY_WATCHDOG;
	begin();
	domain_shutdown(one, SHUTDOWN_poweroff);
	HOST_ENDS(world_bury(one));
	assert_int_equal(host.end, HOST_POWERED_OFF);
	assert_true(has_said("two: not started, one ended before it was ready\n"));
	assert_true(has_said("three: not started, "));
}

static void run_restarted(void)
{
	order(1)->ready = PLAN_READY_CONSOLE;
	order(1)->ready_text = "up";
	world_plan.domains[0].life.on[PLAN_ON_REBOOT] = PLAN_RESTART;
	begin();
	domain_shutdown(one, SHUTDOWN_reboot);
	world_bury(one);
	assert_int_equal(one->state, DOMAIN_RESTARTING);
	assert_int_equal(two->state, DOMAIN_WAITING);
	one->restart.step = 100; /* how it is built is not the matter here */
	__atomic_store_n(&one->state, DOMAIN_RUNNING, __ATOMIC_SEQ_CST);
	say(one, "up");
	assert_true(has_said("two: started\n"));
	domain_shutdown(one, SHUTDOWN_poweroff);
	world_bury(one);
	assert_int_equal(two->state, DOMAIN_RUNNING);
	assert_int_equal(three->state, DOMAIN_RUNNING);
}

/* One takes the board with it: three is stopped, then two is asked, and made to. */
static void stop_begins(void)
{
	order(2)->stop_text = "q";
	world_plan.domains[0].life.on[PLAN_ON_CRASH] = PLAN_REBOOT_BOARD;
	begin();
	three->vcpus[0]->is_on_cpu = true;
	domain_crash(one->vcpus[0], "on purpose");
	world_bury(one);
	assert_in_order("one ended: the board goes down\n",
			"three: stopped, the board goes down\n");
	assert_false(has_said("two: asked"));
	vcpu_left_cpu(three->vcpus[0]);
	world_bury(three);
	assert_in_order("three: shut down (poweroff)\n", "two: asked to stop\n");
	assert_int_equal(console_getc(two->console), 'q');
	assert_int_equal(console_getc(two->console), '\r');
	assert_int_equal(console_getc(two->console), -1);
}

static void run_forced(void)
{
	stop_begins();
	host_advance(999 * MS);
	assert_true(domain_is_running(two));
	host_advance(1 * MS);
	HOST_ENDS(world_bury(two));
	assert_int_equal(host.end, HOST_RESET);
	assert_in_order("two: stopped, the board goes down\n", "all domains are down, rebooting\n");
}

/* It is not restarted, whatever its plan says of a reboot. */
static void run_polite(void)
{
	world_plan.domains[1].life.on[PLAN_ON_REBOOT] = PLAN_RESTART;
	stop_begins();
	domain_shutdown(two, SHUTDOWN_reboot);
	HOST_ENDS(world_bury(two));
	assert_int_equal(host.end, HOST_RESET);
	assert_false(has_said("two: stopped"));
	assert_true(has_said("two: shut down (reboot)\n"));
}

/* One is the store of two; three takes the board with it. */
static void describe_store(void)
{
	struct plan_domain *p = world_plan.domains;

	order(2)->after = PLAN_DOMAIN_BIT(1); /* whom it is served by */
	order(3)->after = 0;
	p[0].pv.is_store = true;
	p[1].pv.has_store = true;
	p[1].pv.store = 1;
	p[1].pv.store_port = 5;
	p[1].pv.stop_port = STOP_PORT;
	p[1].pv.backends = PLAN_DOMAIN_BIT(1);
	p[2].life.on[PLAN_ON_CRASH] = PLAN_REBOOT_BOARD;
	begin();
}

static bool is_told(const struct domain *store)
{
	const struct shared_info *si = store->shared_info;

	return (si->evtchn_pending[0] >> STOP_PORT & 1) != 0;
}

/* A client is asked by its store, which stays as long as it does. */
/* Whoever is gone, and whoever is stopped because of that. */
static void bury_all(void)
{
	while (world_bury(one) + world_bury(two) + world_bury(three) > 0) {
	}
}

static void run_store_asks(void)
{
	describe_store();
	assert_false(is_told(one));
	domain_crash(three->vcpus[0], "on purpose");
	bury_all();
	assert_in_order("three ended: the board goes down\n",
			"two: asked to stop, by its xenstore\n");
	assert_true(is_told(one));
	assert_true(domain_is_running(one) && domain_is_running(two));
	host_advance(999 * MS);
	assert_true(domain_is_running(one) && domain_is_running(two));
	domain_shutdown(two, SHUTDOWN_poweroff);
	HOST_ENDS(bury_all());
	assert_int_equal(host.end, HOST_RESET);
	assert_in_order("two: shut down (poweroff)\n", "one: stopped, the board goes down\n");
	assert_false(has_said("two: stopped"));
	assert_false(has_said("one: asked"));
}

static void run_store_unheard(void)
{
	describe_store();
	domain_crash(three->vcpus[0], "on purpose");
	bury_all();
	host_advance(1000 * MS);
	HOST_ENDS(bury_all());
	assert_int_equal(host.end, HOST_RESET);
	assert_in_order("two: stopped, the board goes down\n",
			"one: stopped, the board goes down\n");
}

/* Without its store there is nobody to ask it. */
static void run_store_gone(void)
{
	describe_store();
	domain_shutdown(one, SHUTDOWN_poweroff);
	bury_all();
	domain_crash(three->vcpus[0], "on purpose");
	HOST_ENDS(bury_all());
	assert_int_equal(host.end, HOST_RESET);
	assert_false(has_said("asked to stop"));
	assert_true(has_said("two: stopped, the board goes down\n"));
}

/* What the plan says to type goes before. */
static void run_store_or_text(void)
{
	order(2)->stop_text = "q";
	describe_store();
	domain_crash(three->vcpus[0], "on purpose");
	bury_all();
	assert_true(has_said("two: asked to stop\n"));
	assert_false(is_told(one));
	assert_int_equal(console_getc(two->console), 'q');
}

/* Who waits to start, or to be restarted, does neither any more. */
static void run_not_again(void)
{
	unsigned int kicks;

	world_plan.domains[0].life.on[PLAN_ON_CRASH] = PLAN_REBOOT_BOARD;
	world_plan.domains[1].life.on[PLAN_ON_CRASH] = PLAN_RESTART;
	world_plan.domains[1].life.restart_backoff_ms = 60000;
	world_plan.domains[1].life.restart_backoff_max_ms = 60000;
	order(2)->ready = PLAN_READY_WATCHDOG;
	begin();
	domain_crash(two->vcpus[0], "on purpose");
	world_bury(two);
	assert_int_equal(two->state, DOMAIN_RESTARTING);
	assert_int_equal(three->state, DOMAIN_WAITING);
	assert_ptr_equal(sched_next(2), two->vcpus[0]);
	domain_work(two->vcpus[0]); /* the back-off runs */
	assert_null(sched_next(2));
	kicks = cpu_get(2)->arch.kicks;
	domain_crash(one->vcpus[0], "on purpose");
	world_bury(one);
	assert_true(has_said("three: not started, the board goes down\n"));
	assert_true(cpu_get(2)->arch.kicks > kicks);
	assert_ptr_equal(sched_next(2), two->vcpus[0]);
	HOST_ENDS(domain_work(two->vcpus[0]));
	assert_int_equal(host.end, HOST_RESET);
	assert_true(has_said("two: not restarted, the board goes down\n"));
}

#define ALONE(name)                    \
	static void name(void **state) \
	{                              \
		(void)state;           \
		alone(run_##name);     \
	}                              \
	struct allow_semicolon_after_##name

ALONE(signs);
ALONE(times);
ALONE(event);
ALONE(lost);
ALONE(restarted);
ALONE(forced);
ALONE(polite);
ALONE(not_again);
ALONE(store_asks);
ALONE(store_unheard);
ALONE(store_gone);
ALONE(store_or_text);

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs),      cmocka_unit_test(times),
		cmocka_unit_test(event),      cmocka_unit_test(lost),
		cmocka_unit_test(restarted),  cmocka_unit_test(forced),
		cmocka_unit_test(polite),     cmocka_unit_test(not_again),
		cmocka_unit_test(store_asks), cmocka_unit_test(store_unheard),
		cmocka_unit_test(store_gone), cmocka_unit_test(store_or_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
