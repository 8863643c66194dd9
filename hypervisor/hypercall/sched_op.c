/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sched_op: give up the CPU, wait, or end the domain; a store may end a client that lost its back end.
 *
 * A wait returns when there is something to see, when its time is over, or for nothing: callers look again. A poll's
 * time is on the clock of the runstate's state_entry_time.
 * Spec: Xen public sched.h.
 */
#include "hypercall.h"

#include <hyp/arch/vcpu.h>
#include <hyp/evtchn.h>
#include <hyp/lifecycle.h>
#include <hyp/pv_console.h>

#define POLL_MAX_PORTS 128U

static int64_t shutdown(struct vcpu *v, uint64_t at)
{
	struct sched_shutdown s;

	if (guest_read(v, &s, at, sizeof(s)) != 0) {
		return -EFAULT;
	}
	if (s.reason > SHUTDOWN_MAX) {
		return -EINVAL;
	}
	if (s.reason == SHUTDOWN_suspend) {
		evtchn_suspend(v->domain);
		return 0; /* resumed anew: nothing was kept elsewhere, so this is all of it */
	}
	domain_shutdown(v->domain, s.reason);
	return 0;
}

/* Which end it is, the plan says; the reason given is only looked at. */
static int64_t remote_shutdown(struct vcpu *v, uint64_t at)
{
	struct sched_remote_shutdown s;

	if (guest_read(v, &s, at, sizeof(s)) != 0) {
		return -EFAULT;
	}
	if (s.reason > SHUTDOWN_MAX) {
		return -EINVAL;
	}
	return domain_lost_backend(v->domain, s.domain_id);
}

static int64_t poll(struct vcpu *v, uint64_t at)
{
	evtchn_port_t ports[POLL_MAX_PORTS];
	struct sched_poll p;
	int rc;

	if (guest_read(v, &p, at, sizeof(p)) != 0) {
		return -EFAULT;
	}
	if (p.nr_ports > POLL_MAX_PORTS) {
		return -EINVAL;
	}
	if (guest_read(v, ports, handle_address(p.ports), p.nr_ports * sizeof(ports[0])) != 0) {
		return -EFAULT;
	}
	/* Waiting first, then looked at: an event in between ends the wait. */
	vcpu_poll(v, p.timeout);
	rc = evtchn_any_pending(v->domain, ports, p.nr_ports);
	vcpu_poll_end(v, rc != 0);
	return rc < 0 ? rc : 0;
}

static int64_t watchdog(struct vcpu *v, uint64_t at)
{
	struct sched_watchdog w;

	if (guest_read(v, &w, at, sizeof(w)) != 0) {
		return -EFAULT;
	}
	return watchdog_op(v, w.id, w.timeout);
}

/* Who gives up the CPU may do so for want of room in its console's ring. */
static bool is_giving_up(uint64_t op)
{
	return op == SCHEDOP_yield || op == SCHEDOP_block || op == SCHEDOP_poll;
}

int64_t do_sched_op(struct vcpu *v, const uint64_t args[5])
{
	if (is_giving_up(args[0]) && pv_console_serve(v->domain)) {
		return arch_vcpu_call_again(v, args);
	}
	switch (args[0]) {
	case SCHEDOP_yield:
		vcpu_yield(v);
		return 0;
	case SCHEDOP_block:
		vcpu_block(v);
		return 0;
	case SCHEDOP_shutdown:
		return shutdown(v, args[1]);
	case SCHEDOP_remote_shutdown:
		return remote_shutdown(v, args[1]);
	case SCHEDOP_poll:
		return poll(v, args[1]);
	case SCHEDOP_watchdog:
		return watchdog(v, args[1]);
	default:
		return -ENOSYS;
	}
}
