// SPDX-License-Identifier: Apache-2.0
/* Which driver has the device: a memory card's, an NVMe controller's, or virtio's. */
#include "block.h"

#include "nvme.h"
#include "platform.h"
#include "sdcard.h"
#include "virtio_blk.h"

#define TAG_WAITED UINT32_MAX

/** struct driver - one; what a member does is said in block.h. */
struct driver {
	uint64_t (*sectors)(void);
	bool (*can_discard)(void);
	bool (*is_read_only)(void);
	enum disk_submitted (*submit)(enum disk_op op, uint64_t sector, uint64_t sectors,
				      void *buffer, uint32_t tag);
	bool (*poll)(void);
	bool (*is_waited_for)(void);
};

static bool never(void)
{
	return false;
}

static const struct driver card = { sdcard_sectors, never,	 sdcard_is_read_only,
				    sdcard_submit,  sdcard_poll, never };
static const struct driver nvme = { nvme_sectors, never,     nvme_is_read_only,
				    nvme_submit,  nvme_poll, nvme_is_waited_for };
static const struct driver virtio = { virtio_blk_sectors,      virtio_blk_can_discard,
				      virtio_blk_is_read_only, virtio_blk_submit,
				      virtio_blk_poll,	       virtio_blk_is_waited_for };

static bool is_waited_done, is_waited_good;

/* While none has a device, each may be at work on finding out. */
static const struct driver *driver(void)
{
	if (sdcard_sectors() != 0) {
		return &card;
	}
	return nvme_sectors() != 0 ? &nvme : &virtio;
}

uint64_t block_sectors(void)
{
	return driver()->sectors();
}

bool block_can_discard(void)
{
	return driver()->can_discard();
}

bool block_is_read_only(void)
{
	return driver()->is_read_only();
}

enum disk_submitted block_submit(enum disk_op op, uint64_t sector, uint64_t sectors, void *buffer,
				 uint32_t tag)
{
	return driver()->submit(op, sector, sectors, buffer, tag);
}

bool block_poll(void)
{
	return driver()->poll();
}

bool block_is_waited_for(void)
{
	return nvme_is_waited_for() || driver()->is_waited_for();
}

void block_quiet(void)
{
	sdcard_quiet(); /* virtio's interrupts are edges */
}

void block_done(uint32_t tag, bool is_good)
{
	if (tag == TAG_WAITED) {
		is_waited_done = true;
		is_waited_good = is_good;
	} else {
		io_done(tag, is_good);
	}
}

/* Until the device has it, and is done with it. */
static bool wait_for(enum disk_op op, uint64_t sector, uint64_t sectors, void *buffer)
{
	enum disk_submitted became = DISK_FULL;

	is_waited_done = false;
	while (became == DISK_FULL) {
		became = block_submit(op, sector, sectors, buffer, TAG_WAITED);
		if (became == DISK_FULL && !block_poll()) {
			plat_sleep();
		}
	}
	while (became == DISK_GOES_ON && !is_waited_done) {
		if (!block_poll()) {
			plat_sleep();
		}
	}
	return became == DISK_DONE || is_waited_good;
}

static bool is_within(uint64_t sector, uint64_t sectors)
{
	return sector < block_sectors() && sectors <= block_sectors() - sector;
}

bool block_write(uint64_t sector, uint64_t sectors, void *buffer)
{
	return is_within(sector, sectors) && !block_is_read_only() &&
	       wait_for(DISK_WRITE, sector, sectors, buffer);
}

bool block_flush(void)
{
	return wait_for(DISK_FLUSH, 0, 0, NULL);
}

bool block_read(uint64_t sector, void *buffer)
{
	if (sector >= block_sectors()) {
		return false;
	}
	is_waited_done = false;
	if (block_submit(DISK_READ, sector, 1, buffer, TAG_WAITED) != DISK_GOES_ON) {
		return false;
	}
	while (!is_waited_done) {
		if (!block_poll()) {
			plat_sleep();
		}
	}
	return is_waited_good;
}
