/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMX: control registers as far as a guest does not have them to itself. CR0: what VMX wants set, and the cache's bits, are
 * a shadow's; CR4: what its CPUID does not show it cannot set; CR8 is its APIC's.
 * Spec: Intel SDM vol. 3 sections 2.5 (their rules), 25.6.6 (masks and shadows), 28.1.3 (how writes behave), 4.4.1 (PDPTEs).
 */
#include "internal.h"

#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/domain.h>
#include <string.h>

#define CR_NUMBER 0xfU
#define CR_TYPE	  4 /* two bits from here: to it, from it, CLTS, LMSW */
#define CR_REG	  8 /* four */

#define CR4_PLAIN    0x000007ffUL /* VME to PCE, OSFXSR, OSXMMEXCPT */
#define CR4_FSGSBASE BIT(16)
#define CR4_PCIDE    BIT(17)
#define CR4_UMIP     BIT(11)
#define PDPTE_BYTES  32U
#define CR3_PAE	     0xffffffe0UL

static const struct {
	uint64_t bit;
	enum vcpuid_reg reg;
	unsigned int feature;
} by_feature[] = {
	{ CR4_FSGSBASE, VCPUID_7_EBX, 0 }, { CR4_SMEP, VCPUID_7_EBX, 7 },
	{ CR4_SMAP, VCPUID_7_EBX, 20 },	   { CR4_PCIDE, VCPUID_1_ECX, 17 },
	{ CR4_UMIP, VCPUID_7_ECX, 2 },	   { CR4_OSXSAVE, VCPUID_1_ECX, 26 },
};

uint64_t vmx_cr4_mask(const struct vcpu *v)
{
	uint64_t own = CR4_PLAIN;

	for (unsigned int i = 0; i < ARRAY_SIZE(by_feature); i++) {
		if (vcpuid_has(&v->domain->arch.cpuid, by_feature[i].reg, by_feature[i].feature)) {
			own |= by_feature[i].bit;
		}
	}
	return ~own;
}

/* With EPT the four entries of 32-bit PAE are fields, which a write to CR0 that we make has to load. */
static bool load_pdptes(struct vcpu *v)
{
	uint64_t at = vmread(VMCS_GUEST_CR3) & CR3_PAE, entries[PDPTE_BYTES / 8];
	enum p2m_type type;
	unsigned long irq;
	paddr_t pa;

	if (arch_p2m_lookup(v->domain, gpa(at), &pa, &type) != 0 ||
	    (type != P2M_RAM && type != P2M_RAM_RO)) {
		return false;
	}
	irq = arch_irq_save();
	memcpy(entries,
	       (const char *)arch_window(paddr(ALIGN_DOWN(pa.v, PAGE_SIZE))) +
		       (pa.v & (PAGE_SIZE - 1)),
	       sizeof(entries));
	arch_window_close();
	arch_irq_restore(irq);
	for (unsigned int i = 0; i < ARRAY_SIZE(entries); i++) {
		vmwrite(vmx_of(VMCS_GUEST_PDPTE0, i), entries[i]);
	}
	return true;
}

/* Paging goes on or off: long mode with it. Return: false: not so, #GP. */
static bool switch_paging(struct vcpu *v, bool is_on)
{
	uint64_t efer = vmread(VMCS_GUEST_EFER), cr4 = vmread(VMCS_GUEST_CR4);
	uint64_t entry = vmread(VMCS_ENTRY_CONTROLS) & ~VMX_ENTRY_LONG;
	bool is_code64 = (vmread(vmx_of(VMCS_GUEST_RIGHTS, VMX_CS)) & VMX_SEG_LONG) != 0;

	if (is_on && (efer & EFER_LME) != 0) {
		if ((cr4 & CR4_PAE) == 0 || is_code64) {
			return false;
		}
		vmwrite(VMCS_GUEST_EFER, efer | EFER_LMA);
		vmwrite(VMCS_ENTRY_CONTROLS, entry | VMX_ENTRY_LONG);
		return true;
	}
	if (is_on) {
		return (cr4 & CR4_PAE) == 0 || load_pdptes(v);
	}
	if ((efer & EFER_LMA) != 0 && (is_code64 || (cr4 & CR4_PCIDE) != 0)) {
		return false;
	}
	vmwrite(VMCS_GUEST_EFER, efer & ~EFER_LMA);
	vmwrite(VMCS_ENTRY_CONTROLS, entry);
	return true;
}

static bool write_cr0(struct vcpu *v, uint64_t value)
{
	uint64_t old = vmx_get(v, HVM_CR0);

	if (value > UINT32_MAX || ((value & CR0_PG) != 0 && (value & CR0_PE) == 0) ||
	    ((value & CR0_NW) != 0 && (value & CR0_CD) == 0)) {
		return false;
	}
	if (((value ^ old) & CR0_PG) != 0 && !switch_paging(v, (value & CR0_PG) != 0)) {
		return false;
	}
	vmwrite(VMCS_CR0_SHADOW, value | CR0_ET);
	vmwrite(VMCS_GUEST_CR0, vmx_cr0_real(&vmx_caps, value));
	if (((value ^ old) & (CR0_PG | CR0_WP)) != 0) {
		vpid_flush(v);
	}
	return true;
}

/* What is to be read: CR8 alone exits for that. */
static void read_cr8(struct vcpu *v, unsigned int reg, uint64_t next)
{
	v->arch.gpr[reg] = vlapic_cr8(&v->arch.vlapic);
	vmx_go_to(v, next);
}

static bool write_cr(struct vcpu *v, unsigned int cr, uint64_t value)
{
	switch (cr) {
	case 0:
		return write_cr0(v, value);
	case 8:
		return vlapic_set_cr8(&v->arch.vlapic, value);
	default:
		return false; /* CR4: a bit that it cannot have */
	}
}

void vmx_exit_cr(struct vcpu *v, uint64_t next)
{
	uint64_t q = vmread(VMCS_QUALIFICATION);
	unsigned int cr = (unsigned int)q & CR_NUMBER, reg = (unsigned int)(q >> CR_REG) & 0xf;

	switch ((q >> CR_TYPE) & 3) {
	case 0:
		if (write_cr(v, cr, v->arch.gpr[reg])) {
			vmx_go_to(v, next);
		} else {
			vmx_inject(v, EXCP_GP, 0);
		}
		return;
	case 1:
		read_cr8(v, reg, next);
		return;
	default: /* CLTS and LMSW touch no bit that is masked */
		domain_crash(v, "CLTS or LMSW left the guest");
		return;
	}
}
