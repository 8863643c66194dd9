// SPDX-License-Identifier: Apache-2.0
/*
 * The upcall is a vector of the guest's own choice: the same on all of its vCPUs, past their interrupt controllers; or one
 * for each, through them. It may not be one of an exception.
 * Spec: Xen public hvm/params.h, HVM_PARAM_CALLBACK_TYPE_VECTOR; hvm/hvm_op.h, HVMOP_set_evtchn_upcall_vector.
 */
#include "hypercall.h"
#include "upcall.h"

#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/wallclock.h>

#define CALLBACK_TYPE_SHIFT 56
#define FIRST_VECTOR	    32
#define FIRST_OF_APIC	    16
#define LAST_VECTOR	    255

/* Of what is in the shared info page only the wall clock is not made anew by its guest. */
void trap_latch_word(struct vcpu *v)
{
	if (arch_vcpu_latch_word(v)) {
		wallclock_set(v->domain);
	}
}

uint64_t upcall_irq(const struct domain *d)
{
	return (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << CALLBACK_TYPE_SHIFT |
	       arch_domain_upcall_vector(d);
}

/*
 * By another type there is no such interrupt here. A guest whose vCPUs have a vector each says so all the same: Linux
 * writes a 1, an interrupt line, and goes back to one vector for all if that is refused.
 */
int upcall_set_param(struct vcpu *v, uint32_t index, uint64_t value)
{
	uint64_t vector = value & ((1UL << CALLBACK_TYPE_SHIFT) - 1);

	if (index != HVM_PARAM_CALLBACK_IRQ) {
		return -EPERM;
	}
	if (value >> CALLBACK_TYPE_SHIFT != HVM_PARAM_CALLBACK_TYPE_VECTOR) {
		arch_domain_set_upcall_vector(v->domain, 0);
		trap_latch_word(v);
		return 0;
	}
	if (vector < FIRST_VECTOR || vector > LAST_VECTOR) {
		return -EINVAL;
	}
	arch_domain_set_upcall_vector(v->domain, (uint8_t)vector);
	trap_latch_word(v);
	return 0;
}

/* HVMOP_set_evtchn_upcall_vector: of one vCPU, through its own interrupt controller. */
int64_t upcall_op(struct vcpu *v, const uint64_t args[5])
{
	struct xen_hvm_evtchn_upcall_vector u;
	struct domain *d = v->domain;

	if (args[0] != HVMOP_set_evtchn_upcall_vector) {
		return -ENOSYS;
	}
	if (guest_read(v, &u, args[1], sizeof(u)) != 0) {
		return -EFAULT;
	}
	if (u.vcpu >= d->nr_vcpus) {
		return -ENOENT;
	}
	if (u.vector < FIRST_OF_APIC) {
		return -EINVAL;
	}
	arch_vcpu_set_upcall_vector(d->vcpus[u.vcpu], u.vector);
	return 0;
}
