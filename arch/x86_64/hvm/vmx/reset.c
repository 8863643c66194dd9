/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMX: a vCPU's control structure as it begins: controls, our own state that an exit loads, the guest's.
 * Fields that nobody writes are 0 where the structure was written whole; so each that counts is written here.
 * Spec: Intel SDM vol. 3 sections 25.4 to 25.8, 27.2, 27.3 (what an entry checks).
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/domain.h>
#include <hyp/percpu.h>

#define DR6_RESET  0xffff0ff0UL
#define DR7_RESET  0x400UL
#define PAT_RESET  0x0007040600070406UL
#define NO_LINK	   UINT64_MAX
#define TSS_LIMIT  0x67U
#define EXCP_MC	   18
#define EXCEPTIONS (BIT(EXCP_DB) | BIT(EXCP_AC) | BIT(EXCP_MC))

/* Not written by anybody later. */
static const enum vmx_field zero[] = {
	0x4006 /* page faults: mask */,
	0x4008 /* and match */,
	0x400a /* CR3 targets */,
	0x400e /* MSRs to store at exits */,
	0x4010 /* to load at exits */,
	0x4014 /* to load at entries */,
	0x401a /* instruction length */,
	0x4826 /* activity */,
	0x482a /* guest's SYSENTER_CS */,
	0x6824 /* and ESP */,
	0x6826 /* and EIP */,
	0x4c00 /* ours: SYSENTER_CS */,
	0x6c10 /* and ESP */,
	0x6c12 /* and EIP */,
	0x6c06 /* FS */,
	VMCS_HOST_FS,
	VMCS_HOST_GS,
	VMCS_ENTRY_EVENT,
	VMCS_ENTRY_ERROR,
	VMCS_GUEST_DEBUGCTL,
	VMCS_GUEST_SHADOW,
	VMCS_GUEST_PENDING_DEBUG,
	VMCS_GUEST_CR3,
	VMCS_CR4_SHADOW,
};

/* The multiplier is there for those who have a rate of their own. */
static uint32_t secondary_of(const struct domain *d)
{
	return d->arch.tsc.fraction != 0 ? vmx_controls.secondary
					 : vmx_controls.secondary & (uint32_t)~VMX_SEC_TSC_SCALING;
}

static void set_controls(struct vcpu *v)
{
	vmwrite(VMCS_PIN, vmx_controls.pin);
	v->arch.vmx->primary = vmx_controls.primary;
	vmwrite(VMCS_PRIMARY, vmx_controls.primary);
	vmwrite(VMCS_SECONDARY, secondary_of(v->domain));
	vmwrite(VMCS_EXIT_CONTROLS, vmx_controls.exit);
	vmwrite(VMCS_ENTRY_CONTROLS, vmx_controls.entry);
	vmwrite(VMCS_EXCEPTIONS, EXCEPTIONS);
	vmwrite(VMCS_EPT_POINTER, ept_pointer(v->domain));
	vmwrite(VMCS_LINK, NO_LINK);
	if (vmx_controls.has_vpid) {
		vmwrite(VMCS_VPID, vpid_of(v));
	}
	vmx_maps_set();
}

static void set_host(void)
{
	struct arch_cpu *cpu = &this_cpu()->arch;
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) idtr;
	uint64_t cr0;

	__asm__ volatile("sidt %0" : "=m"(idtr));
	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	vmwrite(VMCS_HOST_CR0, cr0);
	vmwrite(VMCS_HOST_CR3, read_cr3());
	vmwrite(VMCS_HOST_CR4, read_cr4());
	vmwrite(VMCS_HOST_CS, SEL_CODE);
	vmwrite(VMCS_HOST_ES, SEL_DATA);
	vmwrite(VMCS_HOST_SS, SEL_DATA);
	vmwrite(VMCS_HOST_DS, SEL_DATA);
	vmwrite(VMCS_HOST_TR, SEL_TSS);
	vmwrite(VMCS_HOST_GS_BASE, (uint64_t)cpu->self);
	vmwrite(VMCS_HOST_TR_BASE, (uint64_t)&cpu->tss);
	vmwrite(VMCS_HOST_GDTR_BASE, (uint64_t)cpu->gdt);
	vmwrite(VMCS_HOST_IDTR_BASE, idtr.base);
	vmwrite(VMCS_HOST_PAT, rdmsr(MSR_PAT));
	vmwrite(VMCS_HOST_EFER, rdmsr(MSR_EFER));
	vmwrite(VMCS_HOST_RIP, (uint64_t)vmx_exit_point);
}

static void set_segment(enum vmx_segment s, uint64_t base, uint32_t limit, uint32_t rights)
{
	vmwrite(vmx_of(VMCS_GUEST_SELECTOR, s), base >> 4);
	vmwrite(vmx_of(VMCS_GUEST_BASE, s), base);
	vmwrite(vmx_of(VMCS_GUEST_LIMIT, s), limit);
	vmwrite(vmx_of(VMCS_GUEST_RIGHTS, s), rights);
}

static void set_segments(uint64_t code, uint32_t code_rights, uint32_t data_rights, uint32_t limit)
{
	static const enum vmx_segment data[] = { VMX_ES, VMX_SS, VMX_DS, VMX_FS, VMX_GS };

	set_segment(VMX_CS, code, limit, code_rights);
	for (unsigned int i = 0; i < ARRAY_SIZE(data); i++) {
		set_segment(data[i], 0, limit, data_rights);
	}
	set_segment(VMX_LDTR, 0, UINT16_MAX, VMX_SEG_LDT);
	set_segment(VMX_TR, 0, TSS_LIMIT, VMX_SEG_TSS32);
	vmwrite(VMCS_GUEST_GDTR_BASE, 0);
	vmwrite(VMCS_GUEST_IDTR_BASE, 0);
	vmwrite(VMCS_GUEST_GDTR_LIMIT, UINT16_MAX);
	vmwrite(VMCS_GUEST_IDTR_LIMIT, UINT16_MAX);
}

static void set_cr0(uint64_t value)
{
	vmwrite(VMCS_CR0_MASK, vmx_cr0_mask(&vmx_caps));
	vmwrite(VMCS_CR0_SHADOW, value);
	vmwrite(VMCS_GUEST_CR0, vmx_cr0_real(&vmx_caps, value));
}

/* Where PVH's entry begins. */
static void reset_pvh(struct vcpu *v)
{
	set_segments(0, VMX_SEG_CODE32, VMX_SEG_DATA32, UINT32_MAX);
	set_cr0(CR0_PE | CR0_ET);
	vmwrite(VMCS_GUEST_RIP, v->arch.entry);
	v->arch.gpr[INSN_RBX] = v->arch.arg;
}

/* Where a SIPI's does: Intel SDM vol. 3 section 9.4.3. */
static void reset_sipi(struct vcpu *v)
{
	set_segments(v->arch.entry, VMX_SEG_CODE16, VMX_SEG_DATA16, UINT16_MAX);
	set_cr0(CR0_ET);
	vmwrite(VMCS_GUEST_RIP, 0);
	v->arch.gpr[INSN_RDX] = v->domain->arch.cpuid.basic[1].eax;
}

void vmx_reset(struct vcpu *v)
{
	struct vmx_vcpu *x = v->arch.vmx;

	vmx_renew(x);
	for (unsigned int i = 0; i < ARRAY_SIZE(zero); i++) {
		vmwrite(zero[i], 0);
	}
	set_controls(v);
	set_host();
	vmwrite(VMCS_CR4_MASK, vmx_cr4_mask(v));
	vmwrite(VMCS_GUEST_CR4, vmx_cr4_real(&vmx_caps, 0));
	vmwrite(VMCS_GUEST_EFER, 0);
	vmwrite(VMCS_GUEST_PAT, PAT_RESET);
	vmwrite(VMCS_GUEST_DR7, DR7_RESET);
	vmwrite(VMCS_GUEST_RFLAGS, 2);
	x->event = 0;
	x->dr6 = DR6_RESET;
	for (unsigned int i = 0; i < VMX_NR_SWITCHED; i++) {
		x->msrs[i] = 0;
	}
	v->arch.p2m_age = 0;
	if (v->arch.arg == HVM_SIPI) {
		reset_sipi(v);
	} else {
		reset_pvh(v);
	}
}

void vmx_set_tsc(struct vcpu *v, uint64_t offset)
{
	const struct tsc *t = &v->domain->arch.tsc;

	vmwrite(VMCS_TSC_OFFSET, offset);
	if (t->fraction != 0) {
		vmwrite(VMCS_TSC_MULTIPLIER, t->ratio);
	}
}
