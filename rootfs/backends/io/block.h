/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block device that io drives, of whatever kind: one, or none. Sectors have 512 bytes.
 */
#ifndef IO_BLOCK_H
#define IO_BLOCK_H

#include "disk.h"

/** block_sectors() - of the device; 0: there is none. */
uint64_t block_sectors(void);

bool block_can_discard(void);
bool block_is_read_only(void);

/** block_submit() - as disk_submit(), sectors of the device. A device that keeps nothing back need not be flushed. */
enum disk_submitted block_submit(enum disk_op op, uint64_t sector, uint64_t sectors, void *buffer,
				 uint32_t tag);

/** block_poll() - as disk_poll(). */
bool block_poll(void);

/** block_read() - one sector, waited for. Context: nothing else is submitted. Return: false: there is none, or it is bad. */
bool block_read(uint64_t sector, void *buffer);

/** block_write(), block_flush() - the same to write @sectors, while others may be at work. */
bool block_write(uint64_t sector, uint64_t sectors, void *buffer);
bool block_flush(void);

/** block_is_waited_for() - it is at work, and will not say when it has done it. */
bool block_is_waited_for(void);

/** block_quiet() - in an interrupt's handler: the device is silent until the next block_poll(). */
void block_quiet(void);

/* ---- for the drivers ---- */

/** block_done() - the device is done with what was submitted as @tag. */
void block_done(uint32_t tag, bool is_good);

#endif
