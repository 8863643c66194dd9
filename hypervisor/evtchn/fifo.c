// SPDX-License-Identifier: Apache-2.0
/*
 * Event channels, FIFO ABI: how events get into queues that a guest takes them from.
 *
 * Each port has a word in pages of the guest's: pending, masked, linked, and the port behind it in its queue. Each vCPU
 * has a queue for each priority; where one begins stands in its control block, where it ends we remember. All of these
 * pages are the guest's to scribble on. They are written with atomic operations, and what is read from them never
 * indexes anything and decides nothing but what this guest sees of its own events.
 *
 * Lock: domain.lock. Spec: Xen public event_channel.h, "FIFO ABI"; docs/designs/event-fifo.
 */
#include "internal.h"

#define WORD(bit) ((event_word_t)1 << (bit))
#define LINK_MASK ((event_word_t)EVTCHN_FIFO_LINK_MASK)

/* A guest that changes a word all the time is asked to stop after some tries, and given up after some more. */
#define TRIES_FREE 4U
#define TRIES_BUSY 8U

/* The word of @port; NULL: its guest has given no page for it. */
static event_word_t *word_of(const struct domain *d, evtchn_port_t port)
{
	const struct evtchn_fifo *f = d->fifo;

	return port / FIFO_WORDS_PER_PAGE < f->nr_pages
		       ? &f->array[port / FIFO_WORDS_PER_PAGE][port % FIFO_WORDS_PER_PAGE]
		       : NULL;
}

static event_word_t word_read(const event_word_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

/* Return: the bit's old value. */
static bool word_set(event_word_t *word, unsigned int bit)
{
	return (__atomic_fetch_or(word, WORD(bit), __ATOMIC_SEQ_CST) & WORD(bit)) != 0;
}

static bool word_clear(event_word_t *word, unsigned int bit)
{
	return (__atomic_fetch_and(word, ~WORD(bit), __ATOMIC_SEQ_CST) & WORD(bit)) != 0;
}

/* While a word is busy its guest unmasks nothing there, so that only taking it off its queue can come in between. */
static bool link_tail(event_word_t *tail, evtchn_port_t port)
{
	event_word_t was = word_read(tail);
	unsigned int i;

	for (i = 0; i < TRIES_BUSY && (was & WORD(EVTCHN_FIFO_LINKED)) != 0; i++) {
		event_word_t now = (was & ~(LINK_MASK | WORD(EVTCHN_FIFO_BUSY))) | port;

		if (__atomic_compare_exchange_n(tail, &was, now, false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST)) {
			return true;
		}
		if (i == TRIES_FREE) {
			(void)word_set(tail, EVTCHN_FIFO_BUSY);
			was = word_read(tail);
		}
	}
	if (i > TRIES_FREE) {
		(void)word_clear(tail, EVTCHN_FIFO_BUSY);
	}
	return false;
}

/* It is linked nowhere. Was it the end of a queue, that queue is empty: what comes next there begins it anew. */
static void forget_tail(struct evtchn_fifo *f, const struct evtchn_port *p, evtchn_port_t port)
{
	evtchn_port_t *tail =
		&f->vcpu[p->queue / EVTCHN_FIFO_MAX_QUEUES].tail[p->queue % EVTCHN_FIFO_MAX_QUEUES];

	if (*tail == port) {
		*tail = 0;
	}
}

/* Return: must its vCPU be told of the queue? */
static bool put_last(struct domain *d, struct evtchn_port *p, evtchn_port_t port)
{
	struct fifo_vcpu *q = &d->fifo->vcpu[p->vcpu];
	evtchn_port_t tail;

	forget_tail(d->fifo, p, port);
	p->queue = (uint8_t)(p->vcpu * EVTCHN_FIFO_MAX_QUEUES + p->priority);
	tail = q->tail[p->priority];
	q->tail[p->priority] = port;
	if (tail != 0 && link_tail(word_of(d, tail), port)) {
		return false;
	}
	__atomic_store_n(&q->block->head[p->priority], port, __ATOMIC_SEQ_CST);
	return (__atomic_fetch_or(&q->block->ready, 1U << p->priority, __ATOMIC_SEQ_CST) &
		1U << p->priority) == 0;
}

bool fifo_set_pending(struct domain *d, evtchn_port_t port)
{
	struct evtchn_port *p = &d->evtchn[port];
	event_word_t *word = word_of(d, port);
	event_word_t was;

	if (word == NULL) {
		bool was_waiting = p->is_waiting;

		p->is_waiting = true;
		return was_waiting;
	}
	was = __atomic_fetch_or(word, WORD(EVTCHN_FIFO_PENDING), __ATOMIC_SEQ_CST);
	/* Before a vCPU has a control block its guest must have all its ports masked. */
	if ((was & (WORD(EVTCHN_FIFO_MASKED) | WORD(EVTCHN_FIFO_LINKED))) == 0 &&
	    d->fifo->vcpu[p->vcpu].block != NULL && !word_set(word, EVTCHN_FIFO_LINKED) &&
	    put_last(d, p, port)) {
		evtchn_mark_upcall(d->vcpus[p->vcpu]);
	}
	return (was & WORD(EVTCHN_FIFO_PENDING)) != 0;
}

/* It stays linked if it was: the guest comes by and finds nothing. */
void fifo_clear_pending(struct domain *d, evtchn_port_t port)
{
	event_word_t *word = word_of(d, port);

	d->evtchn[port].is_waiting = false;
	if (word != NULL) {
		(void)word_clear(word, EVTCHN_FIFO_PENDING);
	}
}

bool fifo_is_pending(const struct domain *d, evtchn_port_t port)
{
	const event_word_t *word = word_of(d, port);

	return word == NULL ? d->evtchn[port].is_waiting
			    : (word_read(word) & WORD(EVTCHN_FIFO_PENDING)) != 0;
}

void fifo_unmask(struct domain *d, evtchn_port_t port)
{
	event_word_t *word = word_of(d, port);

	if (word == NULL) {
		return;
	}
	(void)word_clear(word, EVTCHN_FIFO_MASKED);
	if ((word_read(word) & WORD(EVTCHN_FIFO_PENDING)) != 0) {
		(void)fifo_set_pending(d, port);
	}
}
