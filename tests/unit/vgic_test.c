// SPDX-License-Identifier: Apache-2.0
/* The registers of the virtual GICv3. */
#include "vgic_fake.h"

static void identifies_itself(void **state)
{
	(void)state;
	assert_int_equal(gicd_read(GICD_TYPER) & 0x1f, 1);
	assert_int_equal(gicd_read(GIC_PIDR2) >> 4 & 0xf, 3);
	assert_int_equal(gicd_read(GICD_CTLR), GICD_CTLR_DS | GICD_CTLR_ARE | GICD_CTLR_GRP1);
	for (uint64_t c = 0; c < NR_CPUS; c++) {
		uint64_t typer = vgic_redist_read(&cpu[c], GICR_TYPER, 8);

		assert_int_equal(typer >> 32, c);
		assert_int_equal(typer >> 4 & 1, c == NR_CPUS - 1);
		assert_int_equal(vgic_redist_read(&cpu[c], GICR_TYPER, 4), (uint32_t)typer);
		assert_int_equal(vgic_redist_read(&cpu[c], GICR_TYPER + 4, 4), typer >> 32);
	}
}

static void waker_follows(void **state)
{
	(void)state;
	assert_int_equal(vgic_redist_read(&cpu[1], GICR_WAKER, 4),
			 GICR_WAKER_SLEEP | GICR_WAKER_ASLEEP);
	vgic_redist_write(&cpu[1], GICR_WAKER, 4, 0);
	assert_int_equal(vgic_redist_read(&cpu[1], GICR_WAKER, 4), 0);
}

static void pending_can_be_set_and_cleared(void **state)
{
	(void)state;
	gicr_write(2, GICD_ISPENDR, 1U << 9);
	assert_int_equal(kicks[2], 1);
	assert_int_equal(guest_ack(2), 9);
	guest_eoi(2, 9);
	gicr_write(2, GICD_ISPENDR, 1U << 9);
	enter(2);
	gicr_write(2, GICD_ICPENDR, 1U << 9); /* out of the list register */
	assert_int_equal(guest_ack(2), NOTHING);
	here = 0;
	gicd_write(GICD_ISPENDR + 4, 1U << 3);
	assert_int_equal(guest_ack(0), SPI + 3);
	guest_eoi(0, SPI + 3);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void active_can_be_cleared(void **state)
{
	(void)state;
	vgic_sgi(&cpu[0], 6UL << 24 | 1);
	assert_int_equal(guest_ack(0), 6);
	vgic_flush(&cpu[0]);
	gicr_write(0, GICD_ICACTIVER, 1U << 6);
	enter(0);
	assert_int_equal(gicr_read(0, GICD_ISACTIVER), 0);
	vgic_sgi(&cpu[0], 6UL << 24 | 1);
	assert_int_equal(guest_ack(0), 6);
	/* made active by software: held back until cleared */
	gicr_write(0, GICD_ISACTIVER, 1U << 8);
	vgic_sgi(&cpu[0], 8UL << 24 | 1);
	assert_int_equal(guest_ack(0), NOTHING);
	gicr_write(0, GICD_ICACTIVER, 1U << 8);
	assert_int_equal(guest_ack(0), 8);
}

static void line_out_of_range_is_nothing(void **state)
{
	(void)state;
	vgic_set_line(&gic, 31, true);
	vgic_set_line(&gic, VGIC_INTID_END, true);
	vgic_set_line(&gic, 1019, true);
	assert_int_equal(guest_ack(0), NOTHING);
}

static void write_pending_shows_until_seen(void **state)
{
	(void)state;
	vgic_sgi(&cpu[0], 1UL << 24 | 2);
	enter(0);
	assert_int_equal(gicd_read(GICD_CTLR) & GICD_CTLR_RWP, GICD_CTLR_RWP);
	enter(1);
	here = 0;
	assert_int_equal(gicd_read(GICD_CTLR) & GICD_CTLR_RWP, 0);
}

/* Whatever a guest writes wherever, nothing breaks and the read-only registers stay. */
static void any_access_is_survived(void **state)
{
	static const unsigned int sizes[] = { 1, 2, 4, 8 };
	uint64_t seed = 1;

	(void)state;
	for (unsigned int i = 0; i < 400000; i++) {
		unsigned int c;
		unsigned int size;
		uint32_t at;

		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		c = (unsigned int)(seed >> 33) % NR_CPUS;
		size = sizes[seed >> 40 & 3];
		at = (uint32_t)(seed >> 44) & 0x1ffff;
		here = (unsigned int)(seed >> 61) % NR_CPUS;
		switch (seed >> 35 & 7) {
		case 0:
			(void)vgic_dist_read(&gic, at & 0xffff, size);
			break;
		case 1:
			vgic_dist_write(&gic, at & 0xfff, size, seed ^ seed << 7);
			break;
		case 2:
			vgic_dist_write(&gic, at & 0xffff, size, seed ^ seed << 7);
			break;
		case 3:
			(void)vgic_redist_read(&cpu[c], at, size);
			break;
		case 4:
			vgic_redist_write(&cpu[c], GICR_SGI + (at & 0xfff), size, seed ^ seed << 9);
			break;
		case 5:
			vgic_sgi(&cpu[here], seed);
			break;
		case 6:
			vgic_set_line(&gic, SPI + (at & 31), (seed & 1024) != 0);
			break;
		default: {
			uint32_t intid = guest_ack(here);

			if (intid != NOTHING && (seed & 4096) != 0) {
				vgic_flush(&cpu[here]);
				if ((cpu[here].lr_used & vgic_hw_lr_empty()) == 0) {
					guest_eoi(here, intid);
				}
			}
			break;
		}
		}
		enter(here);
	}
	assert_int_equal(gicd_read(GIC_PIDR2), 0x30);
}

/* A group that is off holds back; group 0 is listed as such; a group that changes takes what is listed along. */
static void groups_are_apart(void **state)
{
	(void)state;
	assert_int_equal(gicr_read(0, GICD_IGROUPR), UINT32_MAX);
	assert_int_equal(gicd_read(GICD_IGROUPR + 4), UINT32_MAX);
	assert_int_equal(gicd_read(GICD_IGROUPR), 0);
	gicd_write(GICD_IGROUPR + 4, ~2U);
	assert_int_equal(gicd_read(GICD_IGROUPR + 4), ~2U);
	vgic_set_line(&gic, SPI + 1, true);
	assert_int_equal(guest_ack(0), NOTHING);
	gicd_write(GICD_CTLR, GICD_CTLR_GRP0);
	vgic_set_line(&gic, SPI, true);
	enter(0);
	assert_int_equal(vgic_hw_lr_read(1) & (LR_GROUP1 | 0x3ff), SPI + 1);
	assert_int_equal(guest_ack(0), SPI + 1);
	assert_int_equal(guest_ack(0), NOTHING);
	guest_eoi(0, SPI + 1);
	vgic_set_line(&gic, SPI + 1, false);
	gicd_write(GICD_CTLR, GICD_CTLR_GRP0 | GICD_CTLR_GRP1);
	enter(0);
	gicd_write(GICD_IGROUPR + 4, ~1U); /* SPI 32 is listed */
	enter(0);
	assert_int_equal(guest_ack(0), SPI);
	/* the timer's, which is written in advance */
	gicr_write(0, GICD_IGROUPR, ~(1U << TIMER));
	vgic_timer_fired(&cpu[0]);
	assert_int_equal(vgic_hw_lr_read(VGIC_LR_VTIMER) & (LR_GROUP1 | 0x3ff), TIMER);
}

/* What the architecture does not give reads as zero and ignores writes. */
static void other_widths_are_nothing(void **state)
{
	(void)state;
	assert_int_equal(vgic_dist_read(&gic, GICD_ISENABLER + 4, 1), 0);
	assert_int_equal(vgic_dist_read(&gic, GICD_ISENABLER + 4, 2), 0);
	assert_int_equal(vgic_dist_read(&gic, GICD_ISENABLER, 8), 0);
	assert_int_equal(vgic_dist_read(&gic, GICD_IPRIORITYR + 32, 2), 0);
	assert_int_equal(vgic_dist_read(&gic, GICD_IPRIORITYR + 32, 8), 0);
	assert_int_equal(vgic_dist_read(&gic, GICD_IPRIORITYR + 33, 1), 0xa0);
	assert_int_equal(vgic_dist_read(&gic, GICD_IPRIORITYR + 33, 4), 0);
	assert_int_equal(vgic_redist_read(&cpu[0], GICR_SGI + GICD_ISENABLER, 8), 0);
	assert_int_equal(vgic_redist_read(&cpu[0], GICR_SGI + GICD_ISENABLER, 2), 0);
	vgic_dist_write(&gic, GICD_ICENABLER + 4, 1, 0xff);
	vgic_dist_write(&gic, GICD_ICENABLER + 4, 8, UINT64_MAX);
	vgic_dist_write(&gic, GICD_IPRIORITYR + 32, 2, 0);
	assert_int_equal(gicd_read(GICD_ISENABLER + 4), UINT32_MAX);
	assert_int_equal(gicd_read(GICD_IPRIORITYR + 32), 0xa0a0a0a0);
}

/* Registers of what we do not have: word 0 of the distributor, LPIs, messages, extended SPIs, security. */
static void absent_registers_are_zero(void **state)
{
	static const uint32_t dist[] = {
		GICD_TYPER2,
		0x10,
		0x40,
		0x48,
		GICD_IGROUPR,
		GICD_ISENABLER,
		GICD_ISPENDR,
		GICD_ISACTIVER,
		GICD_IPRIORITYR,
		GICD_ITARGETSR + 32,
		GICD_ICFGR,
		0xd00,
		0xe00,
		GICD_SGIR,
		GICD_CPENDSGIR,
		0x1000,
	};
	static const uint32_t redist[] = {
		0x10, 0x40, 0x48, 0x70, 0x78, 0xa0, 0xb0, 0xc0, GICR_SGI + 0xd00, GICR_SGI + 0xe00
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(dist); i++) {
		gicd_write(dist[i], UINT32_MAX);
		assert_int_equal(gicd_read(dist[i]), 0);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(redist); i++) {
		vgic_redist_write(&cpu[1], redist[i], 4, UINT32_MAX);
		assert_int_equal(vgic_redist_read(&cpu[1], redist[i], 4), 0);
	}
	assert_int_equal(guest_ack(0), NOTHING);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
		T(identifies_itself),
		T(waker_follows),
		T(pending_can_be_set_and_cleared),
		T(active_can_be_cleared),
		T(line_out_of_range_is_nothing),
		T(write_pending_shows_until_seen),
		T(any_access_is_survived),
		T(groups_are_apart),
		T(other_widths_are_nothing),
		T(absent_registers_are_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
