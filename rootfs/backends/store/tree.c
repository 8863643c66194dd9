// SPDX-License-Identifier: Apache-2.0
/* The tree: nodes linked by cell numbers; a transaction's tree is made of the same nodes. */
#include "internal.h"

#include <string.h>

static size_t name_at(const struct node *n)
{
	return n->nr_perms * sizeof(struct xs_perm);
}

static size_t value_at(const struct node *n)
{
	return name_at(n) + n->name_len;
}

uint32_t node_value_len(const struct store *s, uint32_t node)
{
	const struct node *n = node_at(s, node);

	return (uint32_t)(n->text.len - value_at(n));
}

void node_value(const struct store *s, uint32_t node, void *to)
{
	const struct node *n = node_at(s, node);

	rope_get(&s->pool, &n->text, n->head, NODE_HEAD, value_at(n), to, node_value_len(s, node));
}

void node_name(const struct store *s, uint32_t node, char *to)
{
	const struct node *n = node_at(s, node);

	rope_get(&s->pool, &n->text, n->head, NODE_HEAD, name_at(n), to, n->name_len);
}

uint16_t node_owner(const struct store *s, uint32_t node)
{
	const struct node *n = node_at(s, node);
	struct xs_perm owner;

	rope_get(&s->pool, &n->text, n->head, NODE_HEAD, 0, &owner, sizeof(owner));
	return owner.domid;
}

struct account *owner_account(struct store *s, uint16_t domid)
{
	struct store_client *c = store_find_client(s, domid);

	return c != NULL ? &c->account : &s->own;
}

uint32_t tree_child(const struct store *s, uint32_t parent, const char *name, size_t len)
{
	uint32_t hash = hash_bytes(HASH_START, name, len), child = node_at(s, parent)->child;

	while (child != 0) {
		const struct node *n = node_at(s, child);

		if (n->hash == hash && n->name_len == len &&
		    rope_equal(&s->pool, &n->text, n->head, NODE_HEAD, name_at(n), name, len)) {
			return child;
		}
		child = n->next;
	}
	return 0;
}

static void link_child(struct store *s, uint32_t parent, uint32_t child)
{
	struct node *p = node_edit(s, parent), *n = node_edit(s, child);

	n->parent = parent;
	if (p->child == 0) {
		p->child = child;
		n->prev = child;
		return;
	}
	n->prev = node_at(s, p->child)->prev;
	node_edit(s, n->prev)->next = child;
	node_edit(s, p->child)->prev = child;
}

static void unlink_child(struct store *s, uint32_t child)
{
	const struct node *n = node_at(s, child);

	if (node_at(s, n->parent)->child == child) {
		node_edit(s, n->parent)->child = n->next;
	} else {
		node_edit(s, n->prev)->next = n->next;
	}
	if (n->next != 0) {
		node_edit(s, n->next)->prev = n->prev;
	} else if (node_at(s, n->parent)->child != 0) {
		node_edit(s, node_at(s, n->parent)->child)->prev = n->prev;
	}
}

bool tree_put(struct store *s, struct account *a, uint32_t node, const struct content *what)
{
	struct node *n = node_edit(s, node);
	const struct piece pieces[] = {
		{ what->perms, what->nr_perms * sizeof(struct xs_perm) },
		{ what->name, what->name_len },
		{ what->value, what->value_len },
	};

	if (!rope_put(&s->pool, a, &n->text, n->head, NODE_HEAD, pieces, 3)) {
		return false;
	}
	n->nr_perms = (uint8_t)what->nr_perms;
	n->name_len = (uint16_t)what->name_len;
	return true;
}

uint32_t tree_add(struct store *s, struct account *a, uint32_t parent, const struct content *what)
{
	uint32_t node = pool_take(&s->pool, a);

	if (node == 0) {
		return 0;
	}
	if (!tree_put(s, a, node, what)) {
		pool_give(&s->pool, a, node);
		return 0;
	}
	node_edit(s, node)->hash = hash_bytes(HASH_START, what->name, what->name_len);
	if (parent != 0) {
		link_child(s, parent, node);
	}
	return node;
}

void tree_drop(struct store *s, struct account *a, uint32_t node)
{
	if (node_at(s, node)->parent != 0) {
		unlink_child(s, node);
	}
	rope_free(&s->pool, a, &node_edit(s, node)->text);
	pool_give(&s->pool, a, node);
}

uint32_t tree_walk(const struct store *s, uint32_t top, uint32_t node)
{
	uint32_t child = node_at(s, node)->child;

	return child != 0 ? child : tree_skip(s, top, node);
}

uint32_t tree_skip(const struct store *s, uint32_t top, uint32_t node)
{
	while (node != top) {
		const struct node *n = node_at(s, node);

		if (n->next != 0) {
			return n->next;
		}
		node = n->parent;
	}
	return 0;
}

uint32_t tree_deepest(const struct store *s, uint32_t node)
{
	while (node_at(s, node)->child != 0) {
		node = node_at(s, node)->child;
	}
	return node;
}

size_t tree_path(const struct store *s, uint32_t node, char *out)
{
	size_t len = 0, at;
	uint32_t i;

	for (i = node; node_at(s, i)->parent != 0; i = node_at(s, i)->parent) {
		len += node_at(s, i)->name_len + 1u;
	}
	out[0] = '/';
	out[len] = '\0';
	for (at = len; node_at(s, node)->parent != 0; node = node_at(s, node)->parent) {
		at -= node_at(s, node)->name_len;
		node_name(s, node, out + at);
		out[--at] = '/';
	}
	if (len == 0) {
		out[1] = '\0';
		return 1;
	}
	return len;
}

void tree_changed(struct store *s, uint32_t node)
{
	s->last_change = ++s->generation;
	node_edit(s, node)->generation = s->generation;
	conflict_note(s, node_edit(s, node));
}

static void count_node(struct store *s, uint16_t owner, bool is_new)
{
	struct store_client *c = store_find_client(s, owner);

	if (c != NULL) {
		c->nr_nodes = is_new ? c->nr_nodes + 1 : c->nr_nodes - 1;
	}
}

uint32_t real_add(struct store *s, uint32_t parent, const struct content *what)
{
	uint16_t owner = what->perms[0].domid;
	uint32_t node = tree_add(s, owner_account(s, owner), parent, what);

	if (node != 0) {
		count_node(s, owner, true);
		tree_changed(s, node);
		tree_changed(s, parent);
	}
	return node;
}

/* The store gives a node to another domain; its cells go with it. */
static void change_owner(struct store *s, uint32_t node, uint16_t from, uint16_t to)
{
	uint32_t cells = 1 + rope_cells(node_at(s, node)->text.len, NODE_HEAD);

	owner_account(s, from)->used -= cells;
	owner_account(s, to)->used += cells;
	count_node(s, from, false);
	count_node(s, to, true);
}

bool real_put(struct store *s, uint32_t node, const struct content *what)
{
	uint16_t from = node_owner(s, node), to = what->perms[0].domid;

	if (!tree_put(s, owner_account(s, from), node, what)) {
		return false;
	}
	if (from != to) {
		change_owner(s, node, from, to);
	}
	tree_changed(s, node);
	return true;
}

void real_drop(struct store *s, uint32_t node)
{
	uint16_t owner = node_owner(s, node);

	tree_changed(s, node_at(s, node)->parent);
	count_node(s, owner, false);
	tree_drop(s, owner_account(s, owner), node);
}
