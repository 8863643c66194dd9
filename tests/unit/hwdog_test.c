// SPDX-License-Identifier: Apache-2.0
/* The hardware watchdogs' registers, and who has to be alive for them to be fed. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/mm.h>
#include <hyp/arch/trap.h>
#include <hyp/hwdog.h>
#include <hyp/percpu.h>
#include <libfdt.h>

#define SECOND	  1000000000UL
#define TIMEOUT_S 8U
#define PERIOD	  SECOND /* an eighth of it */

#define SP805_LOAD    (0x000 / 4)
#define SP805_CONTROL (0x008 / 4)
#define SP805_INTCLR  (0x00c / 4)
#define SP805_LOCK    (0xc00 / 4)

static uint32_t regs[1024], refresh[1024];
static volatile uint32_t *page; /* where the fake machine maps every device */

static void sp805_counts_twice(void **state)
{
	const struct hwdog w = { .regs = regs, .hz = 32768 };

	(void)state;
	regs[SP805_LOCK] = 1;
	assert_int_equal(hwdog_sp805_ops.start(&w, 10), 10000);
	assert_int_equal(regs[SP805_LOAD], 10 * 32768 / 2);
	assert_int_equal(regs[SP805_CONTROL], 3);
	assert_int_equal(regs[SP805_LOCK], 0);
	regs[SP805_INTCLR] = 0;
	regs[SP805_LOAD] = 77;
	regs[SP805_LOCK] = 1;
	hwdog_sp805_ops.feed(&w);
	assert_int_equal(regs[SP805_INTCLR], 1);
	assert_int_equal(regs[SP805_LOAD], 77);
	assert_int_equal(regs[SP805_LOCK], 0);
}

static void sbsa_has_two_frames(void **state)
{
	const struct hwdog w = { .regs = regs, .refresh = refresh, .hz = 62500000 };

	(void)state;
	memset(regs, 0, sizeof(regs));
	assert_int_equal(hwdog_sbsa_ops.start(&w, 10), 10000);
	assert_int_equal(regs[0], 1);
	assert_int_equal(regs[2], 312500000);
	assert_int_equal(refresh[0], 1);
	refresh[0] = 0;
	regs[0] = 5;
	hwdog_sbsa_ops.feed(&w);
	assert_int_equal(refresh[0], 1);
	assert_int_equal(regs[0], 5);
}

#define IMX_WCR 0
#define IMX_WSR 1

/* One that does not count yet is given its time: in half seconds, of which it counts one more than it is told. */
static void imx2_is_started_once(void **state)
{
	static uint16_t frame[8];
	const struct hwdog w = { .regs = frame };

	(void)state;
	assert_int_equal(hwdog_imx2_ops.start(&w, 10), 10000);
	assert_int_equal(frame[IMX_WCR], 19 << 8 | 0x34);
	assert_int_equal(frame[IMX_WSR], 0xaaaa);
	frame[IMX_WCR] = 0;
	assert_int_equal(hwdog_imx2_ops.start(&w, 3600), 128000);
	assert_int_equal(frame[IMX_WCR], 0xff34);
}

/* One that the firmware started keeps its time, whatever the plan says, and is only fed. */
static void imx2_of_the_firmware_is_fed(void **state)
{
	static uint16_t frame[8];
	const struct hwdog w = { .regs = frame };

	(void)state;
	frame[IMX_WCR] = 59 << 8 | 0x37;
	assert_int_equal(hwdog_imx2_ops.start(&w, 10), 30000);
	assert_int_equal(frame[IMX_WCR], 59 << 8 | 0x37);
	assert_int_equal(frame[IMX_WSR], 0xaaaa);
	frame[IMX_WSR] = 0;
	hwdog_imx2_ops.feed(&w);
	assert_int_equal(frame[IMX_WSR], 0xaaaa);
	assert_int_equal(frame[IMX_WCR], 59 << 8 | 0x37);
}

/* 32 bits of a fast counter are soon over: what it really waits is said. */
static void the_longest_time_is_told(void **state)
{
	const struct hwdog fast = { .regs = regs, .refresh = refresh, .hz = 1000000000 };

	(void)state;
	assert_int_equal(hwdog_sbsa_ops.start(&fast, 30), 8589);
	assert_int_equal(regs[2], UINT32_MAX);
	assert_int_equal(hwdog_sp805_ops.start(&fast, 30), 8589);
	assert_int_equal(regs[SP805_LOAD], UINT32_MAX);
}

/* Time goes on by a period; the CPUs of @set take their timers' interrupts. */
static void tick(unsigned int set)
{
	host.now_ns += PERIOD;
	for (host.cpu = 0; host.cpu < 3; host.cpu++) {
		if ((set >> host.cpu & 1) != 0) {
			trap_timer();
		}
	}
	host.cpu = 0;
}

static bool was_fed(void)
{
	bool was = page[SP805_INTCLR] != 0;

	page[SP805_INTCLR] = 0;
	return was;
}

static void begin_watchdog(void)
{
	page = arch_map(paddr(0x1c0f0000), PAGE_SIZE, MAP_DEVICE);
	world_plan.watchdog = (struct plan_watchdog){ .type = PLAN_WATCHDOG_SP805,
						      .regs = { 0x1c0f0000, PAGE_SIZE },
						      .clock_hz = 32768,
						      .timeout_s = TIMEOUT_S };
	hwdog_init(&world_plan);
	for (host.cpu = 0; host.cpu < 3; host.cpu++) {
		hwdog_cpu_start();
	}
	host.cpu = 0;
}

static void fed_only_while_all_are_alive(void **state)
{
	(void)state;
	host_reset();
	begin_watchdog();
	tick(7);
	assert_false(was_fed()); /* nothing bites yet, so nothing is fed */
	hwdog_start();
	assert_non_null(
		strstr(host.log, "SP805, resets the board when a CPU is stuck for 8000 ms"));
	(void)was_fed();
	tick(3);
	assert_false(was_fed());
	tick(4);
	assert_true(was_fed());
	for (unsigned int i = 0; i < 100; i++) {
		tick(5); /* CPU 1 is stuck */
		assert_false(was_fed());
	}
	tick(2);
	assert_true(was_fed());
	for (unsigned int i = 0; i < 10; i++) {
		tick(7);
		assert_true(was_fed());
	}
}

/* A tree with one domain that vouches; the first of the world is it. */
static void *tree_that_vouches(void)
{
	static uint8_t tree[512];
	int node;

	assert_int_equal(fdt_create_empty_tree(tree, sizeof(tree)), 0);
	node = fdt_add_subnode(tree, 0, "one");
	assert_true(node > 0);
	assert_int_equal(fdt_setprop_empty(tree, node, PLAN_VOUCHES), 0);
	world_plan.domains[0].node = node;
	world_plan.domains[1].node = 0;
	return tree;
}

static void end(uint16_t domid)
{
	__atomic_store_n(&domain_get(domid)->state, DOMAIN_DEAD, __ATOMIC_RELEASE);
}

static void fed_only_while_domains_vouch(void **state)
{
	(void)state;
	world_setup(2);
	world_plan.fdt = tree_that_vouches();
	begin_watchdog();
	hwdog_start();
	(void)was_fed();
	tick(7);
	assert_true(was_fed());
	end(2); /* which does not vouch */
	assert_true(hwdog_vouched());
	__atomic_store_n(&domain_get(1)->state, DOMAIN_RESTARTING, __ATOMIC_RELEASE);
	assert_true(hwdog_vouched());
	assert_null(strstr(host.log, "no longer fed"));
	end(1);
	assert_false(hwdog_vouched());
	assert_non_null(strstr(host.log, "hardware watchdog: no longer fed, one is down for good"));
	host.log_len = 0;
	assert_false(hwdog_vouched());
	assert_int_equal(host.log_len, 0); /* said once */
	(void)was_fed();
	for (unsigned int i = 0; i < 100; i++) {
		tick(7); /* all CPUs are well */
		assert_false(was_fed());
	}
}

static void a_board_may_have_none(void **state)
{
	(void)state;
	host_reset();
	world_plan.watchdog.type = PLAN_WATCHDOG_NONE;
	hwdog_init(&world_plan);
	hwdog_cpu_start();
	hwdog_start();
	assert_true(host.timer_ns == TIMER_OFF);
	assert_int_equal(host.mapped, 0);
	assert_int_equal(host.log_len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sp805_counts_twice),
		cmocka_unit_test(sbsa_has_two_frames),
		cmocka_unit_test(imx2_is_started_once),
		cmocka_unit_test(imx2_of_the_firmware_is_fed),
		cmocka_unit_test(the_longest_time_is_told),
		cmocka_unit_test(fed_only_while_all_are_alive),
		cmocka_unit_test(fed_only_while_domains_vouch),
		cmocka_unit_test(a_board_may_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
