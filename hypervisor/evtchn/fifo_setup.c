// SPDX-License-Identifier: Apache-2.0
/*
 * Event channels, FIFO ABI: a guest turns to it, gives pages for it, and leaves it again.
 *
 * What it takes on our side is set aside when the domain is built: a control block for each vCPU, event words for as
 * many ports as there are. Nothing that is pending is lost on either way.
 *
 * Lock: domain.lock. Spec: Xen public event_channel.h, EVTCHNOP_init_control and following.
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/pool.h>

#include <string.h>

int fifo_init(struct domain *d)
{
	d->fifo = pool_alloc(sizeof(*d->fifo) + d->nr_vcpus * sizeof(d->fifo->vcpu[0]));
	/* and a vcpu_info each, which is a page of the guest's, too */
	return d->fifo == NULL ? -ENOMEM : arch_map_reserve(2 * d->nr_vcpus + FIFO_PAGES);
}

/* The 2-level ABI's bit for @port. */
static xen_ulong_t *bit_of(struct domain *d, evtchn_port_t port, xen_ulong_t *mask)
{
	struct shared_info *si = d->shared_info;

	*mask = 1UL << (port % 64);
	return &si->evtchn_pending[port / 64];
}

static void turn_on(struct domain *d)
{
	evtchn_port_t port;
	xen_ulong_t mask;

	for (port = 1; port < NR_PORTS; port++) {
		xen_ulong_t *word = bit_of(d, port, &mask);
		bool is_open = d->evtchn[port].state != EVTCHNSTAT_closed;

		/* Taken off there: who has the port next, after the way back, begins with nothing pending. */
		d->evtchn[port].is_waiting =
			(__atomic_fetch_and(word, ~mask, __ATOMIC_SEQ_CST) & mask) != 0 && is_open;
	}
	d->fifo->is_on = true;
}

static void forget_page(void *at)
{
	if (at != NULL) {
		arch_unmap((void *)ALIGN_DOWN((uintptr_t)at, PAGE_SIZE), PAGE_SIZE);
	}
}

void fifo_off(struct domain *d)
{
	struct evtchn_fifo *f = d->fifo;
	evtchn_port_t port;
	xen_ulong_t mask;
	uint32_t i;

	for (port = 1; f->is_on && port < NR_PORTS; port++) {
		if (d->evtchn[port].state != EVTCHNSTAT_closed && fifo_is_pending(d, port)) {
			xen_ulong_t *word = bit_of(d, port, &mask);

			(void)__atomic_fetch_or(word, mask, __ATOMIC_SEQ_CST);
		}
		d->evtchn[port].is_waiting = false;
		d->evtchn[port].queue = 0;
	}
	for (i = 0; i < f->nr_pages; i++) {
		forget_page(f->array[i]);
	}
	for (i = 0; i < d->nr_vcpus; i++) {
		forget_page(f->vcpu[i].block);
	}
	memset(f, 0, sizeof(*f) + d->nr_vcpus * sizeof(f->vcpu[0]));
}

/* Where a page is wanted, none is the guest's fault. */
static int error_of(int rc)
{
	return rc == -EFAULT ? -EINVAL : rc;
}

int evtchn_init_control(struct domain *d, uint32_t vcpu, uint64_t gfn, uint32_t offset)
{
	struct evtchn_fifo *f = d->fifo;
	unsigned long irq;
	int rc = -EINVAL;
	char *page;

	if (vcpu >= d->nr_vcpus) {
		return -ENOENT;
	}
	if (offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) ||
	    !IS_ALIGNED(offset, sizeof(uint64_t))) {
		return -EINVAL;
	}
	irq = spin_lock_irqsave(&d->lock);
	if (f->vcpu[vcpu].block == NULL) {
		page = evtchn_map_page(d, gfn, &rc);
		if (page != NULL && !f->is_on) {
			turn_on(d);
		}
		f->vcpu[vcpu].block = page == NULL ? NULL : (void *)(page + offset);
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return error_of(rc);
}

/* The new page's words are there: what waited for one of them goes on its way. */
static void use_words(struct domain *d, uint32_t page)
{
	evtchn_port_t first = MAX(page * (evtchn_port_t)FIFO_WORDS_PER_PAGE, 1U);
	evtchn_port_t end = MIN((page + 1) * (evtchn_port_t)FIFO_WORDS_PER_PAGE, NR_PORTS);
	evtchn_port_t port;

	for (port = first; port < end; port++) {
		if (d->evtchn[port].is_waiting) {
			d->evtchn[port].is_waiting = false;
			evtchn_set_pending(d, port);
		}
	}
}

static int add_words(struct domain *d, uint64_t gfn)
{
	struct evtchn_fifo *f = d->fifo;
	event_word_t *page;
	int rc;

	if (!f->is_on) {
		return -EOPNOTSUPP;
	}
	if (f->nr_pages == FIFO_PAGES) {
		return -ENOMEM;
	}
	page = evtchn_map_page(d, gfn, &rc);
	if (page != NULL) {
		f->array[f->nr_pages++] = page;
		use_words(d, f->nr_pages - 1);
	}
	return error_of(rc);
}

int evtchn_expand_array(struct domain *d, uint64_t gfn)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	int rc = add_words(d, gfn);

	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}

int evtchn_set_priority(struct domain *d, evtchn_port_t port, uint32_t priority)
{
	unsigned long irq;
	int rc = 0;

	if (port == 0 || port >= NR_PORTS || priority > EVTCHN_FIFO_PRIORITY_MIN) {
		return -EINVAL;
	}
	irq = spin_lock_irqsave(&d->lock);
	if (d->fifo->is_on) {
		d->evtchn[port].priority = (uint8_t)priority;
	} else {
		rc = -ENOSYS;
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}
