/* SPDX-License-Identifier: Apache-2.0 */
/* Requirement: time-table */
/*
 * Time table, as ARINC 653 has it: a major frame that repeats itself, and in it the windows of each domain. In a window
 * the CPU is its vCPU's or nobody's: time that a domain leaves is not given to another, so that what one does can be
 * seen in no other's time. All CPUs' frames begin together, at multiples of the frame on arch_now_ns()'s clock; nothing
 * adds up, so no error does.
 */
#include <hyp/arch/time.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/sched.h>

#define NS_PER_US 1000UL

static struct sched_window tables[PLAN_MAX_CPUS][PLAN_MAX_CPU_WINDOWS];

static struct sched_window window_of(struct vcpu *v, const struct plan_window *w)
{
	uint64_t from_ns = w->from_us * NS_PER_US;

	return (struct sched_window){ from_ns, from_ns + w->length_us * NS_PER_US, v };
}

/* The plan's reader refuses what overlaps; a table in which nobody could be found would be worse than none. */
static int insert(struct sched_cpu *q, struct sched_window w)
{
	struct sched_window *table = tables[w.vcpu->cpu];
	unsigned int at = q->nr_windows;

	if (at == PLAN_MAX_CPU_WINDOWS) {
		return -ENOSPC;
	}
	for (; at > 0 && table[at - 1].from_ns >= w.from_ns; at--) {
		table[at] = table[at - 1];
	}
	table[at] = w;
	q->nr_windows++;
	if ((at > 0 && table[at - 1].to_ns > w.from_ns) ||
	    (at + 1 < q->nr_windows && table[at + 1].from_ns < w.to_ns)) {
		return -EBUSY;
	}
	return 0;
}

static int table_add(struct sched_cpu *q, struct vcpu *v)
{
	const struct plan_time *time = &v->domain->plan->time;
	int rc = time->nr_windows > 0 ? 0 : -EINVAL;
	uint32_t i;

	q->windows = tables[v->cpu];
	q->frame_ns = time->frame_us * NS_PER_US;
	for (i = 0; i < time->nr_windows && rc == 0; i++) {
		rc = insert(q, window_of(v, &time->windows[i]));
	}
	return rc;
}

/* While another has the CPU the time is not @v's. */
static bool table_ready(struct sched_cpu *q, struct vcpu *v, bool has_waited)
{
	(void)q;
	(void)v;
	(void)has_waited;
	return false;
}

static struct vcpu *table_pick(struct sched_cpu *q, uint64_t now_ns)
{
	uint64_t phase = now_ns % q->frame_ns, begin = now_ns - phase;
	const struct sched_window *w = q->windows;
	const struct sched_window *end = w + q->nr_windows;

	while (w < end && phase >= w->to_ns) {
		w++;
	}
	if (w == end) {
		q->until_ns = begin + q->frame_ns + q->windows->from_ns;
		return NULL;
	}
	if (phase < w->from_ns) {
		q->until_ns = begin + w->from_ns;
		return NULL;
	}
	q->until_ns = begin + w->to_ns;
	return w->vcpu->sched.state == SCHED_READY ? w->vcpu : NULL;
}

static void table_charge(struct sched_cpu *q, uint64_t ns)
{
	(void)q;
	(void)ns;
}

/* table_pick() says for how long the next choice holds. */
static bool table_due(struct sched_cpu *q, uint64_t now_ns)
{
	(void)now_ns;
	q->until_ns = TIMER_OFF;
	return true;
}

static const struct sched_ops time_table = {
	.name = "time-table",
	.add = table_add,
	.ready = table_ready,
	.pick = table_pick,
	.charge = table_charge,
	.due = table_due,
};

const struct sched_ops *const sched_time_table = &time_table;
