/* SPDX-License-Identifier: Apache-2.0 */
/* The disk that the selector came from: the record on it, and the partitions behind the selector's own. */
#ifndef EFI_SELECTOR_DISK_H
#define EFI_SELECTOR_DISK_H

#include "../efi.h"
#include "record.h"

#define PATH_ROOM 512U

/** struct slot_disk - its members are disk.c's own, but for the record. */
struct slot_disk {
	const struct efi_boot_services *boot;
	struct efi_block_io *io;
	const uint8_t *own_path; /* of our partition */
	size_t disk_bytes;	 /* of it, what names the disk */
	uint8_t *copies[2];	 /* of the record */
	uint8_t *made;
	int newest;
	struct record record;
};

/**
 * slot_disk_open() - find the disk and read the record.
 * @image: the selector's own handle
 * Return: NULL; else what cannot be had. The record is good for use, then as if there were none.
 */
const char *slot_disk_open(struct slot_disk *d, const struct efi_boot_services *boot, void *image);

/** slot_disk_write() - the record into the older copy. Return: whether it is there. */
bool slot_disk_write(struct slot_disk *d);

/**
 * slot_disk_path() - the device path of the slot's file.
 * Return: false: there is no such partition on the disk, or no file system in it that the firmware reads.
 */
bool slot_disk_path(const struct slot_disk *d, char slot, uint8_t path[PATH_ROOM]);

#endif
