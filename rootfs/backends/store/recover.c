// SPDX-License-Identifier: Apache-2.0
/* Requirement: store */
/*
 * Front ends whose back end has started again.
 *
 * A back end that can goes on with a front end's rings by itself, and nobody notices. Where one does not, the front end
 * is asked to suspend itself, as a tool stack asks for a migration: it comes back at once and makes its connections
 * anew. One that cannot suspend, or does not in time, has to be restarted by those who may.
 * Spec: Xen docs/misc/xenstore-paths.pandoc, control/shutdown, control/feature-suspend; public io/xenbus.h.
 */
#include "internal.h"

#include <string.h>

#define HOLD_MS 2000u

/* Into @path, 64 bytes. */
static void control_path(const struct store_client *c, const char *name, char *path)
{
	size_t len = path_home(c->domid, path);

	memcpy(path + len, "/control/", 9);
	memcpy(path + len + 9, name, strlen(name) + 1);
}

static bool can_suspend(const struct store *s, const struct store_client *c)
{
	char path[64], value[2];

	control_path(c, "feature-suspend", path);
	return node_text(s, path, value, sizeof(value)) && strcmp(value, "1") == 0;
}

static void ask(struct store *s, struct store_client *c)
{
	char path[64];

	devices_ask(s, c);
	control_path(c, "shutdown", path);
	(void)store_write(s, path, "suspend");
}

static void give_up(struct store *s, struct store_client *c)
{
	c->loss = LOSS_TOLD;
	s->ops.lost(c);
}

/* One of its devices has been without its back end since c->loss_since. */
static void go_on(struct store *s, struct store_client *c, uint64_t now)
{
	uint64_t waited = now - c->loss_since;

	if (c->loss == LOSS_SEEN && waited >= s->limits.loss_wait_ms) {
		c->loss_since = now;
		if (can_suspend(s, c)) {
			c->loss = LOSS_ASKED;
			ask(s, c);
		} else {
			give_up(s, c);
		}
	} else if (c->loss == LOSS_ASKED && waited >= s->limits.loss_answer_ms) {
		give_up(s, c);
	}
}

/* A back end that is long in coming does not keep its front end from all else. Return: whether that is still to be seen. */
static bool is_held(struct store *s, struct store_client *c, uint64_t now)
{
	if (!c->is_introduced || !c->is_held || !devices_are_awaited(s, c)) {
		return false;
	}
	if (c->held_since == 0) {
		c->held_since = now;
	}
	c->is_held = now - c->held_since < HOLD_MS;
	return true;
}

bool store_recover(struct store *s, uint64_t now_ms)
{
	bool is_any = false;

	for (uint32_t i = 0; i < s->nr_clients; i++) {
		struct store_client *c = &s->clients[i];
		enum device_loss how = c->is_introduced ? devices_lost(s, c) : LOST_NONE;

		is_any = is_held(s, c, now_ms) || is_any || how != LOST_NONE;
		if (how != LOST_CONNECTION) {
			c->loss = LOSS_NONE;
			c->asked = how == LOST_NONE ? 0 : c->asked;
			c->left = how == LOST_NONE ? 0 : c->left;
		} else if (c->loss == LOSS_NONE) {
			c->loss = LOSS_SEEN;
			c->loss_since = now_ms;
		} else {
			go_on(s, c, now_ms);
		}
	}
	if (is_any) {
		store_commit(s);
	}
	return is_any;
}
