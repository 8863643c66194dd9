// SPDX-License-Identifier: Apache-2.0
/* All disks: who has which memory, who is served next. */
#include "io.h"

#include "nic.h"
#include "platform.h"
#include "slot.h"
#include "text.h"

#include <string.h>

#define PAGE RING_PAGE

/** struct added - a disk before there is memory for it. */
struct added {
	uint32_t number;
	uint16_t domid;
	bool is_writable;
	char source[IO_SOURCE];
};

static struct added added[IO_MAX_DISKS];
static uint32_t nr_disks;
static uint16_t own_domid;
static struct vbd *vbds[IO_MAX_DISKS];
static struct xs *store;
static uint32_t turn;

_Static_assert(sizeof(struct vbd) <= IO_LINK_BYTES / 4, "most of a link's memory is for data");

static size_t ram_bytes(const char *source)
{
	const char *mib = text_starts(source, "RAM=");
	uint32_t n;

	return mib != NULL && text_number(mib, &n) ? (size_t)n << 20 : 0;
}

bool io_add(uint16_t self, uint16_t domid, uint32_t number, const char *source, bool is_writable)
{
	struct added *a = &added[nr_disks];

	if (nr_disks == IO_MAX_DISKS || strlen(source) >= sizeof(a->source)) {
		return false;
	}
	own_domid = self;
	*a = (struct added){ .domid = domid, .number = number, .is_writable = is_writable };
	(void)text_put(a->source, source);
	nr_disks++;
	return true;
}

void io_reset(void)
{
	memset(vbds, 0, sizeof(vbds));
	slot_reset();
	nr_disks = 0;
	turn = 0;
}

size_t io_memory(void)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < nr_disks; i++) {
		bytes += IO_LINK_BYTES + ram_bytes(added[i].source);
	}
	return bytes;
}

/* /local/domain/<domid>/device/vbd/<number>, and /local/domain/<own>/backend/vbd/<domid>/<number>. */
static void name_nodes(struct vbd *v)
{
	char *at = v->front;

	at += text_put(at, "/local/domain/");
	at += text_put_number(at, v->domid);
	at += text_put(at, "/device/vbd/");
	(void)text_put_number(at, v->number);
	at = v->back;
	at += text_put(at, "/local/domain/");
	at += text_put_number(at, own_domid);
	at += text_put(at, "/backend/vbd/");
	at += text_put_number(at, v->domid);
	at += text_put(at, "/");
	(void)text_put_number(at, v->number);
}

/* @memory: IO_LINK_BYTES for the disk's own affairs, then those of a RAM disk. */
static struct vbd *make(const struct added *a, uint8_t *memory, uint8_t *maps)
{
	size_t own = (sizeof(struct vbd) + PAGE - 1) / PAGE * PAGE;
	struct vbd *v = (struct vbd *)(void *)memory;

	memset(v, 0, sizeof(*v));
	v->domid = a->domid;
	v->number = a->number;
	memcpy(v->source, a->source, sizeof(v->source));
	v->buffer = memory + own;
	v->buffer_size = (uint32_t)(IO_LINK_BYTES - own);
	v->ring_pages = maps;
	v->is_there = disk_find(&v->disk, v->source, memory + IO_LINK_BYTES);
	v->is_writable = a->is_writable && !v->disk.is_read_only;
	name_nodes(v);
	return v;
}

static void say_what_it_is(const struct vbd *v)
{
	if (v->is_there) {
		plat_say("disk %u of domain %u: %s, %u KiB, %s\n", (uint64_t)v->number,
			 (uint64_t)v->domid, v->source, v->disk.sectors / 2,
			 v->is_writable ? "read and write" : "read only");
	} else {
		plat_say("disk %u of domain %u: %s is not there\n", (uint64_t)v->number,
			 (uint64_t)v->domid, v->source);
	}
}

void io_init(struct xs *xs, void *memory, void *maps)
{
	uint8_t *at = memory, *map = maps;

	store = xs;
	for (uint32_t i = 0; i < nr_disks; i++) {
		vbds[i] = make(&added[i], at, map);
		at += IO_LINK_BYTES + ram_bytes(added[i].source);
		map += (size_t)RING_MAX_PAGES * PAGE;
		say_what_it_is(vbds[i]);
	}
	for (uint32_t i = 0; i < nr_disks; i++) {
		bus_begin(xs, vbds[i], i);
	}
}

void io_done(uint32_t tag, bool is_good)
{
	vbd_done(vbds[tag >> 8], tag & 0xff, is_good);
}

/* Front ends and the device, but not the store. */
static bool serve(void)
{
	bool is_busy = disk_poll();

	turn = nr_disks == 0 ? 0 : (turn + 1) % nr_disks;
	for (uint32_t i = 0; i < nr_disks; i++) {
		uint32_t n = (turn + i) % nr_disks;
		bool is_lie;

		if (vbds[n] == NULL) {
			continue; /* the store is asked while they are made */
		}
		is_busy |= vbd_turn(vbds[n], n, &is_lie);
		if (is_lie) {
			vbds[n]->is_lying = plat_is_alive(vbds[n]->domid, vbds[n]->port);
			vbd_disconnect(vbds[n]);
		}
	}
	return nic_serve() || is_busy;
}

void io_wait(void)
{
	if (!serve()) {
		plat_sleep();
	}
}

/* What the store has to be asked or told on account of disk @n. */
static bool settle(uint32_t n)
{
	struct vbd *v = vbds[n];

	if (v->is_lying) {
		v->is_lying = false;
		bus_cut_off(store, v);
		return true; /* it may have started anew since: that is looked at in the next turn */
	}
	if ((store->events >> n & 1) != 0 || (v->is_look_due && vbd_is_idle(v))) {
		store->events &= ~(1u << n);
		bus_look(store, v);
		return true;
	}
	return false;
}

bool io_turn(void)
{
	bool is_busy = xs_take(store);

	is_busy |= serve();
	for (uint32_t i = 0; i < nr_disks; i++) {
		is_busy |= settle(i);
	}
	is_busy |= slot_turn();
	is_busy |= nic_settle();
	return is_busy;
}
