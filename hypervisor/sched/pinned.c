/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No scheduler: a vCPU has its CPU for itself. The table is written while domains are built and
 * only read after the other CPUs have started, so it needs no lock.
 */
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/plan.h>

static struct vcpu *pinned[PLAN_MAX_CPUS];

int sched_add(struct vcpu *v)
{
	if (v->cpu >= PLAN_MAX_CPUS) {
		return -EINVAL;
	}
	if (pinned[v->cpu] != NULL) {
		return -EBUSY;
	}
	pinned[v->cpu] = v;
	return 0;
}

struct vcpu *sched_pick(unsigned int cpu)
{
	struct vcpu *v = pinned[cpu];

	return v != NULL && vcpu_is_runnable(v) ? v : NULL;
}
