// SPDX-License-Identifier: Apache-2.0
/*
 * Which mitigations of speculation this machine's CPUID offers: asm/mitigate.h.
 * Spec: Intel SDM vol. 2A, CPUID leaf 7 (EDX); AMD APM vol. 3, E.4.7 (leaf 0x80000008, EBX) and E.4.15 (0x80000021).
 */
#include <asm/mitigate.h>

#define EDX_MD_CLEAR  BIT(10)
#define EDX_IBRS_IBPB BIT(26)
#define EDX_L1D_FLUSH BIT(28)
#define EBX_IBPB      BIT(12)
#define EAX_LFENCE    BIT(2)
#define EXTENDED      0x80000000U

static bool is_amd(vcpuid_host_fn host)
{
	struct cpuid_regs r;

	host(0, 0, &r);
	return r.ecx == 0x444d4163 /* cAMD */ || r.ecx == 0x656e6975 /* uine */;
}

static unsigned int family(vcpuid_host_fn host)
{
	struct cpuid_regs r;
	unsigned int base;

	host(1, 0, &r);
	base = r.eax >> 8 & 0xf;
	return base == 0xf ? base + (r.eax >> 20 & 0xff) : base;
}

/* By a register bit from family 10h on, but for 11h, whose LFENCE always did; newer ones say that theirs does. */
static unsigned int lfence(vcpuid_host_fn host, uint32_t last)
{
	struct cpuid_regs r = { 0 };
	unsigned int f = family(host);

	if (last >= EXTENDED + 0x21) {
		host(EXTENDED + 0x21, 0, &r);
	}
	return f >= 0x10 && f != 0x11 && (r.eax & EAX_LFENCE) == 0 ? MITIGATE_SET_LFENCE : 0;
}

unsigned int mitigate_offered(vcpuid_host_fn host)
{
	struct cpuid_regs top, r = { 0 };
	unsigned int found = 0;

	host(0, 0, &top);
	if (top.eax >= 7) {
		host(7, 0, &r);
	}
	found |= (r.edx & EDX_MD_CLEAR) != 0 ? MITIGATE_VERW : 0;
	found |= (r.edx & EDX_IBRS_IBPB) != 0 ? MITIGATE_IBPB : 0;
	found |= (r.edx & EDX_L1D_FLUSH) != 0 ? MITIGATE_L1D : 0;
	host(EXTENDED, 0, &top);
	if (top.eax >= EXTENDED + 8) {
		host(EXTENDED + 8, 0, &r);
		found |= (r.ebx & EBX_IBPB) != 0 ? MITIGATE_IBPB : 0;
	}
	return found | (is_amd(host) ? lfence(host, top.eax) : 0);
}
