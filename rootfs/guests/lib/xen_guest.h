/* SPDX-License-Identifier: Apache-2.0 */
/* What a bare-metal guest needs of Xen's event channels and grants. Nothing here waits. */
#ifndef XEN_GUEST_H
#define XEN_GUEST_H

#include <stdbool.h>
#include <stdint.h>

struct machine;
struct vcpu_info;

/**
 * xen_begin() - read the tree into @m; MMU on, grants' place and the store's page mapped; console and events to be heard of.
 * Where a thing is missing the domain ends.
 */
void xen_begin(const void *fdt, struct machine *m);

/** xen_shutdown() - the end, for SHUTDOWN_* @reason; what comes of it the plan says. */
void xen_shutdown(uint32_t reason);

/** xen_events_init() - put the shared info page into the image. Return: false: the hypervisor refused. */
bool xen_events_init(void);

/** xen_events_quiet() - in the upcall's handler: the interrupt ends, what is pending stays. */
void xen_events_quiet(void);

/** xen_events_take() - forget what is pending. Return: whether anything was. */
bool xen_events_take(void);

/** xen_event_was_seen() - whether xen_events_take() has forgotten an event on @port since this was last asked. */
bool xen_event_was_seen(uint32_t port);

/**
 * xen_events_note() - for a handler that takes some ports' events itself: quiet, and the next event of any port raises the
 * interrupt again. xen_events_are_new() - there were events since, whose interrupt may have been made quiet.
 */
void xen_events_note(void);
bool xen_events_are_new(void);

/** xen_events_keep() - xen_events_take() leaves @port alone: xen_event_take_kept() asks for it. Return of that: it was pending. */
void xen_events_keep(uint32_t port);
bool xen_event_take_kept(uint32_t port);

/** xen_events_are_pending() - on any port that is not kept. */
bool xen_events_are_pending(void);

/** xen_vcpu_info() - this CPU's. */
const struct vcpu_info *xen_vcpu_info(void);

/** xen_event_bind() - to a port that another domain left for us. Return: ours, 0: refused. */
uint32_t xen_event_bind(uint16_t domid, uint32_t port);

/** xen_event_bind_virq() - a virtual interrupt of this CPU. Return: the port, 0: refused. */
uint32_t xen_event_bind_virq(uint32_t virq);

/** xen_event_is_bound() - the other end of our @port is there. */
bool xen_event_is_bound(uint32_t port);

void xen_event_send(uint32_t port);
void xen_event_close(uint32_t port);

/** xen_hvm_param() - what the hypervisor says of our own. Return: 0: refused, or it is 0. */
uint64_t xen_hvm_param(uint32_t index);

struct gnttab_copy;

/** xen_grant_copy() - all of @ops, in order. Return: false: one was refused. */
bool xen_grant_copy(struct gnttab_copy *ops, uint32_t nr);

/** xen_domain_restart() - of a client of ours, what its plan says for the loss of a back end. Return: false: it may not be. */
bool xen_domain_restart(uint16_t domid);

/** xen_grant_map() - another domain's page at @addr of our physical space. Return: false: refused. */
bool xen_grant_map(uint16_t domid, uint32_t ref, uint64_t addr, uint32_t *handle);
void xen_grant_unmap(uint64_t addr, uint32_t handle);

/** xen_grants_are_gone() - @domid is dying or dead: its pages that we have mapped may show nothing of it any more. */
bool xen_grants_are_gone(uint16_t domid);

#endif
