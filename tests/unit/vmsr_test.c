// SPDX-License-Identifier: Apache-2.0
/* What a guest's RDMSR and WRMSR do. */
#include <unit.h>

#include <asm/vmsr.h>
#include <string.h>

static struct vcpuid c;
static struct vmsr m;
static const char *vendor;

static void host(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	*r = (struct cpuid_regs){ UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX };
	if (leaf == 0) {
		memcpy(&r->ebx, vendor, 4);
		memcpy(&r->edx, vendor + 4, 4);
		memcpy(&r->ecx, vendor + 8, 4);
	} else if (leaf == 0x80000008) {
		r->eax = 0x3028; /* 40 bits of addresses */
	} else if (leaf == 0xd) {
		r->eax = subleaf == 0 ? 7 : 256;
		r->ebx = 576;
	}
}

static void begin(const char *whose)
{
	vendor = whose;
	vcpuid_init(&c, host, 1, 2, 1000000);
	vmsr_reset(&m);
}

static int set_up(void **state)
{
	(void)state;
	begin("GenuineIntel");
	return 0;
}

static uint64_t get(uint32_t msr)
{
	uint64_t value = 0xdead;

	assert_int_equal(vmsr_read(&m, &c, msr, &value), VMSR_DONE);
	return value;
}

static int set(uint32_t msr, uint64_t value)
{
	return (int)vmsr_write(&m, &c, msr, value);
}

/* Of all 2^32, those that are not a #GP are the ones that the table names. */
static void who_is_there(void **state)
{
	static const uint32_t there[][2] = {
		{ 0x10, 0x10 },	  { 0x17, 0x17 },   { 0x1b, 0x1b },   { 0x8b, 0x8b },
		{ 0xfe, 0xfe },	  { 0x174, 0x176 }, { 0x179, 0x17a }, { 0x1a0, 0x1a0 },
		{ 0x1d9, 0x1d9 }, { 0x200, 0x20f }, { 0x250, 0x250 }, { 0x258, 0x259 },
		{ 0x268, 0x26f }, { 0x277, 0x277 }, { 0x2ff, 0x2ff }, { 0x6e0, 0x6e0 },
		{ 0x800, 0x8ff },
	};
	uint64_t value;

	(void)state;
	for (uint32_t msr = 0, n = 0; msr < 0x3000; msr++) {
		bool is_there = n < ARRAY_SIZE(there) && msr >= there[n][0];

		assert_int_equal(vmsr_read(&m, &c, msr, &value) != VMSR_GP, is_there);
		n += is_there && msr == there[n][1];
	}
	for (uint32_t msr = 0xc0010000; msr < 0xc0012000; msr++) {
		assert_int_equal(vmsr_read(&m, &c, msr, &value), VMSR_GP); /* AMD's */
		assert_int_equal(set(msr, 0), VMSR_GP);
	}
	assert_int_equal(vmsr_read(&m, &c, 0x40000000, &value), VMSR_CORE);
	assert_int_equal(vmsr_read(&m, &c, 0x40000001, &value), VMSR_GP);
	assert_int_equal(vmsr_read(&m, &c, UINT32_MAX, &value), VMSR_GP);
}

/* The counters and their like: the PMU is not there, nor are the speculation controls. */
static void none_of_these(void **state)
{
	static const uint32_t none[] = { 0x3a,	0x48,  0x49,	   0xc1,      0xe7,  0xe8,
					 0x10a, 0x186, 0x309,	   0x345,     0x38f, 0x480,
					 0xd90, 0xda0, 0xc0010114, 0xc0010117 };
	uint64_t value;

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(none); n++) {
		assert_int_equal(vmsr_read(&m, &c, none[n], &value), VMSR_GP);
		assert_int_equal(set(none[n], 0), VMSR_GP);
	}
}

static void for_the_core(void **state)
{
	static const uint32_t core[] = { 0x10,	     0x1b,	 0x174,	     0x277,
					 0x6e0,	     0x808,	 0x40000000, 0xc0000080,
					 0xc0000084, 0xc0000102, 0xc0000103 };
	uint64_t value;

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(core); n++) {
		assert_int_equal(vmsr_read(&m, &c, core[n], &value), VMSR_CORE);
		assert_int_equal(set(core[n], 1), VMSR_CORE);
	}
	vcpuid_clear(&c, VCPUID_1_ECX, 1U << 24);
	assert_int_equal(set(0x6e0, 1), VMSR_GP);
	vcpuid_clear(&c, VCPUID_E1_EDX, 1U << 27);
	assert_int_equal(set(0xc0000103, 1), VMSR_CORE); /* RDPID reads it too */
	vcpuid_clear(&c, VCPUID_7_ECX, 1U << 22);
	assert_int_equal(set(0xc0000103, 1), VMSR_GP);
}

static void constants(void **state)
{
	(void)state;
	assert_int_equal(get(0xfe), 0x508);
	assert_int_equal(set(0xfe, 0x508), VMSR_GP);
	assert_int_equal(get(0x8b), 0);
	assert_int_equal(set(0x8b, 0), VMSR_DONE);
	assert_int_equal(get(0x179), 0);
	assert_int_equal(get(0x17), 0);
}

static void of_amd(void **state)
{
	uint64_t value;

	(void)state;
	begin("AuthenticAMD");
	assert_int_equal(get(0xc0010015), 1U << 24);
	assert_int_equal(set(0xc0010015, 0), VMSR_DONE);
	assert_int_equal(get(0xc0010015), 1U << 24);
	assert_int_equal(get(0xc0010010), 0);
	assert_int_equal(get(0xc001001f), 0);
	assert_int_equal(get(0xc0011029), 2);
	assert_int_equal(vmsr_read(&m, &c, 0x17, &value), VMSR_GP);
	assert_int_equal(vmsr_read(&m, &c, 0x1a0, &value), VMSR_GP);
}

static void mtrrs(void **state)
{
	(void)state;
	assert_int_equal(get(0x2ff), 0xc06);
	assert_int_equal(get(0x250), 0x0606060606060606);
	assert_int_equal(set(0x2ff, 0xc00), VMSR_DONE);
	assert_int_equal(get(0x2ff), 0xc00);
	assert_int_equal(set(0x2ff, 0xc02), VMSR_GP);
	assert_int_equal(set(0x2ff, 0x1c06), VMSR_GP);
	assert_int_equal(set(0x2ff, 7), VMSR_GP);
	assert_int_equal(get(0x2ff), 0xc00);
	/* each fixed one is its own */
	for (uint32_t n = 0; n < 8; n++) {
		assert_int_equal(set(0x268 + n, 0x0101010101010100 + (n % 2 == 0)), VMSR_DONE);
	}
	assert_int_equal(set(0x258, 0x0404040404040404), VMSR_DONE);
	assert_int_equal(set(0x259, 0x0505050505050505), VMSR_DONE);
	assert_int_equal(get(0x26f), 0x0101010101010100);
	assert_int_equal(get(0x26e), 0x0101010101010101);
	assert_int_equal(get(0x250), 0x0606060606060606);
	assert_int_equal(get(0x258), 0x0404040404040404);
	assert_int_equal(set(0x258, 0x0204040404040404), VMSR_GP);
	assert_int_equal(set(0x258, 0x0704040404040404), VMSR_GP);
}

static void variable_mtrrs(void **state)
{
	(void)state;
	assert_int_equal(get(0x20f), 0);
	assert_int_equal(set(0x200, 0xffc0000006), VMSR_DONE); /* 40 bits */
	assert_int_equal(set(0x201, 0xffc0000800), VMSR_DONE);
	assert_int_equal(get(0x200), 0xffc0000006);
	assert_int_equal(get(0x201), 0xffc0000800);
	assert_int_equal(set(0x200, 0x1ffc0000006), VMSR_GP);
	assert_int_equal(set(0x200, 0x1000007), VMSR_GP);
	assert_int_equal(set(0x200, 0x1000106), VMSR_GP);
	assert_int_equal(set(0x201, 0xffc0000801), VMSR_GP);
	assert_int_equal(get(0x200), 0xffc0000006);
}

static void misc(void **state)
{
	(void)state;
	assert_int_equal(get(0x1a0), 0x1801);
	assert_int_equal(set(0x1a0, 0x1800), VMSR_DONE);
	assert_int_equal(set(0x1a0, 0x1), VMSR_GP);
	assert_int_equal(set(0x1a0, 0x401800), VMSR_GP);
	assert_int_equal(get(0x1a0), 0x1800);
	assert_int_equal(set(0x17a, 4), VMSR_DONE);
	assert_int_equal(get(0x17a), 4);
	assert_int_equal(set(0x17a, 8), VMSR_GP);
	assert_true(vmsr_pat_is_valid(0x0007040600070406));
	assert_false(vmsr_pat_is_valid(0x0007040600070402));
	assert_false(vmsr_pat_is_valid(0x0807040600070406));
	assert_false(vmsr_pat_is_valid(0x4007040600070406));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(who_is_there, set_up),
		cmocka_unit_test_setup(none_of_these, set_up),
		cmocka_unit_test_setup(for_the_core, set_up),
		cmocka_unit_test_setup(constants, set_up),
		cmocka_unit_test_setup(of_amd, set_up),
		cmocka_unit_test_setup(mtrrs, set_up),
		cmocka_unit_test_setup(variable_mtrrs, set_up),
		cmocka_unit_test_setup(misc, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
