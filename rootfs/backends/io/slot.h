/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk of one sector by which a domain says that it is well (source "SLOT"). What can be read there is "slot b boot 1" while a slot
 * is on trial, "slot b confirmed" when none is. What may be written is "confirm slot b boot 1", the same slot and start, and nothing
 * else: no other byte that a front end writes goes anywhere. When all domains that have such a disk have said so, the trial ends.
 */
#ifndef IO_SLOT_H
#define IO_SLOT_H

#include "disk.h"

#define SLOT_SOURCE "SLOT"
#define SLOT_DISKS  8u

/** slot_reset() - as at the start of a program. */
void slot_reset(void);

/** slot_find() - one more such disk. Return: false: too many, or the board's environment cannot be read. */
bool slot_find(struct disk *d);

/** slot_written() - the front end of @d has written there. */
void slot_written(const struct disk *d);

/** slot_turn() - end the trial, if it is time. Return: whether there was anything to do. */
bool slot_turn(void);

#endif
