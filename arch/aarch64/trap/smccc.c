/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's calls of its firmware, by HVC or SMC with immediate 0; psci/ decodes them. What waits
 * here is CPU_SUSPEND: WFI itself is not trapped.
 */
#include <asm/arch.h>
#include <asm/sysreg.h>
#include <asm/vsmccc.h>
#include <hyp/domain.h>

/* Something that would end a WFI, masked or not. */
static bool has_interrupt(struct vcpu *v)
{
	struct vgic_cpu *vc = &v->arch.vgic;

	if (__atomic_load_n(&vc->work, __ATOMIC_ACQUIRE) != 0) {
		vgic_flush(vc);
	}
	for (uint32_t used = vc->lr_used; used != 0; used &= used - 1) {
		if ((vgic_hw_lr_read((unsigned int)__builtin_ctz(used)) & LR_PENDING) != 0) {
			return true;
		}
	}
	return false;
}

/* Every interrupt of a guest begins as one of the hardware's, a kick included. */
static void wait(struct vcpu *v)
{
	while (vcpu_is_runnable(v) && !has_interrupt(v)) {
		dsb(sy);
		__asm__ volatile("wfi" : : : "memory");
		(void)trap_irq();
	}
}

void handle_smccc(struct vcpu *v, struct guest_regs *regs)
{
	if (unlikely(vsmccc_call(v, regs->x))) {
		wait(v);
	}
}
