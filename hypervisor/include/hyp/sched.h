/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which vCPU a CPU runs: one frame for all schedulers, and the seam behind which each of them decides.
 *
 * A vCPU belongs to one CPU for life. The frame (sched.c) knows who asks for the CPU, charges time, keeps the runstate
 * and makes a CPU switch; a scheduler (struct sched_ops) only orders those that ask. A CPU with one vCPU that has no
 * windows has the pinned scheduler whatever the plan says: such a vCPU pays for nothing here.
 *
 * A vCPU asks for the CPU while its guest may run and does not wait, or while its domain has housekeeping to be done
 * on its account (vcpu_set_work()). Whoever changes one of these then calls sched_changed() or vcpu_wake().
 *
 * Lock: each CPU's own, taken after all others but the console's and the pool's (hyp/lock.h); interrupts masked.
 */
#ifndef HYP_SCHED_H
#define HYP_SCHED_H

#include <hyp/lock.h>
#include <hyp/types.h>

struct domain;
struct plan;
struct vcpu;

enum sched_state {
	SCHED_IDLE,  /* does not ask for the CPU */
	SCHED_READY, /* asks; the scheduler has it */
	SCHED_ON,    /* has it */
};

/** struct sched_vcpu - scheduling's part of a vCPU. (q): under the lock of its CPU's struct sched_cpu. */
struct sched_vcpu {
	uint32_t state; /* (q), read by all: enum sched_state */
	uint32_t
		scale; /* (c) how fast its time runs: 1 << SCHED_SCALE_SHIFT at the default weight */
	uint64_t vtime_ns; /* (q) what it has used, by its weight */
	struct vcpu *next; /* (q) in its scheduler's queue */
	bool has_yielded;  /* (q) by itself, since it was picked */
};

#define SCHED_SCALE_SHIFT 16

/** struct sched_window - of a CPU's time table: whose its CPU is, from the major frame's begin. */
struct sched_window {
	uint64_t from_ns;
	uint64_t to_ns;
	struct vcpu *vcpu;
};

/** struct sched_cpu - a CPU as schedulers see it. */
struct sched_cpu {
	spinlock_t lock;
	const struct sched_ops *ops; /* (c) */
	unsigned int nr_vcpus;	     /* (c) */
	unsigned int nr_windows;     /* (c) time table: how many, ... */
	struct vcpu *only;	     /* (c) the last one added: pinned's */
	struct vcpu *current;	     /* (q) SCHED_ON; NULL: idle */
	uint64_t since_ns;	     /* (q) current is charged up to here */
	uint64_t
		until_ns; /* (q) when the choice is made anew at the latest; TIMER_OFF: when something happens */
	struct vcpu *queue; /* (q) the scheduler's */
	uint64_t floor_ns;  /* (q) fair share: the least that anybody's vtime_ns counts for */
	const struct sched_window *windows; /* (c) ... they, in their order, */
	uint64_t frame_ns;		    /* (c) ... and after how long it repeats itself */
};

/**
 * struct sched_ops - a scheduler. Context of all: @q locked, interrupts masked, on any CPU; none may touch anything
 * but @q's scheduler fields and struct sched_vcpu.
 * @add:    @v belongs to @q from now on, SCHED_IDLE. Building. Return: 0; -EBUSY @q takes no further one; -ENOSPC
 * @ready:  @v asks for the CPU, after a wait or because its turn is over; it is SCHED_READY. @has_waited: it was SCHED_IDLE.
 *          Return: should it have the CPU before current's turn is over? (true when nobody has it is not needed)
 * @pick:   the next to run, taken out of the queue; NULL: none of those that ask may run now. q->until_ns is set to
 *          when the next choice is due. Called with q->current NULL.
 * @charge: q->current has used another @ns
 * @due:    q->until_ns has come while current runs. Return: make a choice; false: current goes on, q->until_ns is new
 */
struct sched_ops {
	const char *name;
	int (*add)(struct sched_cpu *q, struct vcpu *v);
	bool (*ready)(struct sched_cpu *q, struct vcpu *v, bool has_waited);
	struct vcpu *(*pick)(struct sched_cpu *q, uint64_t now_ns);
	void (*charge)(struct sched_cpu *q, uint64_t ns);
	bool (*due)(struct sched_cpu *q, uint64_t now_ns);
};

extern const struct sched_ops sched_pinned;
extern const struct sched_ops *const sched_fair;       /* NULL: not built in */
extern const struct sched_ops *const sched_time_table; /* NULL: not built in */

/** sched_init() - the scheduler that @plan asks for. Context: before domains are built. Return: 0; -ENOSYS not built in, logged. */
int __must_check sched_init(const struct plan *plan);

/** sched_add() - @v belongs to its CPU from now on. Context: building. Return: 0; -EINVAL no such CPU, or no window; -EBUSY it is taken; -ENOSPC. */
int __must_check sched_add(struct vcpu *v);

/**
 * sched_next() - charge the vCPU that CPU @cpu ran, and choose the next; NULL: none, sleep.
 * Context: that CPU, no guest on it.
 */
struct vcpu *sched_next(unsigned int cpu);

/** sched_changed() - @v may ask for its CPU now, or no longer. Context: any CPU; makes its CPU look. */
void sched_changed(struct vcpu *v);

/**
 * vcpu_block() - @v waits until vcpu_wake(), unless something is there for it already; then its caller lets it leave.
 * Context: @v's CPU, from its trap.
 */
void vcpu_block(struct vcpu *v);

/**
 * vcpu_poll() - @v waits for any event of its domain, masked or not, or for what would end vcpu_block(); until
 * @deadline_ns at the latest (0: no limit). The caller then looks whether it is there already and says so by
 * vcpu_poll_end(). Context: @v's CPU, from its trap.
 */
void vcpu_poll(struct vcpu *v, uint64_t deadline_ns);
void vcpu_poll_end(struct vcpu *v, bool is_there);

/**
 * vcpu_timer_once() - VIRQ_TIMER for @v at @at_ns, on arch_now_ns()'s clock, or at once if that is over.
 * Context: @v's CPU, its trap. Return: 0; -ETIME it is over, and @must_be_future.
 */
int __must_check vcpu_timer_once(struct vcpu *v, uint64_t at_ns, bool must_be_future);

/** vcpu_timer_every() - VIRQ_TIMER for @v each @period_ns. Context: as above. Return: 0; -EINVAL too short or too long. */
int __must_check vcpu_timer_every(struct vcpu *v, uint64_t period_ns);

/** vcpu_timer_stop() - the one or the other goes off no more. Context: as above. */
void vcpu_timer_stop(struct vcpu *v, bool is_periodic);

/** vcpu_timers_forget() - none of a last life goes off in the next. Context: @v is off its CPU; any CPU. */
void vcpu_timers_forget(struct vcpu *v);

/** vcpu_wake_pollers() - an event came for @d, and it has_pollers. Context: any CPU; the event is to be seen already. */
void vcpu_wake_pollers(struct domain *d);

/** vcpu_wake() - @v waits no longer, if it does. Context: any CPU, any lock but a CPU's scheduling lock held. */
void vcpu_wake(struct vcpu *v);

/** vcpu_yield() - @v lets the others of its CPU go first, once. Context: @v's CPU, from its trap. */
void vcpu_yield(struct vcpu *v);

/**
 * vcpu_set_work() - @v's domain has housekeeping (domain_work()), done in @v's turns and charged to it; or no more.
 * Context: any CPU; @v's guest does not run.
 */
void vcpu_set_work(struct vcpu *v, bool has_work);

/** sched_lock() / sched_unlock() - hold still what scheduling knows of @v: its runstate. */
unsigned long sched_lock(const struct vcpu *v);
void sched_unlock(const struct vcpu *v, unsigned long flags);

#endif
