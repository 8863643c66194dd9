// SPDX-License-Identifier: Apache-2.0
/* Which errata a CPU has, and what is done about speculation on it. */
#include <unit.h>

#include <asm/errata.h>
#include <asm/midr.h>
#include <asm/psci.h>
#include <asm/spectre.h>
#include <string.h>

#define QEMU_A57 0x411fd070U
#define QEMU_A72 0x410fd083U
#define QEMU_N1	 0x414fd0c1U
#define PI4_A72	 0x410fd083U
#define CSV2(n)	 ((uint64_t)(n) << 56)

static bool has(uint32_t midr, const char *name)
{
	for (unsigned int i = 0; i < nr_errata; i++) {
		if (erratum_matches(&errata[i], midr) && strcmp(errata[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

static uint32_t count(uint32_t midr)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < nr_errata; i++) {
		n += erratum_matches(&errata[i], midr);
	}
	return n;
}

static uint32_t midr_of(uint32_t model, uint32_t r, uint32_t p)
{
	return model | r << 20 | p;
}

static void errata_by_revision(void **state)
{
	(void)state;
	assert_true(has(QEMU_A57, "834220"));
	assert_true(has(QEMU_A57, "832075"));
	assert_true(has(midr_of(MIDR_CORTEX_A57, 1, 2), "834220"));
	assert_false(has(midr_of(MIDR_CORTEX_A57, 1, 3), "834220"));
	assert_true(has(midr_of(MIDR_CORTEX_A57, 1, 3), "1319537"));
	assert_true(has(midr_of(MIDR_CORTEX_A53, 0, 1), "819472"));
	assert_false(has(midr_of(MIDR_CORTEX_A53, 0, 2), "819472"));
	assert_true(has(midr_of(MIDR_CORTEX_A53, 0, 2), "824069, 826319, 827319"));
	assert_true(has(midr_of(MIDR_CORTEX_A53, 0, 4), "843419"));
	assert_true(has(PI4_A72, "1319367"));
	assert_true(has(midr_of(MIDR_CORTEX_A76, 3, 0), "1286807"));
	assert_false(has(midr_of(MIDR_CORTEX_A76, 3, 1), "1286807"));
	assert_false(has(midr_of(MIDR_CORTEX_A76, 3, 0), "1165522"));
	assert_true(has(midr_of(MIDR_CORTEX_A55, 2, 0), "1530923"));
	assert_true(has(midr_of(MIDR_CORTEX_A55, 9, 9), "2441007"));
}

static void other_models_have_none(void **state)
{
	(void)state;
	assert_int_equal(count(0), 0);
	assert_int_equal(count(0xffffffff), 0);
	assert_int_equal(count(midr_of(MIDR_CORTEX_A78, 0, 0)), 0);
	/* the same part number of somebody else */
	assert_int_equal(count(MIDR_MODEL(0x42, 0xd07)), 0);
	/* and in the form that older architectures had */
	assert_int_equal(count(QEMU_A57 & ~0xf0000U), 0);
}

static void needs(void **state)
{
	(void)state;
	assert_int_equal(errata_needs(QEMU_A57), ERRATUM_CROSSING);
	assert_int_equal(errata_needs(midr_of(MIDR_CORTEX_A57, 1, 3)), 0);
	assert_int_equal(errata_needs(midr_of(MIDR_CORTEX_A76, 1, 0)), ERRATUM_REPEAT_TLBI);
	assert_int_equal(errata_needs(midr_of(MIDR_CORTEX_A510, 1, 1)), ERRATUM_REPEAT_TLBI);
	assert_int_equal(errata_needs(midr_of(MIDR_CORTEX_A510, 1, 2)), 0);
	assert_int_equal(errata_needs(QEMU_A72), 0);
}

static void rows_are_sound(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < nr_errata; i++) {
		assert_int_equal(errata[i].model & ~MIDR_MODEL_MASK, 0);
		assert_true(errata[i].first <= errata[i].last);
		assert_true(strlen(errata[i].done) > 10);
		assert_true(erratum_matches(&errata[i], errata[i].model |
								errata[i].first >> 4 << 20 |
								(errata[i].first & 0xf)));
	}
}

static struct spectre decide(uint32_t midr, uint64_t pfr0, int32_t wa1, int32_t wa2, int32_t wa3)
{
	const struct spectre_ids ids = { .midr = midr,
					 .pfr0 = pfr0,
					 .firmware = { wa1, wa2, wa3 } };
	struct spectre s;

	spectre_decide(&ids, &s);
	return s;
}

static void without_firmware_nothing_is_paid(void **state)
{
	struct spectre s = decide(QEMU_A57, 0, -1, -1, -1);

	(void)state;
	assert_int_equal(s.vectors, SPECTRE_VECTORS_PLAIN);
	assert_int_equal(s.v2, SPECTRE_VULNERABLE);
	assert_int_equal(s.bhb, SPECTRE_VULNERABLE);
	assert_int_equal(s.v4, SPECTRE_VULNERABLE);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(s.workaround[i], -1);
	}
	assert_false(s.asks_firmware_v4);
}

static void firmware_is_called_at_exits(void **state)
{
	struct spectre s = decide(PI4_A72, 0, 0, 0, -1);

	(void)state;
	assert_int_equal(s.vectors, SPECTRE_VECTORS_FIRMWARE);
	assert_int_equal(s.arg, SMCCC_WORKAROUND_1);
	assert_int_equal(s.v2, SPECTRE_MITIGATED);
	assert_int_equal(s.bhb, SPECTRE_MITIGATED);
	assert_int_equal(s.workaround[0], 0);
	assert_int_equal(s.workaround[1], SMCCC_NOT_REQUIRED);
	assert_int_equal(s.workaround[2], 0);
	assert_true(s.asks_firmware_v4);
	/* the newer call does both */
	s = decide(PI4_A72, 0, 0, 0, 0);
	assert_int_equal(s.arg, SMCCC_WORKAROUND_3);
	s = decide(MIDR_CORTEX_A75, CSV2(1), 1, 1, 0);
	assert_int_equal(s.vectors, SPECTRE_VECTORS_FIRMWARE);
	assert_int_equal(s.arg, SMCCC_WORKAROUND_3);
	assert_int_equal(s.workaround[0], 1);
	assert_int_equal(s.workaround[2], 0);
	s = decide(MIDR_CORTEX_A75, CSV2(1), -1, -1, -1);
	assert_int_equal(s.bhb, SPECTRE_VULNERABLE);
	assert_int_equal(s.workaround[2], -1);
}

static void branches_where_targets_are_safe(void **state)
{
	struct spectre s = decide(QEMU_N1, CSV2(1), -1, -1, -1);

	(void)state;
	assert_int_equal(s.vectors, SPECTRE_VECTORS_LOOP);
	assert_int_equal(s.arg, 24);
	assert_int_equal(s.v2, SPECTRE_UNAFFECTED);
	assert_int_equal(s.bhb, SPECTRE_MITIGATED);
	assert_int_equal(s.workaround[0], 1);
	assert_int_equal(s.workaround[2], 0);
	/* Cortex-A72 r1p0 has CSV2 */
	s = decide(midr_of(MIDR_CORTEX_A72, 1, 0), CSV2(1), -1, -1, -1);
	assert_int_equal(s.vectors, SPECTRE_VECTORS_LOOP);
	assert_int_equal(s.arg, 8);
	assert_int_equal(decide(MIDR_NEOVERSE_V2, CSV2(1), -1, -1, -1).arg, 132);
}

static void hardware_does_it(void **state)
{
	struct spectre_ids ids = { .midr = MIDR_CORTEX_A710,
				   .pfr0 = CSV2(1),
				   .firmware = { -1, -1, -1 } };
	struct spectre s;

	(void)state;
	ids.isar2 = 1UL << 28;
	spectre_decide(&ids, &s);
	assert_int_equal(s.vectors, SPECTRE_VECTORS_CLRBHB);
	ids.mmfr1 = 1UL << 60;
	spectre_decide(&ids, &s);
	assert_int_equal(s.vectors, SPECTRE_VECTORS_PLAIN);
	assert_int_equal(s.bhb, SPECTRE_MITIGATED);
	ids.pfr0 = CSV2(3);
	spectre_decide(&ids, &s);
	assert_int_equal(s.vectors, SPECTRE_VECTORS_PLAIN);
	assert_int_equal(s.bhb, SPECTRE_UNAFFECTED);
	assert_int_equal(s.workaround[2], 1);
}

/* With SSBS the guest has the switch itself and is not told of the firmware's. */
static void store_bypass(void **state)
{
	struct spectre_ids ids = { .midr = QEMU_N1, .pfr0 = CSV2(1), .firmware = { 1, 0, -1 } };
	struct spectre s;

	(void)state;
	ids.pfr1 = 2UL << 4;
	spectre_decide(&ids, &s);
	assert_int_equal(s.v4, SPECTRE_MITIGATED);
	assert_int_equal(s.workaround[1], -1);
	assert_false(s.asks_firmware_v4);
	assert_int_equal(decide(MIDR_CORTEX_A53, 0, -1, -1, -1).v4, SPECTRE_UNAFFECTED);
	assert_int_equal(decide(MIDR_CORTEX_A53, 0, -1, -1, -1).v2, SPECTRE_UNAFFECTED);
	assert_int_equal(decide(MIDR_CORTEX_A53, 0, -1, -1, -1).bhb, SPECTRE_UNAFFECTED);
	assert_int_equal(decide(MIDR_CORTEX_A53, 0, -1, -1, -1).workaround[1], 1);
	assert_int_equal(decide(QEMU_A72, 0, -1, -2, -1).workaround[1], 1);
	assert_int_equal(decide(QEMU_A72, 0, -1, 1, -1).workaround[1], 1);
	assert_string_equal(spectre_state_name(SPECTRE_VULNERABLE), "vulnerable");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errata_by_revision),
		cmocka_unit_test(other_models_have_none),
		cmocka_unit_test(needs),
		cmocka_unit_test(rows_are_sound),
		cmocka_unit_test(without_firmware_nothing_is_paid),
		cmocka_unit_test(firmware_is_called_at_exits),
		cmocka_unit_test(branches_where_targets_are_safe),
		cmocka_unit_test(hardware_does_it),
		cmocka_unit_test(store_bypass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
