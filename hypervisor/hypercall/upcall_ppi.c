// SPDX-License-Identifier: Apache-2.0
/*
 * The upcall is a private interrupt of the guest's controller, for guests without a device tree; the device tree's
 * hypervisor node says the same.
 * Spec: Xen public hvm/params.h, HVM_PARAM_CALLBACK_TYPE_PPI.
 */
#include "hypercall.h"
#include "upcall.h"

#define CALLBACK_TYPE_SHIFT 56
#define CALLBACK_FLAG_SHIFT 8

uint64_t upcall_irq(const struct domain *d)
{
	(void)d;
	return (uint64_t)HVM_PARAM_CALLBACK_TYPE_PPI << CALLBACK_TYPE_SHIFT |
	       (uint64_t)HVM_PARAM_CALLBACK_TYPE_PPI_FLAG_LOW_LEVEL << CALLBACK_FLAG_SHIFT |
	       GUEST_EVTCHN_PPI;
}

int upcall_set_param(struct vcpu *v, uint32_t index, uint64_t value)
{
	(void)v;
	(void)index;
	(void)value;
	return -EPERM;
}

int64_t upcall_op(struct vcpu *v, const uint64_t args[5])
{
	(void)v;
	(void)args;
	return -ENOSYS;
}
