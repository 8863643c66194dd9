// SPDX-License-Identifier: Apache-2.0
/*
 * A client's ring. What the client may write is read once for each decision; our own indices are never read back.
 *
 * A client that breaks the rules is told so in the page and cut off until it asks to reconnect; nobody else notices.
 * A request is taken only when the answer before it has left, so at most one is held and the others wait in the ring.
 *
 * What a turn does is written behind the indices that the client sees; these move when it is committed. So a turn that
 * is made again, by the program's next life, finds the requests where they were.
 * Spec: Xen docs/misc/xenstore-ring.txt.
 */
#include "internal.h"

#include <string.h>

#define FEATURES (XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR)
#define RING	 XENSTORE_RING_SIZE

static uint32_t load(const uint32_t *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

static void put(uint32_t *to, uint32_t value)
{
	__atomic_store_n(to, value, __ATOMIC_RELEASE);
}

void ring_reset(struct store_client *c, bool is_new)
{
	c->is_new = is_new;
	c->req_cons = 0;
	c->rsp_prod = 0;
	c->is_broken = false;
	c->must_reset = true;
	c->must_notify = true;
}

void ring_cut_off(struct store *s, struct store_client *c, uint32_t error)
{
	client_reset(s, c);
	c->is_broken = true;
	c->error = error;
	c->must_notify = true;
}

/* We alone move these two, and a client's restart makes them zero. */
bool ring_is_new(const struct xenstore_domain_interface *ring)
{
	return load(&ring->connection) == XENSTORE_RECONNECT && load(&ring->req_cons) == 0 &&
	       load(&ring->rsp_prod) == 0;
}

/* A client that does not look whether we are there (GRUB) may have asked already: @has_asked keeps its requests. */
static void show_new(struct xenstore_domain_interface *ring, bool has_asked)
{
	put(&ring->server_features, FEATURES);
	if (!has_asked) {
		put(&ring->req_prod, 0);
	}
	put(&ring->req_cons, 0);
	put(&ring->rsp_prod, 0);
	put(&ring->rsp_cons, 0);
	put(&ring->error, XENSTORE_ERROR_NONE);
	put(&ring->connection, XENSTORE_CONNECTED);
}

void ring_publish(struct store *s, struct store_client *c)
{
	if (c->ring == NULL || !c->must_notify) {
		return;
	}
	if (c->must_reset) {
		/* one that was told of an error there has asked for something else */
		show_new(c->ring, c->is_new && ring_is_new(c->ring) &&
					  load(&c->ring->error) == XENSTORE_ERROR_NONE);
	}
	if (c->is_broken) {
		put(&c->ring->error, c->error);
	} else {
		put(&c->ring->rsp_prod, c->rsp_prod);
		put(&c->ring->req_cons, c->req_cons);
	}
	c->must_reset = false;
	c->must_notify = false;
	s->ops.notify(c);
}

bool ring_was_published(const struct store_client *c)
{
	return load(&c->ring->connection) != XENSTORE_RECONNECT;
}

/* Out of a ring of bytes, or into one; @index runs free. */
static void copy_out(uint8_t *to, const char *ring, uint32_t index, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		to[i] = (uint8_t)__atomic_load_n(&ring[MASK_XENSTORE_IDX(index + i)],
						 __ATOMIC_RELAXED);
	}
}

static void copy_in(char *ring, uint32_t index, const uint8_t *from, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		__atomic_store_n(&ring[MASK_XENSTORE_IDX(index + i)], (char)from[i],
				 __ATOMIC_RELAXED);
	}
}

/* Send what the ring takes of c->out. Return: whether all of it has left. */
static bool push(struct store *s, struct store_client *c)
{
	uint32_t waiting = c->rsp_prod - load(&c->ring->rsp_cons), n = c->out_len - c->out_done;

	if (n == 0) {
		return true;
	}
	if (waiting > RING) {
		ring_cut_off(s, c, XENSTORE_ERROR_RINGIDX);
		return false;
	}
	n = n < RING - waiting ? n : RING - waiting;
	if (n == 0) {
		return false;
	}
	copy_in(c->ring->rsp, c->rsp_prod, c->out + c->out_done, n);
	c->out_done += n;
	c->rsp_prod += n;
	c->must_notify = true;
	return c->out_done == c->out_len;
}

/* How long the message at the front is; only the header is known at first. */
static uint32_t wanted(const struct store_client *c)
{
	struct xsd_sockmsg head;

	if (c->in_used < sizeof(head)) {
		return sizeof(head);
	}
	memcpy(&head, c->in, sizeof(head));
	return head.len > XENSTORE_PAYLOAD_MAX ? 0 : (uint32_t)sizeof(head) + head.len;
}

static bool take(struct store *s, struct store_client *c, uint32_t want)
{
	uint32_t ready = load(&c->ring->req_prod) - c->req_cons, n = want - c->in_used;

	if (ready > RING) {
		ring_cut_off(s, c, XENSTORE_ERROR_RINGIDX);
		return false;
	}
	n = n < ready ? n : ready;
	if (n == 0) {
		return false;
	}
	copy_out(c->in + c->in_used, c->ring->req, c->req_cons, n);
	c->in_used += n;
	c->req_cons += n;
	c->must_notify = true;
	return true;
}

/* Gather a message in c->in. Return: whether it is whole. */
static bool pull(struct store *s, struct store_client *c)
{
	for (;;) {
		uint32_t want = wanted(c);

		if (want == 0) {
			ring_cut_off(s, c, XENSTORE_ERROR_PROTO);
			return false;
		}
		if (c->in_used == want) {
			return true;
		}
		if (!take(s, c, want)) {
			return false;
		}
	}
}

static bool reconnect(struct store *s, struct store_client *c)
{
	if (load(&c->ring->connection) != XENSTORE_RECONNECT) {
		return false;
	}
	client_reset(s, c);
	ring_reset(c, false);
	return true;
}

/*
 * Who starts finds its devices offered, as under a tool stack: not everybody waits for that (GRUB). For how long at most,
 * store_recover() says.
 */
static bool is_held(struct store *s, struct store_client *c)
{
	c->is_held = c->is_held && devices_are_awaited(s, c);
	return c->is_held;
}

/* One request at most, and as many events as the ring takes. */
static void exchange(struct store *s, struct store_client *c)
{
	bool may_request = true;

	while (push(s, c)) {
		if (may_request && !is_held(s, c) && !conflict_is_held(s, c) && pull(s, c)) {
			may_request = false;
			c->in_used = 0;
			conflict_enter(s, c);
			store_request(s, c);
			conflict_enter(s, NULL);
		} else if (c->is_broken || !event_next(s, c)) {
			return;
		}
	}
}

bool ring_serve(struct store *s, struct store_client *c)
{
	if (c->ring == NULL) {
		return false;
	}
	if (!reconnect(s, c) && !c->is_broken) {
		exchange(s, c);
	}
	return c->must_notify;
}
