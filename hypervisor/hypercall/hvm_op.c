/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hvm_op: the parameters by which a guest finds its store and its console. Without a store STORE_* read as 0,
 * and Linux goes on without xenbus; without a PV console CONSOLE_* do not exist.
 * Spec: Xen public hvm/hvm_op.h, hvm/params.h.
 */
#include "hypercall.h"
#include "upcall.h"

static int param_value(const struct domain *d, uint32_t index, uint64_t *value)
{
	switch (index) {
	case HVM_PARAM_CALLBACK_IRQ:
		*value = upcall_irq(d);
		return 0;
	case HVM_PARAM_STORE_PFN:
		*value = d->pv.store_page != NULL ? PV_STORE_GFN : 0;
		return 0;
	case HVM_PARAM_STORE_EVTCHN:
		*value = d->plan->pv.store_port;
		return 0;
	case HVM_PARAM_CONSOLE_PFN:
		*value = PV_CONSOLE_GFN;
		return d->pv_console != NULL ? 0 : -EINVAL;
	case HVM_PARAM_CONSOLE_EVTCHN:
		*value = d->plan->pv.console_port;
		return d->pv_console != NULL ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

int64_t do_hvm_op(struct vcpu *v, const uint64_t args[5])
{
	struct xen_hvm_param p;
	uint64_t wanted;
	int rc;

	if (args[0] != HVMOP_get_param && args[0] != HVMOP_set_param) {
		return upcall_op(v, args);
	}
	if (guest_read(v, &p, args[1], sizeof(p)) != 0) {
		return -EFAULT;
	}
	if (!is_self(v, p.domid)) {
		return -EPERM;
	}
	wanted = p.value;
	rc = param_value(v->domain, p.index, &p.value);
	if (rc != 0) {
		return rc;
	}
	if (args[0] == HVMOP_set_param) {
		return upcall_set_param(v, p.index, wanted); /* all others are the plan's */
	}
	return guest_write(v, args[1], &p, sizeof(p));
}
