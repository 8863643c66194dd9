// SPDX-License-Identifier: Apache-2.0
/*
 * A virtio block device: virtio_blk.h.
 *
 * Request i has descriptors 3i to 3i+2 (head, data, status) for good. The device gets addresses of our own memory and
 * no others; what it says in the used ring is checked all the same.
 */
#include "virtio_blk.h"

#include "platform.h"

#include <string.h>

/* Registers. */
#define MAGIC		0x000u
#define VERSION		0x004u
#define DEVICE_ID	0x008u
#define DEV_FEATURES	0x010u
#define DEV_FEATURES_AT 0x014u
#define DRV_FEATURES	0x020u
#define DRV_FEATURES_AT 0x024u
#define GUEST_PAGE	0x028u /* legacy */
#define QUEUE_SEL	0x030u
#define QUEUE_MAX	0x034u
#define QUEUE_NUM	0x038u
#define QUEUE_ALIGN	0x03cu /* legacy */
#define QUEUE_PFN	0x040u /* legacy */
#define QUEUE_READY	0x044u
#define QUEUE_NOTIFY	0x050u
#define INT_STATUS	0x060u
#define INT_ACK		0x064u
#define STATUS		0x070u
#define QUEUE_DESC	0x080u
#define QUEUE_AVAIL	0x090u
#define QUEUE_USED	0x0a0u
#define CONFIG		0x100u
#define MAX_DISCARD	(CONFIG + 36)

#define MAGIC_VALUE 0x74726976u
#define ID_BLOCK    2u

/* Status. */
#define ACKNOWLEDGE 1u
#define DRIVER	    2u
#define DRIVER_OK   4u
#define FEATURES_OK 8u

/* Features, by bit. */
#define F_RO	  5u
#define F_FLUSH	  9u
#define F_DISCARD 13u
#define F_VERSION 32u

/* Requests. */
#define T_IN	  0u
#define T_OUT	  1u
#define T_FLUSH	  4u
#define T_DISCARD 11u

#define NR_REQUESTS 40u
#define ENTRIES	    128u
#define PAGE	    4096u
#define DESC_NEXT   1u
#define DESC_WRITE  2u
#define TAG_WAITED  UINT32_MAX

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

/* As the legacy layout has it, which the other can be told to use. */
struct queue {
	struct desc desc[ENTRIES];
	uint16_t avail_flags;
	uint16_t avail_idx;
	uint16_t avail_ring[ENTRIES];
	uint16_t used_event;
	uint8_t pad[PAGE - ENTRIES * sizeof(struct desc) - ENTRIES * 2 - 6];
	uint16_t used_flags;
	uint16_t used_idx;
	struct {
		uint32_t id;
		uint32_t len;
	} used_ring[ENTRIES];
	uint16_t avail_event;
} __attribute__((aligned(4096)));

_Static_assert(offsetof(struct queue, used_flags) == PAGE, "the used ring is on a page of its own");

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

static struct queue queue;
static struct slot slots[NR_REQUESTS];

static struct {
	uint64_t base; /* 0: no device */
	uint64_t features;
	uint64_t sectors;
	uint32_t max_discard;
	uint16_t avail_idx;
	uint16_t used_idx;
	bool is_waited_done, is_waited_good;
} dev;

static bool has(uint32_t feature)
{
	return (dev.features >> feature & 1) != 0;
}

static uint32_t get(uint32_t reg)
{
	return plat_read32(dev.base + reg);
}

static void set(uint32_t reg, uint32_t value)
{
	plat_write32(dev.base + reg, value);
}

static void set64(uint32_t reg, const volatile void *where)
{
	uint64_t addr = (uintptr_t)where;

	set(reg, (uint32_t)addr);
	set(reg + 4, (uint32_t)(addr >> 32));
}

static uint64_t read_features(bool is_legacy)
{
	uint64_t low, high = 0;

	set(DEV_FEATURES_AT, 0);
	low = get(DEV_FEATURES);
	if (!is_legacy) {
		set(DEV_FEATURES_AT, 1);
		high = get(DEV_FEATURES);
	}
	return high << 32 | low;
}

/* Return: false: the device does not do with what we know. */
static bool agree(bool is_legacy)
{
	const uint64_t known = 1ull << F_RO | 1ull << F_FLUSH | 1ull << F_DISCARD |
			       1ull << F_VERSION;

	dev.features = read_features(is_legacy) & known;
	set(DRV_FEATURES_AT, 0);
	set(DRV_FEATURES, (uint32_t)dev.features);
	if (is_legacy) {
		return true;
	}
	set(DRV_FEATURES_AT, 1);
	set(DRV_FEATURES, (uint32_t)(dev.features >> 32));
	set(STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK);
	return has(F_VERSION) && (get(STATUS) & FEATURES_OK) != 0;
}

static bool give_queue(bool is_legacy)
{
	set(QUEUE_SEL, 0);
	if (get(QUEUE_MAX) < ENTRIES) {
		return false;
	}
	memset(&queue, 0, sizeof(queue));
	set(QUEUE_NUM, ENTRIES);
	if (is_legacy) {
		set(GUEST_PAGE, PAGE);
		set(QUEUE_ALIGN, PAGE);
		set(QUEUE_PFN, (uint32_t)((uintptr_t)&queue / PAGE));
		return true;
	}
	set64(QUEUE_DESC, queue.desc);
	set64(QUEUE_AVAIL, &queue.avail_flags);
	set64(QUEUE_USED, &queue.used_flags);
	set(QUEUE_READY, 1);
	return true;
}

void virtio_blk_reset(void)
{
	memset(&dev, 0, sizeof(dev));
}

bool virtio_blk_probe(uint64_t base)
{
	bool is_legacy, is_good;

	if (dev.base != 0 || plat_read32(base + MAGIC) != MAGIC_VALUE ||
	    plat_read32(base + DEVICE_ID) != ID_BLOCK) {
		return false;
	}
	memset(&dev, 0, sizeof(dev));
	memset(slots, 0, sizeof(slots));
	dev.base = base;
	is_legacy = get(VERSION) == 1;
	set(STATUS, 0);
	set(STATUS, ACKNOWLEDGE | DRIVER);
	is_good = agree(is_legacy) && give_queue(is_legacy);
	if (!is_good) {
		set(STATUS, 0);
		dev.base = 0;
		return false;
	}
	set(STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK | (is_legacy ? 0 : FEATURES_OK));
	dev.sectors = (uint64_t)get(CONFIG + 4) << 32 | get(CONFIG);
	dev.max_discard = has(F_DISCARD) ? get(MAX_DISCARD) : 0;
	return true;
}

uint64_t virtio_blk_sectors(void)
{
	return dev.base != 0 ? dev.sectors : 0;
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

static void describe(struct desc *d, const void *data, uint32_t len, bool is_theirs)
{
	d->addr = (uintptr_t)data;
	d->len = len;
	d->flags = is_theirs ? DESC_WRITE : 0;
}

static void chain(struct desc *d, uint32_t next)
{
	d->flags |= DESC_NEXT;
	d->next = (uint16_t)next;
}

/* The descriptors of @s, with @len bytes of @data between head and status. */
static void lay_out(struct slot *s, const void *data, uint32_t len, bool is_theirs)
{
	uint32_t first = (uint32_t)(s - slots) * 3;
	struct desc *d = &queue.desc[first];

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
	queue.avail_ring[dev.avail_idx % ENTRIES] = (uint16_t)((s - slots) * 3);
	__atomic_store_n(&queue.avail_idx, ++dev.avail_idx, __ATOMIC_SEQ_CST);
	set(QUEUE_NOTIFY, 0);
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
	if (s->tag == TAG_WAITED) {
		dev.is_waited_done = true;
		dev.is_waited_good = is_good;
	} else {
		io_done(s->tag, is_good);
	}
}

bool virtio_blk_poll(void)
{
	bool is_busy = false;

	if (dev.base == 0) {
		return false;
	}
	if (get(INT_STATUS) != 0) {
		set(INT_ACK, get(INT_STATUS));
	}
	while (__atomic_load_n(&queue.used_idx, __ATOMIC_ACQUIRE) != dev.used_idx) {
		uint32_t id = *(volatile uint32_t *)&queue.used_ring[dev.used_idx++ % ENTRIES].id;

		if (id % 3 == 0 && id / 3 < NR_REQUESTS && slots[id / 3].is_busy) {
			finish(&slots[id / 3]);
		}
		is_busy = true;
	}
	return is_busy;
}

bool virtio_blk_read(uint64_t sector, void *buffer)
{
	if (dev.base == 0 || sector >= dev.sectors) {
		return false;
	}
	dev.is_waited_done = false;
	if (virtio_blk_submit(DISK_READ, sector, 1, buffer, TAG_WAITED) != DISK_GOES_ON) {
		return false;
	}
	while (!dev.is_waited_done) {
		if (!virtio_blk_poll()) {
			plat_sleep();
		}
	}
	return dev.is_waited_good;
}
