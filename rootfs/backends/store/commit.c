// SPDX-License-Identifier: Apache-2.0
/*
 * A commit: check that all the transaction saw is still so, that those who will own the result can pay, then do it.
 *
 * Only what the transaction looked at or changed can be in its way: two that make different children of one node do
 * not disturb each other, unless one of them listed that node. Everything is checked before anything changes.
 */
#include "internal.h"

#include <string.h>

/* What one commit works with; there is one commit at a time. */
static struct {
	struct xs_perm perms[STORE_MAX_PERMS];
	char name[XENSTORE_ABS_PATH_MAX + 1];
	uint8_t value[STORE_MAX_VALUE];
	int64_t nodes[STORE_MAX_CLIENTS + 1];
	int64_t cells[STORE_MAX_CLIENTS + 1];
} work;

/* Give each node of the transaction its real node. */
static void link_real(struct store *s, uint32_t root)
{
	node_edit(s, root)->link = s->root;
	for (uint32_t i = tree_walk(s, root, root); i != 0; i = tree_walk(s, root, i)) {
		struct node *n = node_edit(s, i);
		uint32_t real = node_at(s, n->parent)->link;

		node_name(s, i, work.name);
		n->link = real != 0 ? tree_child(s, real, work.name, n->name_len) : 0;
	}
}

/* Whatever its parent lets others do, it does; the owner is who made it. */
static bool is_like_parent(struct store *s, uint32_t shadow, uint32_t parent)
{
	static struct xs_perm own[STORE_MAX_PERMS], parents[STORE_MAX_PERMS];
	uint32_t n = node_perms(s, shadow, own);

	if (node_perms(s, parent, parents) != n) {
		return false;
	}
	parents[0].domid = own[0].domid;
	return memcmp(own, parents, n * sizeof(own[0])) == 0;
}

/* A new node needs its parent, the right to write there, and the permissions that it had from there, also now. */
static bool may_create(struct store *s, struct store_client *c, uint32_t shadow)
{
	const struct node *n = node_at(s, shadow), *parent = node_at(s, n->parent);

	if (parent->state == STATE_WRITTEN) {
		return true;
	}
	if (parent->link == 0 || (n->is_heir && !is_like_parent(s, shadow, parent->link))) {
		return false;
	}
	return n->link != 0 || (node_access(s, c, parent->link) & PERM_WRITE) != 0;
}

static bool still_holds(struct store *s, struct store_client *c, uint32_t shadow)
{
	const struct node *n = node_at(s, shadow);
	uint64_t now = n->link != 0 ? node_at(s, n->link)->generation : 0;
	bool is_made = n->state == STATE_WRITTEN && (n->link == 0 || n->is_heir);

	if (n->state == STATE_PATH) {
		return true;
	}
	return now == n->generation && (!is_made || may_create(s, c, shadow));
}

static uint32_t payer(struct store *s, uint16_t domid)
{
	struct store_client *c = store_find_client(s, domid);

	return c != NULL ? client_index(s, c) : s->nr_clients;
}

static void count(struct store *s, uint32_t node, int sign)
{
	uint32_t who = payer(s, node_owner(s, node));

	work.nodes[who] += sign;
	work.cells[who] += sign * (int)(1 + rope_cells(node_at(s, node)->text.len, NODE_HEAD));
}

static bool can_pay(struct store *s, struct store_client *c, const struct tx *tx)
{
	memset(work.nodes, 0, sizeof(work.nodes));
	memset(work.cells, 0, sizeof(work.cells));
	for (uint32_t i = tx->root; i != 0; i = tree_walk(s, tx->root, i)) {
		const struct node *n = node_at(s, i);

		if (n->state < STATE_WRITTEN) {
			continue;
		}
		if (n->link != 0) {
			count(s, n->link, -1);
		}
		if (n->state == STATE_WRITTEN) {
			count(s, i, 1);
		}
	}
	work.cells[client_index(s, c)] -= tx->nr_cells;
	for (uint32_t i = 0; i < s->nr_clients; i++) {
		const struct store_client *o = &s->clients[i];

		if ((work.nodes[i] > 0 && s->limits.has_quota &&
		     o->nr_nodes + work.nodes[i] > s->limits.nodes) ||
		    (work.cells[i] > 0 && o->account.used + work.cells[i] > o->account.max)) {
			return false;
		}
	}
	return true;
}

static uint64_t hearers(struct store *s, uint32_t real)
{
	return real == 0 ? 0 : node_readers(s, real) | node_readers(s, node_at(s, real)->parent);
}

static void note_hearers(struct store *s, const struct tx *tx)
{
	for (uint32_t i = tx->first_fire; i != 0; i = node_at(s, i)->fire) {
		node_edit(s, i)->generation = hearers(s, node_at(s, i)->link);
	}
}

static void remove_gone(struct store *s, uint32_t root)
{
	uint32_t node = tree_deepest(s, root);

	while (node != root) {
		const struct node *n = node_at(s, node);

		if (n->state == STATE_GONE && n->link != 0) {
			real_drop(s, n->link);
			node_edit(s, node)->link = 0;
		}
		node = n->next != 0 ? tree_deepest(s, n->next) : n->parent;
	}
}

static void write_one(struct store *s, uint32_t shadow)
{
	struct node *n = node_edit(s, shadow);
	struct content what = { .perms = work.perms,
				.name = work.name,
				.name_len = n->name_len,
				.value = work.value,
				.value_len = node_value_len(s, shadow) };

	what.nr_perms = node_perms(s, shadow, work.perms);
	node_name(s, shadow, work.name);
	node_value(s, shadow, work.value);
	if (n->link != 0) {
		(void)real_put(s, n->link, &what);
	} else {
		n->link = real_add(s, node_at(s, n->parent)->link, &what);
	}
}

static void perform(struct store *s, struct store_client *c, const struct tx *tx)
{
	/* For a moment both trees exist: the pool has a reserve for that, the account gets it too. */
	c->account.max += tx->nr_cells;
	remove_gone(s, tx->root);
	for (uint32_t i = tx->root; i != 0; i = tree_walk(s, tx->root, i)) {
		if (node_at(s, i)->state == STATE_WRITTEN) {
			write_one(s, i);
		}
	}
	c->account.max -= tx->nr_cells;
}

static void fire(struct store *s, const struct tx *tx)
{
	static char path[XENSTORE_ABS_PATH_MAX + 1];

	for (uint32_t i = tx->first_fire; i != 0; i = node_at(s, i)->fire) {
		const struct node *n = node_at(s, i);
		size_t len = tree_path(s, i, path);

		watch_fire(s, path, len, n->generation | hearers(s, n->link), n->is_part);
	}
}

/* A commit in so many is refused when a client's handling of that is tested. */
static bool is_refused_for_test(struct store *s)
{
	s->nr_commits++;
	return s->limits.refuse_commits != 0 && s->nr_commits % s->limits.refuse_commits == 0;
}

/* All that is in its way is looked at: each of those who put it there has a part in it. Return: is there anything? */
static bool meets_others(struct store *s, struct store_client *c, const struct tx *tx)
{
	uint64_t whom = 0;
	bool is_any = false;

	for (uint32_t i = tx->root; i != 0; i = tree_walk(s, tx->root, i)) {
		if (!still_holds(s, c, i)) {
			whom |= conflict_with(s, c, i);
			is_any = true;
		}
	}
	conflict_charge(s, whom);
	return is_any;
}

int commit_apply(struct store *s, struct store_client *c, struct tx *tx)
{
	if (is_refused_for_test(s)) {
		return EAGAIN;
	}
	if (!s->limits.has_merge && s->last_change > tx->start) {
		conflict_charge(s, conflict_with_last(s, c));
		return EAGAIN;
	}
	link_real(s, tx->root);
	if (meets_others(s, c, tx)) {
		return EAGAIN;
	}
	if (!can_pay(s, c, tx)) {
		return ENOSPC;
	}
	note_hearers(s, tx);
	perform(s, c, tx);
	fire(s, tx);
	return 0;
}
