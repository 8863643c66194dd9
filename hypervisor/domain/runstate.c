/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runstate: how long a vCPU ran, waited for its CPU, was blocked, was off. What a guest reads as stolen is the time in
 * which it asked for a CPU that another vCPU had.
 *
 * Lock: sched_lock(). The guest's copy is written through its machine address, which stays the domain's own for life;
 * a guest with one vCPU cannot see it but when that one runs, so it is written then alone.
 * Spec: Xen public vcpu.h, struct vcpu_runstate_info and XEN_RUNSTATE_UPDATE.
 */
#include <hyp/lifecycle.h>

#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/domain.h>

#include <string.h>

void vcpu_runstate_init(struct vcpu *v)
{
	memset(&v->runstate, 0, sizeof(v->runstate));
	v->runstate.state = RUNSTATE_offline;
	v->runstate.since_ns = arch_now_ns();
}

static void fill(const struct vcpu_runstate *r, struct vcpu_runstate_info *info)
{
	memset(info, 0, sizeof(*info));
	info->state = (int)r->state;
	info->state_entry_time = r->since_ns;
	memcpy(info->time, r->time_ns, sizeof(info->time));
}

/* Write bytes [@from, @from + @len) of the guest's copy. */
static void area_write(const struct vcpu_runstate *r, const void *src, size_t from, size_t len)
{
	const char *bytes = src;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(r->area); i++) {
		size_t piece = r->area[i].len;
		size_t n = from < piece ? MIN(len, piece - from) : 0;

		if (n > 0) {
			uint64_t pa = r->area[i].pa.v + from;
			unsigned long irq = arch_irq_save();
			char *page = arch_window(paddr(ALIGN_DOWN(pa, PAGE_SIZE)));

			memcpy(page + (pa & (PAGE_SIZE - 1)), bytes, n);
			arch_window_close();
			arch_irq_restore(irq);
		}
		bytes += n;
		len -= n;
		from = from < piece ? 0 : from - piece;
	}
}

/* A reader that saw the flag in state_entry_time reads again (the guest asked for it by vm_assist). */
static void publish(struct vcpu *v)
{
	const size_t entry = offsetof(struct vcpu_runstate_info, state_entry_time);
	bool has_flag = (v->domain->vm_assist >> VMASST_TYPE_runstate_update_flag & 1) != 0;
	struct vcpu_runstate_info info;

	if (v->runstate.area[0].len == 0) {
		return;
	}
	fill(&v->runstate, &info);
	if (has_flag) {
		info.state_entry_time |= XEN_RUNSTATE_UPDATE;
		area_write(&v->runstate, &info.state_entry_time, entry, sizeof(uint64_t));
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	}
	area_write(&v->runstate, &info, 0, sizeof(info));
	if (has_flag) {
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		info.state_entry_time &= ~XEN_RUNSTATE_UPDATE;
		area_write(&v->runstate, &info.state_entry_time, entry, sizeof(uint64_t));
	}
}

void vcpu_runstate_enter(struct vcpu *v, uint32_t state, uint64_t now_ns)
{
	struct vcpu_runstate *r = &v->runstate;

	r->time_ns[r->state] += now_ns - r->since_ns;
	r->state = state;
	r->since_ns = now_ns;
	if (state == RUNSTATE_running || v->domain->nr_vcpus > 1) {
		publish(v);
	}
}

void vcpu_runstate_register(struct vcpu *v, const struct vcpu_runstate *where)
{
	unsigned long irq = sched_lock(v);

	memcpy(v->runstate.area, where->area, sizeof(v->runstate.area));
	publish(v);
	sched_unlock(v, irq);
}

void vcpu_runstate_read(struct vcpu *v, struct vcpu_runstate_info *info)
{
	unsigned long irq = sched_lock(v);

	fill(&v->runstate, info);
	info->time[v->runstate.state] += arch_now_ns() - v->runstate.since_ns;
	sched_unlock(v, irq);
}
