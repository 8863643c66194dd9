// SPDX-License-Identifier: Apache-2.0
/*
 * Who is where: a table of MAC addresses in a bridge's VLANs.
 *
 * Each port has a number of entries of its own, so nobody can make the switch forget what it learned of others; a port
 * that shows more stations than that replaces its oldest. An entry that is pinned belongs to its port in all VLANs and
 * never moves: a station elsewhere that uses the address is lying.
 */
#include "internal.h"

#include <string.h>

#define PER_PORT 64u
#define BUCKETS	 256u
#define NONE	 0xffffu
#define ANY_VID	 0u

struct entry {
	uint64_t mac, seen_us;
	uint16_t vid, bridge, port, next;
	bool is_used, is_pinned;
};

/* Entry i belongs to port i / PER_PORT. */
struct net_fdb {
	uint32_t nr;
	uint16_t bucket[BUCKETS];
	struct entry entries[];
};

size_t fdb_memory(uint32_t max_ports)
{
	return sizeof(struct net_fdb) + (size_t)max_ports * PER_PORT * sizeof(struct entry);
}

void fdb_init(struct net_fdb *f, uint32_t max_ports)
{
	f->nr = max_ports * PER_PORT;
	memset(f->entries, 0, f->nr * sizeof(f->entries[0]));
	memset(f->bucket, 0xff, sizeof(f->bucket));
}

static uint32_t hash(uint64_t mac)
{
	return (uint32_t)((mac * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % BUCKETS;
}

static struct entry *find(struct net_fdb *f, uint32_t bridge, uint16_t vid, uint64_t mac)
{
	for (uint16_t i = f->bucket[hash(mac)]; i != NONE; i = f->entries[i].next) {
		struct entry *e = &f->entries[i];

		if (e->mac == mac && e->bridge == bridge && (e->is_pinned || e->vid == vid)) {
			return e;
		}
	}
	return NULL;
}

static void unlink_entry(struct net_fdb *f, struct entry *e)
{
	uint16_t self = (uint16_t)(e - f->entries), *link = &f->bucket[hash(e->mac)];

	while (*link != self) {
		link = &f->entries[*link].next;
	}
	*link = e->next;
	e->is_used = false;
}

static struct entry *oldest_of(struct net_fdb *f, uint32_t port)
{
	struct entry *own = &f->entries[port * PER_PORT], *oldest = NULL;

	for (uint32_t i = 0; i < PER_PORT; i++) {
		if (!own[i].is_used) {
			return &own[i];
		}
		if (!own[i].is_pinned && (oldest == NULL || own[i].seen_us < oldest->seen_us)) {
			oldest = &own[i];
		}
	}
	return oldest;
}

static struct entry *add(struct net_fdb *f, uint32_t port, const struct entry *like)
{
	struct entry *e = oldest_of(f, port);
	uint16_t *bucket = &f->bucket[hash(like->mac)];

	if (e == NULL) {
		return NULL;
	}
	if (e->is_used) {
		unlink_entry(f, e);
	}
	*e = *like;
	e->is_used = true;
	e->port = (uint16_t)port;
	e->next = *bucket;
	*bucket = (uint16_t)(e - f->entries);
	return e;
}

bool fdb_pin(struct net_fdb *f, uint32_t bridge, uint64_t mac, uint32_t port)
{
	struct entry like = {
		.mac = mac, .bridge = (uint16_t)bridge, .vid = ANY_VID, .is_pinned = true
	};

	return find(f, bridge, ANY_VID, mac) == NULL && add(f, port, &like) != NULL;
}

bool fdb_learn(struct net_fdb *f, uint32_t bridge, uint16_t vid, uint64_t mac, uint32_t port,
	       uint64_t now_us)
{
	struct entry *e = find(f, bridge, vid, mac);
	struct entry like = {
		.mac = mac, .seen_us = now_us, .vid = vid, .bridge = (uint16_t)bridge
	};

	if (e != NULL && e->port == port) {
		e->seen_us = now_us;
		return true;
	}
	if (e != NULL && e->is_pinned) {
		return false;
	}
	if (e != NULL) {
		unlink_entry(f, e);
	}
	(void)add(f, port, &like);
	return true;
}

int fdb_find(const struct net_fdb *f, uint32_t bridge, uint16_t vid, uint64_t mac, uint64_t now_us)
{
	const struct entry *e = find((struct net_fdb *)(uintptr_t)f, bridge, vid, mac);

	if (e == NULL || (!e->is_pinned && now_us - e->seen_us > AGE_US)) {
		return -1;
	}
	return e->port;
}

void fdb_forget(struct net_fdb *f, uint32_t port)
{
	struct entry *own = &f->entries[port * PER_PORT];

	for (uint32_t i = 0; i < PER_PORT; i++) {
		if (own[i].is_used && !own[i].is_pinned) {
			unlink_entry(f, &own[i]);
		}
	}
}
