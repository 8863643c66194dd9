// SPDX-License-Identifier: Apache-2.0
/*
 * A virtio network device: virtio_net.h.
 *
 * Buffer i of a queue has descriptors 2i (the device's header) and 2i + 1 (the frame) for good: the layout before the
 * standard's wants them apart. What the device says in the used ring is checked.
 */
#include "virtio_net.h"

#include "platform.h"
#include "virtio.h"

#include <string.h>

#define ID_NET	    1u
#define F_ANYLAYOUT 27u
#define RX	    0u
#define TX	    1u
#define BUFFERS	    32u
#define BUFFER	    2048u
#define HEAD_LEGACY 10u /* without the count of buffers, which the standard's layout always has */
#define HEAD	    12u

/* One of the two queues. */
struct lane {
	uint32_t index;
	uint16_t avail_idx, used_idx;
	bool is_free[BUFFERS];
	uint8_t head[BUFFERS][16];
	uint8_t frame[BUFFERS][BUFFER];
};

static struct virtio_queue queues[2];
static struct lane lanes[2];
static struct virtio dev;
static uint32_t head_bytes, sending;
/* The frame that virtio_net_received() gave. */
static uint32_t held;
static size_t held_len;

#define NONE BUFFERS

static void describe(struct virtio_desc *d, const void *data, uint32_t len, uint32_t flags)
{
	d->addr = plat_bus(data);
	d->len = len;
	d->flags = (uint16_t)flags;
}

static void give(struct lane *l, uint32_t i, uint32_t len)
{
	struct virtio_queue *q = &queues[l->index];
	uint32_t theirs = l->index == RX ? VIRTIO_WRITE : 0;

	memset(l->head[i], 0, sizeof(l->head[i]));
	describe(&q->desc[2 * i], l->head[i], head_bytes, theirs | VIRTIO_NEXT);
	q->desc[2 * i].next = (uint16_t)(2 * i + 1);
	describe(&q->desc[2 * i + 1], l->frame[i], len, theirs);
	l->is_free[i] = false;
	q->avail_ring[l->avail_idx % VIRTIO_ENTRIES] = (uint16_t)(2 * i);
	__atomic_store_n(&q->avail_idx, ++l->avail_idx, __ATOMIC_SEQ_CST);
	virtio_notify(&dev, l->index);
}

/* Return: the buffer that came back next, NONE: none did; @len: bytes that the device wrote. */
static uint32_t take(struct lane *l, uint32_t *len)
{
	struct virtio_queue *q = &queues[l->index];
	uint32_t at, id;

	while (__atomic_load_n(&q->used_idx, __ATOMIC_ACQUIRE) != l->used_idx) {
		at = l->used_idx++ % VIRTIO_ENTRIES;
		id = *(volatile uint32_t *)&q->used_ring[at].id;
		*len = *(volatile uint32_t *)&q->used_ring[at].len;
		if (id % 2 == 0 && id / 2 < BUFFERS && !l->is_free[id / 2]) {
			l->is_free[id / 2] = true;
			return id / 2;
		}
	}
	return NONE;
}

void virtio_net_reset(void)
{
	memset(&dev, 0, sizeof(dev));
	memset(lanes, 0, sizeof(lanes));
	held = sending = NONE;
}

bool virtio_net_probe(uint64_t base)
{
	if (dev.base != 0 || !virtio_is(base, ID_NET)) {
		return false;
	}
	virtio_net_reset();
	if (!virtio_begin(&dev, base, 1ull << F_ANYLAYOUT) ||
	    !virtio_give_queue(&dev, RX, &queues[RX]) ||
	    !virtio_give_queue(&dev, TX, &queues[TX])) {
		virtio_stop(&dev);
		return false;
	}
	head_bytes = virtio_has(&dev, VIRTIO_F_VERSION) ? HEAD : HEAD_LEGACY;
	virtio_go(&dev);
	lanes[TX].index = TX;
	for (uint32_t i = 0; i < BUFFERS; i++) {
		lanes[TX].is_free[i] = true;
		give(&lanes[RX], i, BUFFER);
	}
	return true;
}

bool virtio_net_is_there(void)
{
	return dev.base != 0;
}

bool virtio_net_is_waited_for(void)
{
	return dev.base != 0 && !virtio_is_told();
}

uint8_t *virtio_net_room(void)
{
	struct lane *l = &lanes[TX];
	uint32_t len;

	if (dev.base == 0) {
		return NULL;
	}
	while (take(l, &len) != NONE) {
	}
	for (sending = 0; sending < BUFFERS; sending++) {
		if (l->is_free[sending]) {
			return l->frame[sending];
		}
	}
	return NULL;
}

void virtio_net_send(size_t len)
{
	give(&lanes[TX], sending, (uint32_t)len);
}

const uint8_t *virtio_net_received(size_t *len)
{
	uint32_t all;

	if (dev.base == 0) {
		return NULL;
	}
	virtio_ack(&dev);
	while (held == NONE) {
		held = take(&lanes[RX], &all);
		if (held == NONE) {
			return NULL;
		}
		held_len = all > head_bytes ? all - head_bytes : 0;
		if (held_len == 0 || held_len > BUFFER) {
			virtio_net_next(); /* no device of good will says so */
		}
	}
	*len = held_len;
	return lanes[RX].frame[held];
}

void virtio_net_next(void)
{
	give(&lanes[RX], held, BUFFER);
	held = NONE;
}
