// SPDX-License-Identifier: Apache-2.0
/* What is on a disk's image: its partitions by the GPT, the files of those that are FAT volumes. Spec: UEFI 2.10, 5.3. */
#include <string.h>

#include "ashlar.h"

#define SECTOR	    512
#define ENTRY_BYTES 128
#define MAX_ENTRIES 1024
#define NAME_AT	    56
#define NAME_UNITS  36

static uint64_t little(const uint8_t *p, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0) {
		value = value << 8 | p[bytes];
	}
	return value;
}

/* Names are ASCII here; another character is shown as one that it is not. */
static void entry_name(const uint8_t *entry, char name[NAME_UNITS + 1])
{
	unsigned int i;

	for (i = 0; i < NAME_UNITS; i++) {
		uint64_t unit = little(entry + NAME_AT + 2 * i, 2);

		name[i] = unit == 0 || (unit >= ' ' && unit <= '~') ? (char)unit : '?';
	}
	name[NAME_UNITS] = '\0';
}

static void show_partition(const struct file *f, const uint8_t *entry, const struct disk_show *show)
{
	static const uint8_t unused[16] = { 0 };
	uint64_t first = little(entry + 32, 8), last = little(entry + 40, 8);
	char name[NAME_UNITS + 1];

	if (memcmp(entry, unused, sizeof(unused)) == 0) {
		return;
	}
	entry_name(entry, name);
	if (first > last || last >= f->size / SECTOR) {
		printf("%*spartition %-16s outside the disk\n", show->indent, "", name);
		return;
	}
	printf("%*spartition %-16s at 0x%010lx  %12lu bytes\n", show->indent, "", name,
	       first * SECTOR, (last - first + 1) * SECTOR);
	(void)fat_walk(f->data + first * SECTOR, (last - first + 1) * SECTOR, show->found,
		       show->ctx);
}

bool disk_show(const struct file *f, const struct disk_show *show)
{
	const uint8_t *header = f->data + SECTOR;
	uint64_t table, n, i;

	if (f->size < 3 * (size_t)SECTOR || memcmp(header, "EFI PART", 8) != 0) {
		return false;
	}
	table = little(header + 72, 8);
	n = little(header + 80, 4);
	if (little(header + 84, 4) != ENTRY_BYTES || n > MAX_ENTRIES || table > f->size / SECTOR ||
	    n * ENTRY_BYTES > f->size - table * SECTOR) {
		return false;
	}
	for (i = 0; i < n; i++) {
		show_partition(f, f->data + table * SECTOR + i * ENTRY_BYTES, show);
	}
	return true;
}
