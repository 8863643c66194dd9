/* SPDX-License-Identifier: Apache-2.0 */
/* Requirement: own-cpu */
/* No scheduler: a vCPU has its CPU for itself, and nothing is ever due. */
#include <hyp/arch/time.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/sched.h>

static int pinned_add(struct sched_cpu *q, struct vcpu *v)
{
	(void)v;
	return q->nr_vcpus == 0 ? 0 : -EBUSY;
}

static bool pinned_ready(struct sched_cpu *q, struct vcpu *v, bool has_waited)
{
	(void)has_waited;
	q->queue = v;
	return false;
}

static struct vcpu *pinned_pick(struct sched_cpu *q, uint64_t now_ns)
{
	struct vcpu *v = q->queue;

	(void)now_ns;
	q->queue = NULL;
	q->until_ns = TIMER_OFF;
	return v;
}

static void pinned_charge(struct sched_cpu *q, uint64_t ns)
{
	(void)q;
	(void)ns;
}

static bool pinned_due(struct sched_cpu *q, uint64_t now_ns)
{
	(void)now_ns;
	q->until_ns = TIMER_OFF;
	return false;
}

const struct sched_ops sched_pinned = {
	.name = "pinned",
	.add = pinned_add,
	.ready = pinned_ready,
	.pick = pinned_pick,
	.charge = pinned_charge,
	.due = pinned_due,
};
