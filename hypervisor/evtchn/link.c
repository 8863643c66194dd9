// SPDX-License-Identifier: Apache-2.0
/* Requirement: event-channels */
/*
 * Event channels between domains: the plan's static pairs, bound before their domains run, and what becomes of them
 * when a domain dies and comes back.
 *
 * Ports are the plan's, so both ends know each other for good; what changes is whether the other one lives. An end is
 * believed only if the other end's table agrees, and each table is looked at under its own domain's lock: two domain
 * locks are never held together.
 *
 * Lock: links_lock makes a death and a return one step for all links; domain.lock inside.
 * Spec: Xen public event_channel.h; docs/misc/arm/device-tree/booting.txt for the pairs.
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/evtchn.h>

#include <string.h>

/* Ports of a dead domain that are closed at once. */
#define DEATH_STEP 64U

spinlock_t links_lock;

static void set_end(struct domain *d, const struct plan_evtchn *e, uint8_t state)
{
	evtchn_port_set(d, e->port,
			&(struct evtchn_port){ .state = state,
					       .is_static = true,
					       .remote = e->peer,
					       .remote_port = (uint16_t)e->peer_port });
}

void evtchn_links_init(struct domain *d)
{
	uint32_t i;

	for (i = 0; i < d->plan->nr_evtchns; i++) {
		set_end(d, &d->plan->evtchns[i], EVTCHNSTAT_interdomain);
	}
}

/* Is @p the end of a channel whose other end is @port of @d? */
static bool is_other_end(const struct evtchn_port *p, const struct domain *d, evtchn_port_t port)
{
	return p->remote == d->id && p->remote_port == port;
}

void evtchn_link_send(struct domain *d, evtchn_port_t port, const struct evtchn_port *own)
{
	struct domain *peer = domain_get(own->remote);
	const struct evtchn_port *p;
	unsigned long irq;

	if (peer == NULL) {
		return;
	}
	p = &peer->evtchn[own->remote_port];
	irq = spin_lock_irqsave(&peer->lock);
	if (p->state == EVTCHNSTAT_interdomain && is_other_end(p, d, port)) {
		evtchn_set_pending(peer, own->remote_port);
	}
	spin_unlock_irqrestore(&peer->lock, irq);
}

/* The other end of @e goes to @state, if its domain has one. Return: false: it has none, being dead. */
static bool set_other_end(struct domain *d, const struct plan_evtchn *e, uint8_t state)
{
	struct domain *peer = domain_get(e->peer);
	struct evtchn_port *p;
	unsigned long irq;
	bool is_there;

	if (peer == NULL) {
		return false;
	}
	p = &peer->evtchn[e->peer_port];
	irq = spin_lock_irqsave(&peer->lock);
	is_there = p->is_static && is_other_end(p, d, e->port);
	if (is_there) {
		p->state = state;
	}
	spin_unlock_irqrestore(&peer->lock, irq);
	return is_there;
}

/* The guest's own memory is about to be taken away: nothing of ours may point there. */
static void forget_info(struct vcpu *v)
{
	if (v->has_own_info) {
		uintptr_t page = ALIGN_DOWN((uintptr_t)v->vcpu_info, PAGE_SIZE);

		arch_unmap((void *)page, PAGE_SIZE);
	}
	evtchn_legacy_info(v);
}

/* What guests bound themselves, their other ends too. Another may bind to a port meanwhile that is yet to be closed. */
static void close_some(struct domain *d, uint64_t *port)
{
	uint64_t end = MIN(*port + DEATH_STEP, (uint64_t)NR_PORTS);

	for (; *port < end; (*port)++) {
		const struct evtchn_port *p = &d->evtchn[*port];

		if (p->state != EVTCHNSTAT_closed && !p->is_static) {
			(void)evtchn_close_one(d, (evtchn_port_t)*port);
		}
	}
}

static void close_all(struct domain *d)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	uint32_t i;

	fifo_off(d);
	memset(d->evtchn, 0, sizeof(*d->evtchn) * NR_PORTS);
	for (i = 0; i < d->nr_vcpus; i++) {
		forget_info(d->vcpus[i]);
	}
	spin_unlock_irqrestore(&d->lock, irq);
}

bool evtchn_domain_died(struct domain *d, uint64_t *done)
{
	unsigned long irq = spin_lock_irqsave(&links_lock);
	bool is_more = *done < NR_PORTS;
	uint32_t i;

	if (is_more) {
		close_some(d, done);
	} else {
		close_all(d);
		for (i = 0; i < d->plan->nr_evtchns; i++) {
			(void)set_other_end(d, &d->plan->evtchns[i], EVTCHNSTAT_unbound);
		}
	}
	spin_unlock_irqrestore(&links_lock, irq);
	return is_more;
}

/* A link to itself has both ends here, each bound in its own turn. */
static void bind_again(struct domain *d, const struct plan_evtchn *e)
{
	bool has_peer = e->peer == d->id || set_other_end(d, e, EVTCHNSTAT_interdomain);
	unsigned long irq = spin_lock_irqsave(&d->lock);

	set_end(d, e, has_peer ? EVTCHNSTAT_interdomain : EVTCHNSTAT_unbound);
	spin_unlock_irqrestore(&d->lock, irq);
}

void evtchn_domain_rebind(struct domain *d)
{
	unsigned long irq = spin_lock_irqsave(&links_lock);
	uint32_t i;

	memset(d->shared_info, 0, PAGE_SIZE);
	for (i = 0; i < d->plan->nr_evtchns; i++) {
		bind_again(d, &d->plan->evtchns[i]);
	}
	spin_unlock_irqrestore(&links_lock, irq);
}
