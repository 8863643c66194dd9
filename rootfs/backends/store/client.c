// SPDX-License-Identifier: Apache-2.0
/* The store as a whole, and its clients' coming and going. */
#include "internal.h"

#include <string.h>

static uint32_t make_root(struct store *s)
{
	const struct xs_perm perms = { .domid = STORE_PRIVILEGED };
	const struct content what = { .perms = &perms, .nr_perms = 1, .name = "" };
	uint32_t root = tree_add(s, &s->own, 0, &what);

	tree_changed(s, root);
	return root;
}

static void make_special(struct store *s, const char *name)
{
	const struct xs_perm perms = { .domid = STORE_PRIVILEGED };
	const struct content what = {
		.perms = &perms, .nr_perms = 1, .name = name, .name_len = strlen(name)
	};

	(void)real_add(s, s->special, &what);
}

static void set_up(struct store *s, const struct store_limits *limits, const struct store_ops *ops,
		   void *memory, uint32_t nr_clients)
{
	memset(s, 0, sizeof(*s));
	s->limits = *limits;
	s->ops = *ops;
	(void)store_lay_out(s, (uintptr_t)memory, store_cells(limits, nr_clients), nr_clients);
	conflict_begin(s);
}

void store_init(struct store *s, const struct store_limits *limits, const struct store_ops *ops,
		void *memory, uint32_t nr_clients)
{
	set_up(s, limits, ops, memory, nr_clients);
	memset(s->clients, 0, nr_clients * sizeof(struct store_client));
	keep_begin(s);
	pool_init(&s->pool, s->journal.cells, s->journal.nr_cells);
	s->pool.journal = &s->journal;
	s->own.max = STORE_OWN_CELLS + nr_clients * STORE_OWN_CELLS_A_CLIENT;
	s->root = make_root(s);
	s->special = make_root(s);
	make_special(s, "@introduceDomain");
	make_special(s, "@releaseDomain");
	keep_end_of_beginning(s);
}

bool store_restore(struct store *s, const struct store_limits *limits, const struct store_ops *ops,
		   void *memory, uint32_t nr_clients)
{
	set_up(s, limits, ops, memory, nr_clients);
	return keep_go_on(s);
}

void store_client_set(struct store *s, uint32_t index, uint16_t domid, const char *name)
{
	struct store_client *c = &s->clients[index];
	size_t len = strnlen(name, STORE_NAME_LEN - 1);

	c->domid = domid;
	memcpy(c->name, name, len);
	c->name[len] = '\0';
	c->account.max = s->limits.cells;
	c->event_account.max = s->limits.event_cells;
}

struct store_client *store_find_client(struct store *s, uint32_t domid)
{
	for (uint32_t i = 0; i < s->nr_clients && domid != STORE_PRIVILEGED; i++) {
		if (s->clients[i].domid == domid) {
			return &s->clients[i];
		}
	}
	return NULL;
}

void client_reset(struct store *s, struct store_client *c)
{
	watch_remove_all(s, c);
	tx_end_all(s, c);
	c->in_used = 0;
	c->out_len = 0;
	c->out_done = 0;
}

/* Whatever was done is kept first, and then shown. */
static void finish(struct store *s)
{
	store_commit(s);
	for (uint32_t i = 0; i < s->nr_clients; i++) {
		ring_publish(s, &s->clients[i]);
	}
}

static void introduce(struct store *s, struct store_client *c)
{
	c->is_introduced = true;
	c->loss = LOSS_NONE;
	c->left = 0;
	c->asked = 0;
	client_reset(s, c);
	store_populate(s, c);
	store_topology(s, c);
	conflict_forget(s, c);
	c->is_held = devices_are_awaited(s, c);
	c->held_since = 0;
	watch_fire_special(s, "@introduceDomain");
}

void store_introduce(struct store *s, struct store_client *c,
		     struct xenstore_domain_interface *ring)
{
	c->ring = ring;
	introduce(s, c);
	ring_reset(c, true);
	finish(s);
}

/* The home of a domain, and what it owns elsewhere, with all below. */
static void remove_owned(struct store *s, uint16_t domid)
{
	char home[32];
	struct view v = { .s = s };
	uint32_t node, above;

	(void)path_home(domid, home);
	(void)place_of(&v, home, &node, &above);
	if (node != 0) {
		real_remove(s, node);
	}
	node = s->root;
	while (node != 0) {
		uint32_t gone = node;

		if (node_owner(s, node) != domid) {
			node = tree_walk(s, s->root, node);
			continue;
		}
		node = tree_skip(s, s->root, node);
		real_remove(s, gone);
	}
}

static void release(struct store *s, struct store_client *c)
{
	client_reset(s, c);
	c->is_introduced = false;
	c->is_broken = false;
	c->must_reset = false;
	c->must_notify = false;
	c->ring = NULL;
	remove_owned(s, c->domid);
	watch_fire_special(s, "@releaseDomain");
}

void store_release(struct store *s, struct store_client *c)
{
	release(s, c);
	finish(s);
}

/* Our last life may have ended before it showed the page what it had committed, or behind that. */
static void resume(struct store *s, struct store_client *c)
{
	c->must_reset = c->must_reset && !ring_was_published(c);
	c->must_notify = true;
	finish(s);
}

enum store_meeting store_meet(struct store *s, struct store_client *c,
			      struct xenstore_domain_interface *ring)
{
	if (ring_is_new(ring)) {
		if (c->is_introduced) {
			release(s, c);
		}
		store_introduce(s, c, ring);
		return STORE_MET_NEW;
	}
	c->ring = ring;
	if (c->is_introduced) {
		resume(s, c);
		return STORE_MET_AGAIN;
	}
	introduce(s, c);
	ring_cut_off(s, c, XENSTORE_ERROR_COMM);
	finish(s);
	return STORE_MET_STRANGER;
}

bool store_turn(struct store *s)
{
	bool is_busy = false;

	if (s->nr_clients == 0) {
		return false;
	}
	s->turn = (s->turn + 1) % s->nr_clients;
	for (uint32_t i = 0; i < s->nr_clients; i++) {
		is_busy |= ring_serve(s, &s->clients[(s->turn + i) % s->nr_clients]);
		if (journal_is_half_full(&s->journal)) {
			finish(s);
		}
	}
	if (is_busy) {
		finish(s);
	}
	return is_busy;
}
