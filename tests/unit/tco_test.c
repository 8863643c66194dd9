// SPDX-License-Identifier: Apache-2.0
/* The watchdog of Intel's chipsets, on one that is played: found by the LPC bridge alone, started, fed, and refused where it is not. */
#include <unit.h>
#include <world.h>

#include <asm/regs.h>
#include <asm/tco.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/trap.h>
#include <hyp/hwdog.h>

#define BRIDGE	  0x00f8U
#define PMBASE	  0x0600U
#define PORT	  0x0660U
#define RCBA	  0xfed1c000UL
#define GCS	  0xfed1f410UL
#define NO_REBOOT 0x20U
#define HALT	  0x800U

/* The chipset: 16-bit registers of TCO, whose writes have effects; SMI_EN; configuration space. */
static struct {
	uint32_t id, pmbase, acpi_cntl, rcba;
	uint32_t smi_en;
	uint16_t sts1, sts2, cnt1, tmr;
	uint16_t left;	    /* of the count, as the last reload made it */
	unsigned int stage; /* how often it was over since the last reload */
	bool is_stuck;	    /* it cannot be let count */
	bool is_forbidden;  /* the bit that forbids the reset stays */
} chip;

static volatile uint32_t *gcs; /* where the fake machine maps it */

uint32_t config_in32(uint16_t function, uint8_t at)
{
	assert_int_equal(function, BRIDGE);
	switch (at) {
	case 0x00:
		return chip.id;
	case 0x40:
		return chip.pmbase;
	case 0x44:
		return chip.acpi_cntl;
	case 0xf0:
		return chip.rcba;
	default:
		fail_msg("configuration space at 0x%x", at);
		return 0;
	}
}

uint32_t in32(uint16_t port)
{
	assert_int_equal(port, PMBASE + 0x30);
	return chip.smi_en;
}

void out32(uint16_t port, uint32_t v)
{
	assert_int_equal(port, PMBASE + 0x30);
	chip.smi_en = v;
}

uint16_t in16(uint16_t port)
{
	switch (port - PORT) {
	case 0x08:
		return chip.cnt1;
	case 0x12:
		return chip.tmr;
	default:
		fail_msg("port 0x%x is read", port);
		return 0;
	}
}

/* A status is taken back by ones; loading ends the first stage; a change of TMR is nothing before that. */
void out16(uint16_t port, uint16_t v)
{
	*gcs |= chip.is_forbidden ? NO_REBOOT : 0;
	switch (port - PORT) {
	case 0x00:
		chip.left = chip.tmr & 0x3ff;
		chip.stage = (chip.sts1 & 8) != 0 ? 1 : 0;
		break;
	case 0x04:
		chip.sts1 &= (uint16_t)~v;
		break;
	case 0x06:
		chip.sts2 &= (uint16_t)~v;
		break;
	case 0x08:
		chip.cnt1 = chip.is_stuck ? v | HALT : v;
		break;
	case 0x12:
		chip.tmr = v;
		break;
	default:
		fail_msg("port 0x%x is written", port);
	}
}

static int begin(void **state)
{
	(void)state;
	host_reset();
	memset(&chip, 0, sizeof(chip));
	chip.id = 0x29188086;
	chip.pmbase = PMBASE | 1;
	chip.acpi_cntl = 0x80;
	chip.rcba = (uint32_t)RCBA | 1;
	chip.smi_en = 0x2031;
	chip.cnt1 = HALT | 0x1100; /* locked, and one NMI that shall not be made again */
	chip.tmr = 0xa404;
	chip.sts1 = 0x8;
	chip.sts2 = 0x7;
	gcs = (volatile uint32_t *)((char *)arch_map(paddr(GCS & ~0xfffUL), PAGE_SIZE, MAP_DEVICE) +
				    (GCS & 0xfff));
	*gcs = 0xf4 | NO_REBOOT;
	host.log_len = 0;
	return 0;
}

static void found_by_its_bridge(void **state)
{
	static const uint32_t known[] = { 0x29188086, 0x3b098086, 0x1c4e8086, 0x1e5f8086,
					  0x8c408086, 0x9c438086, 0x8d448086, 0x9cc38086 };
	static const uint32_t strange[] = { 0x29188087, 0x29118086, 0x291a8086,
					    0x1c608086, 0xa1438086, 0x439d1002,
					    0x70008086, 0xffffffff, 0 };
	struct tco t;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		chip.id = known[i];
		assert_true(tco_find(&t));
		assert_int_equal(t.port, PORT);
		assert_int_equal(t.gcs, GCS);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(strange); i++) {
		chip.id = strange[i];
		assert_false(tco_find(&t));
	}
}

/* A firmware that gives the bridge no ports, or no memory. */
static void what_is_off_is_not_there(void **state)
{
	struct tco t;

	(void)state;
	chip.acpi_cntl = 0x7f;
	assert_false(tco_find(&t));
	chip.acpi_cntl = 0x80;
	chip.pmbase = 1;
	assert_false(tco_find(&t));
	chip.pmbase = PMBASE | 1;
	chip.rcba = (uint32_t)RCBA;
	assert_false(tco_find(&t));
	chip.rcba |= 1;
	assert_true(tco_find(&t));
}

static void started_with_its_time(void **state)
{
	(void)state;
	assert_int_equal(tco_start(PORT, gcs, 30), 30000);
	assert_int_equal(chip.tmr, 0xa400 | 25); /* twice 25 times 0.6 s */
	assert_int_equal(chip.left, 25);
	assert_int_equal(chip.stage, 0);
	assert_int_equal(chip.cnt1, 0x1000);
	assert_int_equal(*gcs, 0xd4);
	assert_int_equal(chip.smi_en, 0x31);
	assert_int_equal(chip.sts1, 0);
	assert_int_equal(chip.sts2, 1); /* an intruder is somebody else's matter */
}

static void the_time_has_limits(void **state)
{
	(void)state;
	assert_int_equal(tco_start(PORT, gcs, 1), 4800);
	assert_int_equal(chip.left, 4);
	assert_int_equal(tco_start(PORT, gcs, 3600), 1227600);
	assert_int_equal(chip.left, 1023);
	assert_int_equal(tco_start(PORT, gcs, UINT32_MAX), 1227600);
}

/* One that runs, in its second stage: the new time begins at once, without a moment at which it is halted. */
static void one_that_runs_is_started_again(void **state)
{
	(void)state;
	assert_int_equal(tco_start(PORT, gcs, 120), 120000);
	chip.left = 1;
	chip.sts1 = 0x8;
	chip.stage = 1;
	assert_int_equal(tco_start(PORT, gcs, 30), 30000);
	assert_int_equal(chip.left, 25);
	assert_int_equal(chip.stage, 0);
}

static void fed(void **state)
{
	(void)state;
	assert_int_equal(tco_start(PORT, gcs, 30), 30000);
	chip.left = 3;
	chip.sts1 = 0x9;
	chip.stage = 1;
	tco_feed(PORT);
	assert_int_equal(chip.left, 25);
	assert_int_equal(chip.stage, 0);
	assert_int_equal(chip.sts1, 1);
}

static void one_that_cannot_reset(void **state)
{
	(void)state;
	chip.is_stuck = true;
	assert_int_equal(tco_start(PORT, gcs, 30), 0);
	chip.is_stuck = false;
	chip.is_forbidden = true;
	assert_int_equal(tco_start(PORT, gcs, 30), 0);
}

/* As the core drives it. */
static void ask_for_one(void)
{
	world_plan.watchdog = (struct plan_watchdog){ .type = PLAN_WATCHDOG_TCO, .timeout_s = 8 };
	hwdog_init(&world_plan);
	hwdog_cpu_start();
	hwdog_start();
}

static void tick(void)
{
	host.now_ns += 1000000000UL;
	trap_timer();
}

static void the_plan_asks_for_none(void **state)
{
	(void)state;
	world_plan.watchdog = (struct plan_watchdog){ .type = PLAN_WATCHDOG_NONE };
	hwdog_init(&world_plan);
	hwdog_cpu_start();
	hwdog_start();
	assert_int_equal(chip.cnt1, HALT | 0x1100);
	assert_int_equal(host.log_len, 0);
	assert_true(host.timer_ns == TIMER_OFF);
}

static void fed_by_the_core(void **state)
{
	(void)state;
	ask_for_one();
	assert_non_null(strstr(
		host.log,
		"hardware watchdog: Intel TCO, resets the board when a CPU is stuck for 7200 ms"));
	assert_int_equal(*gcs & NO_REBOOT, 0);
	assert_int_equal(chip.left, 6);
	for (unsigned int i = 0; i < 5; i++) {
		chip.left = 1;
		tick();
		assert_int_equal(chip.left, 6);
	}
}

static void goes_without(const char *why)
{
	host.log_len = 0;
	memset(host.log, 0, sizeof(host.log));
	ask_for_one();
	assert_non_null(strstr(host.log, why));
	assert_ptr_equal(strstr(host.log, "\n"), strrchr(host.log, '\n')); /* one line */
	chip.left = 1;
	tick();
	tick();
	assert_int_equal(chip.left, 1);
}

static void the_board_goes_without(void **state)
{
	(void)state;
	chip.is_stuck = true;
	goes_without("hardware watchdog: the Intel TCO cannot reset, the board goes without");
	chip.id = 0x439d1002;
	goes_without("hardware watchdog: no Intel TCO found, the board goes without");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(found_by_its_bridge, begin),
		cmocka_unit_test_setup(what_is_off_is_not_there, begin),
		cmocka_unit_test_setup(started_with_its_time, begin),
		cmocka_unit_test_setup(the_time_has_limits, begin),
		cmocka_unit_test_setup(one_that_runs_is_started_again, begin),
		cmocka_unit_test_setup(fed, begin),
		cmocka_unit_test_setup(one_that_cannot_reset, begin),
		cmocka_unit_test_setup(the_plan_asks_for_none, begin),
		cmocka_unit_test_setup(the_board_goes_without, begin),
		cmocka_unit_test_setup(fed_by_the_core, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
