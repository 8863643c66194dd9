// SPDX-License-Identifier: Apache-2.0
/* The virtual GIC of vCPUs that share a CPU: off the hardware, and on again; and levels of private interrupts. */
#include "vgic_fake.h"

/* What the guest of CPU @c does not see: another one has the CPU for a while. */
static void away_and_back(unsigned int c)
{
	here = c;
	vgic_save(&cpu[c]);
	for (unsigned int n = 0; n < NR_LRS; n++) {
		assert_int_equal(vgic_hw_lr_read(n), 0);
	}
	hw_state[c].vmcr = 0xbad;
	vgic_load(&cpu[c]);
}

static void a_switch_keeps_what_waits(void **state)
{
	(void)state;
	hw_state[0].vmcr = 0xf8000002;
	vgic_raise_private(&cpu[0], 5);
	enter(0);
	away_and_back(0);
	assert_int_equal(hw_state[0].vmcr, 0xf8000002);
	assert_int_equal(guest_ack(0), 5);
	away_and_back(0); /* in its handler */
	guest_eoi(0, 5);
	assert_int_equal(guest_ack(0), NOTHING);
}

/* One that is raised while its vCPU is away wakes it, kicks nobody, and is there when it is back. */
static void what_comes_meanwhile_wakes(void **state)
{
	unsigned int k, w;

	(void)state;
	enter(0);
	vgic_save(&cpu[0]);
	k = kicks[0];
	w = wakes[0];
	here = 1;
	vgic_raise_private(&cpu[0], UPCALL);
	assert_int_equal(kicks[0], k);
	assert_int_equal(wakes[0], w + 1);
	here = 0;
	vgic_load(&cpu[0]);
	assert_true(vgic_has_pending(&cpu[0]));
	enter(0);
	assert_true(vgic_has_pending(&cpu[0]));
	assert_int_equal(guest_ack(0), UPCALL);
	assert_false(vgic_has_pending(&cpu[0]));
	guest_eoi(0, UPCALL);
	assert_false(vgic_has_pending(&cpu[0]));
}

/* Its hardware is the next vCPU's: nothing of it stays active there while its own is away. */
static void the_timer_is_left_to_the_next(void **state)
{
	unsigned int before;

	(void)state;
	enter(0);
	vgic_timer_fired(&cpu[0]);
	before = deactivated;
	ppi_active[0] = 0;
	vgic_save(&cpu[0]); /* not seen yet: the level brings it back */
	assert_int_equal(deactivated, before + 1);
	vgic_load(&cpu[0]);
	assert_int_equal(guest_ack(0), NOTHING);
	assert_int_equal(ppi_active[0], 0);
	vgic_timer_fired(&cpu[0]);
	assert_int_equal(guest_ack(0), TIMER);
	vgic_save(&cpu[0]); /* in its handler */
	assert_int_equal(deactivated, before + 2);
	vgic_load(&cpu[0]);
	assert_int_equal(ppi_active[0], 1U << TIMER);
	guest_eoi(0, TIMER);
	assert_int_equal(guest_ack(0), NOTHING);
}

/* Disabled by another vCPU while it is away: the hardware is not touched before it is back. */
static void the_timers_gate_waits_for_its_vcpu(void **state)
{
	(void)state;
	enter(0);
	assert_int_equal(ppi_enabled[0], 1U << TIMER);
	vgic_save(&cpu[0]);
	here = 1;
	vgic_redist_write(&cpu[0], GICR_SGI + GICD_ICENABLER, 4, 1U << TIMER);
	assert_int_equal(ppi_enabled[0], 1U << TIMER);
	here = 0;
	vgic_load(&cpu[0]);
	assert_int_equal(ppi_enabled[0], 0);
}

/* Made pending by hand, and not deliverable: the hardware's latch would be the next vCPU's interrupt. */
static void a_timer_pended_by_hand_is_its_own(void **state)
{
	(void)state;
	enter(0);
	gicr_write(0, GICD_ISPENDR, 1U << TIMER);
	assert_int_equal(ppi_pending[0], 1U << TIMER);
	vgic_save(&cpu[0]);
	assert_int_equal(ppi_pending[0], 0);
	vgic_load(&cpu[0]);
	assert_int_equal(ppi_pending[0], 1U << TIMER);
	ppi_pending[0] = 0; /* it was taken */
	vgic_save(&cpu[0]);
	vgic_load(&cpu[0]);
	assert_int_equal(ppi_pending[0], 0);
	gicr_write(0, GICD_ISPENDR, 1U << TIMER);
	vgic_cpu_offline(&cpu[0]);
	assert_int_equal(ppi_pending[0], 0);
	vgic_cpu_online(&cpu[0]);
	vgic_save(&cpu[0]);
	vgic_load(&cpu[0]);
	assert_int_equal(ppi_pending[0], 0);
}

/* Another vCPU of its domain writes to its redistributor while the CPU is somebody else's. */
static void nobody_elses_timer_is_pended(void **state)
{
	(void)state;
	enter(0);
	vgic_save(&cpu[0]);
	here = 1;
	vgic_redist_write(&cpu[0], GICR_SGI + GICD_ISPENDR, 4, 1U << TIMER);
	assert_int_equal(ppi_pending[0], 0);
	here = 0;
	vgic_load(&cpu[0]);
	assert_int_equal(ppi_pending[0], 1U << TIMER);
	vgic_save(&cpu[0]);
	ppi_pending[0] = 1U << TIMER; /* the other's, which is not to be taken away */
	here = 1;
	vgic_redist_write(&cpu[0], GICR_SGI + GICD_ICPENDR, 4, 1U << TIMER);
	assert_int_equal(ppi_pending[0], 1U << TIMER);
	ppi_pending[0] = 0;
	here = 0;
	vgic_load(&cpu[0]);
	assert_int_equal(ppi_pending[0], 0);
}

static void a_private_level_lasts(void **state)
{
	(void)state;
	vgic_set_private_line(&cpu[0], VGIC_PPI_PTIMER, true);
	assert_int_equal(guest_ack(0), VGIC_PPI_PTIMER);
	guest_eoi(0, VGIC_PPI_PTIMER);
	assert_int_equal(guest_ack(0), VGIC_PPI_PTIMER); /* still high */
	vgic_set_private_line(&cpu[0], VGIC_PPI_PTIMER, false);
	guest_eoi(0, VGIC_PPI_PTIMER);
	assert_int_equal(guest_ack(0), NOTHING);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, set_up)
	const struct CMUnitTest tests[] = {
		T(a_switch_keeps_what_waits),	  T(what_comes_meanwhile_wakes),
		T(the_timer_is_left_to_the_next), T(the_timers_gate_waits_for_its_vcpu),
		T(a_private_level_lasts),	  T(a_timer_pended_by_hand_is_its_own),
		T(nobody_elses_timer_is_pended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
