// SPDX-License-Identifier: Apache-2.0
/* What guests see of a CPU's ID registers, and what EL2 traps of them. */
#include <unit.h>

#include <asm/controls.h>
#include <asm/idregs.h>
#include <string.h>

static uint64_t hw[IDREG_COUNT], view[IDREG_COUNT];

static unsigned int field(unsigned int reg, unsigned int at)
{
	return (unsigned int)(view[reg] >> at) & 0xf;
}

static int clean(void **state)
{
	(void)state;
	memset(hw, 0, sizeof(hw));
	memset(view, 0x5a, sizeof(view));
	return 0;
}

static void of_the_least_cpu(void **state)
{
	(void)state;
	hw[ID_AA64PFR0] = 0x1; /* not even a GIC's registers */
	idview_make(hw, view);
	assert_int_equal(view[ID_AA64PFR0], 0x01000011);
	assert_int_equal(view[ID_AA64DFR0], 0xf000000006);
	for (unsigned int i = 0; i < IDREG_COUNT; i++) {
		if (i != ID_AA64PFR0 && i != ID_AA64DFR0) {
			assert_int_equal(view[i], 0);
		}
	}
}

/* Every field of every register at its highest: nothing is shown that nobody has looked at. */
static void of_a_cpu_of_the_future(void **state)
{
	(void)state;
	memset(hw, 0x77, sizeof(hw));
	idview_make(hw, view);
	assert_int_equal(view[ID_AA64PFR0], 0x1101000001110012);
	assert_int_equal(view[ID_AA64PFR1], 0x21);
	assert_int_equal(view[ID_AA64ISAR0], 0x1221111110212120);
	assert_int_equal(view[ID_AA64ISAR1] & 0xff000ff0, 0);
	assert_int_equal(view[ID_AA64ISAR2], 0x10100010);
	assert_int_equal(field(ID_AA64MMFR0, 0), 2);
	assert_int_equal(view[ID_AA64MMFR0] >> 32, 0);
	assert_int_equal(field(ID_AA64MMFR1, 8), 0);
	assert_int_equal(field(ID_AA64MMFR1, 16), 0);
	assert_int_equal(field(ID_AA64MMFR2, 24), 0);
	assert_int_equal(field(ID_AA64MMFR2, 40), 0);
	assert_int_equal(field(ID_AA64DFR0, 8), 0);
	assert_int_equal(field(ID_AA64DFR0, 0), 6);
	assert_int_equal(field(ID_AA64DFR0, 12), 7);
	for (unsigned int reg = 0; reg < IDREG_COUNT; reg++) {
		if (reg < IDREG(1, 0) || reg > IDREG(7, 2) ||
		    (reg >= IDREG(4, 2) && reg <= IDREG(4, 7))) {
			assert_int_equal(view[reg], 0);
		}
	}
}

static void what_is_not_there_stays_so(void **state)
{
	(void)state;
	hw[ID_AA64PFR0] = 0x0ff0011;	     /* neither FP nor AdvSIMD */
	hw[ID_AA64MMFR0] = 0xff000000UL | 5; /* neither 64 nor 4 KiB pages */
	idview_make(hw, view);
	assert_int_equal(field(ID_AA64PFR0, 16), 0xf);
	assert_int_equal(field(ID_AA64PFR0, 20), 0xf);
	assert_int_equal(field(ID_AA64MMFR0, 24), 0xf);
	assert_int_equal(field(ID_AA64MMFR0, 28), 0xf);
	hw[ID_AA64MMFR0] = 0x12200000; /* 4 and 16 KiB with 52 bits */
	idview_make(hw, view);
	assert_int_equal(field(ID_AA64MMFR0, 28), 0);
	assert_int_equal(field(ID_AA64MMFR0, 20), 1);
	assert_int_equal(field(ID_AA64MMFR0, 0), 0);
}

static void aarch32_of_applications_only(void **state)
{
	(void)state;
	memset(hw, 0x11, sizeof(hw));
	hw[ID_AA64PFR0] = 0x2222; /* AArch32 everywhere */
	idview_make(hw, view);
	assert_int_equal(view[ID_AA64PFR0] & 0xffff, 0x12);
	assert_int_equal(view[IDREG(2, 0)], hw[IDREG(2, 0)]);
	assert_int_equal(view[IDREG(3, 0)], hw[IDREG(3, 0)]);
	assert_int_equal(view[ID_DFR0_32], 1);
	assert_int_equal(view[ID_PFR0_32], 0x01011111);
	hw[ID_AA64PFR0] = 0x11;
	idview_make(hw, view);
	for (unsigned int i = 0; i < IDREG(4, 0); i++) {
		assert_int_equal(view[i], 0);
	}
}

static void controls_follow_the_cpu(void **state)
{
	const struct controls_ids least = { .pfr0 = 0x11 };
	const struct controls_ids all = { .pfr0 = 1UL << 28,
					  .pfr1 = 2UL << 8,
					  .dfr0 = 1UL << 32 | 1UL << 40,
					  .mmfr0 = 1UL << 56,
					  .mmfr1 = 1UL << 16 | 1UL << 40,
					  .nr_counters = 6 };
	struct controls a, b;

	(void)state;
	controls_make(&least, &a);
	controls_make(&all, &b);
	assert_false(a.has_ras || a.has_hcrx || a.has_fgt);
	assert_true(b.has_ras && b.has_hcrx && b.has_fgt);
	/* bits that an older CPU does not have are left alone there: TLOR, TERR, TID5 */
	assert_int_equal(b.hcr ^ a.hcr, 1UL << 35 | 1UL << 36 | 1UL << 58);
	assert_int_equal(b.mdcr ^ a.mdcr, 1UL << 14 | 1UL << 19 | 6);
	/* a guest is AArch64 at EL1; no pointer authentication, tags, nesting or SCXTNUM_ELx */
	assert_int_equal(a.hcr >> 31 & 1, 1);
	assert_int_equal(b.hcr & (3UL << 40 | 1UL << 42 | 1UL << 53 | 1UL << 56), 0);
	/* its breakpoints are trapped by vcpu/debug.c, as long as it has none */
	assert_int_equal(b.mdcr & MDCR_TDA, 0);
	/* SVE, SME, trace, activity monitors */
	assert_int_equal(b.cptr & (1UL << 8 | 1UL << 12 | 1UL << 20 | 1UL << 30),
			 1UL << 8 | 1UL << 12 | 1UL << 20 | 1UL << 30);
	assert_int_equal(b.cptr & 1UL << 10, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(of_the_least_cpu, clean),
		cmocka_unit_test_setup(of_a_cpu_of_the_future, clean),
		cmocka_unit_test_setup(what_is_not_there_stays_so, clean),
		cmocka_unit_test_setup(aarch32_of_applications_only, clean),
		cmocka_unit_test(controls_follow_the_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
