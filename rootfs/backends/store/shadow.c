// SPDX-License-Identifier: Apache-2.0
/*
 * A transaction's own tree: sparse, laid over the real one, paid by the client.
 *
 * A node of it notes what the transaction saw (the generation of the real node, 0: none) and what it did. Reads do
 * not copy: should the real node change meanwhile, the transaction sees the new value and ends in EAGAIN.
 */
#include "internal.h"

static uint32_t used(const struct view *v)
{
	return v->c->account.used;
}

uint32_t shadow_make(struct view *v, const char *path)
{
	struct content what = { 0 };
	uint32_t shadow = v->tx->root;

	while ((what.name_len = path_next(&path, &what.name)) > 0) {
		uint32_t child = tree_child(v->s, shadow, what.name, what.name_len);

		if (child == 0) {
			uint32_t before = used(v);

			child = tree_add(v->s, &v->c->account, shadow, &what);
			v->tx->nr_cells += used(v) - before;
		}
		if (child == 0) {
			return 0;
		}
		shadow = child;
	}
	return shadow;
}

void shadow_see(struct view *v, uint32_t shadow, uint32_t real)
{
	struct node *n;

	if (node_at(v->s, shadow)->state == STATE_PATH) {
		n = node_edit(v->s, shadow);
		n->state = STATE_SEEN;
		n->generation = real != 0 ? node_at(v->s, real)->generation : 0;
	}
}

bool shadow_put(struct view *v, uint32_t shadow, const struct content *what)
{
	uint32_t before = used(v);

	if (!tree_put(v->s, &v->c->account, shadow, what)) {
		return false;
	}
	v->tx->nr_cells += used(v) - before;
	node_edit(v->s, shadow)->state = STATE_WRITTEN;
	v->tx->last = ++v->s->generation;
	return true;
}

void shadow_fire(struct view *v, uint32_t shadow, bool is_part)
{
	struct node *n = node_edit(v->s, shadow);

	if (n->is_fired) {
		n->is_part = n->is_part && is_part;
		return;
	}
	n->is_fired = true;
	n->is_part = is_part;
	if (v->tx->first_fire == 0) {
		v->tx->first_fire = shadow;
	} else {
		node_edit(v->s, v->tx->last_fire)->fire = shadow;
	}
	v->tx->last_fire = shadow;
}

/* All that is in the real tree under @top has its twin here. */
static bool see_all(struct view *v, uint32_t top)
{
	static char path[XENSTORE_ABS_PATH_MAX + 1];

	for (uint32_t real = top; real != 0; real = tree_walk(v->s, top, real)) {
		uint32_t shadow;

		(void)tree_path(v->s, real, path);
		shadow = shadow_make(v, path);
		if (shadow == 0) {
			return false;
		}
		shadow_see(v, shadow, real);
	}
	return true;
}

bool shadow_remove(struct view *v, const char *path, uint32_t real)
{
	uint32_t top = shadow_make(v, path), shadow;

	if (top == 0 || (real != 0 && !see_all(v, real))) {
		return false;
	}
	for (shadow = top; shadow != 0; shadow = tree_walk(v->s, top, shadow)) {
		struct node *n = node_edit(v->s, shadow);

		if (n->state == STATE_WRITTEN || (n->state == STATE_SEEN && n->generation != 0)) {
			v->tx->nr_created -= n->state == STATE_WRITTEN && n->generation == 0 ? 1
											     : 0;
			n->state = STATE_GONE;
			shadow_fire(v, shadow, shadow != top);
		}
	}
	v->tx->last = ++v->s->generation;
	return true;
}
