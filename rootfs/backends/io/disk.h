/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What disks are made of: memory of ours, or a part of the block device that we drive. Sectors have 512 bytes, as in
 * blkif and in virtio.
 *
 * Work for a device is submitted, and is done when disk_poll() says so by io_done(). Work on memory is done at once.
 */
#ifndef IO_DISK_H
#define IO_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECTOR 512u

enum disk_op {
	DISK_READ,
	DISK_WRITE,
	DISK_FLUSH,
	DISK_DISCARD,
};

/** struct disk - one, as a front end sees it. */
struct disk {
	uint8_t *memory; /* NULL: on the device */
	uint64_t first;	 /* sector of the device */
	uint64_t sectors;
	bool can_discard;
	bool is_read_only; /* the device is */
	bool is_slot;	   /* what is written there is looked at: slot.h */
};

/** enum disk_submitted - what became of it. */
enum disk_submitted {
	DISK_DONE,    /* already */
	DISK_GOES_ON, /* io_done() will be called */
	DISK_FULL,    /* the device has no room now: again later */
};

/** disk_find() - what the plan calls @source: "RAM=", "PARTLABEL=", "PARTUUID=" or "SLOT". @memory: that of a RAM disk. */
bool disk_find(struct disk *d, const char *source, uint8_t *memory);

/**
 * disk_submit() - @sectors of @d from @sector on, which are within it; @buffer: our memory for them, not looked at to
 * flush and discard. @tag: comes back by io_done().
 */
enum disk_submitted disk_submit(const struct disk *d, enum disk_op op, uint64_t sector,
				uint64_t sectors, void *buffer, uint32_t tag);

/** disk_poll() - ask the device for what is done. Return: whether anything was. */
bool disk_poll(void);

/** io_done() - a submitted piece of work came to its end; the core has it. */
void io_done(uint32_t tag, bool is_good);

/** gpt_find() - a partition of the device by its name, or its UUID as text. Return: false: there is none. */
bool gpt_find(const char *label, const char *uuid, uint64_t *first, uint64_t *sectors);

#endif
