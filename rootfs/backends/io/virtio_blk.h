/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of one virtio block device.
 * Spec: Virtio 1.2, sections 2.7 (split queues), 5.2 (block).
 */
#ifndef IO_VIRTIO_BLK_H
#define IO_VIRTIO_BLK_H

#include "disk.h"

/** virtio_blk_reset() - no device is ours, as at the program's start. */
void virtio_blk_reset(void);

/** virtio_blk_probe() - take the device at @base if it is a block device, and none was taken. Return: it is ours now. */
bool virtio_blk_probe(uint64_t base);

/** virtio_blk_sectors() - of the device; 0: there is none. */
uint64_t virtio_blk_sectors(void);

bool virtio_blk_can_discard(void);
bool virtio_blk_is_read_only(void);

/** virtio_blk_submit() - virtio_blk_poll() - as block.h's. */
enum disk_submitted virtio_blk_submit(enum disk_op op, uint64_t sector, uint64_t sectors,
				      void *buffer, uint32_t tag);

bool virtio_blk_poll(void);

/** virtio_blk_is_waited_for() - it is at work, and will not say when it has done it. */
bool virtio_blk_is_waited_for(void);

#endif
