// SPDX-License-Identifier: Apache-2.0
/*
 * Watches: who is told of what. A watch hears of changes at its path and below it.
 *
 * A change is heard by those who may read the node, or its parent, before or after it.
 */
#include "internal.h"

#include <string.h>

/* Hashes of the first 0, 1, ... bytes of the path that fires: most watches are passed over by a number. */
static uint32_t prefix[XENSTORE_ABS_PATH_MAX + 1];

static bool is_same(const struct store *s, const struct watch *w, const char *path, size_t len,
		    const char *token)
{
	return w->path_len == len && w->text.len == len + strlen(token) &&
	       rope_equal(&s->pool, &w->text, w->head, WATCH_HEAD, 0, path, len) &&
	       rope_equal(&s->pool, &w->text, w->head, WATCH_HEAD, len, token, strlen(token));
}

static uint32_t find(const struct store *s, const struct store_client *c, const char *path,
		     size_t len, const char *token)
{
	uint32_t i = c->first_watch;

	while (i != 0 && !is_same(s, watch_at(s, i), path, len, token)) {
		i = watch_at(s, i)->next;
	}
	return i;
}

static void append(struct store *s, struct store_client *c, uint32_t index)
{
	watch_edit(s, index)->prev = c->last_watch;
	if (c->last_watch != 0) {
		watch_edit(s, c->last_watch)->next = index;
	} else {
		c->first_watch = index;
	}
	c->last_watch = index;
	c->nr_watches++;
}

static uint32_t create(struct store *s, struct store_client *c, const char *path, size_t len,
		       const char *token)
{
	const struct piece pieces[] = { { path, len }, { token, strlen(token) } };
	uint32_t index = pool_take(&s->pool, &c->account);
	struct watch *w;

	if (index == 0) {
		return 0;
	}
	w = watch_edit(s, index);
	if (!rope_put(&s->pool, &c->account, &w->text, w->head, WATCH_HEAD, pieces, 2)) {
		pool_give(&s->pool, &c->account, index);
		return 0;
	}
	w->hash = hash_bytes(HASH_START, path, len);
	w->path_len = (uint16_t)len;
	append(s, c, index);
	return index;
}

/* What an event may carry besides the path of a node. */
static bool token_fits(const struct store *s, const char *token)
{
	return strlen(token) + s->limits.path_bytes + 64 <= XENSTORE_PAYLOAD_MAX;
}

int watch_add(struct store *s, struct store_client *c, const char *path, const char *token)
{
	static char full[XENSTORE_ABS_PATH_MAX + 1];
	size_t len = path_canonical(s, c, path, true, full), skip = len - strlen(path);
	uint32_t index;

	if (len == 0) {
		return EINVAL;
	}
	if (!token_fits(s, token)) {
		return E2BIG;
	}
	if (find(s, c, full, len, token) != 0) {
		return EEXIST;
	}
	if (s->limits.has_quota && c->nr_watches >= s->limits.watches) {
		return ENOSPC;
	}
	index = create(s, c, full, len, token);
	if (index == 0) {
		return ENOSPC;
	}
	watch_edit(s, index)->skip = (uint16_t)skip;
	event_add(s, c, index, full + skip, len - skip);
	return 0;
}

static void drop(struct store *s, struct store_client *c, uint32_t index)
{
	struct watch *w = watch_edit(s, index);

	event_forget(s, c, index);
	if (w->prev != 0) {
		watch_edit(s, w->prev)->next = w->next;
	} else {
		c->first_watch = w->next;
	}
	if (w->next != 0) {
		watch_edit(s, w->next)->prev = w->prev;
	} else {
		c->last_watch = w->prev;
	}
	c->nr_due -= w->is_due;
	c->nr_watches--;
	rope_free(&s->pool, &c->account, &w->text);
	pool_give(&s->pool, &c->account, index);
}

int watch_remove(struct store *s, struct store_client *c, const char *path, const char *token)
{
	static char full[XENSTORE_ABS_PATH_MAX + 1];
	size_t len = path_canonical(s, c, path, true, full);
	uint32_t index;

	if (len == 0) {
		return EINVAL;
	}
	index = find(s, c, full, len, token);
	if (index == 0) {
		return ENOENT;
	}
	drop(s, c, index);
	return 0;
}

void watch_remove_all(struct store *s, struct store_client *c)
{
	event_forget(s, c, 0);
	while (c->first_watch != 0) {
		drop(s, c, c->first_watch);
	}
}

static bool hears(const struct store *s, const struct watch *w, const char *path, size_t len,
		  bool is_part)
{
	if (w->path_len > len || w->hash != prefix[w->path_len]) {
		return false;
	}
	if (w->path_len < len && (is_part || (w->path_len > 1 && path[w->path_len] != '/'))) {
		return false;
	}
	return rope_equal(&s->pool, &w->text, w->head, WATCH_HEAD, 0, path, w->path_len);
}

void watch_fire(struct store *s, const char *path, size_t len, uint64_t who, bool is_part)
{
	prefix[0] = HASH_START;
	for (size_t i = 0; i < len; i++) {
		prefix[i + 1] = hash_bytes(prefix[i], path + i, 1);
	}
	for (uint32_t i = 0; i < s->nr_clients; i++) {
		struct store_client *c = &s->clients[i];

		if (s->limits.has_watch_perms && (who >> i & 1) == 0) {
			continue;
		}
		for (uint32_t w = c->first_watch; w != 0; w = watch_at(s, w)->next) {
			if (hears(s, watch_at(s, w), path, len, is_part)) {
				size_t skip = watch_at(s, w)->skip;

				event_add(s, c, w, path + skip, len - skip);
			}
		}
	}
}

void watch_fire_node(struct store *s, uint32_t node, uint64_t more, bool is_part)
{
	static char path[XENSTORE_ABS_PATH_MAX + 1];
	size_t len = tree_path(s, node, path);

	watch_fire(s, path, len,
		   more | node_readers(s, node) | node_readers(s, node_at(s, node)->parent),
		   is_part);
}

void watch_fire_special(struct store *s, const char *name)
{
	uint32_t node = tree_child(s, s->special, name, strlen(name));

	watch_fire(s, name, strlen(name), node_readers(s, node), true);
}
