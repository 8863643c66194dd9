// SPDX-License-Identifier: Apache-2.0
/*
 * Event channels between domains that the domains make themselves: one leaves a port unbound for the other, which binds
 * to it. Who may is the policy's to say.
 *
 * When one end goes, closed or dead, the other is unbound again and kept for the same domain, so that who comes back
 * binds to the same port. Static pairs (link.c) do not take part: they are neither closed nor bound by guests.
 *
 * Lock: the links lock over every change of an unbound or bound end, domain locks inside, one at a time.
 * Spec: Xen public event_channel.h, EVTCHNOP_alloc_unbound, EVTCHNOP_bind_interdomain, EVTCHNOP_close, EVTCHNOP_reset.
 */
#include "internal.h"

#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/policy.h>

static domid_t resolve(const struct domain *d, domid_t domid)
{
	return domid == DOMID_SELF ? d->id : domid;
}

static int take_port(struct domain *d, const struct evtchn_port *as, evtchn_port_t *port)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	int rc = evtchn_port_alloc(d, port);

	if (rc == 0) {
		evtchn_port_set(d, *port, as);
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}

int evtchn_alloc_unbound(struct domain *d, domid_t remote, evtchn_port_t *port)
{
	const struct evtchn_port as = { .state = EVTCHNSTAT_unbound, .remote = resolve(d, remote) };
	unsigned long irq;
	int rc;

	if (!policy_may_connect(d, remote)) {
		return -EPERM;
	}
	irq = spin_lock_irqsave(&links_lock);
	rc = take_port(d, &as, port);
	spin_unlock_irqrestore(&links_lock, irq);
	return rc;
}

/* Is @port of @peer there for @d to bind? Context: links lock, so that it stays so. */
static bool is_left_for(struct domain *peer, evtchn_port_t port, const struct domain *d)
{
	const struct evtchn_port *p = &peer->evtchn[port];
	unsigned long irq = spin_lock_irqsave(&peer->lock);
	bool is_left = p->state == EVTCHNSTAT_unbound && !p->is_static && p->remote == d->id;

	spin_unlock_irqrestore(&peer->lock, irq);
	return is_left;
}

static void set_bound(struct domain *peer, evtchn_port_t port, evtchn_port_t other)
{
	struct evtchn_port *p = &peer->evtchn[port];
	unsigned long irq = spin_lock_irqsave(&peer->lock);

	p->state = EVTCHNSTAT_interdomain;
	p->remote_port = (uint16_t)other;
	spin_unlock_irqrestore(&peer->lock, irq);
}

/* What was sent while nobody was bound is lost, so that the new end looks once for itself. */
static void ring_once(struct domain *d, evtchn_port_t port)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);

	evtchn_set_pending(d, port);
	spin_unlock_irqrestore(&d->lock, irq);
}

int evtchn_bind_interdomain(struct vcpu *v, domid_t remote, evtchn_port_t remote_port,
			    evtchn_port_t *port)
{
	struct domain *d = v->domain;
	struct domain *peer = domain_get(resolve(d, remote));
	const struct evtchn_port as = { .state = EVTCHNSTAT_interdomain,
					.remote = resolve(d, remote),
					.remote_port = (uint16_t)remote_port };
	unsigned long irq;
	int rc = -EINVAL;

	if (!policy_may_connect(d, remote)) {
		return -EPERM;
	}
	if (peer == NULL || remote_port == 0 || remote_port >= NR_PORTS) {
		return -EINVAL;
	}
	irq = spin_lock_irqsave(&links_lock);
	if (is_left_for(peer, remote_port, d)) {
		rc = take_port(d, &as, port);
	}
	if (rc == 0) {
		set_bound(peer, remote_port, *port);
		ring_once(d, *port);
	}
	spin_unlock_irqrestore(&links_lock, irq);
	return rc;
}

/* The other end of what was @was, @d's @port, is left for @d again. */
static void leave_other_end(struct domain *d, evtchn_port_t port, const struct evtchn_port *was)
{
	struct domain *peer = domain_get(was->remote);
	struct evtchn_port *p;
	unsigned long irq;

	if (was->state != EVTCHNSTAT_interdomain || peer == NULL) {
		return;
	}
	p = &peer->evtchn[was->remote_port];
	irq = spin_lock_irqsave(&peer->lock);
	if (p->state == EVTCHNSTAT_interdomain && !p->is_static && p->remote == d->id &&
	    p->remote_port == port) {
		p->state = EVTCHNSTAT_unbound;
	}
	spin_unlock_irqrestore(&peer->lock, irq);
}

bool evtchn_close_one(struct domain *d, evtchn_port_t port)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	struct evtchn_port was = d->evtchn[port];

	evtchn_port_free(d, port);
	spin_unlock_irqrestore(&d->lock, irq);
	if (!was.is_static) {
		leave_other_end(d, port, &was);
	}
	return was.state != EVTCHNSTAT_closed;
}

int evtchn_close(struct domain *d, evtchn_port_t port)
{
	unsigned long irq;
	bool was_open;

	if (port == 0 || port >= NR_PORTS) {
		return -EINVAL;
	}
	irq = spin_lock_irqsave(&links_lock);
	was_open = evtchn_close_one(d, port);
	spin_unlock_irqrestore(&links_lock, irq);
	return was_open ? 0 : -EINVAL;
}

/* The lock is given back between two ports: there are many, and others wait for it. */
static void close_ports(struct domain *d, bool with_seeded)
{
	evtchn_port_t port;

	for (port = 1; port < NR_PORTS; port++) {
		if (d->evtchn[port].state != EVTCHNSTAT_closed &&
		    (with_seeded || !d->evtchn[port].is_seeded)) {
			(void)!evtchn_close(d, port);
		}
	}
}

static void leave_fifo(struct domain *d)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);

	fifo_off(d);
	spin_unlock_irqrestore(&d->lock, irq);
}

void evtchn_reset(struct domain *d)
{
	close_ports(d, true);
	leave_fifo(d);
}

/*
 * A guest that was suspended begins with its ABI anew, as in a new domain; what it did not make goes on, and is heard on
 * its first vCPU until it says otherwise.
 */
void evtchn_suspend(struct domain *d)
{
	evtchn_port_t port;
	unsigned long irq;

	close_ports(d, false);
	leave_fifo(d);
	irq = spin_lock_irqsave(&d->lock);
	for (port = 1; port < NR_PORTS; port++) {
		d->evtchn[port].vcpu = 0;
	}
	spin_unlock_irqrestore(&d->lock, irq);
}

void evtchn_seed_own(struct domain *d, evtchn_port_t port)
{
	unsigned long irq;

	if (port != 0) {
		irq = spin_lock_irqsave(&d->lock);
		evtchn_port_set(d, port,
				&(struct evtchn_port){ .state = EVTCHNSTAT_interdomain,
						       .is_seeded = true,
						       .is_own = true,
						       .remote = DOMID_XEN,
						       .remote_port = (uint16_t)port });
		spin_unlock_irqrestore(&d->lock, irq);
	}
}

void evtchn_raise_own(struct domain *d, evtchn_port_t port)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);

	if (d->evtchn[port].is_own) {
		evtchn_set_pending(d, port);
	}
	spin_unlock_irqrestore(&d->lock, irq);
}

void evtchn_seed(struct domain *d, evtchn_port_t port, domid_t server)
{
	unsigned long irq;

	if (port != 0) {
		irq = spin_lock_irqsave(&d->lock);
		evtchn_port_set(d, port,
				&(struct evtchn_port){ .state = EVTCHNSTAT_unbound,
						       .is_seeded = true,
						       .remote = server });
		spin_unlock_irqrestore(&d->lock, irq);
	}
}
