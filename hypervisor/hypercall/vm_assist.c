/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vm_assist: the one assist that exists on Arm, the update flag in runstate areas.
 * Spec: Xen public xen.h, VMASST_*.
 */
#include "hypercall.h"

int64_t do_vm_assist(struct vcpu *v, const uint64_t args[5])
{
	struct domain *d = v->domain;
	uint32_t bit = 1U << VMASST_TYPE_runstate_update_flag;
	unsigned long irq;

	if (args[1] != VMASST_TYPE_runstate_update_flag) {
		return -EINVAL;
	}
	if (args[0] != VMASST_CMD_enable && args[0] != VMASST_CMD_disable) {
		return -ENOSYS;
	}
	irq = spin_lock_irqsave(&d->lock);
	d->vm_assist = args[0] == VMASST_CMD_enable ? d->vm_assist | bit : d->vm_assist & ~bit;
	spin_unlock_irqrestore(&d->lock, irq);
	return 0;
}
