// SPDX-License-Identifier: Apache-2.0
/* The virtual GICv2, where it is not a GICv3: banked words, senders of SGIs, targets of SPIs. */
#include "vgic_fake.h"

#define FROM(c) ((uint32_t)(c) << 10)

static void identifies_itself(void **state)
{
	(void)state;
	assert_int_equal(gicv2_read(0, GICD_TYPER), (NR_CPUS - 1) << 5 | 1);
	assert_int_equal(gicv2_read(0, GICV2_PIDR2) >> 4 & 0xf, 2);
	assert_int_equal(gicv2_read(0, GICD_CTLR), GICD_CTLR_GRP0);
	assert_int_equal(gicv2_read(0, GICD_ICFGR), 0xaaaaaaaa);
	assert_int_equal(gicv2_read(0, GICD_IGROUPR), 0);
}

/* Each CPU sees its own private interrupts at the same place. */
static void private_words_are_banked(void **state)
{
	(void)state;
	gicv2_write(1, GICD_ICENABLER, 1U << UPCALL);
	assert_int_equal(gicv2_read(0, GICD_ISENABLER), UINT32_MAX);
	assert_int_equal(gicv2_read(1, GICD_ISENABLER), ~(1U << UPCALL));
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		assert_int_equal(gicv2_read(c, GICD_ITARGETSR), 0x01010101U << c);
		gicv2_write(c, GICD_ITARGETSR, 0);
		assert_int_equal(gicv2_read(c, GICD_ITARGETSR + 28), 0x01010101U << c);
	}
	vgic_v2_write(&cpu[2], GICD_IPRIORITYR + 3, 1, 0x30);
	assert_int_equal(vgic_v2_read(&cpu[2], GICD_IPRIORITYR + 3, 1), 0x30);
	assert_int_equal(vgic_v2_read(&cpu[3], GICD_IPRIORITYR + 3, 1), 0xa0);
}

static void sgi_says_who_sent_it(void **state)
{
	(void)state;
	gicv2_write(1, GICD_SGIR, 0x1 << 16 | 4); /* to CPU 0 */
	gicv2_write(3, GICD_SGIR, 0x1 << 16 | 4);
	assert_int_equal(gicv2_read(0, GICD_SPENDSGIR + 4), 0xa);
	assert_int_equal(guest_ack(0), FROM(1) | 4);
	assert_int_equal(guest_ack(0), NOTHING); /* one of a number at a time */
	assert_int_equal(gicv2_read(0, GICD_SPENDSGIR + 4), 0x8);
	guest_eoi(0, FROM(1) | 4);
	assert_int_equal(guest_ack(0), FROM(3) | 4);
	/* again while active */
	gicv2_write(3, GICD_SGIR, 0x1 << 16 | 4);
	assert_int_equal(guest_ack(0), NOTHING);
	guest_eoi(0, FROM(3) | 4);
	assert_int_equal(guest_ack(0), FROM(3) | 4);
	guest_eoi(0, FROM(3) | 4);
	assert_int_equal(guest_ack(0), NOTHING);
	/* twice before it is taken is once */
	gicv2_write(2, GICD_SGIR, 0x1 << 16 | 9);
	enter(0);
	gicv2_write(2, GICD_SGIR, 0x1 << 16 | 9);
	assert_int_equal(guest_ack(0), FROM(2) | 9);
	guest_eoi(0, FROM(2) | 9);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void sgi_filters(void **state)
{
	(void)state;
	gicv2_write(2, GICD_SGIR, 1U << 24 | 0xff << 16 | 7); /* all but self */
	assert_int_equal(guest_ack(2), NOTHING);
	assert_int_equal(guest_ack(0), FROM(2) | 7);
	assert_int_equal(guest_ack(3), FROM(2) | 7);
	gicv2_write(2, GICD_SGIR, 2U << 24 | 8); /* self */
	assert_int_equal(guest_ack(2), FROM(2) | 8);
	gicv2_write(2, GICD_SGIR, 3U << 24 | 0xff << 16 | 9); /* reserved */
	gicv2_write(2, GICD_SGIR, 0xf0 << 16 | 9);	      /* no such CPUs */
	gicv2_write(2, GICD_ISPENDR, 1U << 9);		      /* not for SGIs */
	assert_int_equal(guest_ack(2), NOTHING);
	assert_int_equal(guest_ack(1), FROM(2) | 7);
	assert_int_equal(guest_ack(1), NOTHING);
}

static void sgi_pending_by_register(void **state)
{
	(void)state;
	vgic_v2_write(&cpu[0], GICD_SPENDSGIR + 6, 1,
		      0xf6); /* from CPUs 1 and 2; there are no 4 to 7 */
	assert_int_equal(vgic_v2_read(&cpu[0], GICD_SPENDSGIR + 6, 1), 0x6);
	assert_int_equal(gicv2_read(0, GICD_CPENDSGIR + 4), 0x6 << 16);
	vgic_v2_write(&cpu[0], GICD_CPENDSGIR + 6, 1, 0x2); /* the one that is listed by now */
	assert_int_equal(guest_ack(0), FROM(2) | 6);
	guest_eoi(0, FROM(2) | 6);
	assert_int_equal(guest_ack(0), NOTHING);
	gicv2_write(1, GICD_SGIR, 0x1 << 16 | 5);
	vgic_v2_write(&cpu[0], GICD_CPENDSGIR + 5, 1, 0xff);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void disabled_sgi_keeps_its_sender(void **state)
{
	(void)state;
	gicv2_write(3, GICD_SGIR, 0x1 << 16 | 2);
	enter(0);
	gicv2_write(0, GICD_ICENABLER, 1U << 2);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(vgic_v2_read(&cpu[0], GICD_SPENDSGIR + 2, 1), 0x8);
	gicv2_write(0, GICD_ISENABLER, 1U << 2);
	assert_int_equal(guest_ack(0), FROM(3) | 2);
}

static void spi_goes_to_its_first_target(void **state)
{
	(void)state;
	vgic_v2_write(&cpu[0], GICD_ITARGETSR + SPI, 1, 0xfc);
	assert_int_equal(vgic_v2_read(&cpu[0], GICD_ITARGETSR + SPI, 1), 0xc);
	vgic_set_line(&gic, SPI, true);
	assert_int_equal(guest_ack(2), SPI);
	gicv2_write(1, GICD_ITARGETSR + SPI, 0x01010108);
	assert_int_equal(guest_ack(3), NOTHING);
	guest_eoi(2, SPI);
	assert_int_equal(guest_ack(3), SPI);
	vgic_set_line(&gic, SPI, false);
	guest_eoi(3, SPI);
	/* nobody's */
	vgic_v2_write(&cpu[0], GICD_ITARGETSR + SPI, 1, 0);
	vgic_set_line(&gic, SPI, true);
	for (unsigned int c = 0; c < NR_CPUS; c++) {
		assert_int_equal(guest_ack(c), NOTHING);
	}
}

static void dir_deactivates(void **state)
{
	(void)state;
	gicv2_write(1, GICD_SGIR, 0x1 << 16 | 4);
	assert_int_equal(guest_ack(0), FROM(1) | 4);
	assert_int_equal(gicv2_read(0, GICD_ISACTIVER), 1U << 4);
	vgic_dir(&cpu[0], FROM(1) | 4);
	enter(0);
	assert_int_equal(gicv2_read(0, GICD_ISACTIVER), 0);
	gicv2_write(1, GICD_SGIR, 0x1 << 16 | 4);
	assert_int_equal(guest_ack(0), FROM(1) | 4);
	vgic_dir(&cpu[0], 1020);
	vgic_dir(&cpu[0], UINT32_MAX);
}

static void timer_is_group_0(void **state)
{
	(void)state;
	assert_int_equal(ppi_enabled[1] >> TIMER & 1, 1);
	here = 1;
	vgic_timer_fired(&cpu[1]);
	assert_int_equal(vgic_hw_lr_read(VGIC_LR_VTIMER) & LR_GROUP1, 0);
	assert_int_equal(guest_ack(1), TIMER);
	guest_eoi(1, TIMER);
	assert_int_equal(deactivated, 1);
}

/* Whatever a guest writes wherever, nothing breaks. */
static void any_access_is_survived(void **state)
{
	static const unsigned int sizes[] = { 1, 2, 4, 8 };
	uint64_t seed = 1;

	(void)state;
	for (unsigned int i = 0; i < 300000; i++) {
		unsigned int size;
		uint32_t at;

		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		here = (unsigned int)(seed >> 61) % NR_CPUS;
		size = sizes[seed >> 40 & 3];
		at = (uint32_t)(seed >> 44) & 0xfff;
		if ((seed >> 35 & 3) == 0) {
			(void)vgic_v2_read(&cpu[here], at, size);
		} else if ((seed >> 35 & 3) == 1) {
			uint32_t intid = guest_ack(here);

			if (intid != NOTHING) {
				guest_eoi(here, intid);
			}
		} else {
			vgic_v2_write(&cpu[here], at, size, seed ^ seed << 7);
		}
		enter(here);
	}
	assert_int_equal(gicv2_read(0, GICV2_PIDR2), 0x20);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, set_up_v2)
	const struct CMUnitTest tests[] = {
		T(identifies_itself),
		T(private_words_are_banked),
		T(sgi_says_who_sent_it),
		T(sgi_filters),
		T(sgi_pending_by_register),
		T(disabled_sgi_keeps_its_sender),
		T(spi_goes_to_its_first_target),
		T(dir_deactivates),
		T(timer_is_group_0),
		T(any_access_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
