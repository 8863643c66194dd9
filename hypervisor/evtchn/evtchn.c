/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Event channels: what happens on a port, and how guests of the 2-level ABI see it. A guest may turn to the other ABI:
 * fifo.c. Ports come and go in ports.c.
 *
 * The port table is ours and decides; the shared info page and the vcpu_info are the guest's to scribble on: they are
 * only written with atomic bit operations and what is read from them never indexes anything.
 *
 * Lock: domain.lock over a domain's table. Channels cross domains only where the plan links them (link.c); no
 * link is the default.
 * Spec: Xen public event_channel.h, xen.h (struct shared_info, struct vcpu_info).
 */
#include "internal.h"

#include <hyp/evtchn.h>

#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/pv_console.h>

#define BITS_PER_WORD 64U

/* Returns the bit's old value. */
static bool bit_set(xen_ulong_t *words, uint32_t bit)
{
	xen_ulong_t mask = 1UL << (bit % BITS_PER_WORD);

	return (__atomic_fetch_or(&words[bit / BITS_PER_WORD], mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

static bool bit_clear(xen_ulong_t *words, uint32_t bit)
{
	xen_ulong_t mask = 1UL << (bit % BITS_PER_WORD);

	return (__atomic_fetch_and(&words[bit / BITS_PER_WORD], ~mask, __ATOMIC_SEQ_CST) & mask) !=
	       0;
}

static bool bit_test(const xen_ulong_t *words, uint32_t bit)
{
	xen_ulong_t word = __atomic_load_n(&words[bit / BITS_PER_WORD], __ATOMIC_SEQ_CST);

	return (word >> (bit % BITS_PER_WORD) & 1) != 0;
}

/*
 * Where a port's bits are, from the page's or the vcpu_info's begin, in bits. A word of the guest's has as many bits as there are
 * words in an array of ports, and in which byte a bit lies does not depend on its word's size, for words are little-endian.
 */
static uint32_t pending_bit(uint32_t port)
{
	return 8 * (uint32_t)offsetof(struct shared_info, evtchn_pending) + port;
}

/* Of the guest's words, as a power of two. */
static unsigned int word_shift(const struct domain *d)
{
	return arch_domain_word_bits(&d->arch) == 32 ? 5 : 6;
}

static uint32_t mask_bit(unsigned int shift, evtchn_port_t port)
{
	return pending_bit((1U << 2 * shift) + port);
}

/* Two bytes and what fills their word, then the word that says which words of the page to look at. */
static uint32_t select_bit(unsigned int shift, evtchn_port_t port)
{
	return (1U << shift) + (port >> shift);
}

void evtchn_mark_upcall(struct vcpu *v)
{
	struct vcpu_info *info = v->vcpu_info;

	if (info == NULL) {
		return; /* registering one marks everything */
	}
	if (__atomic_exchange_n(&info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST) == 0) {
		arch_vcpu_set_upcall(v);
	}
}

/* Tell @v that word @port belongs to has something, unless its guest masked the port. */
static void notify(struct domain *d, evtchn_port_t port, struct vcpu *v)
{
	struct vcpu_info *info = v->vcpu_info;
	unsigned int shift = word_shift(d);

	if (info == NULL || bit_test(d->shared_info, mask_bit(shift, port))) {
		return; /* registering a vcpu_info marks everything, and unmasking looks again */
	}
	if (!bit_set((xen_ulong_t *)(void *)info, select_bit(shift, port))) {
		evtchn_mark_upcall(v);
	}
}

/* Return: was it pending already? */
static bool set_pending(struct domain *d, evtchn_port_t port)
{
	if (d->fifo->is_on) {
		return fifo_set_pending(d, port);
	}
	if (bit_set(d->shared_info, pending_bit(port))) {
		return true;
	}
	notify(d, port, d->vcpus[d->evtchn[port].vcpu]);
	return false;
}

void evtchn_set_pending(struct domain *d, evtchn_port_t port)
{
	if (!set_pending(d, port) && unlikely(__atomic_load_n(&d->has_pollers, __ATOMIC_SEQ_CST))) {
		vcpu_wake_pollers(d);
	}
}

void evtchn_clear_pending(struct domain *d, evtchn_port_t port)
{
	if (d->fifo->is_on) {
		fifo_clear_pending(d, port);
	} else {
		(void)bit_clear(d->shared_info, pending_bit(port));
	}
}

int evtchn_send(struct domain *d, evtchn_port_t port)
{
	struct evtchn_port *p = evtchn_port_get(d, port);
	struct evtchn_port own;
	unsigned long irq;
	int rc = 0;

	if (p == NULL) {
		return -EINVAL;
	}
	irq = spin_lock_irqsave(&d->lock);
	own = *p;
	switch (own.state) {
	case EVTCHNSTAT_interdomain:
		break; /* below, under the other domain's lock alone */
	case EVTCHNSTAT_ipi:
		evtchn_set_pending(d, port);
		break;
	case EVTCHNSTAT_unbound:
		break; /* nobody there to hear it: not an error */
	default:
		rc = -EINVAL;
		break;
	}
	spin_unlock_irqrestore(&d->lock, irq);
	if (own.is_own) {
		return pv_console_serve(d) ? 1 : 0;
	}
	if (own.state == EVTCHNSTAT_interdomain) {
		evtchn_link_send(d, port, &own);
	}
	if (own.is_static) {
		domain_sign(d, PLAN_READY_EVENT);
	}
	return rc;
}

int evtchn_unmask(struct domain *d, evtchn_port_t port)
{
	struct evtchn_port *p = evtchn_port_get(d, port);
	unsigned long irq;

	if (p == NULL) {
		return -EINVAL;
	}
	irq = spin_lock_irqsave(&d->lock);
	if (d->fifo->is_on) {
		fifo_unmask(d, port);
	} else if (bit_clear(d->shared_info, mask_bit(word_shift(d), port)) &&
		   bit_test(d->shared_info, pending_bit(port))) {
		notify(d, port, d->vcpus[p->vcpu]);
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return 0;
}

bool trap_has_upcall(const struct vcpu *v)
{
	const struct vcpu_info *info = v->vcpu_info;

	return info != NULL && __atomic_load_n(&info->evtchn_upcall_pending, __ATOMIC_SEQ_CST) != 0;
}

static bool is_port_pending(const struct domain *d, evtchn_port_t port)
{
	return d->fifo->is_on ? fifo_is_pending(d, port)
			      : bit_test(d->shared_info, pending_bit(port));
}

/* Locked: the pages that are looked into are taken away only so. */
int evtchn_any_pending(struct domain *d, const evtchn_port_t *ports, unsigned int nr)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	unsigned int i;
	int rc = 0;

	for (i = 0; i < nr && rc == 0; i++) {
		rc = evtchn_port_get(d, ports[i]) == NULL ? -EINVAL : is_port_pending(d, ports[i]);
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}
