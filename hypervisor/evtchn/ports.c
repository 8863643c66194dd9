// SPDX-License-Identifier: Apache-2.0
/*
 * The table of a domain's event channel ports: which are open, what for, and which vCPU is told. What concerns another
 * domain's ports too is in interdomain.c.
 *
 * Lock: domain.lock. Spec: Xen public event_channel.h, xen.h (VIRQ_*).
 */
#include "internal.h"

#include <hyp/evtchn.h>

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/policy.h>
#include <hyp/pool.h>

_Static_assert(CONFIG_EVTCHN_PORTS >= 64 && CONFIG_EVTCHN_PORTS <= (int)EVTCHN_2L_NR_CHANNELS,
	       "CONFIG_EVTCHN_PORTS does not fit the 2-level ABI");

int evtchn_init(struct domain *d)
{
	d->evtchn = pool_alloc(sizeof(struct evtchn_port) * NR_PORTS);
	d->shared_info = page_alloc(0);
	if (d->evtchn == NULL || d->shared_info == NULL) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		evtchn_legacy_info(d->vcpus[i]);
	}
	evtchn_links_init(d);
	return fifo_init(d);
}

void evtchn_legacy_info(struct vcpu *v)
{
	struct shared_info *si = v->domain->shared_info;

	v->vcpu_info = v->id < XEN_LEGACY_MAX_VCPUS ? &si->vcpu_info[v->id] : NULL;
	v->has_own_info = false;
}

void evtchn_port_set(struct domain *d, evtchn_port_t port, const struct evtchn_port *as)
{
	struct evtchn_port *p = &d->evtchn[port];
	uint8_t queue = p->queue;

	*p = *as;
	p->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	p->queue = queue;
}

int evtchn_port_alloc(struct domain *d, evtchn_port_t *port)
{
	evtchn_port_t i;

	for (i = 1; i < NR_PORTS; i++) {
		if (d->evtchn[i].state == EVTCHNSTAT_closed) {
			*port = i;
			return 0;
		}
	}
	return -ENOSPC;
}

/* One for all vCPUs: bound on vCPU 0, moved by bind_vcpu. Xen public xen.h, VIRQ_*. */
static bool is_global(uint32_t virq)
{
	return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF &&
	       virq != VIRQ_XENPMU;
}

/* The port that is bound to @virq; 0: none. From below, where guests' ports are. */
static evtchn_port_t virq_port(const struct domain *d, uint32_t virq, uint32_t vcpu)
{
	for (evtchn_port_t i = 1; i < NR_PORTS; i++) {
		const struct evtchn_port *p = &d->evtchn[i];

		if (p->state == EVTCHNSTAT_virq && p->virq == virq &&
		    (p->vcpu == vcpu || is_global(virq))) {
			return i;
		}
	}
	return 0;
}

static void raise_virq(struct domain *d, uint32_t virq, uint32_t vcpu)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	evtchn_port_t port = virq_port(d, virq, vcpu);

	if (port != 0) {
		evtchn_set_pending(d, port);
	}
	spin_unlock_irqrestore(&d->lock, irq);
}

void evtchn_raise_virq(struct domain *d, uint32_t virq)
{
	raise_virq(d, virq, 0);
}

void evtchn_raise_vcpu_virq(struct vcpu *v, uint32_t virq)
{
	raise_virq(v->domain, virq, v->id);
}

int evtchn_bind_virq(struct domain *d, uint32_t virq, uint32_t vcpu, evtchn_port_t *port)
{
	unsigned long irq;
	int rc;

	if (virq >= NR_VIRQS || (is_global(virq) && vcpu != 0)) {
		return -EINVAL;
	}
	if (virq == VIRQ_DOM_EXC && !policy_may_hear_of_all(d)) {
		return -EPERM;
	}
	if (vcpu >= d->nr_vcpus) {
		return -ENOENT;
	}
	irq = spin_lock_irqsave(&d->lock);
	rc = virq_port(d, virq, vcpu) != 0 ? -EEXIST : evtchn_port_alloc(d, port);
	if (rc == 0) {
		evtchn_port_set(d, *port,
				&(struct evtchn_port){ .state = EVTCHNSTAT_virq,
						       .virq = (uint8_t)virq,
						       .vcpu = (uint8_t)vcpu });
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}

int evtchn_bind_ipi(struct domain *d, uint32_t vcpu, evtchn_port_t *port)
{
	unsigned long irq;
	int rc;

	if (vcpu >= d->nr_vcpus) {
		return -ENOENT;
	}
	irq = spin_lock_irqsave(&d->lock);
	rc = evtchn_port_alloc(d, port);
	if (rc == 0) {
		evtchn_port_set(d, *port,
				&(struct evtchn_port){ .state = EVTCHNSTAT_ipi,
						       .vcpu = (uint8_t)vcpu });
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}

void evtchn_port_free(struct domain *d, evtchn_port_t port)
{
	if (d->evtchn[port].is_static) {
		return;
	}
	evtchn_clear_pending(d, port);
	evtchn_port_set(d, port, &(struct evtchn_port){ .state = EVTCHNSTAT_closed });
}

int evtchn_status(struct domain *d, evtchn_port_t port, struct evtchn_status *st)
{
	struct evtchn_port *p = evtchn_port_get(d, port);
	unsigned long irq;

	if (p == NULL) {
		return -EINVAL;
	}
	irq = spin_lock_irqsave(&d->lock);
	st->status = p->state;
	st->vcpu = p->vcpu;
	if (p->state == EVTCHNSTAT_unbound) {
		st->u.unbound.dom = p->remote;
	} else if (p->state == EVTCHNSTAT_interdomain) {
		st->u.interdomain.dom = p->remote;
		st->u.interdomain.port = p->remote_port;
	} else if (p->state == EVTCHNSTAT_virq) {
		st->u.virq = p->virq;
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return 0;
}

int evtchn_bind_vcpu(struct domain *d, evtchn_port_t port, uint32_t vcpu)
{
	struct evtchn_port *p = evtchn_port_get(d, port);
	unsigned long irq;
	int rc = -EINVAL;

	if (vcpu >= d->nr_vcpus) {
		return -ENOENT;
	}
	if (p == NULL) {
		return -EINVAL;
	}
	irq = spin_lock_irqsave(&d->lock);
	/* IPIs and per-vCPU VIRQs stay where they were bound. */
	if (p->state == EVTCHNSTAT_unbound || p->state == EVTCHNSTAT_interdomain ||
	    (p->state == EVTCHNSTAT_virq && is_global(p->virq))) {
		p->vcpu = (uint8_t)vcpu;
		rc = 0;
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}

void *evtchn_map_page(struct domain *d, uint64_t gfn, int *rc)
{
	enum p2m_type type;
	paddr_t pa;
	void *page;

	if (gfn >= BIT(52 - PAGE_SHIFT) ||
	    arch_p2m_lookup(d, gpa(gfn << PAGE_SHIFT), &pa, &type) != 0 || type != P2M_RAM) {
		*rc = -EFAULT;
		return NULL;
	}
	page = arch_map(pa, PAGE_SIZE, MAP_RW);
	*rc = page == NULL ? -ENOMEM : 0;
	return page;
}

/* The selecting word is the second of the guest's words. */
static void mark_all(const struct domain *d, struct vcpu_info *info)
{
	if (arch_domain_word_bits(&d->arch) == 32) {
		__atomic_store_n((uint32_t *)(void *)info + 1, UINT32_MAX, __ATOMIC_SEQ_CST);
	} else {
		__atomic_store_n(&info->evtchn_pending_sel, ~(xen_ulong_t)0, __ATOMIC_SEQ_CST);
	}
}

int evtchn_register_vcpu_info(struct vcpu *v, uint64_t gfn, uint32_t offset)
{
	struct domain *d = v->domain;
	struct vcpu_info *info;
	unsigned long irq;
	char *page;
	int rc;

	if (offset > PAGE_SIZE - sizeof(*info) || !IS_ALIGNED(offset, __alignof__(*info))) {
		return -EINVAL;
	}
	irq = spin_lock_irqsave(&d->lock);
	if (v->has_own_info) {
		/* where it is already: guests on x86 say so again when they go on after a suspension */
		rc = v->info_at == (gfn << PAGE_SHIFT | offset) ? 0 : -EINVAL;
		goto out;
	}
	page = evtchn_map_page(d, gfn, &rc);
	if (page == NULL) {
		goto out;
	}
	info = (struct vcpu_info *)(void *)(page + offset);
	v->vcpu_info = info;
	v->has_own_info = true;
	v->info_at = gfn << PAGE_SHIFT | offset;
	/* Whatever came before, or meanwhile to the old place, is looked for again. */
	mark_all(d, info);
	__atomic_store_n(&info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
	arch_vcpu_set_upcall(v);
out:
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}
