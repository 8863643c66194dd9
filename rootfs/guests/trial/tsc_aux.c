// SPDX-License-Identifier: Apache-2.0
/*
 * TSC_AUX: what RDTSCP and RDPID read is still one's own after others ran. Spec: Intel SDM vol. 2, RDTSCP, RDPID; vol. 3, 18.17.2.
 */
#include "trial.h"

#define MSR_TSC_AUX   0xc0000103U
#define ECX_RDPID     (1U << 22)
#define EDX_RDTSCP    (1U << 27)
#define LEAF_FEATURES 7U
#define LEAF_EXTENDED 0x80000001U
#define TURNS	      20U

static const uint8_t wrmsr_code[] = { 0x0f, 0x30, 0xc3 }, rdmsr_code[] = { 0x0f, 0x32, 0xc3 };

static uint32_t rdtscp_aux(void)
{
	uint32_t lo, hi, aux;

	__asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(aux));
	return aux;
}

static uint32_t rdpid(void)
{
	uint64_t value;

	__asm__ volatile("rdpid %0" : "=r"(value));
	return (uint32_t)value;
}

/* Another domain does the same with another number, on the same CPU. */
static bool is_kept(bool has_rdtscp, bool has_rdpid)
{
	uint32_t own = domain_id() << 16;
	bool is_right = true;

	for (uint32_t i = 0; i < TURNS; i++) {
		wrmsr(MSR_TSC_AUX, own + i);
		let_others_run();
		is_right = is_right && rdmsr(MSR_TSC_AUX) == own + i &&
			   (!has_rdtscp || rdtscp_aux() == own + i) &&
			   (!has_rdpid || rdpid() == own + i);
	}
	return is_right;
}

void try_tsc_aux(void)
{
	bool has_rdtscp = (cpuid(LEAF_EXTENDED, 0).edx & EDX_RDTSCP) != 0;
	bool has_rdpid = cpuid(0, 0).eax >= LEAF_FEATURES &&
			 (cpuid(LEAF_FEATURES, 0).ecx & ECX_RDPID) != 0;
	struct pc_regs r = { .rcx = MSR_TSC_AUX };

	if (!has_rdtscp && !has_rdpid) {
		verdict("no RDTSCP, and nothing for it",
			!try_call(rdmsr_code, &r) && try_vector == 13);
		return;
	}
	verdict("TSC_AUX begins as zero", rdmsr(MSR_TSC_AUX) == 0);
	r.rdx = 1;
	verdict("TSC_AUX has 32 bits", !try_call(wrmsr_code, &r) && try_vector == 13);
	verdict("TSC_AUX is one's own", is_kept(has_rdtscp, has_rdpid));
}
