/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMX: what a guest left for, in the words of all vendors (hvm/exit.c does it). The hardware says how long the instruction
 * was.
 * Spec: Intel SDM vol. 3 section 28.2 (qualifications), appendix C (reasons).
 */
#include "internal.h"

#include <hyp/domain.h>

#define PORT_SIZE   7U /* bytes less one */
#define PORT_IN	    BIT(3)
#define PORT_STRING BIT(4)
#define PORT_NUMBER 16

#define UNBLOCKED_NMI BIT(12) /* an IRET had begun to: it did not come about */

#define VECTOR_NMI 2U
#define VECTOR_MC  18U
#define DR6_STATUS 0xe00fUL

/* NMIs are blocked until we have had ours; a machine check is ours alone, and the end. */
static void take_own(unsigned int vector)
{
	if (vector == VECTOR_NMI) {
		__asm__ volatile("int $2" : : : "memory");
	} else {
		__asm__ volatile("int $18" : : : "memory");
	}
}

/*
 * The exit has not changed DR6. INT1 is behind itself when its trap comes. A shadow outlives the exit, but the step that is
 * pending in it does not, and no entry takes the one without the other (Intel SDM vol. 3 section 27.3.1.5).
 */
static void take_debug(uint32_t event, uint64_t next)
{
	uint64_t dr6;

	if ((event & VMX_EVENT_TYPE) == VMX_EVENT_INT1) {
		vmwrite(VMCS_GUEST_RIP, next);
	}
	if ((vmread(VMCS_GUEST_RFLAGS) & RFLAGS_TF) != 0 &&
	    (vmread(VMCS_GUEST_SHADOW) & (VMX_SHADOW_STI | VMX_SHADOW_MOV_SS)) != 0) {
		vmwrite(VMCS_GUEST_PENDING_DEBUG,
			vmread(VMCS_GUEST_PENDING_DEBUG) | VMX_PENDING_STEP);
	}

	__asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
	dr6 = (dr6 & ~0xfUL) | (vmread(VMCS_QUALIFICATION) & DR6_STATUS);
	__asm__ volatile("mov %0, %%dr6" : : "r"(dr6));
}

static void block_nmis_again(uint64_t sign)
{
	if ((sign & UNBLOCKED_NMI) != 0 && (vmread(VMCS_CUT_EVENT) & VMX_EVENT_VALID) == 0) {
		vmwrite(VMCS_GUEST_SHADOW, vmread(VMCS_GUEST_SHADOW) | VMX_SHADOW_NMI);
	}
}

static void fill_exception(struct vcpu *v, struct hvm_exit *e)
{
	uint32_t event = vmread32(VMCS_EXIT_EVENT);

	(void)v;
	e->vector = (uint8_t)(event & VMX_EVENT_VECTOR);
	if (e->vector == VECTOR_NMI || e->vector == VECTOR_MC) {
		e->kind = HVM_EXIT_NOTHING;
		take_own(e->vector);
		return;
	}
	block_nmis_again(event);
	if (e->vector == EXCP_DB) {
		take_debug(event, e->next);
	}
}

static void fill_port(struct vcpu *v, struct hvm_exit *e)
{
	uint64_t q = vmread(VMCS_QUALIFICATION);

	(void)v;
	e->port = (uint16_t)(q >> PORT_NUMBER);
	e->bytes = (uint8_t)((q & PORT_SIZE) + 1);
	e->is_in = (q & PORT_IN) != 0;
	e->is_string = (q & PORT_STRING) != 0;
}

/* While an event was delivered it is not the instruction at RIP that wants to be there. */
static void fill_ept(struct vcpu *v, struct hvm_exit *e)
{
	(void)v;
	e->at = vmread(VMCS_GUEST_PHYSICAL);
	if ((vmread(VMCS_CUT_EVENT) & VMX_EVENT_VALID) != 0) {
		e->kind = HVM_EXIT_DELIVERY;
		return;
	}
	block_nmis_again(vmread(VMCS_QUALIFICATION));
}

static void fill_cr(struct vcpu *v, struct hvm_exit *e)
{
	vmx_exit_cr(v, e->next);
}

static const struct {
	uint8_t first, last;
	enum hvm_exit_kind kind;
	void (*fill)(struct vcpu *v, struct hvm_exit *e);
} exits[] = {
	{ VMX_INTERRUPT, VMX_INTERRUPT, HVM_EXIT_INTERRUPT, NULL },
	{ VMX_VMCALL, VMX_VMCALL, HVM_EXIT_HYPERCALL, NULL },
	{ VMX_RDMSR, VMX_RDMSR, HVM_EXIT_RDMSR, NULL },
	{ VMX_WRMSR, VMX_WRMSR, HVM_EXIT_WRMSR, NULL },
	{ VMX_HLT, VMX_HLT, HVM_EXIT_HLT, NULL },
	{ VMX_EPT_VIOLATION, VMX_EPT_VIOLATION, HVM_EXIT_MMIO, fill_ept },
	{ VMX_INTR_WINDOW, VMX_NMI_WINDOW, HVM_EXIT_NOTHING, NULL },
	{ VMX_CPUID, VMX_CPUID, HVM_EXIT_CPUID, NULL },
	{ VMX_PORT, VMX_PORT, HVM_EXIT_PORT, fill_port },
	{ VMX_EXCEPTION, VMX_EXCEPTION, HVM_EXIT_EXCEPTION, fill_exception },
	{ VMX_CR, VMX_CR, HVM_EXIT_NOTHING, fill_cr },
	{ VMX_INIT, VMX_SIPI, HVM_EXIT_NOTHING, NULL },
	{ VMX_RDPMC, VMX_RDPMC, HVM_EXIT_GENERAL, NULL },
	{ VMX_INVD, VMX_INVD, HVM_EXIT_SKIP, NULL }, /* nothing of a guest's may be lost */
	{ VMX_WBINVD, VMX_WBINVD, HVM_EXIT_SKIP, NULL },
	{ VMX_GETSEC, VMX_GETSEC, HVM_EXIT_UNDEFINED, NULL },
	{ VMX_RSM, VMX_RSM, HVM_EXIT_UNDEFINED, NULL },
	{ VMX_VMCLEAR, VMX_VMXON, HVM_EXIT_UNDEFINED, NULL },
	{ VMX_MWAIT, VMX_MWAIT, HVM_EXIT_UNDEFINED, NULL },
	{ VMX_MONITOR, VMX_MONITOR, HVM_EXIT_UNDEFINED, NULL },
	{ VMX_INVEPT, VMX_RDTSCP, HVM_EXIT_UNDEFINED, NULL },
	{ VMX_INVVPID, VMX_INVVPID, HVM_EXIT_UNDEFINED, NULL },
	{ VMX_XSETBV, VMX_XSETBV, HVM_EXIT_XSETBV, NULL },
	{ VMX_INVPCID, VMX_VMFUNC, HVM_EXIT_UNDEFINED, NULL },
	{ VMX_TRIPLE_FAULT, VMX_TRIPLE_FAULT, HVM_EXIT_SHUTDOWN, NULL },
};

static void decode(struct vcpu *v, unsigned int reason, struct hvm_exit *e)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(exits); i++) {
		if (reason >= exits[i].first && reason <= exits[i].last) {
			e->kind = exits[i].kind;
			if (exits[i].fill != NULL) {
				exits[i].fill(v, e);
			}
			return;
		}
	}
}

void vmx_exit(struct vcpu *v)
{
	uint32_t reason = vmread32(VMCS_EXIT_REASON);
	struct hvm_exit e = { .kind = HVM_EXIT_UNKNOWN, .at = reason };

	if ((reason & VMX_REASON_FAILED) == 0) {
		e.next = vmread(VMCS_GUEST_RIP) + vmread32(VMCS_INSN_LENGTH);
		decode(v, reason & VMX_REASON, &e);
	}
	hvm_exit(v, &e);
}
