// SPDX-License-Identifier: Apache-2.0
/* The virtual timer's interrupt, which has hardware behind it. */
#include "vgic_fake.h"

/* The timer's interrupt as trap_irq() handles it. */
static void timer_fires(unsigned int c)
{
	here = c;
	assert_int_equal(ppi_enabled[c] >> TIMER & 1, 1);
	vgic_timer_fired(&cpu[c]);
}

static void timer_is_handed_over_at_once(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10; i++) {
		timer_fires(1);
		assert_int_equal(cpu[1].work, 0);
		vgic_sgi(&cpu[1], 2UL << 24 | 2);
		assert_int_equal(guest_ack(1), TIMER);
		assert_int_equal(guest_ack(1), 2);
		guest_eoi(1, 2);
		guest_eoi(1, TIMER);
		assert_int_equal(deactivated, i + 1);
	}
}

static void timer_enable_follows_the_guest(void **state)
{
	(void)state;
	gicr_write(0, GICD_ICENABLER, 1U << TIMER);
	assert_int_equal(ppi_enabled[0] >> TIMER & 1, 0);
	enter(0);
	/* it fired just before: given back */
	vgic_timer_fired(&cpu[0]);
	assert_int_equal(deactivated, 1);
	assert_int_equal(guest_ack(0), NOTHING);
	gicr_write(0, GICD_ISENABLER, 1U << TIMER);
	/* in the list register when it is disabled: withdrawn, and the hardware raises it again */
	timer_fires(0);
	gicr_write(0, GICD_ICENABLER, 1U << TIMER);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(deactivated, 2);
	gicr_write(0, GICD_ISENABLER, 1U << TIMER);
	/* the group as a whole */
	gicd_write(GICD_CTLR, 0);
	assert_int_equal(ppi_enabled[3] >> TIMER & 1, 0);
	gicd_write(GICD_CTLR, GICD_CTLR_GRP1);
	assert_int_equal(ppi_enabled[3] >> TIMER & 1, 1);
}

static void timer_pending_is_the_hardwares(void **state)
{
	(void)state;
	gicr_write(0, GICD_ISPENDR, 1U << TIMER);
	assert_int_equal(ppi_pending[0], 1U << TIMER);
	assert_int_equal(guest_ack(0), NOTHING);
	gicr_write(0, GICD_ICPENDR, 1U << TIMER);
	assert_int_equal(ppi_pending[0], 0);
	enter(0);
	timer_fires(0);
	assert_int_equal(guest_ack(0), TIMER); /* the clear was for what was there */
	gicr_write(0, GICD_ICACTIVER, 1U << TIMER);
	enter(0);
	assert_int_equal(deactivated, 1);
}

/* Made active by hand: it does not come until its guest has ended it, in the hardware as in the list register. */
static void timer_active_is_the_hardwares(void **state)
{
	(void)state;
	gicr_write(0, GICD_ISACTIVER, 1U << TIMER);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(ppi_active[0], 1U << TIMER);
	assert_int_equal(gicr_read(0, GICD_ISACTIVER), 1U << TIMER);
	guest_eoi(0, TIMER);
	assert_int_equal(deactivated, 1);
	timer_fires(0);
	assert_int_equal(guest_ack(0), TIMER);
	guest_eoi(0, TIMER);
	ppi_active[0] = 0;
	gicr_write(0, GICD_ISPENDR, 1U << 20); /* looks at the list registers again */
	enter(0);
	assert_int_equal(ppi_active[0], 0);
	gicr_write(0, GICD_ISACTIVER, 1U << TIMER);
	enter(0);
	gicr_write(0, GICD_ICACTIVER, 1U << TIMER);
	enter(0);
	assert_int_equal(deactivated, 3);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
		T(timer_is_handed_over_at_once),
		T(timer_enable_follows_the_guest),
		T(timer_pending_is_the_hardwares),
		T(timer_active_is_the_hardwares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
