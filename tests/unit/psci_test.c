// SPDX-License-Identifier: Apache-2.0
/* The firmware that guests see, on a built set of domains: what each number answers, and to whom. */
#include <unit.h>
#include <world.h>

#include <asm/psci.h>
#include <asm/vsmccc.h>

#define ENTRY  (GUEST_RAM0_BASE + 0x80000)
#define FILLER 0x1111111122222222UL

static struct smccc_facts facts;
static struct domain *one, *two;
static bool waited;

const struct smccc_facts *smccc_facts(void)
{
	return &facts;
}

static int setup(void **state)
{
	(void)state;
	world_setup(3);
	one = domain_get(1);
	two = domain_get(2);
	return 0;
}

static int64_t call(struct vcpu *v, uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
	uint64_t x[8] = { fn, a1, a2, a3, FILLER, FILLER, FILLER, FILLER };

	waited = vsmccc_call(v, x);
	for (unsigned int i = 4; i < 8; i++) {
		assert_int_equal(x[i], FILLER);
	}
	assert_int_equal(x[1], a1);
	assert_int_equal(x[2], a2);
	assert_int_equal(x[3], a3);
	return (int64_t)x[0];
}

static int64_t ask(uint64_t fn, uint64_t a1)
{
	return call(one->vcpus[0], fn, a1, 0, 0);
}

static void versions(void **state)
{
	(void)state;
	assert_int_equal(ask(PSCI_VERSION, 0), 0x10001);
	assert_int_equal(ask(SMCCC_VERSION, 0), 0x10002);
	assert_int_equal(ask(0xffffffff00000000UL | PSCI_VERSION, 0), 0x10001);
	assert_int_equal(ask(PSCI_MIGRATE_INFO_TYPE, 0), 2);
}

/* All of the service's numbers, from the specification's table of functions. */
static void each_function_is_there_or_not(void **state)
{
	static const uint32_t there[] = {
		0x84000000, 0x84000001, 0xc4000001, 0x84000002, 0x84000003, 0xc4000003, 0x84000004,
		0xc4000004, 0x84000006, 0x84000008, 0x84000009, 0x8400000a, 0x84000012, 0xc4000012,
	};

	(void)state;
	for (uint32_t fn = 0x84000000; fn < 0x84000040; fn++) {
		for (uint32_t wide = 0; wide <= SMCCC_64; wide += SMCCC_64) {
			bool is_there = false;

			for (unsigned int i = 0; i < ARRAY_SIZE(there); i++) {
				is_there |= there[i] == (fn | wide);
			}
			assert_int_equal(ask(PSCI_FEATURES, fn | wide), is_there ? 0 : -1);
			if (!is_there) {
				assert_int_equal(ask(fn | wide, 0), -1);
			}
		}
	}
	assert_int_equal(ask(PSCI_FEATURES, SMCCC_VERSION), 0);
	assert_int_equal(ask(PSCI_FEATURES, SMCCC_ARCH_FEATURES), -1);
	assert_int_equal(ask(PSCI_FEATURES, 0x04000000), -1); /* a yielding call */
	assert_int_equal(ask(PSCI_FEATURES, 0x95000000), -1);
	assert_true(vcpu_is_runnable(one->vcpus[0]));
}

static void what_is_not_there(void **state)
{
	static const uint32_t fns[] = { 0,	    1,		0x04000000, 0x84000040, 0x84010000,
					0x86000000, 0xc6000000, 0xbf00ff01, 0xffffffff };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(fns); i++) {
		assert_int_equal(ask(fns[i], FILLER), -1);
		assert_false(waited);
	}
}

static void a_cpu_is_started_at_ram_only(void **state)
{
	struct vcpu *v0 = one->vcpus[0], *v1 = one->vcpus[1];

	(void)state;
	assert_int_equal(call(v0, PSCI_CPU_ON_64, 2, ENTRY, 0), -2);
	assert_int_equal(call(v0, PSCI_CPU_ON_64, 1UL << 32 | 1, ENTRY, 0), -2);
	assert_int_equal(call(v0, PSCI_CPU_ON_64, 1UL << 31 | 1, ENTRY, 0), -2);
	assert_int_equal(call(v0, PSCI_CPU_ON_64, 1, 0x10000000, 0), -9);
	assert_int_equal(call(v0, PSCI_CPU_ON_64, 1, ENTRY + 2, 0), -9);
	assert_int_equal(call(v0, PSCI_CPU_ON_64, 1, 1UL << 32 | ENTRY, 0), -9);
	assert_int_equal(call(v0, PSCI_CPU_ON_64, 0, ENTRY, 0), -4);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 1, 0, 0), 1);
	assert_int_equal(v1->state, VCPU_OFFLINE);
	assert_int_equal(call(v0, PSCI_CPU_ON_64, 1, ENTRY, FILLER), 0);
	assert_int_equal(v1->arch.entry, ENTRY);
	assert_int_equal(v1->arch.arg, FILLER);
	assert_true(vcpu_is_runnable(v1));
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 1, 0, 0), 0);
	assert_int_equal(call(v0, PSCI_CPU_ON_64, 1, ENTRY, 0), -4);
}

static void a_narrow_call_has_narrow_arguments(void **state)
{
	struct vcpu *v0 = one->vcpus[0], *v1 = one->vcpus[1];

	(void)state;
	(void)call(v1, PSCI_CPU_OFF, 0, 0, 0);
	assert_int_equal(v1->state, VCPU_OFFLINE);
	assert_int_equal(call(v0, PSCI_CPU_ON_32, 5UL << 32 | 1, 7UL << 32 | ENTRY, FILLER), 0);
	assert_int_equal(v1->arch.entry, ENTRY);
	assert_int_equal(v1->arch.arg, (uint32_t)FILLER);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_32, 5UL << 32 | 1, 5UL << 32, 0), 0);
}

static void affinity_by_level(void **state)
{
	struct vcpu *v0 = one->vcpus[0], *v1 = one->vcpus[1];

	(void)state;
	for (uint64_t level = 1; level <= 3; level++) {
		assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 0, level, 0), 0);
		/* fields below the level do not count, those above do */
		assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 0x77, level, 0), 0);
		assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 1UL << 32, level, 0), -2);
	}
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 0x100, 1, 0), -2);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 0x100, 2, 0), 0);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 0x10000, 2, 0), -2);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 0x10000, 3, 0), 0);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 0, 4, 0), -2);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 0, 1UL << 32, 0), -2);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 2, 0, 0), -2);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 1UL << 24, 0, 0), -2);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 1UL << 32, 0, 0), -2);
	(void)call(v1, PSCI_CPU_OFF, 0, 0, 0);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 1, 0, 0), 1);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 1, 1, 0), 0);
	/* nobody on: seen from outside only, for the caller is one of them */
	(void)call(v0, PSCI_CPU_OFF, 0, 0, 0);
	assert_int_equal(call(v0, PSCI_AFFINITY_INFO_64, 0, 1, 0), 1);
	assert_int_equal(call(v1, PSCI_CPU_ON_64, 0, ENTRY, 0), 0);
}

static void suspend_waits(void **state)
{
	struct vcpu *v0 = one->vcpus[0];

	(void)state;
	assert_int_equal(call(v0, PSCI_CPU_SUSPEND_64, 0, 0, 0), 0);
	assert_true(waited);
	assert_int_equal(call(v0, PSCI_CPU_SUSPEND_32, 0xffff, 0, 0), 0);
	assert_true(waited);
	assert_int_equal(call(v0, PSCI_CPU_SUSPEND_64, 0x10000, ENTRY, 7), 0);
	assert_true(waited);
	assert_int_equal(call(v0, PSCI_CPU_SUSPEND_64, 0x10000, 0x10000000, 7), -9);
	assert_false(waited);
	assert_int_equal(call(v0, PSCI_CPU_SUSPEND_32, 0x1000000, ENTRY, 7), -2);
	assert_int_equal(call(v0, PSCI_CPU_SUSPEND_32, 0x20000, ENTRY, 7), -2);
	assert_int_equal(call(v0, PSCI_CPU_SUSPEND_32, 0x80000000, ENTRY, 7), -2);
	assert_false(waited);
}

/* What the CPU and the firmware say, and nothing else; numbers that are told do something. */
static void workarounds_are_as_told(void **state)
{
	static const uint32_t fns[] = { SMCCC_WORKAROUND_1, SMCCC_WORKAROUND_2,
					SMCCC_WORKAROUND_3 };
	static const int32_t answers[] = { 0, 1, -1, -2 };

	(void)state;
	for (unsigned int f = 0; f < ARRAY_SIZE(fns); f++) {
		for (unsigned int a = 0; a < ARRAY_SIZE(answers); a++) {
			facts = (struct smccc_facts){ { -1, -1, -1 }, false, 0, 0 };
			facts.workaround[f] = answers[a];
			for (unsigned int g = 0; g < ARRAY_SIZE(fns); g++) {
				assert_int_equal(ask(SMCCC_ARCH_FEATURES, fns[g]),
						 g == f ? answers[a] : -1);
			}
			assert_int_equal(ask(fns[f], 1), answers[a] < 0 ? -1 : 0);
		}
	}
	assert_int_equal(ask(SMCCC_ARCH_FEATURES, SMCCC_VERSION), 0);
	assert_int_equal(ask(SMCCC_ARCH_FEATURES, SMCCC_ARCH_FEATURES), 0);
	assert_int_equal(ask(SMCCC_ARCH_FEATURES, PSCI_VERSION), -1);
}

static void soc_id(void **state)
{
	(void)state;
	facts = (struct smccc_facts){ { -1, -1, -1 }, false, 7, 8 };
	assert_int_equal(ask(SMCCC_ARCH_FEATURES, SMCCC_ARCH_SOC_ID), -1);
	assert_int_equal(ask(SMCCC_ARCH_SOC_ID, 0), -1);
	facts.has_soc_id = true;
	assert_int_equal(ask(SMCCC_ARCH_FEATURES, SMCCC_ARCH_SOC_ID), 0);
	assert_int_equal(ask(SMCCC_ARCH_SOC_ID, 0), 7);
	assert_int_equal(ask(SMCCC_ARCH_SOC_ID, 1), 8);
	assert_int_equal(ask(SMCCC_ARCH_SOC_ID, 2), -2);
}

static void services_have_names(void **state)
{
	uint64_t x[8] = { SMCCC_HYPERVISOR_UID };

	(void)state;
	assert_false(vsmccc_call(one->vcpus[0], x));
	/* a71812dc-c698-4369-9acf-79d18dde667, byte by byte into words */
	assert_int_equal(x[0], 0xdc1218a7);
	assert_int_equal(x[1], 0x694398c6);
	assert_int_equal(x[2], 0xd179cf9a);
	assert_int_equal(x[3], 0x67e6de8d);
	x[0] = SMCCC_STANDARD_UID;
	assert_false(vsmccc_call(one->vcpus[0], x));
	assert_int_equal(x[0], 0x6f3863f8);
	x[0] = SMCCC_HYPERVISOR_REV;
	x[1] = FILLER;
	assert_false(vsmccc_call(one->vcpus[0], x));
	assert_int_equal(x[0], 0);
	assert_int_equal(x[1], 1);
	assert_int_equal(ask(SMCCC_HYPERVISOR_COUNT, 0), 3);
}

static void reset2_and_off_end_one_domain(void **state)
{
	(void)state;
	assert_int_equal(call(two->vcpus[0], PSCI_SYSTEM_RESET2_64, 1, 0, 0), -2);
	assert_int_equal(call(two->vcpus[0], PSCI_SYSTEM_RESET2_32, 0x80000000, 0, 0), -2);
	assert_true(domain_is_running(two));
	(void)call(two->vcpus[0], PSCI_SYSTEM_RESET2_64, 0, 0, 0);
	assert_false(domain_is_running(two));
	assert_int_equal(two->shutdown_reason, SHUTDOWN_reboot);
	assert_true(domain_is_running(one));
	(void)call(one->vcpus[0], PSCI_SYSTEM_OFF, 0, 0, 0);
	assert_int_equal(one->shutdown_reason, SHUTDOWN_poweroff);
	assert_true(domain_is_running(domain_get(3)));
	(void)call(domain_get(3)->vcpus[0], PSCI_SYSTEM_RESET, 0, 0, 0);
	world_bury(two);
	world_bury(one);
	HOST_ENDS(world_bury(domain_get(3)));
	assert_int_equal(domain_get(3)->shutdown_reason, SHUTDOWN_reboot);
	assert_int_equal(host.end, HOST_POWERED_OFF); /* it was the last one */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions),
		cmocka_unit_test(each_function_is_there_or_not),
		cmocka_unit_test(what_is_not_there),
		cmocka_unit_test(a_cpu_is_started_at_ram_only),
		cmocka_unit_test(a_narrow_call_has_narrow_arguments),
		cmocka_unit_test(affinity_by_level),
		cmocka_unit_test(suspend_waits),
		cmocka_unit_test(workarounds_are_as_told),
		cmocka_unit_test(soc_id),
		cmocka_unit_test(services_have_names),
		cmocka_unit_test(reset2_and_off_end_one_domain),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
