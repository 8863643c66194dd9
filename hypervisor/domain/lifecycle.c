/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of domains and vCPUs: on, off, shut down, crashed, all gone.
 *
 * A domain waits for its turn to start (order.c). It goes RUNNING -> DYING by whoever is first; its vCPUs then leave
 * their CPUs by themselves, kicked. When the last one has left it is GONE, and is taken down in the turns of its vCPU 0,
 * charged to it (teardown.c). Then it is DEAD, or RESTARTING where the plan says so: it is built again in those turns
 * (restart.c), and is RUNNING once more. When every domain is dead the board is switched off, so that a run ends.
 *
 * Lock: domain.lock for a vCPU's state together with its entry point. State changes are atomic and need no lock.
 */
#include "internal.h"

#include <hyp/arch/cpu.h>
#include <hyp/arch/time.h>
#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/console.h>
#include <hyp/crash.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/gnttab.h>
#include <hyp/lifecycle.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/policy.h>
#include <hyp/timer.h>

/* A reason of our own behind Xen's. */
#define BACKEND_LOST (SHUTDOWN_MAX + 1)

static struct domain *domains[PLAN_MAX_DOMAINS];
static unsigned int nr_domains;
static unsigned int nr_dead; /* atomic */

struct domain *domain_get(uint16_t domid)
{
	return domid > 0 && domid <= nr_domains ? domains[domid - 1] : NULL;
}

void lifecycle_add(struct domain *d)
{
	domains[nr_domains++] = d;
}

static void set_state(struct vcpu *v, enum vcpu_state state)
{
	__atomic_store_n(&v->state, state, __ATOMIC_SEQ_CST);
}

/* From its entry, or from where it was taken down; it waits for nothing. */
static void set_runnable(struct vcpu *v)
{
	__atomic_store_n(&v->is_blocked, false, __ATOMIC_SEQ_CST);
	set_state(v, VCPU_RUNNABLE);
}

static bool is_off(const struct vcpu *v)
{
	return __atomic_load_n(&v->state, __ATOMIC_ACQUIRE) == VCPU_OFFLINE &&
	       !__atomic_load_n(&v->is_on_cpu, __ATOMIC_ACQUIRE);
}

static void start(struct domain *d)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);

	watchdogs_off(d);
	set_runnable(d->vcpus[0]);
	__atomic_store_n(&d->lives, d->lives + 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&d->state, DOMAIN_RUNNING, __ATOMIC_SEQ_CST);
	spin_unlock_irqrestore(&d->lock, irq);
	sched_changed(d->vcpus[0]);
	pv_tell_store(d);
}

void domain_start(struct domain *d)
{
	domain_begin_life(d);
	start(d);
	hyp_printf("%s: started\n", d->name);
}

void domains_start(void)
{
	unsigned int i;

	for (i = 0; i < nr_domains; i++) {
		__atomic_store_n(&domains[i]->state, DOMAIN_WAITING, __ATOMIC_SEQ_CST);
	}
	order_go_on();
}

int vcpu_power_on(struct vcpu *caller, uint32_t id, gpa_t entry, uint64_t arg)
{
	struct domain *d = caller->domain;
	struct vcpu *v;
	unsigned long irq;
	int rc = -EBUSY;

	if (id >= d->nr_vcpus) {
		return -EINVAL;
	}
	v = d->vcpus[id];
	irq = spin_lock_irqsave(&d->lock);
	if (is_off(v)) {
		arch_vcpu_set_entry(v, entry, arg);
		v->has_entry = true;
		set_runnable(v);
		rc = 0;
	}
	spin_unlock_irqrestore(&d->lock, irq);
	if (rc == 0) {
		sched_changed(v);
	}
	return rc;
}

int vcpu_resume(struct vcpu *v)
{
	struct domain *d = v->domain;
	unsigned long irq = spin_lock_irqsave(&d->lock);
	int rc = 0;

	if (!v->has_entry) {
		rc = -EINVAL;
	} else if (is_off(v)) {
		set_runnable(v);
	} else if (__atomic_load_n(&v->state, __ATOMIC_ACQUIRE) == VCPU_OFFLINE) {
		rc = -EBUSY;
	}
	spin_unlock_irqrestore(&d->lock, irq);
	if (rc == 0) {
		sched_changed(v);
	}
	return rc;
}

void vcpu_power_off(struct vcpu *v)
{
	struct domain *d = v->domain;
	unsigned long irq = spin_lock_irqsave(&d->lock);

	set_state(v, VCPU_OFFLINE);
	spin_unlock_irqrestore(&d->lock, irq);
	sched_changed(v);
}

bool vcpu_is_on(struct vcpu *caller, uint32_t id, bool *exists)
{
	*exists = id < caller->domain->nr_vcpus;
	return *exists && !is_off(caller->domain->vcpus[id]);
}

static const char *reason_name(uint32_t reason)
{
	static const char *const names[] = {
		[SHUTDOWN_poweroff] = "poweroff", [SHUTDOWN_reboot] = "reboot",
		[SHUTDOWN_suspend] = "suspend",	  [SHUTDOWN_crash] = "crash",
		[SHUTDOWN_watchdog] = "watchdog", [SHUTDOWN_soft_reset] = "soft reset",
		[BACKEND_LOST] = "backend lost",
	};

	return reason < ARRAY_SIZE(names) ? names[reason] : "unknown reason";
}

static bool any_on_cpu(const struct domain *d)
{
	uint32_t i;

	for (i = 0; i < d->nr_vcpus; i++) {
		if (__atomic_load_n(&d->vcpus[i]->is_on_cpu, __ATOMIC_SEQ_CST)) {
			return true;
		}
	}
	return false;
}

static void all_down(void)
{
	bool is_reboot = order_is_stopping();

	hyp_printf("all domains are down, %s\n", is_reboot ? "rebooting" : "powering off");
	console_flush_sync();
	if (is_reboot) {
		arch_reset();
	}
	arch_power_off();
}

/* Nothing runs of @d any more, and nothing will. */
static void is_dead(struct domain *d)
{
	__atomic_store_n(&d->state, DOMAIN_DEAD, __ATOMIC_SEQ_CST);
	if (d->next == PLAN_REBOOT_BOARD) {
		order_stop_all(d);
	}
	if (__atomic_add_fetch(&nr_dead, 1, __ATOMIC_SEQ_CST) == nr_domains) {
		all_down();
	}
	order_go_on();
}

void domain_give_up(struct domain *d)
{
	console_client_close(d->console);
	is_dead(d);
}

/* DYING -> GONE once no vCPU is on a CPU. Return: was it us? */
static bool is_last_to_leave(struct domain *d)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	bool is_last = d->state == DOMAIN_DYING && !any_on_cpu(d);

	if (is_last) {
		__atomic_store_n(&d->state, DOMAIN_GONE, __ATOMIC_SEQ_CST);
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return is_last;
}

/* One caller wins. One that was held up may meet the domain's next life, dying too, and buries that. */
static void bury(struct domain *d)
{
	if (is_last_to_leave(d)) {
		vcpu_set_work(d->vcpus[0], true);
	}
}

/* GONE -> RESTARTING or DEAD. */
static void take_down(struct domain *d)
{
	if (teardown_step(d)) {
		return;
	}
	if (d->next == PLAN_RESTART && !order_is_stopping()) {
		__atomic_store_n(&d->state, DOMAIN_RESTARTING, __ATOMIC_SEQ_CST);
	} else {
		vcpu_set_work(d->vcpus[0], false);
		is_dead(d);
	}
	pv_tell_store(d);
}

static enum plan_action action_for(const struct domain *d, uint32_t reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		return d->plan->life.on[PLAN_ON_POWEROFF];
	case SHUTDOWN_reboot:
	case SHUTDOWN_soft_reset:
		return d->plan->life.on[PLAN_ON_REBOOT];
	case SHUTDOWN_crash:
		return d->plan->life.on[PLAN_ON_CRASH];
	case SHUTDOWN_watchdog:
		return d->plan->life.on[PLAN_ON_WATCHDOG];
	case BACKEND_LOST:
		return d->plan->life.on[PLAN_ON_BACKEND_LOSS];
	default:
		return PLAN_STOP;
	}
}

/* RUNNING -> DYING; false: somebody else was first. */
static bool begin_end(struct domain *d, uint32_t reason)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	bool is_first = domain_is_running(d);

	if (is_first) {
		d->shutdown_reason = reason;
		d->next = action_for(d, reason);
		if (d->next == PLAN_RESTART && order_is_stopping()) {
			d->next = PLAN_STOP;
		}
		d->is_over_limit = d->next == PLAN_RESTART && !restart_is_allowed(d);
		d->next = d->is_over_limit ? PLAN_STOP : d->next;
		restart_begin(d);
		telling_end(d);
		__atomic_store_n(&d->state, DOMAIN_DYING, __ATOMIC_SEQ_CST);
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return is_first;
}

static void finish_end(struct domain *d)
{
	uint32_t i;

	/* The input moves on first: who reads the next line may type at once. */
	if (d->next != PLAN_RESTART) {
		console_client_close(d->console);
	}
	if (telling_is_on(d)) {
		telling_rest(d);
		hyp_printf("%s: shut down (%s)\n", d->name, reason_name(d->shutdown_reason));
	}
	if (d->is_over_limit) {
		hyp_printf("%s: restarted %u times within %u s, its limit: stopped\n", d->name,
			   d->restart.count, d->plan->life.restart_window_s);
	}
	for (i = 0; i < d->nr_vcpus; i++) {
		sched_changed(d->vcpus[i]);
	}
	bury(d);
}

/* RESTARTING -> RUNNING or DEAD. */
static void finish_restart(struct domain *d, int rc)
{
	if (rc == 0) {
		if (telling_is_on(d)) {
			hyp_printf("%s: restarted (%u of %u in %u s)\n", d->name, d->restart.count,
				   d->plan->life.restart_limit, d->plan->life.restart_window_s);
		}
		start(d);
		return;
	}
	hyp_printf("%s: cannot be restarted (error %d): stopped\n", d->name, rc);
	domain_give_up(d);
}

static bool is_in(const struct domain *d, enum domain_state state)
{
	return __atomic_load_n(&d->state, __ATOMIC_SEQ_CST) == (uint32_t)state;
}

static bool is_restarting(const struct domain *d)
{
	return is_in(d, DOMAIN_RESTARTING);
}

/* Where the work has to wait for a time, the timer makes it work again. */
void domain_work(struct vcpu *v)
{
	struct domain *d = v->domain;
	int rc;

	if (is_in(d, DOMAIN_GONE)) {
		take_down(d);
		return;
	}
	if (!is_restarting(d)) {
		vcpu_set_work(v, false);
		return;
	}
	if (order_is_stopping()) {
		hyp_printf("%s: not restarted, the board goes down\n", d->name);
		vcpu_set_work(v, false);
		domain_give_up(d);
		return;
	}
	if (arch_now_ns() < d->restart.due_ns) {
		vcpu_set_work(v, false);
		domains_set_timer();
		return;
	}
	rc = restart_step(d);
	if (rc <= 0) {
		vcpu_set_work(v, false);
		finish_restart(d, rc);
	}
}

static bool lives_on(const struct domain *d, unsigned int cpu)
{
	uint32_t i;

	for (i = 0; i < d->nr_vcpus; i++) {
		if (d->vcpus[i]->cpu == cpu) {
			return true;
		}
	}
	return false;
}

/* A restart waits for its time. */
static bool has_to_wait(const struct domain *d)
{
	return is_restarting(d) && d->vcpus[0]->cpu == this_cpu()->id &&
	       !vcpu_has_work(d->vcpus[0]);
}

static void on_timer(void)
{
	unsigned int i;

	for (i = 0; i < nr_domains; i++) {
		struct domain *d = domains[i];

		if (lives_on(d, this_cpu()->id) && domain_is_running(d) &&
		    watchdog_next(d) <= arch_now_ns()) {
			domain_shutdown(d, SHUTDOWN_watchdog);
		} else if (has_to_wait(d) && d->restart.due_ns <= arch_now_ns()) {
			vcpu_set_work(d->vcpus[0], true);
		}
	}
	domains_set_timer();
}

void domains_set_timer(void)
{
	uint64_t next = TIMER_OFF;
	unsigned int i;

	for (i = 0; i < nr_domains; i++) {
		const struct domain *d = domains[i];

		if (!lives_on(d, this_cpu()->id)) {
			continue;
		}
		if (domain_is_running(d)) {
			next = MIN(next, watchdog_next(d));
		} else if (has_to_wait(d)) {
			next = MIN(next, d->restart.due_ns);
		}
	}
	timer_set(TIMER_DOMAINS, next, on_timer);
}

void domain_shutdown(struct domain *d, uint32_t reason)
{
	if (begin_end(d, reason)) {
		finish_end(d);
	}
}

int domain_lost_backend(struct domain *store, domid_t domid)
{
	struct domain *d = domain_get(domid);

	if (!policy_may_end(store, domid)) {
		return -EPERM;
	}
	domain_shutdown(d, BACKEND_LOST);
	return 0;
}

void domain_crash(struct vcpu *v, const char *fmt, ...)
{
	struct domain *d = v->domain;
	char why[128];
	va_list ap;

	if (!begin_end(d, SHUTDOWN_crash)) {
		return;
	}
	va_start(ap, fmt);
	hyp_vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (telling_is_on(d)) {
		crash_begin(CRASH_DOMAIN);
		hyp_printf("%s: crashed on vCPU %u: %s\n", d->name, v->id, why);
		if (telling_dump(d)) {
			arch_vcpu_dump(v);
		}
		crash_end();
	}
	finish_end(d);
}

void vcpu_left_cpu(struct vcpu *v)
{
	__atomic_store_n(&v->is_on_cpu, false, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&v->domain->state, __ATOMIC_SEQ_CST) == DOMAIN_DYING) {
		bury(v->domain);
	}
}
