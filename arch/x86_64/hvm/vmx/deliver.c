/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMX: events into the guest. One that an exit cut short is given again, but those of an instruction (INT n, INT3, INTO,
 * INT1): RIP is at it, and it is executed again. Else what waits is injected where the guest takes it, or a window is
 * asked for, which exits as soon as it does.
 * Spec: Intel SDM vol. 3 sections 25.8.3 (entry's event), 27.2.1.3 (its checks), 28.2.4 (what was cut short), 25.6.1 (virtual NMIs).
 */
#include "internal.h"

#include <hyp/domain.h>

#define VECTOR_NMI 2U

static void write_primary(struct vmx_vcpu *x, uint32_t primary)
{
	if (primary != x->primary) {
		x->primary = primary;
		vmwrite(VMCS_PRIMARY, primary);
	}
}

static void give_back(struct vcpu *v, uint32_t cut)
{
	if ((cut & VMX_EVENT_TYPE) == VMX_EVENT_NMI) {
		vlapic_nmi(&v->arch.vlapic);
	} else {
		hvm_give_back(v, (int)(cut & VMX_EVENT_VECTOR));
	}
}

/* An NMI that did not come about is not one that blocks. */
static void take_cut(struct vcpu *v, struct vmx_vcpu *x)
{
	uint32_t cut = vmread32(VMCS_CUT_EVENT);

	if (!vmx_must_give(cut, x->event != 0)) {
		return;
	}
	if ((cut & VMX_EVENT_TYPE) == VMX_EVENT_NMI) {
		vmwrite(VMCS_GUEST_SHADOW, vmread(VMCS_GUEST_SHADOW) & ~VMX_SHADOW_NMI);
	}
	if (x->event != 0) {
		give_back(v, cut);
		return;
	}
	x->event = cut & (uint32_t)(VMX_EVENT_VALID | VMX_EVENT_ERROR | VMX_EVENT_TYPE |
				    VMX_EVENT_VECTOR);
	x->error = (cut & VMX_EVENT_ERROR) != 0 ? vmread32(VMCS_CUT_ERROR) : 0;
}

/* Return: control bits of the window that has to open first; 0: it is there, or there is none. */
static uint32_t deliver_nmi(struct vcpu *v, struct vmx_vcpu *x)
{
	const uint64_t blocked = VMX_SHADOW_STI | VMX_SHADOW_MOV_SS | VMX_SHADOW_NMI;

	if (__atomic_load_n(&v->arch.vlapic.nmis, __ATOMIC_RELAXED) == 0) {
		return 0;
	}
	if (x->event != 0 || (vmread(VMCS_GUEST_SHADOW) & blocked) != 0) {
		return (uint32_t)VMX_PRI_NMI_WINDOW;
	}
	(void)vlapic_take_nmi(&v->arch.vlapic);
	x->event = (uint32_t)(VMX_EVENT_VALID | VMX_EVENT_NMI | VECTOR_NMI);
	return 0;
}

static uint32_t deliver_interrupt(struct vcpu *v, struct vmx_vcpu *x)
{
	int vector = hvm_pending(v);

	if (vector < 0) {
		return 0;
	}
	if (x->event != 0 || (vmread(VMCS_GUEST_RFLAGS) & RFLAGS_IF) == 0 ||
	    (vmread(VMCS_GUEST_SHADOW) & (VMX_SHADOW_STI | VMX_SHADOW_MOV_SS)) != 0) {
		return (uint32_t)VMX_PRI_INTR_WINDOW;
	}
	x->event = (uint32_t)(VMX_EVENT_VALID | VMX_EVENT_INTR) | (uint32_t)vector;
	hvm_taken(v, vector);
	return 0;
}

void vmx_deliver(struct vcpu *v)
{
	struct vmx_vcpu *x = v->arch.vmx;
	uint32_t windows;

	if (x->is_launched) {
		take_cut(v, x);
	}
	windows = deliver_nmi(v, x);
	windows |= deliver_interrupt(v, x);
	write_primary(x, vmx_controls.primary | windows);
	if (x->event == 0) {
		return;
	}
	vmwrite(VMCS_ENTRY_EVENT, x->event);
	if ((x->event & VMX_EVENT_ERROR) != 0) {
		vmwrite(VMCS_ENTRY_ERROR, x->error);
	}
	x->event = 0;
}
