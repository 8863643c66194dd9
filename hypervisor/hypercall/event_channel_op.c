/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_channel_op: decode, then one function of the event channel module.
 * Spec: Xen public event_channel.h.
 */
#include "hypercall.h"

#include <hyp/arch/vcpu.h>
#include <hyp/evtchn.h>

/* All operations' arguments, so that one copy in and one out serve every one of them. */
union evtchn_args {
	struct evtchn_alloc_unbound alloc_unbound;
	struct evtchn_bind_interdomain bind_interdomain;
	struct evtchn_bind_virq bind_virq;
	struct evtchn_bind_ipi bind_ipi;
	struct evtchn_close close;
	struct evtchn_send send;
	struct evtchn_status status;
	struct evtchn_bind_vcpu bind_vcpu;
	struct evtchn_unmask unmask;
	struct evtchn_reset reset;
	struct evtchn_init_control init_control;
	struct evtchn_expand_array expand_array;
	struct evtchn_set_priority set_priority;
};

static int alloc_unbound(struct vcpu *v, union evtchn_args *a)
{
	if (!is_self(v, a->alloc_unbound.dom)) {
		return -EPERM;
	}
	return evtchn_alloc_unbound(v->domain, a->alloc_unbound.remote_dom, &a->alloc_unbound.port);
}

static int bind_interdomain(struct vcpu *v, union evtchn_args *a)
{
	return evtchn_bind_interdomain(v, a->bind_interdomain.remote_dom,
				       a->bind_interdomain.remote_port,
				       &a->bind_interdomain.local_port);
}

static int bind_virq(struct vcpu *v, union evtchn_args *a)
{
	return evtchn_bind_virq(v->domain, a->bind_virq.virq, a->bind_virq.vcpu,
				&a->bind_virq.port);
}

static int bind_ipi(struct vcpu *v, union evtchn_args *a)
{
	return evtchn_bind_ipi(v->domain, a->bind_ipi.vcpu, &a->bind_ipi.port);
}

static int close(struct vcpu *v, union evtchn_args *a)
{
	return evtchn_close(v->domain, a->close.port);
}

static int send(struct vcpu *v, union evtchn_args *a)
{
	return evtchn_send(v->domain, a->send.port);
}

static int status(struct vcpu *v, union evtchn_args *a)
{
	if (!is_self(v, a->status.dom)) {
		return -EPERM;
	}
	return evtchn_status(v->domain, a->status.port, &a->status);
}

static int bind_vcpu(struct vcpu *v, union evtchn_args *a)
{
	return evtchn_bind_vcpu(v->domain, a->bind_vcpu.port, a->bind_vcpu.vcpu);
}

static int unmask(struct vcpu *v, union evtchn_args *a)
{
	return evtchn_unmask(v->domain, a->unmask.port);
}

static int reset(struct vcpu *v, union evtchn_args *a)
{
	if (!is_self(v, a->reset.dom)) {
		return -EPERM;
	}
	evtchn_reset(v->domain);
	return 0;
}

static int init_control(struct vcpu *v, union evtchn_args *a)
{
	a->init_control.link_bits = EVTCHN_FIFO_LINK_BITS;
	return evtchn_init_control(v->domain, a->init_control.vcpu, a->init_control.control_gfn,
				   a->init_control.offset);
}

static int expand_array(struct vcpu *v, union evtchn_args *a)
{
	return evtchn_expand_array(v->domain, a->expand_array.array_gfn);
}

static int set_priority(struct vcpu *v, union evtchn_args *a)
{
	return evtchn_set_priority(v->domain, a->set_priority.port, a->set_priority.priority);
}

static const struct {
	int (*perform)(struct vcpu *v, union evtchn_args *a);
	uint32_t size;
	bool has_answer;
} ops[] = {
	[EVTCHNOP_bind_interdomain] = { bind_interdomain, sizeof(struct evtchn_bind_interdomain),
					true },
	[EVTCHNOP_bind_virq] = { bind_virq, sizeof(struct evtchn_bind_virq), true },
	[EVTCHNOP_close] = { close, sizeof(struct evtchn_close), false },
	[EVTCHNOP_send] = { send, sizeof(struct evtchn_send), false },
	[EVTCHNOP_status] = { status, sizeof(struct evtchn_status), true },
	[EVTCHNOP_alloc_unbound] = { alloc_unbound, sizeof(struct evtchn_alloc_unbound), true },
	[EVTCHNOP_bind_ipi] = { bind_ipi, sizeof(struct evtchn_bind_ipi), true },
	[EVTCHNOP_bind_vcpu] = { bind_vcpu, sizeof(struct evtchn_bind_vcpu), false },
	[EVTCHNOP_unmask] = { unmask, sizeof(struct evtchn_unmask), false },
	[EVTCHNOP_reset] = { reset, sizeof(struct evtchn_reset), false },
	[EVTCHNOP_init_control] = { init_control, sizeof(struct evtchn_init_control), true },
	[EVTCHNOP_expand_array] = { expand_array, sizeof(struct evtchn_expand_array), false },
	[EVTCHNOP_set_priority] = { set_priority, sizeof(struct evtchn_set_priority), false },
};

int64_t do_event_channel_op(struct vcpu *v, const uint64_t args[5])
{
	union evtchn_args a;
	int rc;

	if (args[0] >= ARRAY_SIZE(ops) || ops[args[0]].perform == NULL) {
		return -ENOSYS;
	}
	if (guest_read(v, &a, args[1], ops[args[0]].size) != 0) {
		return -EFAULT;
	}
	rc = ops[args[0]].perform(v, &a);
	if (rc > 0) {
		return arch_vcpu_call_again(v, args);
	}
	if (rc == 0 && ops[args[0]].has_answer) {
		rc = guest_write(v, args[1], &a, ops[args[0]].size);
	}
	return rc;
}
