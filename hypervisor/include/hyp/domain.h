/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Domains and vCPUs: who they are and how they live.
 *
 * Field letters: (c) constant after construction; (d) under domain.lock; (v) only by the vCPU's own CPU;
 * (a) atomic, any CPU.
 */
#ifndef HYP_DOMAIN_H
#define HYP_DOMAIN_H

#include <asm/domain.h> /* struct arch_domain, struct arch_vcpu */
#include <hyp/lock.h>
#include <hyp/mmio.h>
#include <hyp/plan.h>
#include <hyp/sched.h>
#include <hyp/timer.h>
#include <hyp/types.h>
#include <hyp/verify.h>

struct console_client;
struct evtchn_fifo;
struct evtchn_port;
struct gnttab;
struct pv_console;
struct reservation;
struct vpl011;

enum vcpu_state {
	VCPU_OFFLINE, /* never started or powered off */
	VCPU_RUNNABLE,
};

enum domain_state {
	DOMAIN_BUILDING,
	DOMAIN_WAITING, /* built; others must be ready first */
	DOMAIN_RUNNING,
	DOMAIN_DYING, /* its vCPUs are leaving their CPUs */
	DOMAIN_GONE,  /* they left; the CPU of vCPU 0 takes it down, and decides what follows */
	DOMAIN_RESTARTING, /* the CPU of vCPU 0 builds it again */
	DOMAIN_DEAD,
};

/** struct vcpu_runstate - where a vCPU's time went, and where its guest wants to read it. */
struct vcpu_runstate {
	uint32_t state;	     /* RUNSTATE_* of <xen/vcpu.h> */
	uint64_t since_ns;   /* when it was entered */
	uint64_t time_ns[4]; /* spent in each before that */
	/* The guest's copy, in two pieces when it crosses a page; narrow_runstate.c has more. */
	struct {
		paddr_t pa;
		uint32_t len; /* 0: none */
	} area[ARCH_RUNSTATE_PIECES];
};

/** struct vcpu_timer - one that its guest set: sched/vtimer.c. */
struct vcpu_timer {
	struct soft_timer soft; /* (v) */
	struct vcpu *vcpu;	/* (v) */
	uint64_t period_ns;	/* (v) 0: once */
	bool is_on;		/* (a) */
};

struct vcpu {
	struct domain *domain; /* (c) */
	uint32_t id;	       /* (c) */
	unsigned int cpu;      /* (c) physical CPU index */
	uint32_t state;	       /* (a) enum vcpu_state */
	bool is_on_cpu;	   /* (a) from before its CPU asks whether it may run to vcpu_left_cpu() */
	bool is_blocked;   /* (a) waits for vcpu_wake() */
	bool is_polling;   /* (a) for any event, masked or not */
	bool has_work;	   /* (a) its domain's housekeeping is done in its turns */
	bool shares_cpu;   /* (c) with other vCPUs */
	bool has_entry;	   /* (d) arch_vcpu_set_entry() was called */
	void *vcpu_info;   /* (d) mapped struct vcpu_info; NULL: none yet */
	bool has_own_info; /* (d) registered by the guest, at info_at */
	uint64_t info_at;  /* (d) guest physical */
	struct vcpu_runstate runstate; /* sched_lock() */
	struct sched_vcpu sched;
	struct soft_timer poll_timer; /* (v) */
	struct vcpu_timer once, every;
	struct arch_vcpu arch; /* (v) */
};

/** struct domain_ram - a piece of a domain's memory, contiguous on both sides. */
struct domain_ram {
	uint64_t gpa;
	uint64_t pa;
	uint64_t size;
};

/* A mem range may be cut in two where low guest memory ends. */
#define DOMAIN_MAX_RAM (PLAN_MAX_RANGES + 1)

/** struct guest_layout - where a domain's images lie in its own physical space, bytes. */
struct guest_layout {
	uint64_t kernel;  /* its first instruction */
	uint64_t ramdisk; /* 0: none */
	uint64_t ramdisk_size;
	uint64_t info; /* what it is told: a device tree, or a block of the architecture's */
};

#define GUEST_SEED_BYTES 72 /* of random numbers in a guest's tree */

/** struct domain_restart - how often a domain was restarted, and how far the restart under way is. */
struct domain_restart {
	struct guest_layout layout;    /* (c) */
	const struct plan_image *tree; /* (c) the plan, whose words go into the guest's tree */
	uint32_t count;		       /* (d) restarts since window_ns */
	uint64_t window_ns;	       /* (d) */
	uint64_t due_ns;	       /* not before */
	unsigned int step;	       /* of taking it down, then of building it */
	uint64_t done;		       /* of the step, bytes or as it likes */
	void *chunk;		       /* of its memory, mapped while it is scrubbed */
	uint64_t chunk_bytes;	       /* its size */
	uint64_t chunk_left;	       /* not yet scrubbed */
	const void *file;	       /* its kernel's, mapped while that is loaded */
	void *tree_buf;		       /* the guest's tree while it is written */
	bool has_seed;		       /* the next tree's, until that is written: */
	uint8_t seed[GUEST_SEED_BYTES];
	struct sha256 sum;
};

/** struct domain_order - when others may start after a domain, and how far its stopping is: domain/order.c. */
struct domain_order {
	bool is_ready; /* (a) for good */
	uint32_t
		awaits; /* (a) enum plan_ready: the sign that is missing; PLAN_READY_STARTED: none */
	uint64_t ready_due_ns; /* (c) from the start on: then it is ready all the same */
	bool is_asked;	       /* to stop; only by who answers order_go_on(), as the next one */
	uint64_t stop_due_ns;
};

/** struct domain_pv - the pages that a domain shares with what serves it; not its own memory, and kept over its lives. */
struct domain_pv {
	void *store_page; /* (c) NULL: it has no store */
};

/* Where it sees them: the layout of Xen's own GUEST_MAGIC_BASE region. */
#define PV_CONSOLE_GFN (GUEST_MAGIC_BASE >> PAGE_SHIFT)
#define PV_STORE_GFN   ((GUEST_MAGIC_BASE >> PAGE_SHIFT) + 1)

/* As many as Xen has. */
#define DOMAIN_WATCHDOGS 2

struct domain {
	spinlock_t lock;
	uint16_t id;			/* (c) domid, from 1 */
	const char *name;		/* (c) */
	const struct plan_domain *plan; /* (c) */
	const struct plan *board;	/* (c) what @plan is a part of */
	uint32_t state;			/* (a) enum domain_state */
	uint32_t lives;			/* (a) how many have begun */
	bool has_changed;		/* (a) and its store was not told in so many words */
	uint32_t shutdown_reason;	/* (d) SHUTDOWN_* of <xen/sched.h> */
	enum plan_action next;		/* (d) what follows its end */
	bool is_over_limit;		/* (d) it would have been a restart */
	uint64_t watchdog_ns[DOMAIN_WATCHDOGS]; /* (d), read by all: when it bites; 0: off */
	struct domain_restart restart;
	struct domain_order order;
	struct { /* domain/telling.c: (d), then by who ends or restarts it */
		uint64_t ends_ns;
		uint64_t dumps_ns;
		uint32_t untold;
		bool is_quiet;
	} telling;
	uint32_t nr_vcpus;			   /* (c) */
	struct vcpu *vcpus[PLAN_MAX_VCPUS];	   /* (c) */
	struct mmio_region mmio[MMIO_MAX_REGIONS]; /* (c) */
	unsigned int nr_mmio;			   /* (c) */
	void *shared_info;			   /* (c) hypervisor's mapping of the page */
	struct evtchn_port *evtchn;		   /* (d) table of CONFIG_EVTCHN_PORTS */
	struct evtchn_fifo *fifo;		   /* (d) */
	struct domain_ram ram[DOMAIN_MAX_RAM];	   /* (c) ascending guest addresses */
	unsigned int nr_ram;			   /* (c) */
	uint64_t shared_info_gfn;	 /* (d) where the guest put it; UINT64_MAX: nowhere */
	struct reservation *reservation; /* (c), contents (d); NULL: no balloon */
	struct gnttab *gnttab;		 /* (c) */
	uint32_t vm_assist;		 /* (d) VMASST_TYPE_* bits */
	bool has_pollers;		 /* (a) a vCPU is in SCHEDOP_poll, or was */
	uint32_t nr_refused;		 /* (a) what policy.c refused it */
	struct domain_pv pv;
	struct console_client *console; /* (c) */
	struct vpl011 *vpl011;		/* (c) NULL: none */
	struct pv_console *pv_console;	/* (c) NULL: none */
	struct arch_domain arch;
};

/** domains_build() - build every domain of @plan from the verified images. Return: 0; -errno, logged with the domain's name. */
int __must_check domains_build(const struct plan *plan);

/** domains_start() - let vCPU 0 of each domain run. Context: after arch_cpus_start(). */
void domains_start(void);

/** domain_get() - by domid; NULL if there is none. */
struct domain *domain_get(uint16_t domid);

/** domain_crash() - the guest did what it must not: dump @v once, stop its domain, go on with the others. Context: @v's CPU. */
void domain_crash(struct vcpu *v, const char *fmt, ...) __printf(2, 3);

/** domain_shutdown() - stop all vCPUs of @d for @reason (SHUTDOWN_*); the last domain's end powers the board off. */
void domain_shutdown(struct domain *d, uint32_t reason);

/**
 * domain_work() - one piece of what is to be done for @v's domain, whose vcpu_has_work() is true until nothing is left.
 * Context: @v's CPU, its turn, no lock held.
 */
void domain_work(struct vcpu *v);

/** domain_ready() - domain_sign()'s slow half. */
void domain_ready(struct domain *d, enum plan_ready by);

/** domain_sign() - @d has done what may be the sign by which it is ready. Context: any CPU, no lock held. */
static inline void domain_sign(struct domain *d, enum plan_ready by)
{
	if (unlikely(__atomic_load_n(&d->order.awaits, __ATOMIC_RELAXED) == (uint32_t)by)) {
		domain_ready(d, by);
	}
}

/** domain_is_running() - may its vCPUs enter the guest? */
static inline bool domain_is_running(const struct domain *d)
{
	return __atomic_load_n(&d->state, __ATOMIC_ACQUIRE) == DOMAIN_RUNNING;
}

/** vcpu_is_runnable() - should its CPU run it now? */
static inline bool vcpu_is_runnable(const struct vcpu *v)
{
	return domain_is_running(v->domain) &&
	       __atomic_load_n(&v->state, __ATOMIC_ACQUIRE) == VCPU_RUNNABLE;
}

/** vcpu_has_work() - do its turns belong to its domain's housekeeping? */
static inline bool vcpu_has_work(const struct vcpu *v)
{
	return __atomic_load_n(&v->has_work, __ATOMIC_SEQ_CST);
}

/** vcpu_left_cpu() - called by cpu_main() after arch_vcpu_run(@v) returned; the last one of a dying domain has it taken down. */
void vcpu_left_cpu(struct vcpu *v);

#endif
