// SPDX-License-Identifier: Apache-2.0
/* Virtio behind memory-mapped registers: virtio.h. Spec: Virtio 1.2, section 4.2 (4.2.4 legacy). */
#include "virtio.h"

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

#define MAGIC_VALUE 0x74726976u

/* Status. */
#define ACKNOWLEDGE 1u
#define DRIVER	    2u
#define DRIVER_OK   4u
#define FEATURES_OK 8u

_Static_assert(offsetof(struct virtio_queue, used_flags) == VIRTIO_PAGE,
	       "the used ring is on a page of its own");

static void set(const struct virtio *v, uint32_t reg, uint32_t value)
{
	plat_write32(v->base + reg, value);
}

static void set64(const struct virtio *v, uint32_t reg, const volatile void *where)
{
	uint64_t addr = plat_bus(where);

	set(v, reg, (uint32_t)addr);
	set(v, reg + 4, (uint32_t)(addr >> 32));
}

static uint32_t get(const struct virtio *v, uint32_t reg)
{
	return plat_read32(v->base + reg);
}

uint32_t virtio_config(const struct virtio *v, uint32_t offset)
{
	return get(v, CONFIG + offset);
}

bool virtio_is_told(void)
{
	return true;
}

bool virtio_has(const struct virtio *v, uint32_t feature)
{
	return (v->features >> feature & 1) != 0;
}

bool virtio_is(uint64_t base, uint32_t id)
{
	return plat_read32(base + MAGIC) == MAGIC_VALUE && plat_read32(base + DEVICE_ID) == id;
}

static uint64_t read_features(const struct virtio *v)
{
	uint64_t low, high = 0;

	set(v, DEV_FEATURES_AT, 0);
	low = get(v, DEV_FEATURES);
	if (!v->is_legacy) {
		set(v, DEV_FEATURES_AT, 1);
		high = get(v, DEV_FEATURES);
	}
	return high << 32 | low;
}

bool virtio_begin(struct virtio *v, uint64_t base, uint64_t known)
{
	v->base = base;
	v->is_legacy = get(v, VERSION) == 1;
	set(v, STATUS, 0);
	set(v, STATUS, ACKNOWLEDGE | DRIVER);
	v->features = read_features(v) & (known | 1ull << VIRTIO_F_VERSION);
	set(v, DRV_FEATURES_AT, 0);
	set(v, DRV_FEATURES, (uint32_t)v->features);
	if (v->is_legacy) {
		return true;
	}
	set(v, DRV_FEATURES_AT, 1);
	set(v, DRV_FEATURES, (uint32_t)(v->features >> 32));
	set(v, STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK);
	return virtio_has(v, VIRTIO_F_VERSION) && (get(v, STATUS) & FEATURES_OK) != 0;
}

bool virtio_give_queue(struct virtio *v, uint32_t index, struct virtio_queue *q)
{
	set(v, QUEUE_SEL, index);
	if (get(v, QUEUE_MAX) < VIRTIO_ENTRIES) {
		return false;
	}
	memset(q, 0, sizeof(*q));
	set(v, QUEUE_NUM, VIRTIO_ENTRIES);
	if (v->is_legacy) {
		set(v, GUEST_PAGE, VIRTIO_PAGE);
		set(v, QUEUE_ALIGN, VIRTIO_PAGE);
		set(v, QUEUE_PFN, (uint32_t)(plat_bus(q) / VIRTIO_PAGE));
		return true;
	}
	set64(v, QUEUE_DESC, q->desc);
	set64(v, QUEUE_AVAIL, &q->avail_flags);
	set64(v, QUEUE_USED, &q->used_flags);
	set(v, QUEUE_READY, 1);
	return true;
}

void virtio_go(struct virtio *v)
{
	set(v, STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK | (v->is_legacy ? 0 : FEATURES_OK));
}

void virtio_stop(struct virtio *v)
{
	set(v, STATUS, 0);
	v->base = 0;
}

void virtio_notify(struct virtio *v, uint32_t index)
{
	set(v, QUEUE_NOTIFY, index);
}

void virtio_ack(struct virtio *v)
{
	uint32_t status = get(v, INT_STATUS);

	if (status != 0) {
		set(v, INT_ACK, status);
	}
}
