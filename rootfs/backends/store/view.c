// SPDX-License-Identifier: Apache-2.0
/*
 * The operations on the tree, from within a transaction or without one.
 *
 * Without a transaction the real tree changes at once and watches fire; within one only the transaction's own tree
 * (shadow.c) does. An operation that fails leaves everything as it was. Paths are absolute and canonical here.
 */
#include "internal.h"

#include <string.h>

/* Values are rewritten together with their permissions: one at a time. */
static uint8_t value_copy[STORE_MAX_VALUE];

/* What the view sees at a place: a node of either tree, or 0. */
static uint32_t seen_at(const struct store *s, struct place at)
{
	if (at.shadow != 0) {
		const struct node *n = node_at(s, at.shadow);

		if (n->state == STATE_WRITTEN) {
			return at.shadow;
		}
		if (n->state == STATE_GONE) {
			return 0;
		}
	}
	return at.real;
}

static struct place step(const struct store *s, struct place at, const char *name, size_t len)
{
	return (struct place){
		.real = at.real != 0 ? tree_child(s, at.real, name, len) : 0,
		.shadow = at.shadow != 0 ? tree_child(s, at.shadow, name, len) : 0,
	};
}

struct place place_of(struct view *v, const char *path, uint32_t *node, uint32_t *above)
{
	bool is_special = path[0] == '@';
	struct place at = { .real = is_special ? v->s->special : v->s->root,
			    .shadow = v->tx != NULL && !is_special ? v->tx->root : 0 };
	const char *name;
	size_t len;

	*node = seen_at(v->s, at);
	*above = *node;
	while (*node != 0 && (len = path_next(&path, &name)) > 0) {
		at = step(v->s, at, name, len);
		*node = seen_at(v->s, at);
		*above = *node != 0 ? *node : *above;
	}
	if (*node == 0 && *path != '\0') {
		return (struct place){ 0, 0 };
	}
	return at;
}

int view_get(struct view *v, const char *path, unsigned int need, uint32_t *node)
{
	uint32_t above;
	struct place at = place_of(v, path, node, &above);

	if ((node_access(v->s, v->c, above) & need) != need) {
		*node = 0;
		return EACCES;
	}
	if (v->tx != NULL && path[0] != '@') {
		uint32_t shadow = shadow_make(v, path);

		if (shadow == 0) {
			return ENOSPC;
		}
		shadow_see(v, shadow, at.real);
	}
	return *node != 0 ? 0 : ENOENT;
}

/* The last name of a path; empty for the root. */
static struct content named(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	return (struct content){ .name = name, .name_len = strlen(name) };
}

static bool has_room_for_node(const struct view *v)
{
	uint32_t created = v->tx != NULL ? v->tx->nr_created : 0;

	return v->c == NULL || !v->s->limits.has_quota ||
	       v->c->nr_nodes + created < v->s->limits.nodes;
}

/* A new child has its parent's permissions, and belongs to who makes it. */
static void inherit(const struct view *v, uint32_t parent, struct xs_perm *perms, struct content *c)
{
	c->nr_perms = node_perms(v->s, parent, perms);
	c->perms = perms;
	if (v->c != NULL) {
		perms[0].domid = v->c->domid;
	}
}

static int create_real(struct view *v, const char *path, const struct content *last)
{
	uint32_t node = v->s->root, stop = 0;
	struct xs_perm perms[STORE_MAX_PERMS];
	struct content what = *last;

	while ((what.name_len = path_next(&path, &what.name)) > 0) {
		uint32_t child = tree_child(v->s, node, what.name, what.name_len);

		if (child == 0) {
			stop = stop != 0 ? stop : node;
			inherit(v, node, perms, &what);
			what.value_len = *path == '\0' ? last->value_len : 0;
			child = has_room_for_node(v) ? real_add(v->s, node, &what) : 0;
		}
		if (child == 0) {
			while (node != stop) {
				uint32_t parent = node_at(v->s, node)->parent;

				real_drop(v->s, node);
				node = parent;
			}
			return ENOSPC;
		}
		node = child;
	}
	watch_fire_node(v->s, node, 0, false);
	return 0;
}

/* Nodes that a failed creation has made, from @shadow up, become again what they were. */
static void uncreate(struct view *v, uint32_t shadow, uint32_t n)
{
	for (; n > 0; n--) {
		struct node *s = node_edit(v->s, shadow);

		s->state = s->generation == 0 ? STATE_SEEN : STATE_GONE;
		v->tx->nr_created--;
		shadow = s->parent;
	}
}

static int create_shadow(struct view *v, const char *path, const struct content *last)
{
	struct place at = { .real = v->s->root, .shadow = v->tx->root };
	struct xs_perm perms[STORE_MAX_PERMS];
	struct content what = *last;
	uint32_t made = 0, parent = v->tx->root;

	while ((what.name_len = path_next(&path, &what.name)) > 0) {
		uint32_t above = seen_at(v->s, at);

		parent = at.shadow;
		at = step(v->s, at, what.name, what.name_len);
		if (seen_at(v->s, at) != 0) {
			continue;
		}
		inherit(v, above, perms, &what);
		what.value_len = *path == '\0' ? last->value_len : 0;
		shadow_see(v, at.shadow, at.real);
		if (!has_room_for_node(v) || !shadow_put(v, at.shadow, &what)) {
			uncreate(v, parent, made);
			return ENOSPC;
		}
		node_edit(v->s, at.shadow)->is_heir = 1;
		v->tx->nr_created++;
		made++;
	}
	shadow_fire(v, at.shadow, false);
	return 0;
}

/* Replace the content of a node that is there. */
static int put(struct view *v, const char *path, uint32_t node, const struct content *what)
{
	uint64_t readers = node_readers(v->s, node);

	if (v->tx != NULL) {
		uint32_t shadow = shadow_make(v, path);

		if (shadow == 0 || !shadow_put(v, shadow, what)) {
			return ENOSPC;
		}
		shadow_fire(v, shadow, false);
		return 0;
	}
	if (!real_put(v->s, node, what)) {
		return ENOSPC;
	}
	if (path[0] != '@') {
		watch_fire_node(v->s, node, readers, false);
	}
	return 0;
}

int view_write(struct view *v, const char *path, const void *value, size_t len, bool is_mkdir)
{
	struct xs_perm perms[STORE_MAX_PERMS];
	struct content what = named(path);
	uint32_t node;
	int ret;

	if (len > v->s->limits.value_bytes) {
		return ENOSPC;
	}
	what.value = value;
	what.value_len = len;
	ret = view_get(v, path, PERM_WRITE, &node);
	if (ret == 0) {
		if (is_mkdir) {
			return 0;
		}
		what.perms = perms;
		what.nr_perms = node_perms(v->s, node, perms);
		return put(v, path, node, &what);
	}
	if (ret != ENOENT) {
		return ret;
	}
	return v->tx != NULL ? create_shadow(v, path, &what) : create_real(v, path, &what);
}

void real_remove(struct store *s, uint32_t top)
{
	uint32_t node = tree_deepest(s, top);

	while (node != 0) {
		const struct node *n = node_at(s, node);
		uint32_t next = n->next != 0 ? tree_deepest(s, n->next) : n->parent;

		next = node == top ? 0 : next;
		watch_fire_node(s, node, 0, node != top);
		real_drop(s, node);
		node = next;
	}
}

/* Nothing to remove: that is as well, if the parent is there. */
static int parent_is_there(struct view *v, char *path)
{
	uint32_t node, above;
	char *slash = strrchr(path, '/'), *cut = slash == path ? path + 1 : slash, kept = *cut;

	*cut = '\0';
	(void)place_of(v, path, &node, &above);
	*cut = kept;
	return node != 0 ? 0 : ENOENT;
}

int view_remove(struct view *v, char *path)
{
	uint32_t node, above;
	int ret = view_get(v, path, PERM_WRITE, &node);

	if (ret == ENOENT) {
		return parent_is_there(v, path);
	}
	if (ret != 0) {
		return ret;
	}
	if (path[1] == '\0') {
		return EINVAL;
	}
	if (v->tx != NULL) {
		struct place at = place_of(v, path, &node, &above);

		return shadow_remove(v, path, at.real) ? 0 : ENOSPC;
	}
	real_remove(v->s, node);
	return 0;
}

int view_set_perms(struct view *v, const char *path, const struct xs_perm *perms, uint32_t n)
{
	struct content what = named(path);
	uint32_t node;
	int ret = view_get(v, path, PERM_WRITE | PERM_OWNER, &node);

	if (ret != 0) {
		return ret;
	}
	if (v->c != NULL && perms[0].domid != node_owner(v->s, node)) {
		return EPERM;
	}
	node_value(v->s, node, value_copy);
	what.value = value_copy;
	what.value_len = node_value_len(v->s, node);
	what.perms = perms;
	what.nr_perms = n;
	ret = put(v, path, node, &what);
	if (ret == 0 && v->tx != NULL) {
		node_edit(v->s, shadow_make(v, path))->is_heir = 0;
	}
	return ret;
}

struct listing view_list(struct view *v, const char *path)
{
	struct listing l = { .v = v };
	uint32_t node, above;

	l.at = place_of(v, path, &node, &above);
	l.next = l.at.real != 0 ? node_at(v->s, l.at.real)->child : 0;
	return l;
}

static bool is_listed(const struct listing *l, uint32_t node)
{
	char name[XENSTORE_ABS_PATH_MAX];
	const struct store *s = l->v->s;
	const struct node *n = node_at(s, node);
	uint32_t twin;

	if (l->at.shadow == 0) {
		return true;
	}
	node_name(s, node, name);
	if (l->is_shadow) {
		return n->state == STATE_WRITTEN &&
		       (l->at.real == 0 || tree_child(s, l->at.real, name, n->name_len) == 0);
	}
	twin = tree_child(s, l->at.shadow, name, n->name_len);
	return twin == 0 || node_at(s, twin)->state != STATE_GONE;
}

uint32_t listing_next(struct listing *l)
{
	const struct store *s = l->v->s;

	for (;;) {
		uint32_t node = l->next;

		if (node == 0) {
			if (l->is_shadow || l->at.shadow == 0) {
				return 0;
			}
			l->is_shadow = true;
			l->next = node_at(s, l->at.shadow)->child;
			continue;
		}
		l->next = node_at(s, node)->next;
		if (is_listed(l, node)) {
			return node;
		}
	}
}

uint64_t view_generation(struct view *v, uint32_t node)
{
	uint64_t generation = node_at(v->s, node)->generation;

	return v->tx != NULL && v->tx->last > generation ? v->tx->last : generation;
}
