/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to vCPUs and domains between being built and being gone, for the rooms above. */
#ifndef HYP_LIFECYCLE_H
#define HYP_LIFECYCLE_H

#include <hyp/types.h>
#include <hyp/xen.h>

struct domain;
struct vcpu;
struct vcpu_runstate;

/** lifecycle_add() - a built domain joins; it gets the next domid's place. Context: building. */
void lifecycle_add(struct domain *d);

/**
 * watchdog_op() - SCHEDOP_watchdog of @v: arm (@id 0), poke or disarm (@timeout_s 0) a watchdog of its domain.
 * Return: 0, or the new one's id from 1; -EINVAL no such one, or armed with no time; -ENOSPC none left.
 */
int __must_check watchdog_op(struct vcpu *v, uint32_t id, uint32_t timeout_s);

/**
 * domain_lost_backend() - @store says that its client @domid lost what it needs of it or of another back end: what the
 * plan says for that follows, if the client runs.
 * Return: 0; -EPERM it is no client of @store, or its plan does not let it end so.
 */
int __must_check domain_lost_backend(struct domain *store, domid_t domid);

/** vcpu_resume() - VCPUOP_up: go on where a vCPU was taken down. Return: 0; -EINVAL it never ran; -EBUSY still leaving its CPU. */
int __must_check vcpu_resume(struct vcpu *v);

/** vcpu_runstate_init() - offline, as from now. */
void vcpu_runstate_init(struct vcpu *v);

/**
 * vcpu_runstate_enter() - @v's state is RUNSTATE_* @state from @now_ns on. The guest's copy follows when @v runs, and
 * where another vCPU of its could look, always. Context: sched_lock(@v) held.
 */
void vcpu_runstate_enter(struct vcpu *v, uint32_t state, uint64_t now_ns);

/** vcpu_runstate_register() - the guest's copy of @v's runstate is at @where->area from now on. */
void vcpu_runstate_register(struct vcpu *v, const struct vcpu_runstate *where);

/** vcpu_runstate_read() - @v's runstate as of now. */
void vcpu_runstate_read(struct vcpu *v, struct vcpu_runstate_info *info);

#endif
