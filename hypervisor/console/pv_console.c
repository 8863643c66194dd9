/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PV console: Xen's console rings, with the hypervisor at the far end instead of a daemon in a domain 0.
 *
 * The page is the hypervisor's own, so that it is there whatever the guest does to its view of it. Both indices that we
 * write are kept here and never read back; each index of the guest's is read once for a decision. One that cannot be is
 * said once, and the rings are left alone for the rest of that life.
 *
 * The out ring is emptied whenever the guest sends, yields or polls, so it never waits for room: flow control is
 * what a UART has; here what the console's own ring has no room for is lost and counted, as with a UART whose guest
 * does not heed it. Input that finds the in ring full stays with the console until the guest has read some.
 *
 * Where a domain has a vPL011 too both print, and what is typed goes to one of them: to the UART while its receive
 * interrupt is on or nothing was ever written here, else here.
 *
 * Lock: pv_console.lock, above the console's. Events are raised and text is written without it.
 * Spec: Xen public io/console.h.
 */
#include <hyp/pv_console.h>

#include <hyp/arch/mm.h>
#include <hyp/console.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/lock.h>
#include <hyp/log.h>
#include <hyp/pool.h>
#include <hyp/vpl011.h>
#include <hyp/xen.h>

#include <string.h>
#include <xen/io/console.h>

/* As console_io's: each character costs some two hundred instructions, and between pieces interrupts are taken. */
#define PIECE_BYTES 128U

struct pv_console {
	spinlock_t lock;
	struct xencons_interface *ring; /* (c) the guest's to scribble on */
	uint32_t out_cons;
	uint32_t in_prod;
	bool is_busy;	 /* some CPU has taken a piece and not yet handed it on */
	bool is_used;	 /* something was written: there is a driver */
	bool is_cut_off; /* it lied, in this life */
	bool is_told;	 /* that it lied, in any life */
};

int pv_console_create(struct domain *d)
{
	struct pv_console *c = pool_alloc(sizeof(*c));

	if (c == NULL) {
		return -ENOMEM;
	}
	c->ring = page_alloc(0);
	if (c->ring == NULL) {
		return -ENOMEM;
	}
	d->pv_console = c;
	return 0;
}

void *pv_console_page(const struct domain *d)
{
	return d->pv_console == NULL ? NULL : d->pv_console->ring;
}

/* A zero where newer headers have `connection` says that somebody serves the rings: from before the guest runs, always. */
void pv_console_begin_life(struct domain *d)
{
	struct pv_console *c = d->pv_console;
	unsigned long irq;

	if (c == NULL) {
		return;
	}
	irq = spin_lock_irqsave(&c->lock);
	memset(c->ring, 0, PAGE_SIZE);
	arch_cache_clean(c->ring, PAGE_SIZE);
	c->out_cons = 0;
	c->in_prod = 0;
	c->is_used = false;
	c->is_cut_off = false;
	spin_unlock_irqrestore(&c->lock, irq);
}

static uint32_t guest_index(const uint32_t *index)
{
	return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static void set_index(uint32_t *index, uint32_t value)
{
	__atomic_store_n(index, value, __ATOMIC_RELEASE);
}

/* The next bytes of the out ring. Context: locked. Return: how many. */
static uint32_t take(struct pv_console *c, char buf[PIECE_BYTES])
{
	struct xencons_interface *ring = c->ring;
	uint32_t n = guest_index(&ring->out_prod) - c->out_cons;
	uint32_t i;

	if (n > sizeof(ring->out)) {
		c->is_cut_off = true;
		return 0;
	}
	n = MIN(n, PIECE_BYTES);
	for (i = 0; i < n; i++) {
		buf[i] = ring->out[MASK_XENCONS_IDX(c->out_cons + i, ring->out)];
	}
	c->out_cons += n;
	set_index(&ring->out_cons, c->out_cons);
	c->is_used = c->is_used || n > 0;
	return n;
}

/* Only one at a time hands on, so that pieces stay in order; who is turned away is seen to by whoever is at it. */
static uint32_t take_alone(struct pv_console *c, char buf[PIECE_BYTES])
{
	unsigned long irq = spin_lock_irqsave(&c->lock);
	uint32_t n = 0;

	if (!c->is_busy && !c->is_cut_off) {
		n = take(c, buf);
		c->is_busy = n > 0;
	}
	spin_unlock_irqrestore(&c->lock, irq);
	return n;
}

/* Return: is there more already? */
static bool handed_on(struct pv_console *c)
{
	unsigned long irq = spin_lock_irqsave(&c->lock);
	bool is_more = !c->is_cut_off && guest_index(&c->ring->out_prod) != c->out_cons;

	c->is_busy = false;
	spin_unlock_irqrestore(&c->lock, irq);
	return is_more;
}

static bool drain(struct domain *d, struct pv_console *c, bool *is_more)
{
	char buf[PIECE_BYTES];
	uint32_t n = take_alone(c, buf);

	*is_more = false;
	if (n > 0) {
		console_write(d->console, buf, n);
		*is_more = handed_on(c);
	}
	return n > 0;
}

static bool takes_input(const struct domain *d, const struct pv_console *c)
{
	return !c->is_cut_off &&
	       (d->vpl011 == NULL || (c->is_used && !vpl011_is_listening(d->vpl011)));
}

/* Context: locked. Return: characters given. */
static uint32_t give(struct domain *d, struct pv_console *c)
{
	struct xencons_interface *ring = c->ring;
	uint32_t used = c->in_prod - guest_index(&ring->in_cons);
	uint32_t n = 0;
	int ch;

	if (used > sizeof(ring->in)) {
		c->is_cut_off = true;
		return 0;
	}
	while (n < sizeof(ring->in) - used && (ch = console_getc(d->console)) >= 0) {
		ring->in[MASK_XENCONS_IDX(c->in_prod + n, ring->in)] = (char)ch;
		n++;
	}
	c->in_prod += n;
	set_index(&ring->in_prod, c->in_prod);
	return n;
}

static bool feed(struct domain *d, struct pv_console *c)
{
	unsigned long irq;
	uint32_t n = 0;

	if (console_input_pending(d->console) == 0) {
		return false;
	}
	irq = spin_lock_irqsave(&c->lock);
	if (takes_input(d, c)) {
		n = give(d, c);
	}
	spin_unlock_irqrestore(&c->lock, irq);
	return n > 0;
}

static void tell_of_lie(const struct domain *d, struct pv_console *c)
{
	if (unlikely(c->is_cut_off) && !__atomic_exchange_n(&c->is_told, true, __ATOMIC_RELAXED)) {
		hyp_printf(
			"%s: PV console: a ring index that cannot be: cut off until its next start (said once)\n",
			d->name);
	}
}

bool pv_console_serve(struct domain *d)
{
	struct pv_console *c = d->pv_console;
	bool is_more, has_moved;

	if (c == NULL) {
		return false;
	}
	has_moved = drain(d, c, &is_more);
	has_moved = feed(d, c) || has_moved;
	if (has_moved) {
		evtchn_raise_own(d, d->plan->pv.console_port);
	}
	tell_of_lie(d, c);
	return is_more;
}

/* Between two lives the page is not looked at: what is typed then waits. */
void pv_console_input(struct domain *d)
{
	struct pv_console *c = d->pv_console;

	if (c == NULL || !domain_is_running(d)) {
		return;
	}
	if (feed(d, c)) {
		evtchn_raise_own(d, d->plan->pv.console_port);
	}
	tell_of_lie(d, c);
}
