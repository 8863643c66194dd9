// SPDX-License-Identifier: Apache-2.0
/* The xenstore's client: xs.h says how it behaves. Indices of the ring that are ours are never read back from it. */
#include "xs.h"

#include "platform.h"
#include "text.h"

#include <string.h>

#define HEAD sizeof(struct xsd_sockmsg)

void xs_init(struct xs *xs, struct xenstore_domain_interface *ring, uint32_t port)
{
	memset(xs, 0, sizeof(*xs));
	xs->ring = ring;
	xs->port = port;
}

bool xs_is_ready(const struct xs *xs)
{
	return __atomic_load_n(&xs->ring->connection, __ATOMIC_ACQUIRE) == XENSTORE_CONNECTED;
}

/* What of a message is there still to come. */
static size_t missing(const struct xs *xs)
{
	struct xsd_sockmsg head;

	if (xs->in_used < HEAD) {
		return HEAD - xs->in_used;
	}
	memcpy(&head, xs->in, HEAD);
	return HEAD + head.len - xs->in_used;
}

/* As much as the ring holds of @len bytes. */
static size_t take_bytes(struct xs *xs, uint8_t *to, size_t len)
{
	struct xenstore_domain_interface *r = xs->ring;
	uint32_t prod = __atomic_load_n(&r->rsp_prod, __ATOMIC_ACQUIRE);
	uint32_t cons = r->rsp_cons;
	size_t n = 0;

	if (prod - cons > XENSTORE_RING_SIZE) {
		xs->is_broken = true;
		return 0;
	}
	for (; n < len && cons != prod; n++, cons++) {
		to[n] = (uint8_t)r->rsp[MASK_XENSTORE_IDX(cons)];
	}
	__atomic_store_n(&r->rsp_cons, cons, __ATOMIC_RELEASE);
	return n;
}

/* "path\0token\0" */
static void take_event(struct xs *xs, const char *payload, size_t len)
{
	size_t path = strnlen(payload, len);
	uint32_t token;

	if (path < len && text_number(payload + path + 1, &token) && token < 32) {
		xs->events |= 1u << token;
	}
}

static void take_message(struct xs *xs)
{
	struct xsd_sockmsg head;

	memcpy(&head, xs->in, HEAD);
	xs->in[HEAD + head.len] = '\0';
	if (head.type == XS_WATCH_EVENT) {
		take_event(xs, (const char *)xs->in + HEAD, head.len);
	} else if (head.req_id == xs->req_id) {
		xs->is_answered = true;
		return; /* stays where it is for who asked */
	}
	xs->in_used = 0;
}

bool xs_take(struct xs *xs)
{
	bool is_busy = false;
	size_t n, want;

	while (!xs->is_broken && !xs->is_answered) {
		want = missing(xs);
		if (want > sizeof(xs->in) - 1 - xs->in_used) {
			xs->is_broken = true;
			break;
		}
		n = take_bytes(xs, xs->in + xs->in_used, want);
		xs->in_used += (uint32_t)n;
		is_busy |= n > 0;
		if (n < want) {
			break;
		}
		if (xs->in_used >= HEAD && missing(xs) == 0) {
			take_message(xs);
		}
	}
	if (is_busy) {
		plat_notify(xs->port);
	}
	return is_busy;
}

static void put_bytes(struct xs *xs, const void *from, size_t len)
{
	struct xenstore_domain_interface *r = xs->ring;
	const uint8_t *bytes = from;
	uint32_t prod = r->req_prod;

	while (len > 0 && !xs->is_broken) {
		uint32_t cons = __atomic_load_n(&r->req_cons, __ATOMIC_ACQUIRE);

		if (prod - cons > XENSTORE_RING_SIZE) {
			xs->is_broken = true;
		} else if (prod - cons == XENSTORE_RING_SIZE) {
			plat_notify(xs->port);
			io_wait();
		} else {
			r->req[MASK_XENSTORE_IDX(prod)] = (char)*bytes++;
			__atomic_store_n(&r->req_prod, ++prod, __ATOMIC_RELEASE);
			len--;
		}
	}
}

/*
 * Ask, and wait for the answer: two texts, the second with its zero byte only where @ends.
 * Return: the answer's text in xs->in; NULL: refused.
 */
static const char *call(struct xs *xs, uint32_t type, const char *first, const char *second,
			bool ends)
{
	size_t one = strlen(first) + 1, two = second == NULL ? 0 : strlen(second) + ends;
	struct xsd_sockmsg head = { .type = type, .len = (uint32_t)(one + two) };
	uint8_t raw[HEAD];

	if (xs->is_broken) {
		return NULL;
	}
	head.req_id = ++xs->req_id;
	memcpy(raw, &head, HEAD);
	put_bytes(xs, raw, HEAD);
	put_bytes(xs, first, one);
	put_bytes(xs, second, two);
	plat_notify(xs->port);
	while (!xs->is_answered && !xs->is_broken) {
		if (!xs_take(xs)) {
			io_wait();
		}
	}
	memcpy(&head, xs->in, HEAD);
	xs->is_answered = false;
	xs->in_used = 0;
	return xs->is_broken || head.type != type ? NULL : (const char *)xs->in + HEAD;
}

bool xs_read(struct xs *xs, const char *path, char *value, size_t size)
{
	const char *text = call(xs, XS_READ, path, NULL, false);
	size_t len;

	if (text == NULL) {
		return false;
	}
	len = strnlen(text, size - 1);
	memcpy(value, text, len);
	value[len] = '\0';
	return true;
}

bool xs_read_number(struct xs *xs, const char *path, uint32_t *value)
{
	char text[XS_VALUE];

	return xs_read(xs, path, text, sizeof(text)) && text_number(text, value);
}

bool xs_write(struct xs *xs, const char *path, const char *value)
{
	return call(xs, XS_WRITE, path, value, false) != NULL;
}

bool xs_watch(struct xs *xs, const char *path, uint32_t token)
{
	char text[24] = { 0 };

	(void)text_put_number(text, token);
	return call(xs, XS_WATCH, path, text, true) != NULL;
}
