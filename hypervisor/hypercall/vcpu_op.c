/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vcpu_op: a vCPU's shared info, its runstate area and timers, up and down.
 * Spec: Xen public vcpu.h.
 */
#include "hypercall.h"

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/evtchn.h>
#include <hyp/lifecycle.h>

static int64_t register_vcpu_info(struct vcpu *target, struct vcpu *v, uint64_t at)
{
	struct vcpu_register_vcpu_info r;

	if (guest_read(v, &r, at, sizeof(r)) != 0) {
		return -EFAULT;
	}
	return evtchn_register_vcpu_info(target, r.mfn, r.offset);
}

/* Two pieces when it crosses a page; each must be the guest's own RAM. */
static int find_area(struct vcpu *v, uint64_t at, bool is_virt, struct vcpu_runstate *area)
{
	uint64_t end = at + sizeof(struct vcpu_runstate_info);
	unsigned int i;

	if (end < at) {
		return -EFAULT;
	}
	for (i = 0; i < ARRAY_SIZE(area->area); i++) {
		uint64_t stop = MIN(end, ALIGN_DOWN(at, PAGE_SIZE) + PAGE_SIZE);
		enum p2m_type type = P2M_RAM;
		int rc = 0;

		area->area[i].len = (uint32_t)(stop - at);
		if (stop != at) {
			rc = is_virt ? arch_vcpu_translate(v, at, true, &area->area[i].pa)
				     : arch_p2m_lookup(v->domain, gpa(at), &area->area[i].pa,
						       &type);
		}
		if (rc != 0 || type != P2M_RAM) {
			return -EFAULT;
		}
		at = stop;
	}
	return 0;
}

static int64_t register_runstate(struct vcpu *target, struct vcpu *v, uint64_t at, bool is_virt)
{
	struct vcpu_register_runstate_memory_area r;
	struct vcpu_runstate found;

	if (guest_read(v, &r, at, sizeof(r)) != 0) {
		return -EFAULT;
	}
	if (find_area(v, r.addr.p, is_virt, &found) != 0) {
		return -EFAULT;
	}
	vcpu_runstate_register(target, &found);
	return 0;
}

static int64_t get_runstate(struct vcpu *target, struct vcpu *v, uint64_t to)
{
	struct vcpu_runstate_info info;

	vcpu_runstate_read(target, &info);
	return guest_write(v, to, &info, sizeof(info));
}

static int64_t set_once(struct vcpu *v, uint64_t at)
{
	struct vcpu_set_singleshot_timer t;

	if (guest_read(v, &t, at, sizeof(t)) != 0) {
		return -EFAULT;
	}
	return vcpu_timer_once(v, t.timeout_abs_ns, (t.flags & VCPU_SSHOTTMR_future) != 0);
}

static int64_t set_every(struct vcpu *v, uint64_t at)
{
	struct vcpu_set_periodic_timer t;

	if (guest_read(v, &t, at, sizeof(t)) != 0) {
		return -EFAULT;
	}
	return vcpu_timer_every(v, t.period_ns);
}

/* A vCPU sets its own timers and no other's. */
static int64_t timer_op(struct vcpu *v, const struct vcpu *target, const uint64_t args[5])
{
	if (target != v) {
		return -EINVAL;
	}
	switch (args[0]) {
	case VCPUOP_set_singleshot_timer:
		return set_once(v, args[2]);
	case VCPUOP_set_periodic_timer:
		return set_every(v, args[2]);
	default:
		vcpu_timer_stop(v, args[0] == VCPUOP_stop_periodic_timer);
		return 0;
	}
}

int64_t do_vcpu_op(struct vcpu *v, const uint64_t args[5])
{
	struct domain *d = v->domain;
	struct vcpu *target;

	if (args[1] >= d->nr_vcpus) {
		return -ENOENT;
	}
	target = d->vcpus[args[1]];
	switch (args[0]) {
	case VCPUOP_up:
		return vcpu_resume(target);
	case VCPUOP_down:
		vcpu_power_off(target);
		return 0;
	case VCPUOP_is_up:
		return __atomic_load_n(&target->state, __ATOMIC_ACQUIRE) == VCPU_RUNNABLE;
	case VCPUOP_get_runstate_info:
		return get_runstate(target, v, args[2]);
	case VCPUOP_register_runstate_memory_area:
		return register_runstate(target, v, args[2], true);
	case VCPUOP_register_runstate_phys_area:
		return register_runstate(target, v, args[2], false);
	case VCPUOP_set_singleshot_timer:
	case VCPUOP_stop_singleshot_timer:
	case VCPUOP_set_periodic_timer:
	case VCPUOP_stop_periodic_timer:
		return timer_op(v, target, args);
	case VCPUOP_register_vcpu_info:
		return register_vcpu_info(target, v, args[2]);
	default:
		return -ENOSYS;
	}
}
