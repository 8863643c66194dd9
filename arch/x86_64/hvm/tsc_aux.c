/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TSC_AUX, which RDTSCP and RDPID read: in the hardware while its vCPU is on its CPU, for we never read it. A guest writes it by
 * WRMSR alone, which exits, so that there is nothing to save.
 * Spec: Intel SDM vol. 3, 18.17.2; AMD APM vol. 2, 13.2.4.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <hyp/domain.h>

#define MSR_TSC_AUX 0xc0000103U

#define LEAF_FEATURES 7U
#define ECX_RDPID     BIT(22)
#define LEAF_EXTENDED 0x80000001U
#define EDX_RDTSCP    BIT(27)

static bool is_given; /* the same on all CPUs */

void tsc_aux_init(bool is_allowed)
{
	bool has_rdpid = cpuid(0, 0).eax >= LEAF_FEATURES &&
			 (cpuid(LEAF_FEATURES, 0).ecx & ECX_RDPID) != 0;

	is_given = is_allowed && (has_rdpid || (cpuid(LEAF_EXTENDED, 0).edx & EDX_RDTSCP) != 0);
}

bool tsc_aux_is_given(void)
{
	return is_given;
}

void tsc_aux_load(const struct vcpu *v)
{
	if (is_given) {
		wrmsr(MSR_TSC_AUX, v->arch.tsc_aux);
	}
}

bool tsc_aux_write(struct vcpu *v, uint64_t value)
{
	if (!is_given || value > UINT32_MAX) {
		return false;
	}
	v->arch.tsc_aux = (uint32_t)value;
	tsc_aux_load(v);
	return true;
}
