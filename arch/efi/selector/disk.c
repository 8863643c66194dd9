// SPDX-License-Identifier: Apache-2.0
/*
 * See disk.h. Slot a is the disk's second partition, slot b its third. The record lies before the first partition, where the board's
 * image.cfg says (`environment`), which is where updater and io look for it too.
 *
 * Device paths are the firmware's, and believed; a node of a length that cannot be ends the walk.
 * Spec: UEFI 2.10, 10.3.1 (nodes), 10.3.5.1 (partitions), 10.3.5.4 (files), 7.3.9 (LocateDevicePath), 13.9 (block I/O).
 */
#include "disk.h"

#include <string.h>

#define NODE_HEAD	   4U
#define TYPE_MEDIA	   4U
#define TYPE_END	   0x7fU
#define MEDIA_DISK	   1U /* a partition of a disk */
#define MEDIA_FILE	   4U
#define PARTITION_AT	   4U /* in such a node: its number */
#define END_WHOLE	   0xffU
#define MAX_PATH	   (PATH_ROOM - 128U) /* of the disk: the rest is for what comes behind */
#define NR_COPIES	   2U
#define PARTITION_OF(slot) ((slot) == 'b' ? 3U : 2U)

static const struct efi_guid loaded_image = EFI_LOADED_IMAGE;
static const struct efi_guid device_path = EFI_DEVICE_PATH;
static const struct efi_guid file_system = EFI_FILE_SYSTEM;
static const struct efi_guid block_io = EFI_BLOCK_IO;

static const uint64_t places[NR_COPIES] = { RECORD_FIRST, RECORD_SECOND };
static const uint8_t end_node[NODE_HEAD] = { TYPE_END, END_WHOLE, NODE_HEAD, 0 };
static const uint16_t file_name[] = { '\\', 'a', 's', 'h', 'l', 'a', 'r', '.', 'e', 'f', 'i', 0 };

_Static_assert(RECORD_BYTES % EFI_PAGE_SIZE == 0, "whole blocks");

static size_t node_bytes(const uint8_t *node)
{
	return node[2] | (size_t)node[3] << 8;
}

static bool is_partition(const uint8_t *node)
{
	return node[0] == TYPE_MEDIA && node[1] == MEDIA_DISK;
}

/* Bytes before the node of a partition, which is the last one. 0: it is no partition of a disk. */
static size_t bytes_of_disk(const uint8_t *path)
{
	size_t at = 0, last = 0;

	for (; path[at] != TYPE_END; at += node_bytes(path + at)) {
		if (at > MAX_PATH || node_bytes(path + at) < NODE_HEAD) {
			return 0;
		}
		last = at;
	}
	return is_partition(path + last) ? last : 0;
}

static void *protocol_of(const struct efi_boot_services *boot, void *handle,
			 const struct efi_guid *guid)
{
	void *found = NULL;

	return handle != NULL && boot->handle_protocol(handle, guid, &found) == EFI_SUCCESS ? found
											    : NULL;
}

/* The whole disk, of which we know a partition; and whatever drives its other partitions. */
static bool find_disk(struct slot_disk *d)
{
	uint8_t path[PATH_ROOM];
	const uint8_t *rest = path;
	void *handle = NULL;

	memcpy(path, d->own_path, d->disk_bytes);
	memcpy(path + d->disk_bytes, end_node, sizeof(end_node));
	if (d->boot->locate_device_path(&block_io, &rest, &handle) != EFI_SUCCESS ||
	    rest[0] != TYPE_END) {
		return false;
	}
	(void)d->boot->connect(handle, NULL, NULL, 1);
	d->io = protocol_of(d->boot, handle, &block_io);
	return d->io != NULL && d->io->media->block_bytes != 0 &&
	       EFI_PAGE_SIZE % d->io->media->block_bytes == 0;
}

static uint64_t block_at(const struct slot_disk *d, uint64_t place)
{
	return place / d->io->media->block_bytes;
}

/* For all three, zeroed: a copy that cannot be read is not whole. */
static bool take_memory(struct slot_disk *d)
{
	size_t bytes = (NR_COPIES + 1) * (size_t)RECORD_BYTES;
	uint64_t at = 0;

	if (d->boot->allocate_pages(EFI_ALLOCATE_ANY, EFI_LOADER_DATA, bytes / EFI_PAGE_SIZE,
				    &at) != EFI_SUCCESS) {
		return false;
	}
	d->copies[0] = (uint8_t *)at;
	d->copies[1] = d->copies[0] + RECORD_BYTES;
	d->made = d->copies[1] + RECORD_BYTES;
	memset(d->copies[0], 0, bytes);
	return true;
}

static void read_record(struct slot_disk *d)
{
	const uint8_t *copies[NR_COPIES] = { d->copies[0], d->copies[1] };

	for (unsigned int i = 0; i < NR_COPIES; i++) {
		if (d->io->read(d->io, d->io->media->id, block_at(d, places[i]), RECORD_BYTES,
				d->copies[i]) != EFI_SUCCESS) {
			memset(d->copies[i], 0, RECORD_BYTES);
		}
	}
	d->newest = record_read(copies, RECORD_BYTES, &d->record);
}

const char *slot_disk_open(struct slot_disk *d, const struct efi_boot_services *boot, void *image)
{
	const struct efi_loaded_image *self = protocol_of(boot, image, &loaded_image);

	*d = (struct slot_disk){ .boot = boot, .newest = -1, .record = { .first = 'a' } };
	if (self != NULL) {
		d->own_path = protocol_of(boot, self->device, &device_path);
	}
	d->disk_bytes = d->own_path != NULL ? bytes_of_disk(d->own_path) : 0;
	if (d->disk_bytes == 0 || !find_disk(d)) {
		return "it was not started from a disk with partitions";
	}
	if (!take_memory(d)) {
		return "no memory for the record of the slots";
	}
	read_record(d);
	return NULL;
}

bool slot_disk_write(struct slot_disk *d)
{
	unsigned int older = d->newest == 0 ? 1 : 0;

	if (d->newest < 0 ||
	    !record_make(d->copies[d->newest], d->made, RECORD_BYTES, &d->record) ||
	    d->io->write(d->io, d->io->media->id, block_at(d, places[older]), RECORD_BYTES,
			 d->made) != EFI_SUCCESS ||
	    d->io->flush(d->io) != EFI_SUCCESS) {
		return false;
	}
	memcpy(d->copies[older], d->made, RECORD_BYTES);
	d->newest = (int)older;
	return true;
}

static uint32_t partition_number(const uint8_t *node)
{
	uint32_t number;

	memcpy(&number, node + PARTITION_AT, sizeof(number));
	return number;
}

/* A file system on our own disk, in that partition. */
static bool is_slot(const struct slot_disk *d, const uint8_t *path, uint32_t number)
{
	return path != NULL && bytes_of_disk(path) == d->disk_bytes &&
	       memcmp(path, d->own_path, d->disk_bytes) == 0 &&
	       partition_number(path + d->disk_bytes) == number;
}

static void put_file(uint8_t *path, const uint8_t *partition, size_t bytes)
{
	static const uint8_t head[NODE_HEAD] = { TYPE_MEDIA, MEDIA_FILE,
						 NODE_HEAD + sizeof(file_name), 0 };

	memcpy(path, partition, bytes);
	memcpy(path + bytes, head, sizeof(head));
	memcpy(path + bytes + NODE_HEAD, file_name, sizeof(file_name));
	memcpy(path + bytes + NODE_HEAD + sizeof(file_name), end_node, sizeof(end_node));
}

bool slot_disk_path(const struct slot_disk *d, char slot, uint8_t path[PATH_ROOM])
{
	void **handles = NULL;
	size_t nr = 0;

	if (d->boot->locate_handles(EFI_BY_PROTOCOL, &file_system, NULL, &nr, &handles) !=
	    EFI_SUCCESS) {
		return false;
	}
	for (size_t i = 0; i < nr; i++) {
		const uint8_t *found = protocol_of(d->boot, handles[i], &device_path);
		size_t bytes;

		if (is_slot(d, found, PARTITION_OF(slot))) {
			bytes = d->disk_bytes + node_bytes(found + d->disk_bytes);
			put_file(path, found, bytes);
			return true;
		}
	}
	return false;
}
