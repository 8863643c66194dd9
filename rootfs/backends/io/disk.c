// SPDX-License-Identifier: Apache-2.0
/* Disks in memory, and parts of the device (block.c). */
#include "disk.h"

#include "block.h"
#include "slot.h"
#include "text.h"

#include <string.h>

static bool find_memory(struct disk *d, const char *mib, uint8_t *memory)
{
	uint32_t n;

	if (!text_number(mib, &n)) {
		return false;
	}
	d->memory = memory;
	d->sectors = ((uint64_t)n << 20) / SECTOR;
	d->can_discard = true;
	return true;
}

bool disk_find(struct disk *d, const char *source, uint8_t *memory)
{
	const char *mib = text_starts(source, "RAM=");
	const char *label = text_starts(source, "PARTLABEL=");
	const char *uuid = text_starts(source, "PARTUUID=");

	memset(d, 0, sizeof(*d));
	if (mib != NULL) {
		return find_memory(d, mib, memory);
	}
	if (strcmp(source, SLOT_SOURCE) == 0) {
		return slot_find(d);
	}
	d->can_discard = block_can_discard();
	d->is_read_only = block_is_read_only();
	return (label != NULL || uuid != NULL) && gpt_find(label, uuid, &d->first, &d->sectors);
}

enum disk_submitted disk_submit(const struct disk *d, enum disk_op op, uint64_t sector,
				uint64_t sectors, void *buffer, uint32_t tag)
{
	if (d->memory == NULL) {
		return block_submit(op, d->first + sector, sectors, buffer, tag);
	}
	if (op == DISK_DISCARD) {
		memset(d->memory + sector * SECTOR, 0, sectors * SECTOR);
	}
	return DISK_DONE; /* whose data the core copies itself */
}

bool disk_poll(void)
{
	return block_poll();
}
