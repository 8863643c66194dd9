// SPDX-License-Identifier: Apache-2.0
/* What gets into list registers of the virtual GICv3, and out again. */
#include "vgic_fake.h"

static void sgi_reaches_its_targets(void **state)
{
	(void)state;
	vgic_sgi(&cpu[0], 5UL << 24 | 0x6); /* CPUs 1 and 2 */
	assert_int_equal(kicks[1] + kicks[2], 2);
	assert_int_equal(kicks[0] + kicks[3], 0);
	assert_int_equal(guest_ack(1), 5);
	assert_int_equal(guest_ack(2), 5);
	assert_int_equal(guest_ack(3), NOTHING);
	assert_int_equal(guest_ack(0), NOTHING);
	guest_eoi(1, 5);
	assert_int_equal(guest_ack(1), NOTHING);

	here = 0;
	vgic_sgi(&cpu[0], BIT(40) | 7UL << 24); /* all but self */
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(guest_ack(3), 7);

	here = 0;
	vgic_sgi(&cpu[0], 1UL << 16 | 7UL << 24 | 1); /* affinity 1: nobody */
	vgic_sgi(&cpu[0], 1UL << 44 | 7UL << 24 | 1); /* range selector 1: nobody */
	vgic_sgi(&cpu[0], 7UL << 24 | 0xfff0);	      /* no such CPUs */
	assert_int_equal(guest_ack(0), NOTHING);
}

static void sgi_to_oneself_is_taken_once_per_send(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		vgic_sgi(&cpu[0], 3UL << 24 | 1);
		assert_int_equal(guest_ack(0), 3);
		assert_int_equal(guest_ack(0), NOTHING);
		/* sent again while active: pending and active, taken after the end */
		vgic_sgi(&cpu[0], 3UL << 24 | 1);
		assert_int_equal(guest_ack(0), NOTHING);
		guest_eoi(0, 3);
		assert_int_equal(guest_ack(0), 3);
		guest_eoi(0, 3);
		assert_int_equal(guest_ack(0), NOTHING);
	}
}

static void more_interrupts_than_list_registers(void **state)
{
	uint32_t seen = 0;

	(void)state;
	for (uint64_t i = 0; i < 16; i++) {
		vgic_sgi(&cpu[0], i << 24 | 1);
	}
	for (unsigned int i = 0; i < 16; i++) {
		uint32_t intid = guest_ack(0);

		assert_in_range(intid, 0, 15);
		assert_int_equal(seen >> intid & 1, 0);
		seen |= 1U << intid;
		guest_eoi(0, intid);
	}
	assert_int_equal(seen, 0xffff);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void urgent_one_displaces_a_pending_one(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 8; i++) {
		vgic_sgi(&cpu[0], i << 24 | 1);
	}
	enter(0);
	vgic_redist_write(&cpu[0], GICR_SGI + GICD_IPRIORITYR + 15, 1, 0x20);
	vgic_sgi(&cpu[0], 15UL << 24 | 1);
	assert_int_equal(guest_ack(0), 15);
	guest_eoi(0, 15);
	for (uint32_t i = 0; i < 8; i++) {
		uint32_t intid = guest_ack(0);

		assert_in_range(intid, 0, 7);
		guest_eoi(0, intid);
	}
	assert_int_equal(guest_ack(0), NOTHING);
}

static void disabled_waits_and_withdraws(void **state)
{
	(void)state;
	gicr_write(0, GICD_ICENABLER, 1U << 4);
	vgic_sgi(&cpu[0], 4UL << 24 | 1);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(gicr_read(0, GICD_ISPENDR) >> 4 & 1, 1);
	gicr_write(0, GICD_ISENABLER, 1U << 4);
	enter(0); /* listed now */
	gicr_write(0, GICD_ICENABLER, 1U << 4);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(gicr_read(0, GICD_ISPENDR) >> 4 & 1, 1);
	gicr_write(0, GICD_ICPENDR, 1U << 4);
	gicr_write(0, GICD_ISENABLER, 1U << 4);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void level_comes_again_while_high(void **state)
{
	(void)state;
	vgic_set_line(&gic, SPI, true);
	for (unsigned int i = 0; i < 5; i++) {
		assert_int_equal(guest_ack(0), SPI);
		assert_int_equal(guest_ack(0), NOTHING);
		guest_eoi(0, SPI);
	}
	assert_int_equal(guest_ack(0), SPI);
	vgic_set_line(&gic, SPI, false);
	guest_eoi(0, SPI);
	assert_int_equal(guest_ack(0), NOTHING);
	/* gone before it was taken */
	vgic_set_line(&gic, SPI, true);
	enter(0);
	vgic_set_line(&gic, SPI, false);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(gicd_read(GICD_ISPENDR + 4), 0);
}

static void edge_spi_comes_once(void **state)
{
	(void)state;
	gicd_write(GICD_ICFGR + 8, 2U << 2); /* SPI 33 */
	assert_int_equal(gicd_read(GICD_ICFGR + 8), 2U << 2);
	vgic_set_line(&gic, SPI + 1, true);
	assert_int_equal(guest_ack(0), SPI + 1);
	guest_eoi(0, SPI + 1);
	assert_int_equal(guest_ack(0), NOTHING);
	vgic_set_line(&gic, SPI + 1, false);
	vgic_set_line(&gic, SPI + 1, true);
	assert_int_equal(guest_ack(0), SPI + 1);
}

static void spi_moves_with_its_route(void **state)
{
	uint32_t router = GICD_IROUTER + 8 * SPI;

	(void)state;
	vgic_set_line(&gic, SPI, true);
	enter(0);
	vgic_dist_write(&gic, router, 8, 3);
	assert_int_equal(vgic_dist_read(&gic, router, 8), 3);
	enter(0);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(guest_ack(3), SPI);
	/* active on 3, routed back: 0 gets it only after 3 has ended it */
	vgic_dist_write(&gic, router, 4, 0);
	assert_int_equal(guest_ack(0), NOTHING);
	guest_eoi(3, SPI);
	assert_int_equal(guest_ack(3), NOTHING);
	assert_int_equal(guest_ack(0), SPI);
	/* nobody's affinity */
	vgic_dist_write(&gic, router, 8, 0x100);
	guest_eoi(0, SPI);
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		assert_int_equal(guest_ack(c), NOTHING);
	}
	vgic_dist_write(&gic, router + 4, 4, 0xff);
	assert_int_equal(vgic_dist_read(&gic, router, 8), 0xff00000100UL);
	assert_int_equal(vgic_dist_read(&gic, router + 4, 4), 0xff);
}

static void group_off_stops_everything(void **state)
{
	(void)state;
	vgic_sgi(&cpu[0], 1UL << 24 | 1);
	vgic_raise_private(&cpu[0], UPCALL);
	enter(0);
	gicd_write(GICD_CTLR, 0);
	assert_int_equal(guest_ack(0), NOTHING);
	gicd_write(GICD_CTLR, GICD_CTLR_GRP1);
	assert_int_equal(guest_ack(0), 1);
	guest_eoi(0, 1);
	assert_int_equal(guest_ack(0), UPCALL);
	guest_eoi(0, UPCALL);
	assert_int_equal(guest_ack(0), NOTHING);
}

/* Its flag is cleared by polling: what is listed, or latched only, is dropped at the next chance; the rest stays. */
static void upcall_goes_with_its_flag(void **state)
{
	(void)state;
	vgic_raise_private(&cpu[0], UPCALL);
	enter(0);
	upcall_is_seen[0] = true;
	vgic_sgi(&cpu[0], 1UL << 24 | 1);
	assert_int_equal(guest_ack(0), 1);
	guest_eoi(0, 1);
	assert_int_equal(guest_ack(0), NOTHING);
	vgic_raise_private(&cpu[0], UPCALL);
	assert_int_equal(guest_ack(0), NOTHING);
	upcall_is_seen[0] = false;
	vgic_raise_private(&cpu[0], UPCALL);
	assert_int_equal(guest_ack(0), UPCALL);
	guest_eoi(0, UPCALL);
	assert_int_equal(guest_ack(0), NOTHING);
}

/* Events in the handler, which finds them there. */
static void upcall_seen_in_its_handler_does_not_come_again(void **state)
{
	(void)state;
	vgic_raise_private(&cpu[0], UPCALL);
	assert_int_equal(guest_ack(0), UPCALL);
	vgic_raise_private(&cpu[0], UPCALL);
	enter(0);
	upcall_is_seen[0] = true;
	vgic_sgi(&cpu[0], 1UL << 24 | 1);
	enter(0);
	guest_eoi(0, UPCALL);
	assert_int_equal(guest_ack(0), 1);
	guest_eoi(0, 1);
	assert_int_equal(guest_ack(0), NOTHING);
	upcall_is_seen[0] = false;
	vgic_raise_private(&cpu[0], UPCALL);
	assert_int_equal(guest_ack(0), UPCALL);
}

static void upcall_survives_a_cpu_that_is_off(void **state)
{
	(void)state;
	here = 2;
	vgic_cpu_offline(&cpu[2]);
	assert_int_equal(ppi_enabled[2], ppi_enabled[2] & ~(1U << TIMER));
	here = 0;
	kicks[2] = 0;
	vgic_raise_private(&cpu[2], UPCALL);
	assert_int_equal(kicks[2], 0);
	assert_true(vgic_is_settled(&gic)); /* who is off holds nobody up */
	here = 2;
	vgic_cpu_online(&cpu[2]);
	enter(2);
	gicr_write(2, GICD_ISENABLER, 1U << UPCALL);
	assert_int_equal(guest_ack(2), UPCALL);
}

/* Written while it is listed: the more urgent one comes first, in the list register's words too. */
static void priority_of_a_pending_one_changes(void **state)
{
	(void)state;
	vgic_sgi(&cpu[0], 1UL << 24 | 1);
	vgic_sgi(&cpu[0], 2UL << 24 | 1);
	enter(0);
	vgic_redist_write(&cpu[0], GICR_SGI + GICD_IPRIORITYR + 2, 1, 0x40);
	assert_int_equal(guest_ack(0), 2);
	assert_int_equal(guest_ack(0), 1);
}

/* Sent to a CPU that is off, and to one that went off with it latched. */
static void sgi_to_a_cpu_that_is_off(void **state)
{
	(void)state;
	here = 1;
	vgic_cpu_offline(&cpu[1]);
	here = 0;
	vgic_sgi(&cpu[0], 5UL << 24 | 2);
	assert_int_equal(kicks[1], 0);
	here = 1;
	vgic_cpu_online(&cpu[1]);
	enter(1);
	gicr_write(1, GICD_ISENABLER, UINT32_MAX);
	assert_int_equal(guest_ack(1), 5);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
		T(sgi_reaches_its_targets),
		T(sgi_to_oneself_is_taken_once_per_send),
		T(more_interrupts_than_list_registers),
		T(urgent_one_displaces_a_pending_one),
		T(disabled_waits_and_withdraws),
		T(level_comes_again_while_high),
		T(edge_spi_comes_once),
		T(spi_moves_with_its_route),
		T(group_off_stops_everything),
		T(upcall_goes_with_its_flag),
		T(upcall_seen_in_its_handler_does_not_come_again),
		T(upcall_survives_a_cpu_that_is_off),
		T(priority_of_a_pending_one_changes),
		T(sgi_to_a_cpu_that_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
