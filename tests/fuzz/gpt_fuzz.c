// SPDX-License-Identifier: Apache-2.0
/*
 * A disk's partition table of any bytes, beside both checksums put right in every other input, for else nothing behind them
 * would be tried. A partition that is found lies on the device, and what is asked for twice is answered so.
 */
#include <stdlib.h>
#include <string.h>

#include "../../rootfs/backends/io/block.h"
#include "../../rootfs/backends/io/disk.h"

#define MAX_SECTORS   40
#define SIZE_AT	      12
#define CRC_AT	      16
#define ENTRIES_AT    72
#define NR_AT	      80
#define ENTRY_SIZE_AT 84
#define TABLE_CRC_AT  88

static uint8_t disk[MAX_SECTORS][SECTOR];
static uint64_t nr_sectors;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

bool block_read(uint64_t at, void *buffer)
{
	if (at >= nr_sectors) {
		return false;
	}
	memcpy(buffer, disk[at], SECTOR);
	return true;
}

uint64_t block_sectors(void)
{
	return nr_sectors;
}

static uint32_t crc32(const uint8_t *p, size_t n)
{
	uint32_t crc = UINT32_MAX;

	while (n-- > 0) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++) {
			crc = crc >> 1 ^ ((crc & 1) != 0 ? UINT32_C(0xedb88320) : 0);
		}
	}
	return ~crc;
}

static uint32_t word(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static void mend(uint8_t *header)
{
	uint64_t entries;
	uint64_t bytes = (uint64_t)word(header + NR_AT) * word(header + ENTRY_SIZE_AT);
	uint32_t crc, size = word(header + SIZE_AT);

	memcpy(&entries, header + ENTRIES_AT, sizeof(entries));
	if (entries < nr_sectors && bytes <= (nr_sectors - entries) * SECTOR) {
		crc = crc32(disk[entries], (size_t)bytes);
		memcpy(header + TABLE_CRC_AT, &crc, sizeof(crc));
	}
	memset(header + CRC_AT, 0, sizeof(crc));
	if (size <= SECTOR) {
		crc = crc32(header, size);
		memcpy(header + CRC_AT, &crc, sizeof(crc));
	}
}

static void look(const char *label, const char *uuid)
{
	uint64_t first = 0, sectors = 0, again = 0, sectors_again = 0;
	bool found = gpt_find(label, uuid, &first, &sectors);

	if (found && (sectors == 0 || first >= nr_sectors || sectors > nr_sectors - first)) {
		abort();
	}
	if (gpt_find(label, uuid, &again, &sectors_again) != found ||
	    (found && (again != first || sectors_again != sectors))) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t bytes = size > 0 ? size - 1 : 0;

	memset(disk, 0, sizeof(disk));
	bytes = bytes < sizeof(disk) ? bytes : sizeof(disk);
	if (bytes > 0) {
		memcpy(disk, data + 1, bytes);
	}
	nr_sectors = bytes / SECTOR;
	if (nr_sectors > 2 && (data[0] & 1) != 0) {
		mend(disk[1]);
		mend(disk[nr_sectors - 1]);
	}
	look("data-a", NULL);
	look(NULL, "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0");
	return 0;
}
