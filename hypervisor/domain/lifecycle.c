/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of domains and vCPUs: on, off, shut down, crashed, all gone.
 *
 * A domain waits for its turn to start (order.c). It goes RUNNING -> DYING by whoever is first; its vCPUs then leave
 * their CPUs by themselves, kicked. When the last one has left it is GONE, and then DEAD, or RESTARTING where the plan
 * says so: then the CPU of its vCPU 0 builds it again (restart.c) and it is RUNNING once more. When every domain is
 * dead the board is switched off, so that a run ends.
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
#include <hyp/timer.h>

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

static void kick(const struct vcpu *v)
{
	arch_cpu_kick(v->cpu);
}

static void set_state(struct vcpu *v, enum vcpu_state state)
{
	__atomic_store_n(&v->state, state, __ATOMIC_RELEASE);
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
	vcpu_runstate_enter(d->vcpus[0], RUNSTATE_running);
	set_state(d->vcpus[0], VCPU_RUNNABLE);
	__atomic_store_n(&d->state, DOMAIN_RUNNING, __ATOMIC_RELEASE);
	spin_unlock_irqrestore(&d->lock, irq);
	pv_tell_store();
}

void domain_start(struct domain *d)
{
	domain_begin_life(d);
	start(d);
	hyp_printf("%s: started\n", d->name);
	kick(d->vcpus[0]);
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
		vcpu_runstate_enter(v, RUNSTATE_running);
		set_state(v, VCPU_RUNNABLE);
		rc = 0;
	}
	spin_unlock_irqrestore(&d->lock, irq);
	if (rc == 0) {
		kick(v);
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
		vcpu_runstate_enter(v, RUNSTATE_running);
		set_state(v, VCPU_RUNNABLE);
	} else if (__atomic_load_n(&v->state, __ATOMIC_ACQUIRE) == VCPU_OFFLINE) {
		rc = -EBUSY;
	}
	spin_unlock_irqrestore(&d->lock, irq);
	if (rc == 0) {
		kick(v);
	}
	return rc;
}

void vcpu_power_off(struct vcpu *v)
{
	struct domain *d = v->domain;
	unsigned long irq = spin_lock_irqsave(&d->lock);

	if (__atomic_load_n(&v->state, __ATOMIC_ACQUIRE) == VCPU_RUNNABLE) {
		vcpu_runstate_enter(v, RUNSTATE_offline);
		set_state(v, VCPU_OFFLINE);
	}
	spin_unlock_irqrestore(&d->lock, irq);
	kick(v);
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
	if (!is_last_to_leave(d)) {
		return;
	}
	devices_quiesce(d);
	evtchn_domain_died(d);
	gnttab_domain_died(d);
	pv_tell_store();
	if (d->next == PLAN_RESTART && !order_is_stopping()) {
		__atomic_store_n(&d->state, DOMAIN_RESTARTING, __ATOMIC_SEQ_CST);
		kick(d->vcpus[0]);
	} else {
		is_dead(d);
	}
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
	hyp_printf("%s: shut down (%s)\n", d->name, reason_name(d->shutdown_reason));
	if (d->is_over_limit) {
		hyp_printf("%s: restarted %u times within %u s, its limit: stopped\n", d->name,
			   d->restart.count, d->plan->life.restart_window_s);
	}
	for (i = 0; i < d->nr_vcpus; i++) {
		kick(d->vcpus[i]);
	}
	bury(d);
}

/* RESTARTING -> RUNNING or DEAD. */
static void finish_restart(struct domain *d, int rc)
{
	if (rc == 0) {
		hyp_printf("%s: restarted (%u of %u in %u s)\n", d->name, d->restart.count,
			   d->plan->life.restart_limit, d->plan->life.restart_window_s);
		start(d);
		return;
	}
	hyp_printf("%s: cannot be restarted (error %d): stopped\n", d->name, rc);
	domain_give_up(d);
}

static bool is_restarting(const struct domain *d)
{
	return __atomic_load_n(&d->state, __ATOMIC_SEQ_CST) == DOMAIN_RESTARTING;
}

/* The vCPU that has the work to do is this CPU's own: its domain's rebuilding is on its account. */
bool domains_work(unsigned int cpu)
{
	bool is_more = false;
	unsigned int i;

	for (i = 0; i < nr_domains; i++) {
		struct domain *d = domains[i];
		int rc;

		if (!is_restarting(d) || d->vcpus[0]->cpu != cpu) {
			continue;
		}
		if (order_is_stopping()) {
			hyp_printf("%s: not restarted, the board goes down\n", d->name);
			domain_give_up(d);
			continue;
		}
		if (arch_now_ns() < d->restart.due_ns) {
			domains_set_timer();
			continue;
		}
		rc = restart_step(d);
		if (rc <= 0) {
			finish_restart(d, rc);
		}
		is_more = true;
	}
	return is_more;
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

/* A restart that is due needs no more than that its CPU wakes up. */
static void on_timer(void)
{
	unsigned int i;

	for (i = 0; i < nr_domains; i++) {
		struct domain *d = domains[i];

		if (lives_on(d, this_cpu()->id) && domain_is_running(d) &&
		    watchdog_next(d) <= arch_now_ns()) {
			domain_shutdown(d, SHUTDOWN_watchdog);
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
		} else if (is_restarting(d) && arch_now_ns() < d->restart.due_ns) {
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
	crash_begin(CRASH_DOMAIN);
	hyp_printf("%s: crashed on vCPU %u: %s\n", d->name, v->id, why);
	arch_vcpu_dump(v);
	crash_end();
	finish_end(d);
}

void vcpu_left_cpu(struct vcpu *v)
{
	__atomic_store_n(&v->is_on_cpu, false, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&v->domain->state, __ATOMIC_SEQ_CST) == DOMAIN_DYING) {
		bury(v->domain);
	}
}
