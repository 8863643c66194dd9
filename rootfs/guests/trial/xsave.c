// SPDX-License-Identifier: Apache-2.0
/*
 * The vector registers: what CPUID says of them, what XSETBV takes, and whether they are still one's own after others
 * ran. Spec: Intel SDM vol. 1, 13.3 (XCR0); vol. 2, XSETBV and CPUID leaf 0xd.
 */
#include "trial.h"

#define CR4_OSXSAVE  (1UL << 18)
#define ECX_XSAVE    (1U << 26)
#define ECX_OSXSAVE  (1U << 27)
#define ECX_AVX	     (1U << 28)
#define XCR0_FP	     1U
#define XCR0_SSE     2U
#define XCR0_AVX     4U
#define TURNS	     40U
#define LEGACY_BYTES 576U

static const uint8_t xsetbv[] = { 0x0f, 0x01, 0xd1, 0xc3 };

static bool xcr0_write(uint32_t index, uint64_t value)
{
	struct pc_regs r = { .rax = value & UINT32_MAX, .rcx = index, .rdx = value >> 32 };

	return try_call(xsetbv, &r);
}

static uint64_t xcr0_read(void)
{
	uint32_t lo, hi;

	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return (uint64_t)hi << 32 | lo;
}

static void set_osxsave(bool is_on)
{
	uint64_t cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	cr4 = is_on ? cr4 | CR4_OSXSAVE : cr4 & ~CR4_OSXSAVE;
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
}

static void control(uint64_t all)
{
	verdict("CPUID does not say OSXSAVE", (cpuid(1, 0).ecx & ECX_OSXSAVE) == 0);
	verdict("XSETBV before OSXSAVE is undefined", !xcr0_write(0, XCR0_FP) && try_vector == 6);
	set_osxsave(true);
	verdict("CPUID says OSXSAVE", (cpuid(1, 0).ecx & ECX_OSXSAVE) != 0);
	verdict("XCR0 begins with x87 alone", xcr0_read() == XCR0_FP);
	verdict("XCR0 without x87 is refused", !xcr0_write(0, XCR0_SSE) && try_vector == 13);
	verdict("AVX without SSE is refused", !xcr0_write(0, XCR0_FP | XCR0_AVX));
	verdict("what there is not is refused", !xcr0_write(0, all | 1UL << 62));
	verdict("another XCR is refused", !xcr0_write(1, XCR0_FP));
	verdict("sizes follow XCR0", cpuid(0xd, 0).ebx == LEGACY_BYTES);
	verdict("XCR0 is set", xcr0_write(0, all) && xcr0_read() == all);
	verdict("and sizes follow", cpuid(0xd, 0).ebx == cpuid(0xd, 0).ecx);
}

static uint64_t pattern[4] __attribute__((aligned(32))), found[4] __attribute__((aligned(32)));

/* Another domain does the same with another pattern, on the same CPU. */
static void upper_halves(void)
{
	uint64_t domid = domain_id();
	bool is_right = true;

	for (unsigned int i = 0; i < TURNS; i++) {
		for (unsigned int n = 0; n < 4; n++) {
			pattern[n] = (domid << 48) + i * 4 + n;
		}
		__asm__ volatile("vmovdqa %0, %%ymm0\n\tvmovdqa %0, %%ymm15" : : "m"(pattern));
		let_others_run();
		__asm__ volatile("vmovdqa %%ymm0, %0" : "=m"(found));
		for (unsigned int n = 0; n < 4; n++) {
			is_right = is_right && found[n] == pattern[n];
		}
		__asm__ volatile("vmovdqa %%ymm15, %0" : "=m"(found));
		for (unsigned int n = 0; n < 4; n++) {
			is_right = is_right && found[n] == pattern[n];
		}
	}
	verdict("AVX registers are one's own", is_right);
}

void try_xsave(void)
{
	uint32_t features = cpuid(1, 0).ecx;
	struct cpuid_regs d = cpuid(0xd, 0);

	if ((features & ECX_XSAVE) == 0) {
		verdict("no XSAVE, and none of its leaf", d.eax == 0 && (features & ECX_AVX) == 0);
		return;
	}
	control((uint64_t)d.edx << 32 | d.eax);
	if ((features & ECX_AVX) != 0) {
		upper_halves();
	}
}
