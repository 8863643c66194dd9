// SPDX-License-Identifier: Apache-2.0
/*
 * Which features guests may see, and which stand on which others.
 *
 * Named are those whose whole state is the guest's own already (registers that are switched, or none at all). Not named,
 * so never seen: MONITOR, VMX, SVM and their like; all performance monitoring, tracing and debug extensions; TSX; power and
 * thermal control; PKU, CET, LA57, XSAVES; SPEC_CTRL and PRED_CMD, whose MSRs nobody switches yet.
 *
 * Spec: Intel SDM vol. 2A, CPUID; AMD APM vol. 3, E.3 and E.4.
 */
#include "internal.h"

#define B(n) (1U << (n))

const uint32_t vcpuid_mask[VCPUID_NR_REGS] = {
	/* SSE3, PCLMULQDQ, SSSE3, FMA, CX16, PCID, SSE4.1, SSE4.2, MOVBE, POPCNT, AES, XSAVE, AVX, F16C, RDRAND */
	[VCPUID_1_ECX] = B(0) | B(1) | B(9) | B(12) | B(13) | B(17) | B(19) | B(20) | B(22) |
			 B(23) | B(25) | B(26) | B(28) | B(29) | B(30),
	/* FPU, VME, DE, PSE, TSC, MSR, PAE, MCE, CX8, APIC, SEP, MTRR, PGE, MCA, CMOV, PAT, PSE36, CLFLUSH, MMX, FXSR,
	 * SSE, SSE2 */
	[VCPUID_1_EDX] = 0x3ffU | B(11) | B(12) | B(13) | B(14) | B(15) | B(16) | B(17) | B(19) |
			 B(23) | B(24) | B(25) | B(26),
	/* FSGSBASE, BMI1, AVX2, FDP, SMEP, BMI2, ERMS, INVPCID, ZERO_FCS, AVX512F, DQ, RDSEED, ADX, SMAP, IFMA,
	 * CLFLUSHOPT, CLWB, AVX512CD, SHA, AVX512BW, VL */
	[VCPUID_7_EBX] = B(0) | B(3) | B(5) | B(6) | B(7) | B(8) | B(9) | B(10) | B(13) | B(16) |
			 B(17) | B(18) | B(19) | B(20) | B(21) | B(23) | B(24) | B(28) | B(29) |
			 B(30) | B(31),
	/* VBMI, UMIP, VBMI2, GFNI, VAES, VPCLMULQDQ, VNNI, BITALG, VPOPCNTDQ, RDPID, MOVDIRI, MOVDIR64B */
	[VCPUID_7_ECX] = B(1) | B(2) | B(6) | B(8) | B(9) | B(10) | B(11) | B(12) | B(14) | B(22) |
			 B(27) | B(28),
	/* fast short REP MOV, MD_CLEAR, SERIALIZE */
	[VCPUID_7_EDX] = B(4) | B(10) | B(14),
	/* LAHF64, CR8 in 32 bits, LZCNT, SSE4A, misaligned SSE, PREFETCHW, XOP, FMA4, TBM */
	[VCPUID_E1_ECX] = B(0) | B(4) | B(5) | B(6) | B(7) | B(8) | B(11) | B(16) | B(21),
	/* AMD repeats leaf 1; SYSCALL, NX, MMXEXT, FFXSR, 1 GiB pages, RDTSCP, long mode, 3DNow */
	[VCPUID_E1_EDX] = 0x3ffU | B(11) | B(12) | B(13) | B(14) | B(15) | B(16) | B(17) | B(20) |
			  B(22) | B(23) | B(24) | B(25) | B(26) | B(27) | B(29) | B(30) | B(31),
	/* invariant TSC */
	[VCPUID_E7_EDX] = B(8),
	/* CLZERO, FP error pointers */
	[VCPUID_E8_EBX] = B(0) | B(2),
	/* AVX-VNNI, BF16, fast zero-length MOVSB, fast short STOSB, CMPSB */
	[VCPUID_7_1_EAX] = B(4) | B(5) | B(10) | B(11) | B(12),
	/* XSAVEOPT, XSAVEC, XGETBV of 1 */
	[VCPUID_D_1_EAX] = B(0) | B(1) | B(2),
};

struct needs {
	enum vcpuid_reg reg;
	uint32_t bits; /* these are nothing ... */
	enum vcpuid_reg on;
	uint8_t bit; /* ... without this */
};

/* In an order that one pass settles. */
static const struct needs needs[] = {
	{ VCPUID_1_ECX, B(28), VCPUID_1_ECX, 26 }, /* AVX: XSAVE */
	{ VCPUID_D_1_EAX, UINT32_MAX, VCPUID_1_ECX, 26 },
	{ VCPUID_1_ECX, B(12) | B(29), VCPUID_1_ECX, 28 }, /* FMA, F16C: AVX */
	{ VCPUID_7_EBX, B(5), VCPUID_1_ECX, 28 },
	{ VCPUID_7_ECX, B(9) | B(10), VCPUID_1_ECX, 28 },
	{ VCPUID_E1_ECX, B(11) | B(16), VCPUID_1_ECX, 28 },
	{ VCPUID_7_1_EAX, B(4), VCPUID_7_EBX, 5 },
	{ VCPUID_7_EBX, B(16), VCPUID_7_EBX, 5 }, /* AVX512F: AVX2 */
	{ VCPUID_7_EBX, B(17) | B(21) | B(28) | B(30) | B(31), VCPUID_7_EBX, 16 },
	{ VCPUID_7_ECX, B(1) | B(6) | B(11) | B(12) | B(14), VCPUID_7_EBX, 16 },
	{ VCPUID_7_1_EAX, B(5), VCPUID_7_EBX, 16 },
};

#define XCR0_FP	    1U
#define XCR0_SSE    2U
#define XCR0_AVX    4U
#define XCR0_AVX512 0xe0U

uint32_t *vcpuid_reg(struct vcpuid *c, enum vcpuid_reg reg)
{
	switch (reg) {
	case VCPUID_1_ECX:
		return &c->basic[1].ecx;
	case VCPUID_1_EDX:
		return &c->basic[1].edx;
	case VCPUID_7_EBX:
		return &c->basic[7].ebx;
	case VCPUID_7_ECX:
		return &c->basic[7].ecx;
	case VCPUID_7_EDX:
		return &c->basic[7].edx;
	case VCPUID_E1_ECX:
		return &c->extended[1].ecx;
	case VCPUID_E1_EDX:
		return &c->extended[1].edx;
	case VCPUID_E7_EDX:
		return &c->extended[7].edx;
	case VCPUID_E8_EBX:
		return &c->extended[8].ebx;
	case VCPUID_7_1_EAX:
		return &c->seven_1.eax;
	default:
		return &c->xsave[1].eax;
	}
}

bool vcpuid_has(const struct vcpuid *c, enum vcpuid_reg reg, unsigned int bit)
{
	return (*vcpuid_reg((struct vcpuid *)(uintptr_t)c, reg) >> bit & 1) != 0;
}

void vcpuid_settle(struct vcpuid *c)
{
	if ((c->xcr0 & (XCR0_FP | XCR0_SSE)) != (XCR0_FP | XCR0_SSE)) {
		*vcpuid_reg(c, VCPUID_1_ECX) &= ~B(26);
	}
	if ((c->xcr0 & XCR0_AVX) == 0) {
		*vcpuid_reg(c, VCPUID_1_ECX) &= ~B(28);
	}
	if ((c->xcr0 & XCR0_AVX512) != XCR0_AVX512) {
		*vcpuid_reg(c, VCPUID_7_EBX) &= ~B(16);
	}
	for (size_t n = 0; n < ARRAY_SIZE(needs); n++) {
		if (!vcpuid_has(c, needs[n].on, needs[n].bit)) {
			*vcpuid_reg(c, needs[n].reg) &= ~needs[n].bits;
		}
	}
	if (!vcpuid_has(c, VCPUID_7_EBX, 16)) {
		c->xcr0 &= ~(uint64_t)XCR0_AVX512;
	}
	if (!vcpuid_has(c, VCPUID_1_ECX, 28)) {
		c->xcr0 &= ~(uint64_t)XCR0_AVX;
	}
	if (!vcpuid_has(c, VCPUID_1_ECX, 26)) {
		c->xcr0 = 0;
	}
}

void vcpuid_clear(struct vcpuid *c, enum vcpuid_reg reg, uint32_t bits)
{
	*vcpuid_reg(c, reg) &= ~bits;
	vcpuid_settle(c);
}

bool vcpuid_xcr0_is_valid(const struct vcpuid *c, uint64_t value)
{
	uint64_t wide = value & XCR0_AVX512;

	if ((value & ~c->xcr0) != 0 || (value & XCR0_FP) == 0) {
		return false;
	}
	if ((value & XCR0_AVX) != 0 && (value & XCR0_SSE) == 0) {
		return false;
	}
	return wide == 0 || (wide == XCR0_AVX512 && (value & XCR0_AVX) != 0);
}
