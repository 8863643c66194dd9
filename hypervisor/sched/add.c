/* SPDX-License-Identifier: Apache-2.0 */
/* Requirement: own-cpu */
/* Which scheduler a CPU has: pinned where it has one vCPU without windows, else what the plan says. */
#include "internal.h"

#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/log.h>

static const struct sched_ops *for_shared = &sched_pinned; /* on CPUs with more than one vCPU */

int sched_init(const struct plan *plan)
{
	const struct sched_ops *ops = plan->scheduler == PLAN_FAIR_SHARE   ? sched_fair
				      : plan->scheduler == PLAN_TIME_TABLE ? sched_time_table
									   : &sched_pinned;

	if (ops == NULL) {
		hyp_printf("the plan asks for a scheduler that is not built in");
		return -ENOSYS;
	}
	for_shared = ops;
	return 0;
}

static int add_sharer(struct sched_cpu *q, struct vcpu *v)
{
	int rc = for_shared->add(q, v);

	if (rc == 0) {
		q->ops = for_shared;
		v->shares_cpu = true;
	}
	return rc;
}

/* The second one on a CPU: both are the shared CPUs' scheduler's from now on. */
static int begin_sharing(struct sched_cpu *q, struct vcpu *v)
{
	int rc = add_sharer(q, q->only);

	if (rc == 0) {
		q->only = NULL;
		rc = add_sharer(q, v);
	}
	return rc;
}

int sched_add(struct vcpu *v)
{
	struct sched_cpu *q;
	int rc;

	if (v->cpu >= PLAN_MAX_CPUS) {
		return -EINVAL;
	}
	q = sched_cpu_of(v);
	if (q->nr_vcpus == 0 && v->domain->plan->time.nr_windows == 0) {
		q->ops = &sched_pinned;
		q->only = v;
		rc = 0;
	} else {
		rc = q->only != NULL ? begin_sharing(q, v) : add_sharer(q, v);
	}
	q->nr_vcpus += rc == 0;
	return rc;
}
