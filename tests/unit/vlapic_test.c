// SPDX-License-Identifier: Apache-2.0
/* The virtual local APIC: registers in both views, priorities, IPIs. Its timer: vlapic_timer_test.c. */
#include <unit.h>

#include "vlapic_fake.h"

#define SVR_ON	0x1ffU
#define X2(reg) (MSR_X2APIC + (reg) / 16)
#define NOBODY	VLAPIC_NO_VECTOR

static uint32_t reg(struct vlapic *l, uint32_t at)
{
	uint64_t value = UINT64_MAX;

	assert_true(vlapic_mmio_read(l, at, 4, &value));
	assert_true(value <= UINT32_MAX);
	return (uint32_t)value;
}

static void set_reg(struct vlapic *l, uint32_t at, uint32_t value)
{
	assert_true(vlapic_mmio_write(l, at, 4, value));
}

static void to_x2apic(struct vlapic *l)
{
	assert_true(vlapic_msr_write(l, MSR_APIC_BASE, l->base | APIC_BASE_EXTD));
}

static uint64_t msr(struct vlapic *l, uint32_t at)
{
	uint64_t value = 0;

	assert_true(vlapic_msr_read(l, at, &value));
	return value;
}

/* All APICs enabled by their guests, as after Linux's setup_local_APIC(): flat logical IDs. */
static int set_up(void **state)
{
	(void)state;
	vlapic_fake_begin();
	for (unsigned int n = 0; n < NR_CPUS; n++) {
		set_reg(&apic[n], APIC_SVR, SVR_ON);
		set_reg(&apic[n], APIC_LDR, 1U << (24 + n));
	}
	return 0;
}

static void at_power_on(void **state)
{
	(void)state;
	vlapic_fake_begin();
	assert_int_equal(msr(&apic[0], MSR_APIC_BASE), 0xfee00900);
	assert_int_equal(msr(&apic[1], MSR_APIC_BASE), 0xfee00800);
	assert_int_equal(reg(&apic[2], APIC_ID), 2U << 24);
	assert_int_equal(reg(&apic[0], APIC_VERSION), 0x50014);
	assert_int_equal(reg(&apic[0], APIC_SVR), 0xff);
	assert_int_equal(reg(&apic[0], APIC_DFR), UINT32_MAX);
	for (uint32_t at = APIC_LVT_TIMER; at <= APIC_LVT_ERROR; at += 16) {
		assert_int_equal(reg(&apic[0], at), APIC_LVT_MASKED);
	}
	assert_int_equal(vlapic_pending(&apic[0]), NOBODY);
	assert_false(vlapic_take_nmi(&apic[0]));
}

static void raise_take_end(void **state)
{
	struct vlapic *l = &apic[1];

	(void)state;
	vlapic_raise(l, 0xf3, false);
	assert_int_equal(fake[1].kicks, 1);
	vlapic_raise(l, 0xf3, false);
	assert_int_equal(fake[1].kicks, 1); /* it is known already */
	assert_int_equal(vlapic_pending(l), 0xf3);
	assert_int_equal(reg(l, APIC_IRR + 0x70), 1U << (0xf3 & 31));
	vlapic_take(l, 0xf3);
	assert_int_equal(vlapic_pending(l), NOBODY);
	assert_int_equal(reg(l, APIC_IRR + 0x70), 0);
	assert_int_equal(reg(l, APIC_ISR + 0x70), 1U << (0xf3 & 31));
	vlapic_raise(l, 0xf3, false); /* the next one, while this one is served */
	assert_int_equal(vlapic_pending(l), NOBODY);
	set_reg(l, APIC_EOI, 0);
	assert_int_equal(reg(l, APIC_ISR + 0x70), 0);
	assert_int_equal(vlapic_pending(l), 0xf3);
	assert_int_equal(fake[1].eois, 0);
}

/* Taken, but its delivery was cut short: it waits again, where it was. One that is not in service stays away. */
static void untaken(void **state)
{
	struct vlapic *l = &apic[0];

	(void)state;
	vlapic_raise(l, 0x41, false);
	vlapic_take(l, 0x41);
	assert_int_equal(vlapic_pending(l), NOBODY);
	vlapic_untake(l, 0x42);
	assert_int_equal(vlapic_pending(l), NOBODY);
	vlapic_untake(l, 0x41);
	assert_int_equal(vlapic_pending(l), 0x41);
	vlapic_take(l, 0x41);
	set_reg(l, APIC_EOI, 0);
	assert_int_equal(vlapic_pending(l), NOBODY);
}

static void priorities(void **state)
{
	struct vlapic *l = &apic[0];

	(void)state;
	vlapic_raise(l, 0x31, false);
	vlapic_raise(l, 0x3f, false);
	vlapic_raise(l, 0x45, false);
	assert_int_equal(vlapic_pending(l), 0x45);
	vlapic_take(l, 0x45);
	assert_int_equal(reg(l, APIC_PPR), 0x40);
	assert_int_equal(vlapic_pending(l), NOBODY);
	vlapic_raise(l, 0x4f, false); /* of the same class: it waits */
	assert_int_equal(vlapic_pending(l), NOBODY);
	vlapic_raise(l, 0x50, false);
	assert_int_equal(vlapic_pending(l), 0x50);
	vlapic_take(l, 0x50);
	set_reg(l, APIC_EOI, 0); /* ends 0x50, not 0x45 */
	assert_int_equal(reg(l, APIC_PPR), 0x40);
	set_reg(l, APIC_EOI, 0);
	assert_int_equal(vlapic_pending(l), 0x4f);
	set_reg(l, APIC_EOI, 0); /* nothing in service: nothing happens */
	assert_int_equal(reg(l, APIC_PPR), 0);
}

static void task_priority(void **state)
{
	struct vlapic *l = &apic[0];

	(void)state;
	vlapic_raise(l, 0x61, false);
	set_reg(l, APIC_TPR, 0x65);
	assert_int_equal(reg(l, APIC_PPR), 0x65);
	assert_int_equal(vlapic_pending(l), NOBODY);
	assert_int_equal(vlapic_threshold(l), 6);
	assert_int_equal(vlapic_cr8(l), 6);
	assert_true(vlapic_set_cr8(l, 5));
	assert_int_equal(reg(l, APIC_TPR), 0x50);
	assert_int_equal(vlapic_threshold(l), 0);
	assert_int_equal(vlapic_pending(l), 0x61);
	assert_false(vlapic_set_cr8(l, 16));
	assert_int_equal(vlapic_cr8(l), 5);
	/* behind what is in service, a lower TPR would not help */
	vlapic_take(l, 0x61);
	vlapic_raise(l, 0x62, false);
	set_reg(l, APIC_TPR, 0xf0);
	assert_int_equal(vlapic_threshold(l), 0);
	vlapic_raise(l, 0x72, false);
	assert_int_equal(vlapic_threshold(l), 7);
}

static void levels(void **state)
{
	struct vlapic *l = &apic[2];

	(void)state;
	vlapic_raise(l, 0x41, true);
	assert_int_equal(reg(l, APIC_TMR + 0x20), 2);
	vlapic_take(l, 0x41);
	set_reg(l, APIC_EOI, 0);
	assert_int_equal(fake[2].eois, 1);
	assert_int_equal(fake[2].eoi, 0x41);
	vlapic_raise(l, 0x41, false);
	assert_int_equal(reg(l, APIC_TMR + 0x20), 0);
	vlapic_take(l, 0x41);
	set_reg(l, APIC_EOI, 0);
	assert_int_equal(fake[2].eois, 1);
}

/* Nothing comes while the guest has it disabled; entries are masked by that, and stay so until written. */
static void disabled_by_software(void **state)
{
	struct vlapic *l = &apic[0];

	(void)state;
	set_reg(l, APIC_LVT_ERROR, 0xfe);
	assert_int_equal(reg(l, APIC_LVT_ERROR), 0xfe);
	vlapic_raise(l, 0x80, false);
	set_reg(l, APIC_SVR, 0xff);
	assert_int_equal(reg(l, APIC_LVT_ERROR), 0xfe | APIC_LVT_MASKED);
	vlapic_raise(l, 0x90, false);
	assert_int_equal(vlapic_pending(l), 0x80); /* what was there before stays */
	set_reg(l, APIC_LVT_ERROR, 0xfe);
	assert_int_equal(reg(l, APIC_LVT_ERROR), 0xfe | APIC_LVT_MASKED);
	set_reg(l, APIC_SVR, SVR_ON);
	assert_int_equal(reg(l, APIC_LVT_ERROR), 0xfe | APIC_LVT_MASKED);
}

static void low_vectors(void **state)
{
	(void)state;
	vlapic_raise(&apic[0], 15, false);
	assert_int_equal(vlapic_pending(&apic[0]), NOBODY);
	assert_int_equal(fake[0].kicks, 0);
	vlapic_raise(&apic[0], 16, false);
	assert_int_equal(vlapic_pending(&apic[0]), 16);
	set_reg(&apic[1], APIC_LVT_ERROR, 0xfe);
	set_reg(&apic[1], APIC_ICR, 0x4000 | 15 | 1 << 18);
	assert_int_equal(reg(&apic[1], APIC_ESR), 0); /* only after a write */
	set_reg(&apic[1], APIC_ESR, 0);
	assert_int_equal(reg(&apic[1], APIC_ESR), 0x20);
	assert_int_equal(vlapic_pending(&apic[1]), 0xfe);
	set_reg(&apic[1], APIC_ESR, 0);
	assert_int_equal(reg(&apic[1], APIC_ESR), 0);
}

/* The error's own vector is wrong: noted, and that is all. */
static void error_of_error(void **state)
{
	(void)state;
	set_reg(&apic[1], APIC_LVT_ERROR, 3);
	set_reg(&apic[1], APIC_ICR, 3 | 1 << 18);
	assert_int_equal(vlapic_pending(&apic[1]), NOBODY);
	set_reg(&apic[1], APIC_ESR, 0);
	assert_int_equal(reg(&apic[1], APIC_ESR), 0x20);
}

static void reserved_bits(void **state)
{
	static const uint32_t kept[] = { 0x700ff, 0x107ff, 0x107ff, 0x1a7ff, 0x1a7ff, 0x100ff };

	(void)state;
	for (uint32_t n = 0; n < 6; n++) {
		set_reg(&apic[0], APIC_LVT_TIMER + 16 * n, UINT32_MAX);
		assert_int_equal(reg(&apic[0], APIC_LVT_TIMER + 16 * n), kept[n]);
	}
	set_reg(&apic[0], APIC_TPR, UINT32_MAX);
	assert_int_equal(reg(&apic[0], APIC_TPR), 0xff);
	set_reg(&apic[0], APIC_LDR, UINT32_MAX);
	assert_int_equal(reg(&apic[0], APIC_LDR), 0xff000000);
	set_reg(&apic[0], APIC_DFR, 0);
	assert_int_equal(reg(&apic[0], APIC_DFR), 0x0fffffff);
	set_reg(&apic[0], APIC_TDCR, UINT32_MAX);
	assert_int_equal(reg(&apic[0], APIC_TDCR), 0xb);
	set_reg(&apic[0], APIC_ICR_HIGH, UINT32_MAX);
	assert_int_equal(reg(&apic[0], APIC_ICR_HIGH), 0xff000000);
	set_reg(&apic[0], APIC_ICR, 0x00033000); /* fixed, vector 0 */
	assert_int_equal(reg(&apic[0], APIC_ICR), 0);
	set_reg(&apic[0], APIC_VERSION, 1); /* read only: noted as an error */
	assert_int_equal(reg(&apic[0], APIC_VERSION), 0x50014);
	set_reg(&apic[0], APIC_ESR, 0);
	assert_int_equal(reg(&apic[0], APIC_ESR), 0xa0);
}

static void odd_accesses(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(vlapic_mmio_read(&apic[0], APIC_VERSION, 1, &value));
	assert_int_equal(value, 0x14);
	assert_true(vlapic_mmio_read(&apic[0], APIC_VERSION + 2, 2, &value));
	assert_int_equal(value, 5);
	assert_true(vlapic_mmio_read(&apic[0], APIC_VERSION, 8, &value));
	assert_int_equal(value, 0x50014);
	assert_true(vlapic_mmio_read(&apic[0], APIC_VERSION + 4, 4, &value));
	assert_int_equal(value, 0);
	assert_true(vlapic_mmio_read(&apic[0], 0xffc, 4, &value));
	assert_int_equal(value, 0);
	assert_true(vlapic_mmio_write(&apic[0], APIC_TPR, 1, 0x20));
	assert_true(vlapic_mmio_write(&apic[0], APIC_TPR + 4, 4, 0x20));
	assert_true(vlapic_mmio_write(&apic[0], APIC_TPR, 8, 0x20));
	assert_int_equal(reg(&apic[0], APIC_TPR), 0);
	set_reg(&apic[0], 0xff0, 1);
	assert_int_equal(vlapic_pending(&apic[0]), NOBODY);
}

static void send(unsigned int from, uint32_t dest, uint32_t low)
{
	set_reg(&apic[from], APIC_ICR_HIGH, dest << 24);
	set_reg(&apic[from], APIC_ICR, low);
	assert_int_equal(reg(&apic[from], APIC_ICR), low);
}

/* Who has @vector pending, a bit each; they take and end it. */
static unsigned int who(uint8_t vector)
{
	unsigned int mask = 0;

	for (unsigned int n = 0; n < NR_CPUS; n++) {
		if (vlapic_pending(&apic[n]) == vector) {
			mask |= 1U << n;
			vlapic_take(&apic[n], vector);
			vlapic_msr_write(&apic[n], X2(APIC_EOI), 0); /* one of the two */
			vlapic_mmio_write(&apic[n], APIC_EOI, 4, 0);
		}
	}
	return mask;
}

static void physical_ipis(void **state)
{
	(void)state;
	send(0, 2, 0x4000 | 0xfd);
	assert_int_equal(who(0xfd), 4);
	send(0, 9, 0x4000 | 0xfd);
	assert_int_equal(who(0xfd), 0);
	send(0, 0xff, 0x4000 | 0xfd);
	assert_int_equal(who(0xfd), 0xf);
	send(3, 3, 0x4000 | 0xfd);
	assert_int_equal(who(0xfd), 8);
}

static void shorthands(void **state)
{
	(void)state;
	send(1, 0, 0x44000 | 0xfc);
	assert_int_equal(who(0xfc), 2);
	send(1, 0, 0x84000 | 0xfc);
	assert_int_equal(who(0xfc), 0xf);
	send(1, 0, 0xc4000 | 0xfc);
	assert_int_equal(who(0xfc), 0xd);
	send(1, 0, 0x84000 | APIC_INIT << 8); /* not with these modes */
	send(1, 0, 0x44000 | APIC_NMI << 8);
	assert_int_equal(fake[0].inits + fake[1].inits, 0);
	assert_false(vlapic_take_nmi(&apic[1]));
	send(1, 0, 0xc4000 | APIC_NMI << 8);
	assert_true(vlapic_take_nmi(&apic[0]));
	assert_false(vlapic_take_nmi(&apic[0]));
	assert_false(vlapic_take_nmi(&apic[1]));
}

static void logical_ipis(void **state)
{
	(void)state;
	send(0, 0x6, 0x4800 | 0xe0);
	assert_int_equal(who(0xe0), 6);
	/* clusters: 0 and 1 in the first, 2 and 3 in the second */
	for (unsigned int n = 0; n < NR_CPUS; n++) {
		set_reg(&apic[n], APIC_DFR, 0);
		set_reg(&apic[n], APIC_LDR, (n / 2 << 4 | 1U << n % 2) << 24);
	}
	send(0, 0x13, 0x4800 | 0xe0);
	assert_int_equal(who(0xe0), 0xc);
	send(0, 0x02, 0x4800 | 0xe0);
	assert_int_equal(who(0xe0), 2);
	send(0, 0xff, 0x4800 | 0xe0);
	assert_int_equal(who(0xe0), 0xf);
}

static void lowest_priority(void **state)
{
	(void)state;
	set_reg(&apic[0], APIC_TPR, 0x10);
	set_reg(&apic[1], APIC_TPR, 0x10);
	send(3, 0x7, 0x4800 | APIC_LOWEST << 8 | 0xd0);
	assert_int_equal(who(0xd0), 4);
	set_reg(&apic[2], APIC_SVR, 0xff); /* not to who takes none */
	send(3, 0x7, 0x4800 | APIC_LOWEST << 8 | 0xd0);
	assert_int_equal(who(0xd0), 1);
}

static void bringing_up(void **state)
{
	(void)state;
	send(0, 1, 0xc000 | APIC_INIT << 8);
	assert_int_equal(fake[1].inits, 1);
	send(0, 1, 0x8000 | APIC_INIT << 8); /* de-assert */
	assert_int_equal(fake[1].inits, 1);
	send(0, 1, 0x4000 | APIC_SIPI << 8 | 0x9a);
	assert_int_equal(fake[1].sipi, 0x9a);
	assert_int_equal(fake[2].sipi, -1);
	vlapic_nmi(&apic[1]);
	vlapic_raise(&apic[1], 0x55, true);
	vlapic_init_signal(&apic[1]);
	assert_false(vlapic_take_nmi(&apic[1]));
	assert_int_equal(vlapic_pending(&apic[1]), NOBODY);
	assert_int_equal(reg(&apic[1], APIC_SVR), 0xff);
	assert_int_equal(reg(&apic[1], APIC_LDR), 0);
	assert_int_equal(reg(&apic[1], APIC_ID), 1U << 24);
}

/* Modes that nobody has a use for go nowhere. */
static void other_modes(void **state)
{
	(void)state;
	send(0, 1, 0x4000 | APIC_SMI << 8);
	send(0, 1, 0x4000 | 3 << 8 | 0x40);
	send(0, 1, 0x4000 | APIC_EXTINT << 8 | 0x40);
	assert_int_equal(fake[1].kicks, 0);
	send(0, 1, 0x4000 | APIC_LOWEST << 8 | 3);
	assert_int_equal(fake[1].kicks, 0);
}

static void messages(void **state)
{
	(void)state;
	assert_true(vlapic_message(&set, 1, false, APIC_FIXED, 0x33, true));
	assert_int_equal(who(0x33), 2);
	assert_int_equal(fake[1].eoi, 0x33);
	assert_true(vlapic_message(&set, 0xc, true, APIC_FIXED, 0x33, false));
	assert_int_equal(who(0x33), 0xc);
	assert_false(vlapic_message(&set, 7, false, APIC_FIXED, 0x33, false));
	assert_false(vlapic_message(&set, 0x100, true, APIC_FIXED, 0x33, false));
	assert_false(vlapic_message(&set, 1, false, APIC_FIXED, 3, false));
	set_reg(&apic[1], APIC_SVR, 0xff);
	assert_false(vlapic_message(&set, 1, false, APIC_FIXED, 0x33, false));
	assert_true(vlapic_message(&set, 1, false, APIC_NMI, 0, false));
	assert_true(vlapic_take_nmi(&apic[1]));
}

static void modes(void **state)
{
	struct vlapic *l = &apic[1];
	uint64_t value, base = VLAPIC_BASE | APIC_BASE_ENABLE;

	(void)state;
	assert_false(vlapic_msr_read(l, X2(APIC_ID), &value)); /* while it is an xAPIC */
	assert_false(vlapic_msr_write(l, X2(APIC_TPR), 0));
	assert_false(vlapic_msr_write(l, MSR_APIC_BASE, VLAPIC_BASE | APIC_BASE_EXTD));
	assert_false(vlapic_msr_write(l, MSR_APIC_BASE, base | APIC_BASE_BSP));
	assert_false(vlapic_msr_write(l, MSR_APIC_BASE, base | 0x1000));
	assert_false(vlapic_msr_write(l, MSR_APIC_BASE, base | 1));
	assert_false(vlapic_msr_write(l, MSR_APIC_BASE, base | 1ULL << 52));
	assert_true(vlapic_msr_write(l, MSR_APIC_BASE, base));
	assert_int_equal(reg(l, APIC_SVR), SVR_ON);
	to_x2apic(l);
	assert_false(vlapic_mmio_read(l, APIC_ID, 4, &value));
	assert_false(vlapic_mmio_write(l, APIC_TPR, 4, 0));
	assert_int_equal(msr(l, X2(APIC_SVR)), SVR_ON);		/* kept */
	assert_false(vlapic_msr_write(l, MSR_APIC_BASE, base)); /* only by way of off */
	assert_true(vlapic_msr_write(l, MSR_APIC_BASE, VLAPIC_BASE));
	assert_false(vlapic_msr_read(l, X2(APIC_ID), &value));
	assert_false(vlapic_mmio_read(l, APIC_ID, 4, &value));
	vlapic_raise(l, 0x80, false);
	vlapic_nmi(l);
	assert_int_equal(fake[1].kicks, 0);
	send(0, 1, 0xc000 | APIC_INIT << 8);
	assert_int_equal(fake[1].inits, 0);
	assert_false(vlapic_msr_write(l, MSR_APIC_BASE, base | APIC_BASE_EXTD));
	assert_true(vlapic_msr_write(l, MSR_APIC_BASE, base));
	assert_int_equal(reg(l, APIC_SVR), 0xff);
}

static void x2apic_registers(void **state)
{
	struct vlapic *l = &apic[3];
	uint64_t value;

	(void)state;
	to_x2apic(l);
	assert_int_equal(msr(l, X2(APIC_ID)), 3);
	assert_int_equal(msr(l, X2(APIC_LDR)), 8);
	assert_int_equal(msr(l, X2(APIC_VERSION)), 0x50014);
	assert_true(vlapic_msr_write(l, X2(APIC_TPR), 0x30));
	assert_int_equal(msr(l, X2(APIC_PPR)), 0x30);
	assert_true(vlapic_msr_write(l, X2(APIC_TPR), 0));
	assert_true(vlapic_msr_write(l, X2(APIC_LVT_LINT0), 0x10700));
	assert_int_equal(msr(l, X2(APIC_LVT_LINT0)), 0x10700);
	vlapic_raise(l, 0x41, false);
	assert_int_equal(msr(l, X2(APIC_IRR + 0x20)), 2);
	vlapic_take(l, 0x41);
	assert_int_equal(msr(l, X2(APIC_ISR + 0x20)), 2);
	assert_true(vlapic_msr_write(l, X2(APIC_EOI), 0));
	assert_int_equal(msr(l, X2(APIC_ISR + 0x20)), 0);
	assert_true(vlapic_msr_write(l, X2(APIC_SELF_IPI), 0x77));
	assert_int_equal(vlapic_pending(l), 0x77);
	assert_true(vlapic_msr_write(l, X2(APIC_ESR), 0));
	assert_false(vlapic_msr_read(l, X2(APIC_EOI), &value));
	assert_false(vlapic_msr_read(l, X2(APIC_SELF_IPI), &value));
}

/* What is not there, is read only, or has bits set that are reserved. */
static void x2apic_faults(void **state)
{
	static const uint32_t absent[] = { 0x000,    APIC_DFR, APIC_ICR_HIGH, APIC_LVT_CMCI,
					   APIC_APR, 0x400,    0xff0 };
	static const uint32_t read_only[] = { APIC_ID,	APIC_VERSION, APIC_PPR,	 APIC_LDR,
					      APIC_ISR, APIC_IRR,     APIC_TMCCT };
	struct vlapic *l = &apic[0];
	uint64_t value;

	(void)state;
	to_x2apic(l);
	for (size_t n = 0; n < ARRAY_SIZE(absent); n++) {
		assert_false(vlapic_msr_read(l, X2(absent[n]), &value));
		assert_false(vlapic_msr_write(l, X2(absent[n]), 0));
	}
	for (size_t n = 0; n < ARRAY_SIZE(read_only); n++) {
		assert_true(vlapic_msr_read(l, X2(read_only[n]), &value));
		assert_false(vlapic_msr_write(l, X2(read_only[n]), 0));
	}
	assert_false(vlapic_msr_write(l, X2(APIC_TPR), 0x100));
	assert_false(vlapic_msr_write(l, X2(APIC_EOI), 1));
	assert_false(vlapic_msr_write(l, X2(APIC_ESR), 1));
	assert_false(vlapic_msr_write(l, X2(APIC_SVR), 0x400));
	assert_false(vlapic_msr_write(l, X2(APIC_SELF_IPI), 0x100));
	assert_false(vlapic_msr_write(l, X2(APIC_ICR), 1U << 13));
	assert_false(vlapic_msr_write(l, X2(APIC_TMICT), 1ULL << 32));
	assert_false(vlapic_msr_write(l, X2(APIC_LVT_ERROR), 0x200fe));
	assert_int_equal(vlapic_pending(l), NOBODY);
}

static void x2apic_ipis(void **state)
{
	(void)state;
	for (unsigned int n = 0; n < NR_CPUS; n++) {
		to_x2apic(&apic[n]);
	}
	assert_true(vlapic_msr_write(&apic[0], X2(APIC_ICR), 2ULL << 32 | 0x4000 | 0xa1));
	assert_int_equal(who(0xa1), 4);
	assert_int_equal(msr(&apic[0], X2(APIC_ICR)), 2ULL << 32 | 0x4000 | 0xa1);
	assert_true(vlapic_msr_write(&apic[0], X2(APIC_ICR), 0xaULL << 32 | 0x4800 | 0xa1));
	assert_int_equal(who(0xa1), 0xa);
	assert_true(vlapic_msr_write(&apic[0], X2(APIC_ICR), 0x1000fULL << 32 | 0x4800 | 0xa1));
	assert_int_equal(who(0xa1), 0); /* another cluster */
	assert_true(vlapic_msr_write(&apic[0], X2(APIC_ICR), 0xffULL << 32 | 0x4000 | 0xa1));
	assert_int_equal(who(0xa1), 0); /* no broadcast here */
	assert_true(vlapic_msr_write(&apic[0], X2(APIC_ICR), 0xffffffffULL << 32 | 0x4000 | 0xa1));
	assert_int_equal(who(0xa1), 0xf);
}

static void which_msrs(void **state)
{
	(void)state;
	assert_true(vlapic_has_msr(0x1b));
	assert_true(vlapic_has_msr(0x6e0));
	assert_true(vlapic_has_msr(0x800));
	assert_true(vlapic_has_msr(0x8ff));
	assert_false(vlapic_has_msr(0x7ff));
	assert_false(vlapic_has_msr(0x900));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(at_power_on, set_up),
		cmocka_unit_test_setup(raise_take_end, set_up),
		cmocka_unit_test_setup(untaken, set_up),
		cmocka_unit_test_setup(priorities, set_up),
		cmocka_unit_test_setup(task_priority, set_up),
		cmocka_unit_test_setup(levels, set_up),
		cmocka_unit_test_setup(disabled_by_software, set_up),
		cmocka_unit_test_setup(low_vectors, set_up),
		cmocka_unit_test_setup(error_of_error, set_up),
		cmocka_unit_test_setup(reserved_bits, set_up),
		cmocka_unit_test_setup(odd_accesses, set_up),
		cmocka_unit_test_setup(physical_ipis, set_up),
		cmocka_unit_test_setup(shorthands, set_up),
		cmocka_unit_test_setup(logical_ipis, set_up),
		cmocka_unit_test_setup(lowest_priority, set_up),
		cmocka_unit_test_setup(bringing_up, set_up),
		cmocka_unit_test_setup(other_modes, set_up),
		cmocka_unit_test_setup(messages, set_up),
		cmocka_unit_test_setup(modes, set_up),
		cmocka_unit_test_setup(x2apic_registers, set_up),
		cmocka_unit_test_setup(x2apic_faults, set_up),
		cmocka_unit_test_setup(x2apic_ipis, set_up),
		cmocka_unit_test_setup(which_msrs, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
