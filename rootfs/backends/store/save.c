// SPDX-License-Identifier: Apache-2.0
/*
 * The store's state as bytes, for a region that outlives the program: tree, watches, events, messages under way.
 *
 * Transactions are saved by number only: restored ones are empty and end in EAGAIN, as any client expects of them. The
 * bytes are this machine's own and carry a checksum; still every length is checked when they are read.
 */
#include "internal.h"

#include <string.h>

#define MAGIC	0x31766173746f7265u
#define NO_MORE 0xffffu

/** struct saved - the beginning. */
struct saved {
	uint64_t magic;
	uint32_t len; /* all of it */
	uint32_t crc; /* of all of it, with 0 here */
	uint64_t generation;
	uint64_t last_change;
	uint32_t nr_clients;
	uint32_t zero;
};

/** struct saved_client - followed by in, out, watches, events, transactions. */
struct saved_client {
	uint16_t domid;
	uint8_t is_introduced;
	uint8_t is_broken;
	uint32_t req_cons;
	uint32_t rsp_prod;
	uint32_t next_tx_id;
	uint32_t in_used;
	uint32_t out_len;
	uint32_t nr_watches;
	uint32_t nr_events;
	uint32_t nr_txs;
};

/** struct saved_watch - followed by path and token. */
struct saved_watch {
	uint16_t path_len;
	uint16_t text_len;
	uint16_t skip;
	uint16_t is_due;
};

/** struct saved_event - followed by the path. */
struct saved_event {
	uint32_t watch; /* counted from the client's first */
	uint32_t len;
};

/** struct saved_node - followed by permissions, name, value. */
struct saved_node {
	uint64_t generation;
	uint16_t depth;
	uint16_t name_len;
	uint16_t text_len;
	uint16_t nr_perms;
};

/** struct bytes - what is written or read. */
struct bytes {
	uint8_t *at;
	size_t left;
	bool is_short;
};

/* One text at a time: of a node, of a watch, of an event. */
static union {
	struct xs_perm perms[STORE_MAX_PERMS];
	uint8_t bytes[UINT16_MAX];
} text;

static uint32_t crc32(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *at = data;

	for (size_t i = 0; i < len; i++) {
		crc ^= at[i];
		for (unsigned int bit = 0; bit < 8; bit++) {
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
		}
	}
	return crc;
}

/* @head as it was when its crc was 0, then what follows it at @all. */
static uint32_t checksum(struct saved head, const void *all)
{
	head.crc = 0;
	return ~crc32(crc32(~0u, &head, sizeof(head)), (const uint8_t *)all + sizeof(head),
		      head.len - sizeof(head));
}

static void put(struct bytes *b, const void *data, size_t len)
{
	if (b->is_short || len > b->left) {
		b->is_short = true;
		return;
	}
	memcpy(b->at, data, len);
	b->at += len;
	b->left -= len;
}

static bool get(struct bytes *b, void *data, size_t len)
{
	if (b->is_short || len > b->left) {
		b->is_short = true;
		return false;
	}
	memcpy(data, b->at, len);
	b->at += len;
	b->left -= len;
	return true;
}

static void put_watches(struct store *s, struct bytes *b, const struct store_client *c)
{
	for (uint32_t i = c->first_watch; i != 0; i = watch_at(s, i)->next) {
		const struct watch *w = watch_at(s, i);
		const struct saved_watch head = { .path_len = w->path_len,
						  .text_len = w->text.len,
						  .skip = w->skip,
						  .is_due = w->is_due };

		rope_get(&s->pool, &w->text, w->head, WATCH_HEAD, 0, text.bytes, w->text.len);
		put(b, &head, sizeof(head));
		put(b, text.bytes, head.text_len);
	}
}

static uint32_t watch_number(struct store *s, const struct store_client *c, uint32_t watch)
{
	uint32_t n = 0;

	for (uint32_t i = c->first_watch; i != watch; i = watch_at(s, i)->next) {
		n++;
	}
	return n;
}

static void put_events(struct store *s, struct bytes *b, const struct store_client *c)
{
	const struct event *e;

	for (uint32_t i = c->first_event; i != 0; i = e->next) {
		struct saved_event head = { 0 };

		e = pool_at(&s->pool, i);
		head.watch = watch_number(s, c, e->watch);
		head.len = e->text.len;
		rope_get(&s->pool, &e->text, e->head, EVENT_HEAD, 0, text.bytes, e->text.len);
		put(b, &head, sizeof(head));
		put(b, text.bytes, head.len);
	}
}

static void put_client(struct store *s, struct bytes *b, const struct store_client *c)
{
	const struct saved_client head = { .domid = c->domid,
					   .is_introduced = c->is_introduced,
					   .is_broken = c->is_broken,
					   .req_cons = c->req_cons,
					   .rsp_prod = c->rsp_prod,
					   .next_tx_id = c->next_tx_id,
					   .in_used = c->in_used,
					   .out_len = c->out_len - c->out_done,
					   .nr_watches = c->nr_watches,
					   .nr_events = c->nr_events,
					   .nr_txs = c->nr_txs };
	const struct tx *tx;

	put(b, &head, sizeof(head));
	put(b, c->in, head.in_used);
	put(b, c->out + c->out_done, head.out_len);
	put_watches(s, b, c);
	put_events(s, b, c);
	for (uint32_t i = c->first_tx; i != 0; i = tx->next) {
		tx = pool_at(&s->pool, i);
		put(b, &tx->id, sizeof(tx->id));
	}
}

static void put_tree(struct store *s, struct bytes *b, uint32_t top)
{
	struct saved_node head = { .depth = NO_MORE };

	for (uint32_t i = top; i != 0; i = tree_walk(s, top, i)) {
		const struct node *n = node_at(s, i);

		head = (struct saved_node){ .generation = n->generation,
					    .name_len = n->name_len,
					    .text_len = n->text.len,
					    .nr_perms = n->nr_perms };
		for (uint32_t up = i; up != top; up = node_at(s, up)->parent) {
			head.depth++;
		}
		rope_get(&s->pool, &n->text, n->head, NODE_HEAD, 0, text.bytes, n->text.len);
		put(b, &head, sizeof(head));
		put(b, text.bytes, head.text_len);
	}
	head = (struct saved_node){ .depth = NO_MORE };
	put(b, &head, sizeof(head));
}

size_t store_save(struct store *s, void *to, size_t size)
{
	struct bytes b = { .at = to, .left = size };
	struct saved head = { .magic = MAGIC,
			      .generation = s->generation,
			      .last_change = s->last_change,
			      .nr_clients = s->nr_clients };

	put(&b, &head, sizeof(head));
	put_tree(s, &b, s->root);
	put_tree(s, &b, s->special);
	for (uint32_t i = 0; i < s->nr_clients; i++) {
		put_client(s, &b, &s->clients[i]);
	}
	if (b.is_short) {
		return 0;
	}
	head.len = (uint32_t)(size - b.left);
	head.crc = checksum(head, to);
	memcpy(to, &head, sizeof(head));
	return head.len;
}

static bool get_text(struct bytes *b, size_t len)
{
	return len <= sizeof(text.bytes) && get(b, text.bytes, len);
}

/* A node's text, just read, as its content. */
static bool split(const struct saved_node *head, struct content *what)
{
	size_t perms = head->nr_perms * sizeof(struct xs_perm);

	if (head->nr_perms == 0 || head->nr_perms > STORE_MAX_PERMS ||
	    perms + head->name_len > head->text_len ||
	    head->text_len - perms - head->name_len > STORE_MAX_VALUE ||
	    head->name_len > XENSTORE_ABS_PATH_MAX) {
		return false;
	}
	*what = (struct content){ .perms = text.perms,
				  .nr_perms = head->nr_perms,
				  .name = (const char *)text.bytes + perms,
				  .name_len = head->name_len,
				  .value = text.bytes + perms + head->name_len,
				  .value_len = head->text_len - perms - head->name_len };
	return true;
}

static uint32_t get_node(struct store *s, uint32_t parent, const struct content *what)
{
	uint32_t node = tree_child(s, parent, what->name, what->name_len);

	if (node == 0) {
		return what->name_len > 0 ? real_add(s, parent, what) : 0;
	}
	return real_put(s, node, what) ? node : 0;
}

static bool get_tree(struct store *s, struct bytes *b, uint32_t top)
{
	struct saved_node head;
	struct content what;
	uint32_t node = top, depth = 0;

	if (!get(b, &head, sizeof(head)) || head.depth != 0 || !get_text(b, head.text_len) ||
	    !split(&head, &what) || what.name_len != 0 || !real_put(s, top, &what)) {
		return false;
	}
	node_at(s, top)->generation = head.generation;
	while (get(b, &head, sizeof(head)) && head.depth != NO_MORE) {
		if (head.depth == 0 || head.depth > depth + 1u || !get_text(b, head.text_len) ||
		    !split(&head, &what)) {
			return false;
		}
		for (; depth >= head.depth; depth--) {
			node = node_at(s, node)->parent;
		}
		node = get_node(s, node, &what);
		if (node == 0) {
			return false;
		}
		depth = head.depth;
		node_at(s, node)->generation = head.generation;
	}
	return !b->is_short;
}

/* Adding children has changed the generations above them: as they were. */
static bool get_generations(struct store *s, struct bytes b, uint32_t top)
{
	struct saved_node head;

	for (uint32_t i = top; i != 0; i = tree_walk(s, top, i)) {
		if (!get(&b, &head, sizeof(head)) || !get_text(&b, head.text_len)) {
			return false;
		}
		node_at(s, i)->generation = head.generation;
	}
	return true;
}

static bool get_watch(struct store *s, struct store_client *c, struct bytes *b)
{
	static char path[XENSTORE_ABS_PATH_MAX + 1], token[XENSTORE_PAYLOAD_MAX + 1];
	struct saved_watch head;
	size_t token_len;
	struct watch *w;

	if (!get(b, &head, sizeof(head)) || head.path_len > XENSTORE_ABS_PATH_MAX ||
	    head.text_len < head.path_len || head.skip >= head.path_len ||
	    head.text_len - head.path_len > XENSTORE_PAYLOAD_MAX || !get_text(b, head.text_len)) {
		return false;
	}
	token_len = (size_t)(head.text_len - head.path_len);
	memcpy(path, text.bytes, head.path_len);
	path[head.path_len] = '\0';
	memcpy(token, text.bytes + head.path_len, token_len);
	token[token_len] = '\0';
	if (watch_add(s, c, path + head.skip, token) != 0) {
		return false;
	}
	w = watch_at(s, c->last_watch);
	event_forget(s, c, c->last_watch);
	c->nr_due += head.is_due != 0 ? 1 : 0;
	w->is_due = head.is_due != 0;
	return w->path_len == head.path_len && w->skip == head.skip;
}

static bool get_event(struct store *s, struct store_client *c, struct bytes *b)
{
	struct saved_event head;
	uint32_t watch = c->first_watch;

	if (!get(b, &head, sizeof(head)) || head.watch >= c->nr_watches ||
	    head.len > XENSTORE_ABS_PATH_MAX || !get_text(b, head.len)) {
		return false;
	}
	while (head.watch-- > 0) {
		watch = watch_at(s, watch)->next;
	}
	event_add(s, c, watch, (const char *)text.bytes, head.len);
	return true;
}

/* The newest was saved first: the order is turned, which does not matter. */
static bool get_tx(struct store *s, struct store_client *c, struct bytes *b)
{
	struct tx *tx;
	uint32_t id;

	if (!get(b, &id, sizeof(id)) || id == 0 || tx_find(s, c, id) != NULL) {
		return false;
	}
	tx = tx_new(s, c, id);
	if (tx == NULL) {
		return false;
	}
	tx->is_doomed = true;
	return true;
}

static bool get_client(struct store *s, struct store_client *c, struct bytes *b)
{
	struct saved_client head;
	bool is_good;

	if (!get(b, &head, sizeof(head)) || head.domid != c->domid ||
	    head.in_used > STORE_MESSAGE || head.out_len > STORE_MESSAGE ||
	    !get(b, c->in, head.in_used) || !get(b, c->out, head.out_len)) {
		return false;
	}
	c->is_introduced = head.is_introduced != 0;
	c->is_broken = head.is_broken != 0;
	c->req_cons = head.req_cons;
	c->rsp_prod = head.rsp_prod;
	c->next_tx_id = head.next_tx_id;
	c->in_used = head.in_used;
	c->out_len = head.out_len;
	is_good = true;
	for (uint32_t i = 0; is_good && i < head.nr_watches; i++) {
		is_good = get_watch(s, c, b);
	}
	for (uint32_t i = 0; is_good && i < head.nr_events; i++) {
		is_good = get_event(s, c, b);
	}
	for (uint32_t i = 0; is_good && i < head.nr_txs; i++) {
		is_good = get_tx(s, c, b);
	}
	return is_good;
}

static bool is_whole(const struct saved *head, const void *from, size_t size)
{
	return head->magic == MAGIC && head->len >= sizeof(*head) && head->len <= size &&
	       head->crc == checksum(*head, from);
}

bool store_restore(struct store *s, const void *from, size_t size)
{
	struct bytes b = { .at = (uint8_t *)(uintptr_t)from, .left = size }, again;
	struct saved head;
	bool is_good;

	if (!get(&b, &head, sizeof(head)) || !is_whole(&head, from, size) ||
	    head.nr_clients != s->nr_clients) {
		return false;
	}
	b.left = head.len - sizeof(head);
	again = b;
	is_good = get_tree(s, &b, s->root) && get_generations(s, again, s->root);
	again = b;
	is_good = is_good && get_tree(s, &b, s->special) && get_generations(s, again, s->special);
	for (uint32_t i = 0; is_good && i < s->nr_clients; i++) {
		is_good = get_client(s, &s->clients[i], &b);
	}
	s->generation = head.generation;
	s->last_change = head.last_change;
	return is_good && b.left == 0;
}
