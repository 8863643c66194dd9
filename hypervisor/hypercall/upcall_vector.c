// SPDX-License-Identifier: Apache-2.0
/*
 * The upcall is a vector of the guest's own choice, the same on all of its vCPUs. It may not be one of an exception.
 * Spec: Xen public hvm/params.h, HVM_PARAM_CALLBACK_TYPE_VECTOR.
 */
#include "hypercall.h"
#include "upcall.h"

#include <hyp/arch/vcpu.h>

#define CALLBACK_TYPE_SHIFT 56
#define FIRST_VECTOR	    32
#define LAST_VECTOR	    255

uint64_t upcall_irq(const struct domain *d)
{
	return (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << CALLBACK_TYPE_SHIFT |
	       arch_domain_upcall_vector(d);
}

int upcall_set_param(struct vcpu *v, uint32_t index, uint64_t value)
{
	uint64_t vector = value & ((1UL << CALLBACK_TYPE_SHIFT) - 1);

	if (index != HVM_PARAM_CALLBACK_IRQ) {
		return -EPERM;
	}
	if (value >> CALLBACK_TYPE_SHIFT != HVM_PARAM_CALLBACK_TYPE_VECTOR ||
	    vector < FIRST_VECTOR || vector > LAST_VECTOR) {
		return -EINVAL;
	}
	arch_domain_set_upcall_vector(v->domain, (uint8_t)vector);
	return 0;
}
