/* SPDX-License-Identifier: Apache-2.0 */
/* The port table and a domain's part in the FIFO ABI, shared by the files of this room. */
#ifndef EVTCHN_INTERNAL_H
#define EVTCHN_INTERNAL_H

#include <hyp/domain.h>
#include <hyp/xen.h>

#define NR_PORTS ((uint32_t)CONFIG_EVTCHN_PORTS)

/** struct evtchn_port - one port, under its domain's lock. Two words, so that a copy of it is. */
struct evtchn_port {
	uint8_t state;	      /* EVTCHNSTAT_* */
	bool is_static;	      /* the plan's: its guest cannot close it */
	bool is_seeded;	      /* made for its guest: open over a suspension */
	bool is_own;	      /* interdomain, and the hypervisor is at the other end */
	bool is_waiting;      /* FIFO: pending, but its guest has given no word for it yet */
	uint16_t remote;      /* domid. Unbound: who may bind it; interdomain: who is there */
	uint16_t remote_port; /* interdomain, and static while unbound */
	uint8_t vcpu;	      /* notified */
	uint8_t virq;
	uint8_t priority; /* FIFO: from 0, the highest */
	uint8_t queue; /* FIFO: vCPU and priority of where it was linked last, whoever had the port */
} __aligned(8);

_Static_assert(sizeof(struct evtchn_port) == 16, "the plan counts 16 bytes a port");
_Static_assert(PLAN_MAX_VCPUS *EVTCHN_FIFO_MAX_QUEUES <= 256 && NR_VIRQS <= 256,
	       "vCPU, queue and VIRQ are a byte each");

/* A page of the guest's for each so many event words. */
#define FIFO_WORDS_PER_PAGE ((uint32_t)(PAGE_SIZE / sizeof(event_word_t)))
#define FIFO_PAGES	    ((NR_PORTS + FIFO_WORDS_PER_PAGE - 1) / FIFO_WORDS_PER_PAGE)

/** struct fifo_vcpu - a vCPU's queues. */
struct fifo_vcpu {
	struct evtchn_fifo_control_block *block; /* the guest's, mapped; NULL: none yet */
	evtchn_port_t
		tail[EVTCHN_FIFO_MAX_QUEUES]; /* linked last there; 0: the queue begins anew */
};

/** struct evtchn_fifo - under its domain's lock. */
struct evtchn_fifo {
	bool is_on; /* else the 2-level ABI */
	uint32_t nr_pages;
	event_word_t *array[FIFO_PAGES]; /* the guest's, mapped */
	struct fifo_vcpu vcpu[];	 /* one each */
};

/* Over everything that concerns two domains' ports. */
extern spinlock_t links_lock;

/** evtchn_port_get() - NULL: no such port; 0 never is one. */
static inline struct evtchn_port *evtchn_port_get(struct domain *d, evtchn_port_t port)
{
	return port > 0 && port < NR_PORTS ? &d->evtchn[port] : NULL;
}

/** evtchn_port_alloc() - the first closed port. Context: @d locked. Return: 0; -ENOSPC. */
int __must_check evtchn_port_alloc(struct domain *d, evtchn_port_t *port);

/**
 * evtchn_port_set() - @port is @as says from now on, at the default priority; where it was linked last is kept.
 * Context: @d locked.
 */
void evtchn_port_set(struct domain *d, evtchn_port_t port, const struct evtchn_port *as);

/** evtchn_port_free() - closed, nothing pending for who has it next; what the plan linked stays. Context: @d locked. */
void evtchn_port_free(struct domain *d, evtchn_port_t port);

/** evtchn_close_one() - close @port, valid; the other end is left for @d. Context: links lock. Return: was it open? */
bool evtchn_close_one(struct domain *d, evtchn_port_t port);

/** evtchn_set_pending() - something happened on @port. Context: @d locked. */
void evtchn_set_pending(struct domain *d, evtchn_port_t port);

/** evtchn_clear_pending() - nothing has happened on @port. Context: @d locked. */
void evtchn_clear_pending(struct domain *d, evtchn_port_t port);

/** evtchn_mark_upcall() - @v has something to look at, if it has a place where it is told so. Context: its domain locked. */
void evtchn_mark_upcall(struct vcpu *v);

/** evtchn_map_page() - the guest's page @gfn for good. Return: NULL, and *@rc is -EFAULT no RAM, -ENOMEM no room. Context: @d locked. */
void *evtchn_map_page(struct domain *d, uint64_t gfn, int *rc);

/** fifo_init() - what the FIFO ABI takes, set aside; off. Context: building. Return: 0; -ENOMEM. */
int __must_check fifo_init(struct domain *d);

/** fifo_off() - back to the 2-level ABI; what was pending on ports that stay open is pending there. Context: @d locked. */
void fifo_off(struct domain *d);

/** fifo_set_pending() - something happened on @port. Context: @d locked, the ABI on. Return: was it pending already? */
bool fifo_set_pending(struct domain *d, evtchn_port_t port);

/** fifo_clear_pending() / fifo_is_pending() / fifo_unmask() - as the 2-level ABI's. Context: as above. */
void fifo_clear_pending(struct domain *d, evtchn_port_t port);
bool fifo_is_pending(const struct domain *d, evtchn_port_t port);
void fifo_unmask(struct domain *d, evtchn_port_t port);

/** evtchn_legacy_info() - @v's info is in the shared info page, or nowhere for vCPUs that have no place there. */
void evtchn_legacy_info(struct vcpu *v);

/** evtchn_links_init() - bind @d's ends of the plan's links; the other ends bind themselves. Context: building. */
void evtchn_links_init(struct domain *d);

/** evtchn_link_send() - @own, which is @d's @port, was sent on: notify the other end if it is there. Context: no lock held. */
void evtchn_link_send(struct domain *d, evtchn_port_t port, const struct evtchn_port *own);

#endif
