/* SPDX-License-Identifier: Apache-2.0 */
/* The port table, shared by the files of this room. */
#ifndef EVTCHN_INTERNAL_H
#define EVTCHN_INTERNAL_H

#include <hyp/domain.h>
#include <hyp/xen.h>

#define NR_PORTS ((uint32_t)CONFIG_EVTCHN_PORTS)

/** struct evtchn_port - one port, under its domain's lock. */
struct evtchn_port {
	uint8_t state;	      /* EVTCHNSTAT_* */
	bool is_static;	      /* the plan's: its guest cannot close it */
	bool is_seeded;	      /* made for its guest: open over a suspension */
	bool is_own;	      /* interdomain, and the hypervisor is at the other end */
	uint16_t remote;      /* domid. Unbound: who may bind it; interdomain: who is there */
	uint16_t remote_port; /* interdomain, and static while unbound */
	uint16_t vcpu;	      /* notified */
	uint16_t virq;
};

/* Over everything that concerns two domains' ports. */
extern spinlock_t links_lock;

/** evtchn_port_alloc() - the first closed port. Context: @d locked. Return: 0; -ENOSPC. */
int __must_check evtchn_port_alloc(struct domain *d, evtchn_port_t *port);

/** evtchn_port_free() - closed, nothing pending for who has it next; what the plan linked stays. Context: @d locked. */
void evtchn_port_free(struct domain *d, evtchn_port_t port);

/** evtchn_close_one() - close @port, valid; the other end is left for @d. Context: links lock. Return: was it open? */
bool evtchn_close_one(struct domain *d, evtchn_port_t port);

/** evtchn_set_pending() - something happened on @port. Context: @d locked. */
void evtchn_set_pending(struct domain *d, evtchn_port_t port);

/** evtchn_legacy_info() - @v's info is in the shared info page, or nowhere for vCPUs that have no place there. */
void evtchn_legacy_info(struct vcpu *v);

/** evtchn_links_init() - bind @d's ends of the plan's links; the other ends bind themselves. Context: building. */
void evtchn_links_init(struct domain *d);

/** evtchn_link_send() - @own, which is @d's @port, was sent on: notify the other end if it is there. Context: no lock held. */
void evtchn_link_send(struct domain *d, evtchn_port_t port, const struct evtchn_port *own);

#endif
