/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sched_op: give up the CPU, wait, or end the domain.
 *
 * Every vCPU has its CPU to itself, so yielding and waiting return at once: callers look again, and a real wait is the
 * guest's own WFI, which nothing intercepts.
 * Spec: Xen public sched.h.
 */
#include "hypercall.h"

#include <hyp/evtchn.h>
#include <hyp/lifecycle.h>

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
		return 1; /* cancelled: nobody is there to resume it */
	}
	domain_shutdown(v->domain, s.reason);
	return 0;
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
	if (guest_read(v, ports, (uint64_t)p.ports.q, p.nr_ports * sizeof(ports[0])) != 0) {
		return -EFAULT;
	}
	rc = evtchn_any_pending(v->domain, ports, p.nr_ports);
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

int64_t do_sched_op(struct vcpu *v, const uint64_t args[5])
{
	switch (args[0]) {
	case SCHEDOP_yield:
	case SCHEDOP_block:
		return 0;
	case SCHEDOP_shutdown:
		return shutdown(v, args[1]);
	case SCHEDOP_poll:
		return poll(v, args[1]);
	case SCHEDOP_watchdog:
		return watchdog(v, args[1]);
	default:
		return -ENOSYS;
	}
}
