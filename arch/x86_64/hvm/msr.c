/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's model-specific registers, as far as the vendor's part does not keep them: policy/ says which there are; here
 * are those that stand for something of the machine.
 * Spec: Xen public arch-x86/cpuid.h, leaf 2 (hypercall page).
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <asm/vlapic.h>
#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/domain.h>

#define MSR_TSC	     0x10U
#define MSR_DEBUGCTL 0x1d9U
#define MSR_TSC_AUX  0xc0000103U

static bool hypercall_page(struct vcpu *v, uint64_t at)
{
	enum p2m_type type;
	unsigned long irq;
	paddr_t pa;

	at = ALIGN_DOWN(at, PAGE_SIZE);
	if (arch_p2m_lookup(v->domain, gpa(at), &pa, &type) != 0 || type != P2M_RAM) {
		return false;
	}
	irq = arch_irq_save();
	vcpuid_hypercall_page(&v->domain->arch.cpuid, arch_window(pa));
	arch_window_close();
	arch_irq_restore(irq);
	trap_latch_word(v);
	return true;
}

static bool core_read(const struct vcpu *v, uint32_t msr, uint64_t *value)
{
	switch (msr) {
	case MSR_TSC:
		*value = hvm_tsc_read(v);
		return true;
	case MSR_DEBUGCTL:
		*value = 0;
		return true;
	case MSR_TSC_AUX:
		*value = v->arch.tsc_aux;
		return true;
	default:
		return false;
	}
}

/* Nothing is traced for a guest. */
static bool core_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
	switch (msr) {
	case MSR_TSC:
		hvm_tsc_write(v, value);
		return true;
	case VCPUID_HYPERCALL_MSR:
		return hypercall_page(v, value);
	case MSR_DEBUGCTL:
		return value == 0;
	case MSR_TSC_AUX:
		return tsc_aux_write(v, value);
	default:
		return false;
	}
}

bool hvm_msr_read(struct vcpu *v, uint32_t msr, uint64_t *value)
{
	if (vlapic_has_msr(msr)) {
		return vlapic_msr_read(&v->arch.vlapic, msr, value);
	}
	switch (vmsr_read(&v->arch.vmsr, &v->domain->arch.cpuid, msr, value)) {
	case VMSR_DONE:
		return true;
	case VMSR_CORE:
		return core_read(v, msr, value);
	default:
		return false;
	}
}

bool hvm_msr_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
	if (vlapic_has_msr(msr)) {
		return vlapic_msr_write(&v->arch.vlapic, msr, value);
	}
	switch (vmsr_write(&v->arch.vmsr, &v->domain->arch.cpuid, msr, value)) {
	case VMSR_DONE:
		return true;
	case VMSR_CORE:
		return core_write(v, msr, value);
	default:
		return false;
	}
}
