// SPDX-License-Identifier: Apache-2.0
/* What a guest's CPUID answers, on hosts that are made up: a generous one, an AMD of an emulator, a poor one. */
#include <unit.h>

#include <asm/vcpuid.h>
#include <string.h>

#define ALL  UINT32_MAX
#define TSC  2500000U
#define NEXT 0x7fffffffU

static struct vcpuid c;
static struct vcpuid_vcpu v = { .vcpu_id = 1, .apic_id = 1, .has_apic = true, .xcr0 = 1 };
static const char *vendor; /* in the order EBX, EDX, ECX */

static void name(struct cpuid_regs *r)
{
	memcpy(&r->ebx, vendor, 4);
	memcpy(&r->edx, vendor + 4, 4);
	memcpy(&r->ecx, vendor + 8, 4);
}

/* Has everything there is and will be, but for the sizes of its state components, which are real ones. */
static void generous(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	static const struct cpuid_regs components[] = {
		{ 0xe7, 2696, 2696, 0 }, { ALL, ALL, ALL, ALL }, { 256, 576, 0, 0 },
		{ 64, 960, 0, 0 },	 { 64, 1024, 0, 0 },	 { 64, 1088, 2, 0 },
		{ 512, 1152, 2, 0 },	 { 1024, 1664, 2, 0 },	 { 8, 2688, 0, 0 },
		{ 8, 2688, 0, 0 },
	};

	*r = (struct cpuid_regs){ ALL, ALL, ALL, ALL };
	if (leaf == 0) {
		r->eax = NEXT;
		name(r);
	} else if (leaf == 0x80000000) {
		r->eax = ALL;
		name(r);
	} else if (leaf == 4) {
		*r = (struct cpuid_regs){ subleaf < 3 ? 0xffffff21 : 0, 0x1c0003f, 63, 0 };
	} else if (leaf == 0xd) {
		*r = components[subleaf];
	}
}

/* What QEMU's qemu64 with SVM says, as far as it matters. */
static void emulator(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	*r = (struct cpuid_regs){ 0 };
	if (leaf == 0 || leaf == 0x80000000) {
		r->eax = leaf == 0 ? 0xd : 0x8000000a;
		name(r);
	} else if (leaf == 1) {
		*r = (struct cpuid_regs){ 0x00000f61, 0x00010800, 0x80002001, 0x078bfbfd };
	} else if (leaf == 0x80000001) {
		*r = (struct cpuid_regs){ 0x00000f61, 0, 0x00000005, 0x2193fbfd };
	} else if (leaf == 0x80000008) {
		*r = (struct cpuid_regs){ 0x00003028, 0, 0, 0 };
	}
	(void)subleaf;
}

static void poor(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	*r = (struct cpuid_regs){ 0 };
	if (leaf == 0) {
		r->eax = 1;
		name(r);
	} else if (leaf == 1) {
		*r = (struct cpuid_regs){ 0x600, 0, 0, 0x1ff };
	}
	(void)subleaf;
}

static void on(vcpuid_host_fn host, const char *whose)
{
	vendor = whose;
	v = (struct vcpuid_vcpu){ .vcpu_id = 1, .apic_id = 1, .has_apic = true, .xcr0 = 1 };
	vcpuid_init(&c, host, 7, 3, TSC);
}

static struct cpuid_regs read_sub(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r = { 1, 2, 3, 4 };

	vcpuid_read(&c, &v, leaf, subleaf, &r);
	return r;
}

static struct cpuid_regs read_leaf(uint32_t leaf)
{
	return read_sub(leaf, 0);
}

static void is_zero(struct cpuid_regs r)
{
	assert_int_equal(r.eax | r.ebx | r.ecx | r.edx, 0);
}

/* Guests choose their hypercall instruction by it. */
static void vendors(void **state)
{
	static const struct {
		const char *name;
		enum vcpuid_vendor vendor;
		uint8_t last;
	} all[] = { { "GenuineIntel", VCPUID_INTEL, 0xc1 },
		    { "AuthenticAMD", VCPUID_AMD, 0xd9 },
		    { "HygonGenuine", VCPUID_AMD, 0xd9 },
		    { "CentaurHauls", VCPUID_OTHER, 0xc1 } };
	static uint8_t page[PAGE_SIZE];

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(all); n++) {
		struct cpuid_regs r, as_is;

		on(generous, all[n].name);
		assert_int_equal(c.vendor, all[n].vendor);
		generous(0, 0, &as_is);
		r = read_leaf(0);
		assert_memory_equal(&r.ebx, &as_is.ebx, 12);
		assert_int_equal(r.eax, 0x16);
		r = read_leaf(0x80000000);
		assert_memory_equal(&r.ebx, &as_is.ebx, 12);
		assert_int_equal(r.eax, 0x80000008);
		vcpuid_hypercall_page(&c, page);
		assert_memory_equal(
			page + 34 * 32,
			((uint8_t[]){ 0xb8, 34, 0, 0, 0, 0x0f, 0x01, all[n].last, 0xc3 }), 9);
		assert_memory_equal(page + 127 * 32, ((uint8_t[]){ 0xb8, 127, 0, 0, 0, 0x0f }), 6);
		assert_memory_equal(page + 23 * 32, ((uint8_t[]){ 0x0f, 0x0b }), 2);
	}
}

static void forbidden(uint32_t leaf, uint32_t subleaf, uint32_t ecx, uint32_t ebx, uint32_t edx)
{
	struct cpuid_regs r = read_sub(leaf, subleaf);

	assert_int_equal(r.ecx & ecx, 0);
	assert_int_equal(r.ebx & ebx, 0);
	assert_int_equal(r.edx & edx, 0);
}

/* On a CPU that has everything: nothing that would leak, escape or that nobody has looked at. */
static void hidden(void **state)
{
	(void)state;
	on(generous, "GenuineIntel");
	/* MONITOR, VMX, SMX, EIST, TM2, PDCM, DCA; PSN, DS, ACPI, TM, PBE */
	forbidden(1, 0, 1U << 3 | 1U << 5 | 1U << 6 | 1U << 7 | 1U << 8 | 1U << 15 | 1U << 18, 0,
		  1U << 18 | 1U << 21 | 1U << 22 | 1U << 29 | 1U << 31);
	/* TSX, MPX, RDT, PT, SGX; PKU, LA57, CET; the speculation controls */
	forbidden(7, 0, 1U << 3 | 1U << 5 | 1U << 7 | 1U << 16,
		  1U << 2 | 1U << 4 | 1U << 11 | 1U << 12 | 1U << 14 | 1U << 15 | 1U << 25,
		  1U << 26 | 1U << 27 | 1U << 28 | 1U << 29 | 1U << 31);
	/* SVM, IBS, SKINIT, topology and performance extensions */
	forbidden(0x80000001, 0,
		  1U << 2 | 1U << 9 | 1U << 10 | 1U << 12 | 1U << 22 | 1U << 23 | 1U << 24, 0, 0);
	forbidden(0x80000007, 0, ALL, ALL, ~(1U << 8));
	assert_int_equal(read_sub(0xd, 1).eax & ~7U, 0); /* no XSAVES */
	for (uint32_t leaf = 0; leaf <= 0x16; leaf++) {
		if (leaf == 3 || leaf == 5 || (leaf >= 8 && leaf <= 0xa) || leaf == 0xc ||
		    (leaf >= 0xe && leaf <= 0x14)) {
			is_zero(read_leaf(leaf)); /* MONITOR, PMU, RDT, SGX, PT */
		}
	}
	assert_int_equal(read_leaf(6).eax, 4);
}

static void shown(void **state)
{
	(void)state;
	on(emulator, "AuthenticAMD");
	assert_int_equal(read_leaf(0).eax, 0xd);
	assert_int_equal(read_leaf(1).eax, 0xf61);
	assert_int_equal(read_leaf(1).ecx,
			 0x80002001 | 1U << 21); /* and x2APIC; no deadline: the TSC may stop */
	assert_int_equal(read_leaf(1).edx, 0x078bfbfd | 1U << 28);
	assert_int_equal(read_leaf(0x80000001).ecx, 0x3 & ~4U);
	assert_int_equal(read_leaf(0x80000001).edx, 0x2193fbfd & ~(1U << 19));
	assert_int_equal(read_leaf(0x80000008).eax, 0x3028);
	assert_int_equal(read_leaf(0x80000008).ecx, 2 | 2 << 12);
	is_zero(read_leaf(0xd)); /* no XSAVE */
	is_zero(read_leaf(0xe));
	is_zero(read_leaf(0x80000009));
	is_zero(read_leaf(0x8000000a));
	is_zero(read_leaf(0xc0000000));
}

static void of_a_vcpu(void **state)
{
	(void)state;
	on(generous, "AuthenticAMD");
	assert_int_equal(read_leaf(1).ebx, 1U << 24 | 3 << 16 | 0xff00);
	assert_int_equal(read_leaf(1).ecx & 1U << 27, 0);
	assert_true((read_leaf(1).edx & 1U << 9) != 0);
	assert_true((read_leaf(0x80000001).edx & 1U << 9) != 0);
	assert_true((read_leaf(1).ecx & 1U << 24) != 0);
	v.is_osxsave = true;
	v.has_apic = false;
	v.apic_id = 2;
	assert_true((read_leaf(1).ecx & 1U << 27) != 0);
	assert_int_equal(read_leaf(1).edx & 1U << 9, 0);
	assert_int_equal(read_leaf(0x80000001).edx & 1U << 9, 0);
	assert_int_equal(read_leaf(1).ebx >> 24, 2);
}

static void topology(void **state)
{
	struct cpuid_regs r;

	(void)state;
	on(generous, "GenuineIntel");
	r = read_sub(0xb, 0);
	assert_int_equal(r.eax, 0);
	assert_int_equal(r.ebx, 1);
	assert_int_equal(r.ecx, 0x100);
	assert_int_equal(r.edx, 1);
	r = read_sub(0xb, 1);
	assert_int_equal(r.eax, 2); /* APIC IDs of 3 CPUs have 2 bits */
	assert_int_equal(r.ebx, 3);
	assert_int_equal(r.ecx, 0x201);
	r = read_sub(0xb, 2);
	assert_int_equal(r.eax | r.ebx, 0);
	assert_int_equal(r.ecx, 2);
	assert_int_equal(read_sub(4, 0).eax, 0x321 | 2U << 26);
	assert_int_equal(read_sub(4, 3).eax, 0);
	is_zero(read_sub(4, 9));
	vcpuid_init(&c, generous, 7, 1, TSC);
	assert_int_equal(read_leaf(1).edx & 1U << 28, 0);
	assert_int_equal(read_sub(0xb, 1).eax, 0);
}

static void xen_leaves(void **state)
{
	struct cpuid_regs r;

	(void)state;
	on(generous, "GenuineIntel");
	r = read_leaf(0x40000000);
	assert_int_equal(r.eax, 0x40000005);
	assert_memory_equal(&r.ebx, "XenVMMXenVMM", 12);
	assert_true(read_leaf(0x40000001).eax >> 16 >= 4);
	r = read_leaf(0x40000002);
	assert_int_equal(r.eax, 1);
	assert_int_equal(r.ebx, 0x40000000);
	assert_int_equal(r.ecx, 0);
	r = read_leaf(0x40000003);
	assert_int_equal(r.eax, 6);
	assert_int_equal(r.ebx, 2);
	assert_int_equal(r.ecx, TSC);
	assert_int_equal(read_sub(0x40000003, 2).eax, TSC);
	c.machine_khz = TSC / 2; /* its own runs at another rate */
	assert_int_equal(read_sub(0x40000003, 0).ecx, TSC);
	assert_int_equal(read_sub(0x40000003, 2).eax, TSC / 2);
	is_zero(read_sub(0x40000003, 3));
	r = read_leaf(0x40000004);
	assert_int_equal(r.eax, 1U << 3 | 1U << 4 | 1U << 6);
	assert_int_equal(r.ebx, 1);
	assert_int_equal(r.ecx, 7);
	is_zero(read_sub(0x40000004, 1));
	is_zero(read_leaf(0x40000005));
	is_zero(read_leaf(0x40000006));
	is_zero(read_leaf(0x40000100)); /* nobody else's interface */
}

/* The TSC's rate by leaf 0x15, whose crystal is what the APIC's timer counts. */
static void rates(void **state)
{
	struct cpuid_regs r;

	(void)state;
	on(generous, "GenuineIntel");
	r = read_leaf(0x15);
	assert_int_equal((uint64_t)r.ecx * r.ebx / r.eax, 1000ULL * TSC);
	assert_int_equal(r.ecx, 100000000);
	assert_int_equal(read_leaf(0x16).eax, 2500);
}

/* Leaves beyond the last: on Intel the last one's answer, on AMD nothing. */
static void beyond(void **state)
{
	(void)state;
	on(generous, "GenuineIntel");
	assert_int_equal(read_leaf(0x17).eax, read_leaf(0x16).eax);
	assert_int_equal(read_leaf(0x3fffffff).eax, 2500);
	assert_int_equal(read_leaf(0x80000009).eax, 2500);
	on(generous, "AuthenticAMD");
	is_zero(read_leaf(0x17));
	is_zero(read_leaf(0x80000009));
	is_zero(read_leaf(UINT32_MAX));
}

static void xsave(void **state)
{
	(void)state;
	on(generous, "GenuineIntel");
	assert_int_equal(c.xcr0, 0xe7);
	assert_int_equal(read_sub(0xd, 0).eax, 0xe7);
	assert_int_equal(read_sub(0xd, 0).ebx, 576);
	assert_int_equal(read_sub(0xd, 0).ecx, 2688);
	v.xcr0 = 7;
	assert_int_equal(read_sub(0xd, 0).ebx, 832);
	assert_int_equal(read_sub(0xd, 1).ebx, 832);
	v.xcr0 = 0xe7;
	assert_int_equal(read_sub(0xd, 0).ebx, 2688);
	assert_int_equal(read_sub(0xd, 1).ebx, 832 + 64 + 512 + 1024); /* no gaps */
	assert_int_equal(read_sub(0xd, 6).ebx, 1152);
	assert_int_equal(read_sub(0xd, 6).ecx, 2);
	is_zero(read_sub(0xd, 3)); /* MPX is not the guest's */
	is_zero(read_sub(0xd, 9));
	is_zero(read_sub(0xd, 10));
	is_zero(read_sub(0xd, UINT32_MAX));
}

static void xcr0(void **state)
{
	static const uint64_t good[] = { 1, 3, 7, 0xe7 };
	static const uint64_t bad[] = { 0, 2, 5, 0x27, 0xe3, 0x1f, 0x200, 0xe6, 1ULL << 63 | 1 };

	(void)state;
	on(generous, "GenuineIntel");
	for (size_t n = 0; n < ARRAY_SIZE(good); n++) {
		assert_true(vcpuid_xcr0_is_valid(&c, good[n]));
	}
	for (size_t n = 0; n < ARRAY_SIZE(bad); n++) {
		assert_false(vcpuid_xcr0_is_valid(&c, bad[n]));
	}
	vcpuid_clear(&c, VCPUID_7_EBX, 1U << 16);
	assert_false(vcpuid_xcr0_is_valid(&c, 0xe7));
	assert_true(vcpuid_xcr0_is_valid(&c, 7));
}

/* What is taken away takes with it what stands on it. */
static void taking_away(void **state)
{
	(void)state;
	on(generous, "GenuineIntel");
	assert_true(vcpuid_has(&c, VCPUID_7_EBX, 31));
	vcpuid_clear(&c, VCPUID_7_EBX, 1U << 5); /* AVX2 */
	assert_false(vcpuid_has(&c, VCPUID_7_EBX, 16));
	assert_false(vcpuid_has(&c, VCPUID_7_EBX, 31));
	assert_false(vcpuid_has(&c, VCPUID_7_ECX, 11));
	assert_true(vcpuid_has(&c, VCPUID_1_ECX, 12));
	assert_int_equal(c.xcr0, 7);
	vcpuid_clear(&c, VCPUID_1_ECX, 1U << 26); /* XSAVE */
	assert_false(vcpuid_has(&c, VCPUID_1_ECX, 28));
	assert_false(vcpuid_has(&c, VCPUID_1_ECX, 12));
	assert_false(vcpuid_has(&c, VCPUID_7_ECX, 9));
	assert_false(vcpuid_has(&c, VCPUID_D_1_EAX, 0));
	assert_int_equal(c.xcr0, 0);
	is_zero(read_sub(0xd, 0));
	assert_false(vcpuid_xcr0_is_valid(&c, 1));
	assert_true(vcpuid_has(&c, VCPUID_1_ECX, 25)); /* AES needs none of it */
}

static void poor_host(void **state)
{
	(void)state;
	on(poor, "GenuineIntel");
	assert_int_equal(read_leaf(0).eax, 1);
	assert_int_equal(read_leaf(1).edx, 0x1ff | 1U << 28);
	assert_int_equal(read_leaf(0x80000001).eax, read_leaf(1).eax); /* beyond the last */
	assert_false(vcpuid_has(&c, VCPUID_7_EBX, 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vendors),     cmocka_unit_test(hidden),
		cmocka_unit_test(shown),       cmocka_unit_test(of_a_vcpu),
		cmocka_unit_test(topology),    cmocka_unit_test(xen_leaves),
		cmocka_unit_test(rates),       cmocka_unit_test(beyond),
		cmocka_unit_test(xsave),       cmocka_unit_test(xcr0),
		cmocka_unit_test(taking_away), cmocka_unit_test(poor_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
