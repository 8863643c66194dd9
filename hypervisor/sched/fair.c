/* SPDX-License-Identifier: Apache-2.0 */
/* Requirement: fair-share */
/*
 * Fair share: of those that ask, the one that has used least, by its weight, runs.
 *
 * vtime_ns is time used, slower for a larger weight; the queue is in its order, equal ones in that of their coming. A
 * turn ends after a slice at the latest while somebody else waits. Who comes back from a wait counts as if it had used
 * no less than one slice under the floor: it goes first, but a long sleep earns no long turn. The floor only rises, so
 * that nobody can be passed for ever: each turn moves somebody behind those who wait.
 */
#include <hyp/arch/time.h>
#include <hyp/domain.h>
#include <hyp/sched.h>

#define SLICE_NS (CONFIG_SCHED_SLICE_US * 1000UL)

/* No charge is longer than this: the sum of a vtime cannot run over, nor its product with a scale. */
#define MAX_CHARGE_NS BIT(38)

static int fair_add(struct sched_cpu *q, struct vcpu *v)
{
	uint32_t weight = v->domain->plan->weight;

	(void)q;
	if (weight == 0) {
		weight = PLAN_DEFAULT_WEIGHT;
	}
	v->sched.scale = (uint32_t)(((uint64_t)PLAN_DEFAULT_WEIGHT << SCHED_SCALE_SHIFT) / weight);
	return 0;
}

static void raise_floor(struct sched_cpu *q)
{
	uint64_t least = UINT64_MAX;

	if (q->current != NULL) {
		least = q->current->sched.vtime_ns;
	}
	if (q->queue != NULL) {
		least = MIN(least, q->queue->sched.vtime_ns);
	}
	if (least != UINT64_MAX && least > q->floor_ns) {
		q->floor_ns = least;
	}
}

static void insert(struct sched_cpu *q, struct vcpu *v)
{
	struct vcpu **at = &q->queue;

	while (*at != NULL && (*at)->sched.vtime_ns <= v->sched.vtime_ns) {
		at = &(*at)->sched.next;
	}
	v->sched.next = *at;
	*at = v;
}

static bool fair_ready(struct sched_cpu *q, struct vcpu *v, bool has_waited)
{
	struct sched_vcpu *s = &v->sched;

	if (has_waited) {
		uint64_t least = q->floor_ns > SLICE_NS ? q->floor_ns - SLICE_NS : 0;

		s->vtime_ns = MAX(s->vtime_ns, least);
	} else if (s->has_yielded && q->queue != NULL) {
		s->vtime_ns = MAX(s->vtime_ns, q->queue->sched.vtime_ns);
	}
	s->has_yielded = false;
	insert(q, v);
	return q->current != NULL && s->vtime_ns < q->current->sched.vtime_ns;
}

static struct vcpu *fair_pick(struct sched_cpu *q, uint64_t now_ns)
{
	struct vcpu *v = q->queue;

	q->until_ns = v == NULL ? TIMER_OFF : now_ns + SLICE_NS;
	raise_floor(q);
	if (v != NULL) {
		q->queue = v->sched.next;
	}
	return v;
}

static void fair_charge(struct sched_cpu *q, uint64_t ns)
{
	struct sched_vcpu *s = &q->current->sched;

	s->vtime_ns += (MIN(ns, MAX_CHARGE_NS) * s->scale) >> SCHED_SCALE_SHIFT;
	raise_floor(q);
}

/* Alone it goes on; what it used was charged, so that it has no debt to those who come later. */
static bool fair_due(struct sched_cpu *q, uint64_t now_ns)
{
	q->until_ns = now_ns + SLICE_NS;
	return q->queue != NULL;
}

static const struct sched_ops fair = {
	.name = "fair-share",
	.add = fair_add,
	.ready = fair_ready,
	.pick = fair_pick,
	.charge = fair_charge,
	.due = fair_due,
};

const struct sched_ops *const sched_fair = &fair;
