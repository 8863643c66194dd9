/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMX: into the guest, and what is asked of its control structure. Before each entry its EPT's age is held against the
 * domain's; other CPUs' changes have flushed this CPU's by NMI before they go on, so an age that changes behind the look
 * does no harm.
 * Spec: Intel SDM vol. 3 chapters 27 (entries), 28 (exits).
 */
#include "internal.h"

#include <hyp/domain.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

#define SHADOW_INSN (VMX_SHADOW_STI | VMX_SHADOW_MOV_SS)

/* DR6 and these registers have no field; in the hypervisor nobody uses them. */
void vmx_load(struct vcpu *v)
{
	struct vmx_vcpu *x = v->arch.vmx;

	vmx_use(x);
	__asm__ volatile("mov %0, %%dr6" : : "r"(x->dr6));
	for (unsigned int i = 0; i < VMX_NR_SWITCHED; i++) {
		wrmsr(vmx_switched[i], x->msrs[i]);
	}
}

void vmx_unload(struct vcpu *v)
{
	struct vmx_vcpu *x = v->arch.vmx;

	__asm__ volatile("mov %%dr6, %0" : "=r"(x->dr6));
	for (unsigned int i = 0; i < VMX_NR_SWITCHED; i++) {
		x->msrs[i] = rdmsr(vmx_switched[i]);
	}
}

static void age_check(struct vcpu *v)
{
	uint64_t age = __atomic_load_n(&v->domain->arch.p2m_age, __ATOMIC_SEQ_CST);

	if (v->arch.p2m_age != age) {
		v->arch.p2m_age = age;
		ept_flush();
	}
}

void vmx_enter(struct vcpu *v)
{
	struct vmx_vcpu *x = v->arch.vmx;

	vmx_deliver(v);
	vmwrite(VMCS_GUEST_RSP, v->arch.gpr[INSN_RSP]);
	age_check(v);
	if (vmx_switch(v->arch.gpr, x->is_launched) != 0) {
		domain_crash(v, "VMX does not enter the guest: error %u",
			     vmread32(VMCS_INSN_ERROR));
		return;
	}
	x->is_launched = true;
	v->arch.gpr[INSN_RSP] = vmread(VMCS_GUEST_RSP);
	vmx_exit(v);
}

static bool is_long(void)
{
	return (vmread(VMCS_GUEST_EFER) & EFER_LMA) != 0 &&
	       (vmread(vmx_of(VMCS_GUEST_RIGHTS, VMX_CS)) & VMX_SEG_LONG) != 0;
}

static uint64_t cr0_seen(void)
{
	uint64_t mask = vmx_cr0_mask(&vmx_caps);

	return (vmread(VMCS_GUEST_CR0) & ~mask) | (vmread(VMCS_CR0_SHADOW) & mask);
}

void vmx_modes(const struct vcpu *v, struct hvm_modes *m)
{
	*m = (struct hvm_modes){
		.cr0 = cr0_seen(),
		.cr3 = vmread(VMCS_GUEST_CR3),
		.cr4 = vmread(VMCS_GUEST_CR4) & ~vmx_cr4_mask(v),
		.efer = vmread(VMCS_GUEST_EFER),
		.rip = vmread(VMCS_GUEST_RIP),
		.rflags = vmread(VMCS_GUEST_RFLAGS),
		.cpl = vmread32(vmx_of(VMCS_GUEST_RIGHTS, VMX_SS)) >> VMX_SEG_DPL & 3,
		.is_long = is_long(),
	};
}

/* The instruction is not stepped over: the exception is its own. In real mode none pushes an error code. */
void vmx_inject(struct vcpu *v, unsigned int exception, uint32_t error)
{
	struct vmx_vcpu *x = v->arch.vmx;

	x->event = (uint32_t)(VMX_EVENT_VALID | VMX_EVENT_EXCP | exception);
	if (error != HVM_NO_ERROR && (vmread(VMCS_GUEST_CR0) & CR0_PE) != 0) {
		x->event |= (uint32_t)VMX_EVENT_ERROR;
		x->error = error;
	}
}

uint64_t vmx_get(const struct vcpu *v, enum hvm_reg reg)
{
	switch (reg) {
	case HVM_CR0:
		return cr0_seen();
	case HVM_CR4:
		return vmread(VMCS_GUEST_CR4) & ~vmx_cr4_mask(v);
	case HVM_RFLAGS:
		return vmread(VMCS_GUEST_RFLAGS);
	case HVM_EFER:
		return vmread(VMCS_GUEST_EFER);
	case HVM_PAT:
	default:
		return vmread(VMCS_GUEST_PAT);
	}
}

void vmx_set(struct vcpu *v, enum hvm_reg reg, uint64_t value)
{
	if (reg == HVM_EFER) {
		vmwrite(VMCS_GUEST_EFER, value);
		vpid_flush(v); /* NXE says what its entries mean */
	} else if (reg == HVM_PAT) {
		vmwrite(VMCS_GUEST_PAT, value);
	}
}

void vmx_go_to(struct vcpu *v, uint64_t rip)
{
	uint64_t shadow = vmread(VMCS_GUEST_SHADOW);

	(void)v;
	vmwrite(VMCS_GUEST_RIP, rip);
	if ((shadow & SHADOW_INSN) != 0) {
		vmwrite(VMCS_GUEST_SHADOW, shadow & ~SHADOW_INSN);
	}
	if ((vmread(VMCS_GUEST_RFLAGS) & RFLAGS_TF) != 0) {
		vmwrite(VMCS_GUEST_PENDING_DEBUG,
			vmread(VMCS_GUEST_PENDING_DEBUG) | VMX_PENDING_STEP);
	}
}

void vmx_step(struct vcpu *v, uint64_t rip, uint64_t rflags)
{
	vmwrite(VMCS_GUEST_RFLAGS, rflags);
	vmx_go_to(v, rip);
}

/* Segments are numbered as in enum insn_segment. */
uint64_t vmx_linear(const struct vcpu *v, unsigned int segment, uint64_t offset)
{
	(void)v;
	if (is_long()) {
		return segment >= INSN_FS ? vmread(vmx_of(VMCS_GUEST_BASE, segment)) + offset
					  : offset;
	}
	return (vmread(vmx_of(VMCS_GUEST_BASE, segment)) + offset) & UINT32_MAX;
}

void vmx_back_up(struct vcpu *v, unsigned int bytes)
{
	(void)v;
	vmwrite(VMCS_GUEST_RIP, vmread(VMCS_GUEST_RIP) - bytes);
}

uint64_t vmx_dump(const struct vcpu *v)
{
	(void)v;
	hyp_printf("  exit 0x%x, 0x%lx; at 0x%lx; CS 0x%lx  SS 0x%lx  GS base 0x%lx",
		   vmread32(VMCS_EXIT_REASON), vmread(VMCS_QUALIFICATION),
		   vmread(VMCS_GUEST_PHYSICAL), vmread(vmx_of(VMCS_GUEST_SELECTOR, VMX_CS)),
		   vmread(vmx_of(VMCS_GUEST_SELECTOR, VMX_SS)),
		   vmread(vmx_of(VMCS_GUEST_BASE, VMX_GS)));
	return vmread(VMCS_GUEST_IDTR_BASE);
}
