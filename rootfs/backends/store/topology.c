// SPDX-License-Identifier: Apache-2.0
/*
 * PV devices: the nodes by which a front and a back end find each other, as a tool stack makes them. What a device is
 * does not matter here; the plan brings the names and values.
 *
 * The front end's nodes are made anew when its domain starts, the back end's when either domain does: so none of them
 * finds what belongs to an earlier life of its own, and a back end that starts again finds where its front ends are.
 * Spec: Xen docs/misc/xenstore-paths.pandoc; public io/xenbus.h for the states.
 */
#include "internal.h"

#include <string.h>

#define STATE_INITIALISING "1"
#define STATE_CONNECTED	   "4"

/** struct end - the nodes of one end while they are made. */
struct end {
	struct store *s;
	uint16_t owner;
	uint16_t reader;
	size_t len;
	char path[128];
};

static size_t append(char *to, const char *text)
{
	size_t len = strlen(text);

	memcpy(to, text, len + 1);
	return len;
}

static void add(struct end *e, const char *name, const char *value)
{
	e->path[e->len] = '/';
	(void)append(e->path + e->len + 1, name);
	(void)store_write(e->s, e->path, value);
	(void)store_set_perms(e->s, e->path, e->owner, e->reader);
	e->path[e->len] = '\0';
}

static void add_number(struct end *e, const char *name, uint32_t value)
{
	char text[24];

	(void)number_put(text, value);
	add(e, name, text);
}

/* The plan's own; a list that does not end is not begun (store_device_add()). */
static void add_pairs(struct end *e, const struct store_pairs *p)
{
	size_t at = 0;

	while (at < p->len) {
		const char *name = p->text + at;
		const char *value = name + strlen(name) + 1;

		add(e, name, value);
		at += strlen(name) + strlen(value) + 2;
	}
}

/* .../device/<kind>/<number> */
static size_t front_path(const struct store_device *d, char *path)
{
	size_t len = path_home(d->front, path);

	len += append(path + len, "/device/");
	len += append(path + len, d->kind);
	len += append(path + len, "/");
	return len + number_put(path + len, d->number);
}

/* .../backend/<kind>/<front>/<number> */
static size_t back_path(const struct store_device *d, char *path)
{
	size_t len = path_home(d->back, path);

	len += append(path + len, "/backend/");
	len += append(path + len, d->kind);
	len += append(path + len, "/");
	len += number_put(path + len, d->front);
	len += append(path + len, "/");
	return len + number_put(path + len, d->number);
}

/* The node itself, and those above it that came with it, @levels of them. */
static void begin(struct end *e, unsigned int levels)
{
	char above[sizeof(e->path)];
	size_t len = append(above, e->path);

	(void)store_write(e->s, e->path, "");
	(void)store_set_perms(e->s, e->path, e->owner, e->reader);
	while (levels-- > 0) {
		while (above[--len] != '/') {
		}
		above[len] = '\0';
		(void)store_set_perms(e->s, above, e->owner, STORE_PRIVILEGED);
	}
}

static void remove_old(struct store *s, const char *path)
{
	struct view v = { .s = s };
	uint32_t node, above;

	(void)place_of(&v, path, &node, &above);
	if (node != 0) {
		real_remove(s, node);
	}
}

static void make_front(struct store *s, const struct store_device *d)
{
	struct end e = { .s = s, .owner = d->front, .reader = d->back };
	char other[sizeof(e.path)];

	e.len = front_path(d, e.path);
	(void)back_path(d, other);
	remove_old(s, e.path);
	begin(&e, 1);
	add_pairs(&e, &d->front_values);
	add(&e, "backend", other);
	add_number(&e, "backend-id", d->back);
	add(&e, "state", STATE_INITIALISING);
}

static void make_back(struct store *s, const struct store_device *d)
{
	struct end e = { .s = s, .owner = d->back, .reader = d->front };
	char other[sizeof(e.path)];

	e.len = back_path(d, e.path);
	(void)front_path(d, other);
	remove_old(s, e.path);
	begin(&e, 2);
	add_pairs(&e, &d->back_values);
	add(&e, "frontend", other);
	add_number(&e, "frontend-id", d->front);
	add(&e, "online", "1");
	add(&e, "state", STATE_INITIALISING);
}

static bool is_here(struct store *s, uint16_t domid)
{
	const struct store_client *c = store_find_client(s, domid);

	return c != NULL && c->is_introduced;
}

static bool are_pairs(const struct store_pairs *p)
{
	unsigned int ends = 0;

	for (size_t i = 0; i < p->len; i++) {
		ends += p->text[i] == '\0';
	}
	return p->len == 0 || (p->text[p->len - 1] == '\0' && ends % 2 == 0);
}

bool store_device_add(struct store *s, const struct store_device *d)
{
	if (s->nr_devices == STORE_MAX_DEVICES || !are_pairs(&d->front_values) ||
	    !are_pairs(&d->back_values) || memchr(d->kind, '\0', sizeof(d->kind)) == NULL) {
		return false;
	}
	s->devices[s->nr_devices++] = *d;
	return true;
}

bool node_text(const struct store *s, const char *path, char *out, size_t size)
{
	uint32_t node = s->root, len;
	const char *name;
	size_t name_len;

	while (node != 0 && (name_len = path_next(&path, &name)) > 0) {
		node = tree_child(s, node, name, name_len);
	}
	len = node != 0 ? node_value_len(s, node) : 0;
	if (node == 0 || len >= size) {
		return false;
	}
	node_value(s, node, out);
	out[len] = '\0';
	return true;
}

/* @path: an end's node, with room behind it. */
static bool is_in_state(const struct store *s, char *path, size_t len, const char *which)
{
	char state[2];

	(void)append(path + len, "/state");
	return node_text(s, path, state, sizeof(state)) && strcmp(state, which) == 0;
}

bool devices_are_awaited(struct store *s, const struct store_client *c)
{
	char back[sizeof(((struct end *)NULL)->path)];

	for (uint32_t i = 0; i < s->nr_devices; i++) {
		const struct store_device *d = &s->devices[i];

		if (d->front == c->domid && is_here(s, d->back) &&
		    is_in_state(s, back, back_path(d, back), STATE_INITIALISING)) {
			return true;
		}
	}
	return false;
}

/* Whether its front end is where it was when it was connected, or where devices_ask() set it back to. */
static bool is_waiting(const struct store *s, const struct store_device *d, bool is_asked)
{
	char front[sizeof(((struct end *)NULL)->path)];
	size_t len = front_path(d, front);

	return is_in_state(s, front, len, STATE_CONNECTED) ||
	       (is_asked && is_in_state(s, front, len, STATE_INITIALISING));
}

/* Its back end begins: a front end that is connected was so to an earlier life of it. */
static void note_left(struct store *s, uint32_t i)
{
	struct store_client *front = store_find_client(s, s->devices[i].front);

	if (front != NULL && is_waiting(s, &s->devices[i], false)) {
		front->left |= 1u << i;
	}
}

void store_topology(struct store *s, struct store_client *c)
{
	for (uint32_t i = 0; i < s->nr_devices; i++) {
		const struct store_device *d = &s->devices[i];

		if (d->front == c->domid) {
			make_front(s, d);
		}
		if ((d->front == c->domid || d->back == c->domid) && is_here(s, d->back)) {
			make_back(s, d);
		}
		if (d->back == c->domid) {
			note_left(s, i);
		}
	}
}

/* One whose back end never was another is merely waited for, however long it takes. */
static enum device_loss device_lost(struct store *s, const struct store_device *d, bool is_left,
				    bool is_asked)
{
	char back[sizeof(((struct end *)NULL)->path)];

	if (!is_waiting(s, d, is_asked) ||
	    is_in_state(s, back, back_path(d, back), STATE_CONNECTED)) {
		return LOST_NONE;
	}
	if (!is_here(s, d->back)) {
		return LOST_BACK_END;
	}
	return is_left ? LOST_CONNECTION : LOST_NONE;
}

/* Of device @i of @s. */
static enum device_loss loss_of(struct store *s, const struct store_client *c, uint32_t i)
{
	const struct store_device *d = &s->devices[i];

	return d->front == c->domid
		       ? device_lost(s, d, (c->left >> i & 1) != 0, (c->asked >> i & 1) != 0)
		       : LOST_NONE;
}

enum device_loss devices_lost(struct store *s, const struct store_client *c)
{
	enum device_loss worst = LOST_NONE;

	for (uint32_t i = 0; i < s->nr_devices; i++) {
		enum device_loss how = loss_of(s, c, i);

		worst = how > worst ? how : worst;
	}
	return worst;
}

void devices_ask(struct store *s, struct store_client *c)
{
	char front[sizeof(((struct end *)NULL)->path)];

	for (uint32_t i = 0; i < s->nr_devices; i++) {
		if (loss_of(s, c, i) == LOST_CONNECTION) {
			c->asked |= 1u << i;
			(void)append(front + front_path(&s->devices[i], front), "/state");
			(void)store_write(s, front, STATE_INITIALISING);
		}
	}
}
