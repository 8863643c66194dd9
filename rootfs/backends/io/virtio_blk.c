// SPDX-License-Identifier: Apache-2.0
/*
 * A virtio block device: virtio_blk.h.
 *
 * Request i has descriptors 3i to 3i+2 (head, data, status) for good. The device gets addresses of our own memory and
 * no others; what it says in the used ring is checked all the same.
 */
#include "virtio_blk.h"

#include "block.h"
#include "platform.h"
#include "virtio.h"

#include <string.h>

#define SECTORS	    0u
#define MAX_DISCARD 36u

#define ID_BLOCK 2u

/* Features, by bit. */
#define F_RO	  5u
#define F_FLUSH	  9u
#define F_DISCARD 13u

/* Requests. */
#define T_IN	  0u
#define T_OUT	  1u
#define T_FLUSH	  4u
#define T_DISCARD 11u

#define NR_REQUESTS 40u

struct head {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

struct discard {
	uint64_t sector;
	uint32_t sectors;
	uint32_t flags;
};

struct slot {
	struct head head;
	struct discard discard;
	uint8_t status;
	bool is_busy;
	uint32_t tag;
};

_Static_assert(3 * NR_REQUESTS <= VIRTIO_ENTRIES, "each request has its descriptors");

static struct virtio_queue queue;
static struct slot slots[NR_REQUESTS];

static struct {
	struct virtio virtio; /* base 0: no device */
	uint64_t sectors;
	uint32_t max_discard;
	uint16_t avail_idx;
	uint16_t used_idx;
} dev;

static bool has(uint32_t feature)
{
	return virtio_has(&dev.virtio, feature);
}

void virtio_blk_reset(void)
{
	memset(&dev, 0, sizeof(dev));
}

bool virtio_blk_probe(uint64_t base)
{
	struct virtio *v = &dev.virtio;

	if (v->base != 0 || !virtio_is(base, ID_BLOCK)) {
		return false;
	}
	memset(&dev, 0, sizeof(dev));
	memset(slots, 0, sizeof(slots));
	if (!virtio_begin(v, base, 1ull << F_RO | 1ull << F_FLUSH | 1ull << F_DISCARD) ||
	    !virtio_give_queue(v, 0, &queue)) {
		virtio_stop(v);
		return false;
	}
	virtio_go(v);
	dev.sectors = (uint64_t)virtio_config(v, SECTORS + 4) << 32 | virtio_config(v, SECTORS);
	dev.max_discard = has(F_DISCARD) ? virtio_config(v, MAX_DISCARD) : 0;
	return true;
}

uint64_t virtio_blk_sectors(void)
{
	return dev.virtio.base != 0 ? dev.sectors : 0;
}

bool virtio_blk_can_discard(void)
{
	return dev.max_discard > 0;
}

bool virtio_blk_is_read_only(void)
{
	return has(F_RO);
}

static struct slot *find_slot(void)
{
	for (uint32_t i = 0; i < NR_REQUESTS; i++) {
		if (!slots[i].is_busy) {
			return &slots[i];
		}
	}
	return NULL;
}

static void describe(struct virtio_desc *d, const void *data, uint32_t len, bool is_theirs)
{
	d->addr = plat_bus(data);
	d->len = len;
	d->flags = is_theirs ? VIRTIO_WRITE : 0;
}

static void chain(struct virtio_desc *d, uint32_t next)
{
	d->flags |= VIRTIO_NEXT;
	d->next = (uint16_t)next;
}

/* The descriptors of @s, with @len bytes of @data between head and status. */
static void lay_out(struct slot *s, const void *data, uint32_t len, bool is_theirs)
{
	uint32_t first = (uint32_t)(s - slots) * 3;
	struct virtio_desc *d = &queue.desc[first];

	describe(&d[0], &s->head, sizeof(s->head), false);
	describe(&d[1], data, len, is_theirs);
	describe(&d[2], &s->status, 1, true);
	chain(&d[0], len > 0 ? first + 1 : first + 2);
	chain(&d[1], first + 2);
}

static void send(struct slot *s)
{
	s->is_busy = true;
	s->status = 0xff;
	queue.avail_ring[dev.avail_idx % VIRTIO_ENTRIES] = (uint16_t)((s - slots) * 3);
	__atomic_store_n(&queue.avail_idx, ++dev.avail_idx, __ATOMIC_SEQ_CST);
	virtio_notify(&dev.virtio, 0);
}

static void prepare_discard(struct slot *s, uint64_t sector, uint64_t sectors)
{
	s->head.type = T_DISCARD;
	s->head.sector = 0;
	s->discard.sector = sector;
	/* Advice: what is too long is followed as far as it can be. */
	s->discard.sectors = sectors < dev.max_discard ? (uint32_t)sectors : dev.max_discard;
	s->discard.flags = 0;
	lay_out(s, &s->discard, sizeof(s->discard), false);
}

enum disk_submitted virtio_blk_submit(enum disk_op op, uint64_t sector, uint64_t sectors,
				      void *buffer, uint32_t tag)
{
	struct slot *s = find_slot();

	if ((op == DISK_FLUSH && !has(F_FLUSH)) || (op == DISK_DISCARD && sectors == 0)) {
		return DISK_DONE;
	}
	if (s == NULL) {
		return DISK_FULL;
	}
	s->tag = tag;
	s->head.sector = sector;
	if (op == DISK_FLUSH) {
		s->head.type = T_FLUSH;
		s->head.sector = 0;
		lay_out(s, NULL, 0, false);
	} else if (op == DISK_DISCARD) {
		prepare_discard(s, sector, sectors);
	} else {
		s->head.type = op == DISK_READ ? T_IN : T_OUT;
		lay_out(s, buffer, (uint32_t)(sectors * SECTOR), op == DISK_READ);
	}
	send(s);
	return DISK_GOES_ON;
}

static void finish(struct slot *s)
{
	bool is_good = *(volatile uint8_t *)&s->status == 0;

	s->is_busy = false;
	block_done(s->tag, is_good);
}

bool virtio_blk_is_waited_for(void)
{
	bool is_busy = false;

	for (uint32_t i = 0; i < NR_REQUESTS && !virtio_is_told(); i++) {
		is_busy = is_busy || slots[i].is_busy;
	}
	return is_busy;
}

bool virtio_blk_poll(void)
{
	bool is_busy = false;

	if (dev.virtio.base == 0) {
		return false;
	}
	virtio_ack(&dev.virtio);
	while (__atomic_load_n(&queue.used_idx, __ATOMIC_ACQUIRE) != dev.used_idx) {
		uint32_t id =
			*(volatile uint32_t *)&queue.used_ring[dev.used_idx++ % VIRTIO_ENTRIES].id;

		if (id % 3 == 0 && id / 3 < NR_REQUESTS && slots[id / 3].is_busy) {
			finish(&slots[id / 3]);
		}
		is_busy = true;
	}
	return is_busy;
}
