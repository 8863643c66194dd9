/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUID of a guest: policy/ decides; here is what the machine has, and what we cannot give: XSAVE where its state does not
 * fit into a page, and what stands on TSC_AUX where virtualization does not let guests have it.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <asm/insn.h>
#include <hyp/arch/time.h>
#include <hyp/domain.h>

#define LEAF_XSAVE 0xdU

#define XSAVE  BIT(26) /* leaf 1, ECX; AVX and the like go with it */
#define RDPID  BIT(22) /* leaf 7, ECX */
#define FFXSR  BIT(25) /* leaf 0x80000001, EDX */
#define RDTSCP BIT(27)

static void host(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	*r = cpuid(leaf, subleaf);
}

void cpuid_init(struct domain *d)
{
	struct vcpuid *c = &d->arch.cpuid;

	vcpuid_init(c, host, d->id, d->nr_vcpus, (uint32_t)(d->arch.tsc.hz / 1000));
	c->machine_khz = (uint32_t)(arch_counter_hz() / 1000);
	if (!fp_has_xsave(c)) {
		vcpuid_clear(c, VCPUID_1_ECX, (uint32_t)XSAVE);
	}
	vcpuid_clear(c, VCPUID_E1_EDX, (uint32_t)FFXSR);
	if (!tsc_aux_is_given()) {
		vcpuid_clear(c, VCPUID_7_ECX, (uint32_t)RDPID);
		vcpuid_clear(c, VCPUID_E1_EDX, (uint32_t)RDTSCP);
	}
}

void hvm_cpuid(struct vcpu *v)
{
	uint64_t *r = v->arch.gpr;
	struct vcpuid_vcpu view = {
		.vcpu_id = v->id,
		.apic_id = v->arch.vlapic.id,
		.has_apic = (v->arch.vlapic.base & APIC_BASE_ENABLE) != 0,
		.xcr0 = (uint32_t)r[INSN_RAX] == LEAF_XSAVE ? fp_xcr0(v) : 0,
	};
	struct cpuid_regs out;

	view.is_osxsave = (hvm->get(v, HVM_CR4) & CR4_OSXSAVE) != 0 && v->arch.xsave != NULL;
	vcpuid_read(&v->domain->arch.cpuid, &view, (uint32_t)r[INSN_RAX], (uint32_t)r[INSN_RCX],
		    &out);
	r[INSN_RAX] = out.eax;
	r[INSN_RBX] = out.ebx;
	r[INSN_RCX] = out.ecx;
	r[INSN_RDX] = out.edx;
}
