// SPDX-License-Identifier: Apache-2.0
/*
 * The part of the tree that a tool stack would make for a domain, from what the plan says.
 *
 * The nodes and who may write them are those that guests find on Xen: Xen docs/misc/xenstore-paths.pandoc.
 */
#include "internal.h"

#include <string.h>

int store_write(struct store *s, const char *path, const char *value)
{
	struct view v = { .s = s };

	return view_write(&v, path, value, strlen(value), false);
}

int store_set_perms(struct store *s, const char *path, uint16_t owner, uint16_t reader)
{
	const struct xs_perm perms[2] = { { .domid = owner },
					  { .domid = reader, .access = PERM_READ } };
	struct view v = { .s = s };

	return view_set_perms(&v, path, perms, reader == STORE_PRIVILEGED ? 1 : 2);
}

/** struct home - a domain's part while it is made. */
struct home {
	struct store *s;
	uint16_t domid;
	size_t len;
	char path[96];
};

static void add(struct home *h, const char *name, const char *value, bool is_theirs)
{
	size_t len = strlen(name);

	h->path[h->len] = '/';
	memcpy(h->path + h->len + 1, name, len + 1);
	(void)store_write(h->s, h->path, value);
	(void)store_set_perms(h->s, h->path, is_theirs ? h->domid : STORE_PRIVILEGED,
			      is_theirs ? STORE_PRIVILEGED : h->domid);
}

/* The domain may read these. */
static void add_given(struct home *h, const struct store_client *c, const char *number)
{
	add(h, "name", c->name, false);
	add(h, "domid", number, false);
	add(h, "control", "", false);
	add(h, "control/platform-feature-multiprocessor-suspend", "1", false);
	add(h, "control/platform-feature-xs_reset_watches", "1", false);
	add(h, "device", "", false);
	add(h, "device/suspend", "", false);
}

/* The domain may write these. */
static void add_own(struct home *h)
{
	add(h, "control/shutdown", "", true);
	add(h, "control/feature-poweroff", "", true);
	add(h, "control/feature-reboot", "", true);
	add(h, "control/feature-suspend", "", true);
	add(h, "control/sysrq", "", true);
	add(h, "device/suspend/event-channel", "", true);
	add(h, "backend", "", true);
	add(h, "data", "", true);
	add(h, "drivers", "", true);
	add(h, "feature", "", true);
	add(h, "attr", "", true);
	add(h, "error", "", true);
}

void store_populate(struct store *s, struct store_client *c)
{
	struct home h = { .s = s, .domid = c->domid };
	char number[24];

	(void)number_put(number, c->domid);
	h.len = path_home(c->domid, h.path);
	(void)store_write(s, h.path, "");
	(void)store_set_perms(s, h.path, STORE_PRIVILEGED, c->domid);
	add_given(&h, c, number);
	add_own(&h);
}

/* The guest takes it back when it has understood. */
void store_ask_to_stop(struct store *s, struct store_client *c)
{
	struct home h = { .s = s, .domid = c->domid };

	h.len = path_home(c->domid, h.path);
	add(&h, "control/shutdown", "poweroff", true);
}
