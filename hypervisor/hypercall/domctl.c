/* SPDX-License-Identifier: Apache-2.0 */
/*
 * domctl: get_domain_state, for the domain that the plan names as store; there is no other.
 *
 * A domain's id in the plan is the same in each of its lives; unique_id is not. A life that has ended stays DEAD until the
 * next begins, or for good.
 * Spec: Xen 4.21 public domctl.h, XEN_DOMCTL_get_domain_state, a stable operation: Debian 13's headers are of before it.
 */
#include "hypercall.h"

#include <hyp/policy.h>

#define GET_DOMAIN_STATE 90U
#define LIFE_SHIFT	 16

#define STATE_EXIST    1U
#define STATE_SHUTDOWN 2U
#define STATE_DYING    4U
#define STATE_DEAD     8U

#define CAP_XENSTORE 4U

/** struct domain_state_op - the head of struct xen_domctl, and of its union what this operation has. */
struct domain_state_op {
	uint32_t cmd;
	uint32_t interface_version; /* 0: the operation is stable */
	uint16_t domain;	    /* DOMID_INVALID: one that changed, and which it is */
	uint16_t pad[3];
	uint16_t state;
	uint16_t caps;
	uint32_t pad0;
	uint64_t unique_id;
};

_Static_assert(sizeof(struct domain_state_op) == 32, "as a guest lays it out");

static uint16_t state_of(const struct domain *d)
{
	switch (__atomic_load_n(&d->state, __ATOMIC_SEQ_CST)) {
	case DOMAIN_DYING:
		return STATE_EXIST | STATE_SHUTDOWN;
	case DOMAIN_GONE:
		return STATE_EXIST | STATE_SHUTDOWN | STATE_DYING;
	case DOMAIN_RESTARTING:
	case DOMAIN_DEAD:
		return STATE_EXIST | STATE_SHUTDOWN | STATE_DYING | STATE_DEAD;
	default:
		return STATE_EXIST;
	}
}

/* Whoever changes comes again: the sign goes before the state is looked at. Return: NULL: none has changed. */
static struct domain *take_changed(void)
{
	struct domain *d;
	uint16_t i;

	for (i = 1; (d = domain_get(i)) != NULL; i++) {
		if (__atomic_exchange_n(&d->has_changed, false, __ATOMIC_SEQ_CST)) {
			break;
		}
	}
	return d;
}

int64_t do_domctl(struct vcpu *v, const uint64_t args[5])
{
	struct domain_state_op op;
	struct domain *d;

	if (!policy_may_hear_of_all(v->domain)) {
		return -EPERM;
	}
	if (guest_read(v, &op, args[0], sizeof(op)) != 0) {
		return -EFAULT;
	}
	if (op.cmd != GET_DOMAIN_STATE) {
		return -ENOSYS;
	}
	if (op.interface_version != 0) {
		return -EACCES;
	}
	if (op.pad0 != 0) {
		return -EINVAL;
	}
	d = op.domain == DOMID_INVALID ? take_changed() : domain_get(op.domain);
	if (d == NULL) {
		return op.domain == DOMID_INVALID ? -ENOENT : -ESRCH;
	}
	op.domain = d->id;
	op.state = state_of(d);
	op.caps = d->plan->pv.is_store ? CAP_XENSTORE : 0;
	op.unique_id = (uint64_t)__atomic_load_n(&d->lives, __ATOMIC_SEQ_CST) << LIFE_SHIFT | d->id;
	return guest_write(v, args[0], &op, sizeof(op));
}
