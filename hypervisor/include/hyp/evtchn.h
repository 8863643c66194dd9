/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event channels, one upcall interrupt a vCPU. A guest starts with the 2-level ABI, bits in the shared info page, and
 * may turn to the FIFO ABI, queues in pages of its own.
 *
 * Functions return 0 or -E... as the hypercall does; `evtchn_port_t` values come from the guest and are checked here.
 */
#ifndef HYP_EVTCHN_H
#define HYP_EVTCHN_H

#include <hyp/types.h>
#include <hyp/xen.h>

struct domain;
struct vcpu;

/** evtchn_init() - port table with the plan's links alone, and shared info page, of @d. Context: building. Return: 0; -ENOMEM. */
int __must_check evtchn_init(struct domain *d);

/** evtchn_alloc_unbound() - a port that domain @remote may bind; DOMID_SELF or what the plan links. Return: 0, *port set; -EPERM; -ENOSPC. */
int __must_check evtchn_alloc_unbound(struct domain *d, domid_t remote, evtchn_port_t *port);

/** evtchn_bind_interdomain() - a port of ours to one of @remote's; only where the plan links both. Return: 0; -EPERM; -EINVAL; -ENOSPC. */
int __must_check evtchn_bind_interdomain(struct vcpu *v, domid_t remote, evtchn_port_t remote_port,
					 evtchn_port_t *port);

/** evtchn_bind_virq() - Return: 0; -EINVAL no such VIRQ; -ENOENT no such vCPU; -EEXIST bound already; -ENOSPC. */
int __must_check evtchn_bind_virq(struct domain *d, uint32_t virq, uint32_t vcpu,
				  evtchn_port_t *port);

/** evtchn_raise_virq() - tell @d, on vCPU 0, if it has bound @virq, which is not one of each vCPU. Context: no domain's lock held. */
void evtchn_raise_virq(struct domain *d, uint32_t virq);

/** evtchn_raise_vcpu_virq() - tell @v, if it has bound @virq, which each vCPU has one of. Context: as above. */
void evtchn_raise_vcpu_virq(struct vcpu *v, uint32_t virq);

/** evtchn_bind_ipi() - Return: 0; -ENOENT no such vCPU; -ENOSPC. */
int __must_check evtchn_bind_ipi(struct domain *d, uint32_t vcpu, evtchn_port_t *port);

/** evtchn_close() - what the plan linked stays open. Return: 0; -EINVAL no such port or not open. */
int __must_check evtchn_close(struct domain *d, evtchn_port_t port);

/** evtchn_send() - notify the other end. Return: 0; 1 done, and to be called again after interrupts; -EINVAL not a port that can be sent on. */
int __must_check evtchn_send(struct domain *d, evtchn_port_t port);

/** evtchn_status() - fill @st's answers. Return: 0; -EINVAL. */
int __must_check evtchn_status(struct domain *d, evtchn_port_t port, struct evtchn_status *st);

/** evtchn_bind_vcpu() - deliver @port to another vCPU. Return: 0; -ENOENT no such vCPU; -EINVAL not a port that moves. */
int __must_check evtchn_bind_vcpu(struct domain *d, evtchn_port_t port, uint32_t vcpu);

/** evtchn_unmask() - clear the mask and deliver what waited. Return: 0; -EINVAL. */
int __must_check evtchn_unmask(struct domain *d, evtchn_port_t port);

/**
 * evtchn_init_control() - @vcpu's control block of the FIFO ABI is in @d's page @gfn, @offset bytes in; the first such
 * call turns @d to that ABI. What is pending is carried over.
 * Return: 0; -ENOENT no such vCPU; -EINVAL not aligned or not inside a page, no RAM there, or it has one; -ENOMEM.
 */
int __must_check evtchn_init_control(struct domain *d, uint32_t vcpu, uint64_t gfn,
				     uint32_t offset);

/** evtchn_expand_array() - @gfn is the next page of event words. Return: 0; -EOPNOTSUPP not FIFO; -EINVAL no RAM; -ENOMEM: there are words for all ports. */
int __must_check evtchn_expand_array(struct domain *d, uint64_t gfn);

/** evtchn_set_priority() - from the next event on @port. Return: 0; -EINVAL no such port or priority; -ENOSYS not FIFO. */
int __must_check evtchn_set_priority(struct domain *d, evtchn_port_t port, uint32_t priority);

/** evtchn_reset() - close all ports of @d but those that the plan linked; it has the 2-level ABI again. */
void evtchn_reset(struct domain *d);

/** evtchn_suspend() - the same, and what was seeded stays open too: nobody would make it again. */
void evtchn_suspend(struct domain *d);

/** evtchn_seed() - @port of @d, closed until now, is left for domain @server to bind; 0: none. Context: no vCPU of @d runs. */
void evtchn_seed(struct domain *d, evtchn_port_t port, domid_t server);

/**
 * evtchn_seed_own() - @port of @d, closed until now, is bound to the hypervisor, which serves @d's PV console by it; to
 * its guest it looks as if DOMID_XEN were at the other end; 0: none. Context: no vCPU of @d runs.
 */
void evtchn_seed_own(struct domain *d, evtchn_port_t port);

/** evtchn_raise_own() - tell @d by such a port, unless it has closed it. Context: no domain's lock held. */
void evtchn_raise_own(struct domain *d, evtchn_port_t port);

/**
 * evtchn_domain_died() - close all ports of @d, the plan's too, and forget the vcpu_infos that it registered; the
 * other ends become unbound, kept for @d alone. What others send to it goes nowhere from now on.
 * @done: how far it is, from 0; moved on
 * Context: @d is dead, no vCPU of it on a CPU; takes the links lock and, one at a time, domain locks.
 * Return: is there more? Each call does a bounded piece.
 */
bool __must_check evtchn_domain_died(struct domain *d, uint64_t *done);

/**
 * evtchn_domain_rebind() - as after evtchn_init(): shared info page clean, the plan's links bound again at both
 * ends; an end whose peer is dead is unbound until that peer comes back.
 * Context: after evtchn_domain_died(@d), before @d runs again; locks as there.
 */
void evtchn_domain_rebind(struct domain *d);

/**
 * evtchn_register_vcpu_info() - move @v's vcpu_info to the guest's page @gfn, @offset bytes in, for good.
 * All channels are marked pending there, so that nothing is lost on the way.
 * Return: 0, too if it is there already; -EINVAL is elsewhere already, or not inside a page; -EFAULT no RAM at @gfn; -ENOMEM.
 */
int __must_check evtchn_register_vcpu_info(struct vcpu *v, uint64_t gfn, uint32_t offset);

/** evtchn_any_pending() - is one of these ports pending? @ports: checked here. Return: 0, 1; -EINVAL bad port. */
int evtchn_any_pending(struct domain *d, const evtchn_port_t *ports, unsigned int nr);

#endif
