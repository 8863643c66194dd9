// SPDX-License-Identifier: Apache-2.0
/* Which mitigations a CPU offers: arch/x86_64/policy/mitigate.c. */
#include <unit.h>

#include <asm/mitigate.h>
#include <string.h>

static struct {
	bool is_amd;
	uint32_t last, last_extended, version;
	uint32_t seven_edx, e8_ebx, e21_eax;
} cpu;

static void host(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	(void)subleaf;
	*r = (struct cpuid_regs){ 0 };
	switch (leaf) {
	case 0:
		r->eax = cpu.last;
		r->ecx = cpu.is_amd ? 0x444d4163 : 0x6c65746e;
		break;
	case 1:
		r->eax = cpu.version;
		break;
	case 7:
		r->edx = cpu.seven_edx;
		break;
	case 0x80000000:
		r->eax = cpu.last_extended;
		break;
	case 0x80000008:
		r->ebx = cpu.e8_ebx;
		break;
	case 0x80000021:
		r->eax = cpu.e21_eax;
		break;
	default:
		fail();
	}
}

static void intel(void **state)
{
	(void)state;
	memset(&cpu, 0, sizeof(cpu));
	cpu.last = 7;
	cpu.last_extended = 0x80000008;
	cpu.version = 0x506e3;
	assert_int_equal(mitigate_offered(host), 0);
	cpu.seven_edx = 1U << 10 | 1U << 26 | 1U << 28;
	assert_int_equal(mitigate_offered(host), MITIGATE_IBPB | MITIGATE_VERW | MITIGATE_L1D);
	cpu.last = 6; /* leaf 7 is not there */
	assert_int_equal(mitigate_offered(host), 0);
}

static void amd(void **state)
{
	(void)state;
	memset(&cpu, 0, sizeof(cpu));
	cpu.is_amd = true;
	cpu.last = 7;
	cpu.last_extended = 0x80000008;
	cpu.version = 0x00000f61; /* family 0Fh: LFENCE serialises */
	assert_int_equal(mitigate_offered(host), 0);
	cpu.version = 0x00800f11; /* 17h */
	assert_int_equal(mitigate_offered(host), MITIGATE_SET_LFENCE);
	cpu.e8_ebx = 1U << 12;
	assert_int_equal(mitigate_offered(host), MITIGATE_SET_LFENCE | MITIGATE_IBPB);
	cpu.last_extended = 0x80000021;
	cpu.e21_eax = 4; /* it always does */
	assert_int_equal(mitigate_offered(host), MITIGATE_IBPB);
	cpu.last_extended = 0x80000004;
	cpu.version = 0x00200f31; /* 11h */
	assert_int_equal(mitigate_offered(host), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intel),
		cmocka_unit_test(amd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
