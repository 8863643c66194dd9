// SPDX-License-Identifier: Apache-2.0
/*
 * A virtio block device as its driver meets it: registers, one queue, a disk in memory. It does a request when it is
 * told to, and believes nothing: a descriptor that it does not like ends the program.
 * Spec: Virtio 1.2, sections 2.7, 4.2, 5.2.
 */
#include "io_world.h"

#include <stdlib.h>
#include <string.h>

struct model model;

static struct {
	uint32_t version;
	uint8_t *disk;
	uint64_t sectors;
	uint32_t status, features_at, driver_at, num, pfn, ready, interrupt;
	uint64_t driver_features;
	uint64_t desc, avail, used;
	uint16_t seen;
} dev;

struct virtq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

void model_reset(uint32_t version, uint8_t *disk, uint64_t sectors)
{
	memset(&dev, 0, sizeof(dev));
	dev.version = version;
	dev.disk = disk;
	dev.sectors = sectors;
}

static uint64_t features(void)
{
	return (model.is_read_only ? 1ull << 5 : 0) | (model.has_no_flush ? 0 : 1ull << 9) |
	       1ull << 2 | 1ull << 13 | 1ull << 28 | (dev.version == 2 ? 1ull << 32 : 0);
}

uint32_t model_read(uint64_t offset)
{
	switch (offset) {
	case 0x000:
		return 0x74726976;
	case 0x004:
		return dev.version;
	case 0x008:
		return 2;
	case 0x010:
		return (uint32_t)(features() >> (dev.features_at * 32));
	case 0x034:
		return 1024;
	case 0x060:
		return dev.interrupt;
	case 0x070:
		return dev.status;
	case 0x100:
		return (uint32_t)dev.sectors;
	case 0x104:
		return (uint32_t)(dev.sectors >> 32);
	case 0x124:
		return 64; /* max_discard_sectors */
	default:
		return 0;
	}
}

static void place_legacy(uint32_t pfn)
{
	must(dev.version == 1);
	dev.desc = (uint64_t)pfn * 4096;
	dev.avail = dev.desc + dev.num * sizeof(struct virtq_desc);
	dev.used = (dev.avail + 6 + 2 * dev.num + 4095) / 4096 * 4096;
}

static void set_half(uint64_t *value, bool is_high, uint32_t half)
{
	must(dev.version == 2);
	*value = is_high ? (*value & UINT32_MAX) | (uint64_t)half << 32
			 : (*value & ~(uint64_t)UINT32_MAX) | half;
}

void model_write(uint64_t offset, uint32_t value)
{
	switch (offset) {
	case 0x014:
		dev.features_at = value;
		break;
	case 0x024:
		dev.driver_at = value;
		break;
	case 0x020:
		dev.driver_features |= (uint64_t)value << (dev.driver_at * 32);
		break;
	case 0x038:
		dev.num = value;
		break;
	case 0x040:
		place_legacy(value);
		break;
	case 0x044:
		dev.ready = value;
		break;
	case 0x064:
		dev.interrupt &= ~value;
		break;
	case 0x070:
		must((value & 8) == 0 || (dev.driver_features & ~features()) == 0);
		dev.status = value;
		break;
	case 0x080:
	case 0x084:
		set_half(&dev.desc, offset == 0x084, value);
		break;
	case 0x090:
	case 0x094:
		set_half(&dev.avail, offset == 0x094, value);
		break;
	case 0x0a0:
	case 0x0a4:
		set_half(&dev.used, offset == 0x0a4, value);
		break;
	default:
		break; /* the queue's number, notifications, what the legacy layout tells of pages */
	}
}

static const struct virtq_desc *desc_at(uint16_t n)
{
	must(n < dev.num);
	return (const struct virtq_desc *)iw_cpu(dev.desc) + n;
}

/* Sectors of the disk, to or from @d; false: not a part of it. */
static bool transfer(uint64_t sector, const struct virtq_desc *d, bool is_read)
{
	void *data = iw_cpu(d->addr);

	must(d->len % SECTOR == 0 && ((d->flags & 2) != 0) == is_read);
	if (sector > dev.sectors || d->len / SECTOR > dev.sectors - sector) {
		return false;
	}
	if (is_read) {
		memcpy(data, dev.disk + sector * SECTOR, d->len);
	} else {
		memcpy(dev.disk + sector * SECTOR, data, d->len);
	}
	return true;
}

static bool discard(const struct virtq_desc *d)
{
	struct {
		uint64_t sector;
		uint32_t sectors, flags;
	} what;

	must(d->len == sizeof(what));
	memcpy(&what, iw_cpu(d->addr), sizeof(what));
	must(what.sectors <= 64 && what.sector + what.sectors <= dev.sectors);
	memset(dev.disk + what.sector * SECTOR, 0, what.sectors * SECTOR);
	model.nr_discards++;
	return true;
}

static bool perform(uint32_t type, uint64_t sector, const struct virtq_desc *data)
{
	switch (type) {
	case 0:
		model.nr_reads++;
		return transfer(sector, data, true);
	case 1:
		model.nr_writes++;
		return !model.is_read_only && transfer(sector, data, false);
	case 4:
		must(!model.has_no_flush && data == NULL);
		model.nr_flushes++;
		model.writes_at_flush = model.nr_writes;
		return true;
	case 11:
		return discard(data);
	default:
		abort();
	}
}

static void do_chain(uint16_t head)
{
	const struct virtq_desc *first = desc_at(head), *last = desc_at(first->next), *data = NULL;
	const struct {
		uint32_t type, reserved;
		uint64_t sector;
	} *request = iw_cpu(first->addr);

	must(first->len == 16 && (first->flags & 3) == 1);
	if ((last->flags & 1) != 0) {
		data = last;
		last = desc_at(data->next);
	}
	must(last->len == 1 && last->flags == 2);
	*(uint8_t *)iw_cpu(last->addr) =
		perform(request->type, request->sector, data) && !model.is_bad ? 0 : 1;
}

bool model_work(void)
{
	const volatile uint16_t *avail = iw_cpu(dev.avail);
	volatile uint16_t *used = iw_cpu(dev.used);
	uint16_t head;
	uint32_t entry[2];

	if (dev.version == 0 || (dev.status & 4) == 0 || model.is_stuck ||
	    (dev.version == 2 && dev.ready == 0) || avail[1] == dev.seen) {
		return false;
	}
	head = avail[2 + dev.seen % dev.num];
	do_chain(head);
	entry[0] = head;
	entry[1] = 0;
	memcpy((uint8_t *)iw_cpu(dev.used) + 4 + dev.seen % dev.num * 8, entry, sizeof(entry));
	dev.seen++;
	__atomic_store_n(&used[1], dev.seen, __ATOMIC_RELEASE);
	dev.interrupt |= 1;
	return true;
}
