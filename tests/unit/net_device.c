// SPDX-License-Identifier: Apache-2.0
/* The device's side of its registers and queues: net_device.h. Spec: Virtio 1.2, 4.2 and 5.1. */
#include "net_device.h"

#include "../../rootfs/backends/io/platform.h"
#include "../../rootfs/backends/io/virtio.h"

#include <stdlib.h>
#include <string.h>

struct nd nd;

static struct {
	uint32_t version, status, queue, features_at;
	uint64_t agreed;
	struct virtio_queue *q[2];
	uint16_t avail[2];
} dev;

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

void nd_reset(uint32_t version)
{
	memset(&dev, 0, sizeof(dev));
	memset(&nd, 0, sizeof(nd));
	dev.version = version;
}

uint64_t plat_bus(const volatile void *p)
{
	return (uintptr_t)p;
}

uint32_t plat_read32(uint64_t addr)
{
	if (dev.version == 0 || addr < ND_BASE || addr >= ND_BASE + 0x200) {
		return 0;
	}
	switch (addr - ND_BASE) {
	case 0x000:
		return 0x74726976;
	case 0x004:
		return dev.version;
	case 0x008:
		return 1;
	case 0x010: /* checksums and large segments too: they must not be taken */
		return dev.features_at == 0 ? 0x0800ffffu : 1;
	case 0x034:
		return 256;
	case 0x070:
		return dev.status;
	default:
		return 0;
	}
}

static uint64_t low(uint64_t old, uint32_t value)
{
	return (old & ~(uint64_t)0xffffffff) | value;
}

static uint64_t high(uint64_t old, uint32_t value)
{
	return (old & 0xffffffff) | (uint64_t)value << 32;
}

static void set_queue(uint64_t addr)
{
	dev.q[dev.queue] = (struct virtio_queue *)(uintptr_t)addr;
}

void plat_write32(uint64_t addr, uint32_t value)
{
	uint64_t at = (uintptr_t)dev.q[dev.queue];

	must(addr >= ND_BASE && dev.version != 0);
	switch (addr - ND_BASE) {
	case 0x014:
		dev.features_at = value;
		break;
	case 0x020:
		dev.agreed |= dev.features_at == 0 ? value : (uint64_t)value << 32;
		must(dev.features_at != 0 || (value & 0xffff) == 0);
		break;
	case 0x024:
		dev.features_at = value;
		break;
	case 0x030:
		must(value < 2);
		dev.queue = value;
		break;
	case 0x038:
		must(value == VIRTIO_ENTRIES);
		break;
	case 0x040:
		must(dev.version == 1);
		/* the program here lies higher than such a device reaches: what is lost is that of its other data */
		set_queue(((uintptr_t)&nd & ~((UINT64_C(1) << 44) - 1)) | (uint64_t)value << 12);
		break;
	case 0x070:
		dev.status = value;
		nd.is_running = (value & 4) != 0;
		break;
	case 0x080:
		set_queue(low(at, value));
		break;
	case 0x084:
		set_queue(high(at, value));
		break;
	default:
		break;
	}
}

static uint32_t head_len(void)
{
	return dev.version == 1 ? 10 : 12;
}

/* The next chain that the driver gave: two descriptors. */
static struct virtio_desc *next(uint32_t queue, uint32_t *id)
{
	struct virtio_queue *q = dev.q[queue];
	struct virtio_desc *d;

	if (!nd.is_running || dev.avail[queue] == q->avail_idx) {
		return NULL;
	}
	*id = q->avail_ring[dev.avail[queue]++ % VIRTIO_ENTRIES];
	must(*id + 1 < VIRTIO_ENTRIES);
	d = &q->desc[*id];
	must(d[0].len == head_len() && (d[0].flags & VIRTIO_NEXT) != 0 && d[0].next == *id + 1);
	must((d[0].flags & VIRTIO_WRITE) == (queue == 0 ? VIRTIO_WRITE : 0));
	must(d[1].flags == (queue == 0 ? VIRTIO_WRITE : 0));
	return d;
}

static void use(uint32_t queue, uint32_t id, uint32_t len)
{
	struct virtio_queue *q = dev.q[queue];

	if (nd.lie != 0) {
		id = nd.lie;
		len = nd.lie_len;
		nd.lie = 0;
	}
	q->used_ring[q->used_idx % VIRTIO_ENTRIES].id = id;
	q->used_ring[q->used_idx % VIRTIO_ENTRIES].len = len;
	q->used_idx++;
}

void nd_work(void)
{
	struct virtio_desc *d;
	uint32_t id;

	while (!nd.is_stuck && (d = next(1, &id)) != NULL) {
		must(d[1].len <= sizeof(nd.sent));
		memcpy(nd.sent, (const void *)(uintptr_t)d[1].addr, d[1].len);
		nd.sent_len = d[1].len;
		nd.nr_sent++;
		use(1, id, 0);
	}
}

bool nd_come(const void *frame, size_t len)
{
	uint32_t id;
	struct virtio_desc *d = next(0, &id);

	if (d == NULL) {
		return false;
	}
	must(d[1].len >= len);
	memset((void *)(uintptr_t)d[0].addr, 0, d[0].len);
	memcpy((void *)(uintptr_t)d[1].addr, frame, len);
	use(0, id, head_len() + (uint32_t)len);
	return true;
}
