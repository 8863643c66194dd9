// SPDX-License-Identifier: Apache-2.0
/*
 * Events on their way to a client.
 *
 * The same event never waits twice: a watcher looks at the present state whenever it is told. When a client does not
 * fetch its events and its room for them is full, each watch concerned owes one event on its own path instead, as
 * when it was set. So nobody can fill the store by not listening, and nobody who changes things has to wait.
 */
#include "internal.h"

#include <string.h>

static const struct event *event_at(const struct store *s, uint32_t index)
{
	return pool_at(&s->pool, index);
}

static struct event *event_edit(struct store *s, uint32_t index)
{
	return pool_edit(&s->pool, index);
}

static uint32_t event_hash(uint32_t watch, const char *path, size_t len)
{
	return hash_bytes(hash_bytes(HASH_START, &watch, sizeof(watch)), path, len);
}

static bool is_waiting(const struct store *s, const struct store_client *c, uint32_t watch,
		       uint32_t hash, const char *path, size_t len)
{
	uint32_t i = c->event_bucket[hash % STORE_EVENT_BUCKETS];

	for (; i != 0; i = event_at(s, i)->in_bucket) {
		const struct event *e = event_at(s, i);

		if (e->watch == watch && e->hash == hash && e->text.len == len &&
		    rope_equal(&s->pool, &e->text, e->head, EVENT_HEAD, 0, path, len)) {
			return true;
		}
	}
	return false;
}

static void append(struct store *s, struct store_client *c, uint32_t index)
{
	struct event *e = event_edit(s, index);
	uint32_t *bucket = &c->event_bucket[e->hash % STORE_EVENT_BUCKETS];

	e->in_bucket = *bucket;
	*bucket = index;
	e->prev = c->last_event;
	if (c->last_event != 0) {
		event_edit(s, c->last_event)->next = index;
	} else {
		c->first_event = index;
	}
	c->last_event = index;
	c->nr_events++;
}

static uint32_t create(struct store *s, struct store_client *c, const char *path, size_t len)
{
	const struct piece piece = { path, len };
	uint32_t index;
	struct event *e;

	if (c->nr_events >= s->limits.events) {
		return 0;
	}
	index = pool_take(&s->pool, &c->event_account);
	if (index == 0) {
		return 0;
	}
	e = event_edit(s, index);
	if (!rope_put(&s->pool, &c->event_account, &e->text, e->head, EVENT_HEAD, &piece, 1)) {
		pool_give(&s->pool, &c->event_account, index);
		return 0;
	}
	return index;
}

void event_add(struct store *s, struct store_client *c, uint32_t watch, const char *path,
	       size_t len)
{
	uint32_t hash = event_hash(watch, path, len), index;

	if (is_waiting(s, c, watch, hash, path, len)) {
		return;
	}
	index = create(s, c, path, len);
	if (index == 0) {
		c->nr_due += watch_at(s, watch)->is_due ? 0 : 1;
		watch_edit(s, watch)->is_due = 1;
		return;
	}
	event_edit(s, index)->watch = watch;
	event_edit(s, index)->hash = hash;
	append(s, c, index);
}

static void leave_bucket(struct store *s, uint32_t *first, uint32_t index)
{
	uint32_t i = *first, next = event_at(s, index)->in_bucket;

	if (i == index) {
		*first = next;
		return;
	}
	while (event_at(s, i)->in_bucket != index) {
		i = event_at(s, i)->in_bucket;
	}
	event_edit(s, i)->in_bucket = next;
}

static void drop(struct store *s, struct store_client *c, uint32_t index)
{
	struct event *e = event_edit(s, index);

	leave_bucket(s, &c->event_bucket[e->hash % STORE_EVENT_BUCKETS], index);
	if (e->prev != 0) {
		event_edit(s, e->prev)->next = e->next;
	} else {
		c->first_event = e->next;
	}
	if (e->next != 0) {
		event_edit(s, e->next)->prev = e->prev;
	} else {
		c->last_event = e->prev;
	}
	c->nr_events--;
	rope_free(&s->pool, &c->event_account, &e->text);
	pool_give(&s->pool, &c->event_account, index);
}

void event_forget(struct store *s, struct store_client *c, uint32_t watch)
{
	uint32_t i = c->first_event;

	while (i != 0) {
		uint32_t next = event_at(s, i)->next;

		if (watch == 0 || event_at(s, i)->watch == watch) {
			drop(s, c, i);
		}
		i = next;
	}
}

/* Path, zero, token, zero. The path is in the payload already, @len bytes. */
static void finish(struct store *s, struct store_client *c, const struct watch *w, size_t len)
{
	uint8_t *payload = out_payload(c);
	size_t token_len = (size_t)(w->text.len - w->path_len);

	payload[len++] = '\0';
	rope_get(&s->pool, &w->text, w->head, WATCH_HEAD, w->path_len, payload + len, token_len);
	len += token_len;
	payload[len++] = '\0';
	out_put(c, XS_WATCH_EVENT, 0, 0, len);
}

static void send_due(struct store *s, struct store_client *c)
{
	uint32_t i = c->first_watch;
	struct watch *w;
	size_t len;

	while (!watch_at(s, i)->is_due) {
		i = watch_at(s, i)->next;
	}
	w = watch_edit(s, i);
	w->is_due = 0;
	c->nr_due--;
	len = (size_t)(w->path_len - w->skip);
	rope_get(&s->pool, &w->text, w->head, WATCH_HEAD, w->skip, out_payload(c), len);
	finish(s, c, w, len);
}

bool event_next(struct store *s, struct store_client *c)
{
	uint32_t index = c->first_event;
	const struct event *e;

	if (index == 0) {
		if (c->nr_due == 0) {
			return false;
		}
		send_due(s, c);
		return true;
	}
	e = event_at(s, index);
	rope_get(&s->pool, &e->text, e->head, EVENT_HEAD, 0, out_payload(c), e->text.len);
	finish(s, c, watch_at(s, e->watch), e->text.len);
	drop(s, c, index);
	return true;
}
