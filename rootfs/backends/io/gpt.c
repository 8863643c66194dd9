// SPDX-License-Identifier: Apache-2.0
/*
 * The partitions of the device, from its GPT. The first copy of the table is believed if its checksums are right, else
 * the second, at the device's end; nothing else is. Spec: UEFI 2.10, section 5.3.
 */
#include "block.h"
#include "crc32.h"
#include "disk.h"

#include <string.h>

#define SIGNATURE   "EFI PART"
#define HEADER_MIN  92u
#define ENTRY_BYTES 128u /* the only size that is in use */
#define ENTRY_MAX   1024u
#define NAME_UNITS  36u
#define CRC_AT	    16u

struct header {
	char signature[8];
	uint32_t revision;
	uint32_t size;
	uint32_t crc;
	uint32_t reserved;
	uint64_t here;
	uint64_t other;
	uint64_t first_usable;
	uint64_t last_usable;
	uint8_t disk_uuid[16];
	uint64_t entries;
	uint32_t nr_entries;
	uint32_t entry_size;
	uint32_t entries_crc;
} __attribute__((packed));

struct entry {
	uint8_t type[16];
	uint8_t uuid[16];
	uint64_t first;
	uint64_t last;
	uint64_t attributes;
	uint16_t name[NAME_UNITS];
};

_Static_assert(sizeof(struct header) == HEADER_MIN && sizeof(struct entry) == ENTRY_BYTES,
	       "as they lie on the disk");

static uint8_t sector[SECTOR] __attribute__((aligned(8)));

/* The checksum of the table's @nr entries is @crc. */
static bool are_entries_good(const struct header *h)
{
	uint32_t crc = UINT32_MAX, left = h->nr_entries * ENTRY_BYTES;

	for (uint64_t at = h->entries; left > 0; at++) {
		uint32_t n = left < SECTOR ? left : SECTOR;

		if (!block_read(at, sector)) {
			return false;
		}
		crc = crc32_add(crc, sector, n);
		left -= n;
	}
	return ~crc == h->entries_crc;
}

static bool is_header_good(struct header *h, uint64_t here)
{
	uint32_t crc;

	if (!block_read(here, sector)) {
		return false;
	}
	memcpy(h, sector, sizeof(*h));
	if (memcmp(h->signature, SIGNATURE, sizeof(h->signature)) != 0 || h->size < HEADER_MIN ||
	    h->size > SECTOR || h->here != here || h->entry_size != ENTRY_BYTES ||
	    h->nr_entries > ENTRY_MAX) {
		return false;
	}
	memset(sector + CRC_AT, 0, sizeof(h->crc));
	crc = ~crc32_add(UINT32_MAX, sector, h->size);
	return crc == h->crc && are_entries_good(h);
}

static bool find_table(struct header *h)
{
	uint64_t sectors = block_sectors();

	return sectors > 2 && (is_header_good(h, 1) || is_header_good(h, sectors - 1));
}

/* Names that the plan can write are ASCII. */
static bool has_label(const struct entry *e, const char *label)
{
	size_t len = strlen(label);

	if (len > NAME_UNITS) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (e->name[i] != (uint8_t)label[i]) {
			return false;
		}
	}
	return len == NAME_UNITS || e->name[len] == 0;
}

static uint8_t hex(char c)
{
	if (c >= '0' && c <= '9') {
		return (uint8_t)(c - '0');
	}
	return (uint8_t)((c | 0x20) - 'a' + 10);
}

/* The first three fields have their lowest byte first. */
static bool has_uuid(const struct entry *e, const char *text)
{
	static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (size_t i = 0; i < sizeof(order); i++) {
		text += *text == '-';
		if (text[0] == '\0' || text[1] == '\0' ||
		    e->uuid[order[i]] != (uint8_t)(hex(text[0]) << 4 | hex(text[1]))) {
			return false;
		}
		text += 2;
	}
	return *text == '\0';
}

static bool is_used(const struct entry *e)
{
	for (size_t i = 0; i < sizeof(e->type); i++) {
		if (e->type[i] != 0) {
			return true;
		}
	}
	return false;
}

/* Return: false: it is not that one, or is not a part of the device. */
static bool matches(const struct entry *e, const char *label, const char *uuid)
{
	return is_used(e) && (label != NULL ? has_label(e, label) : has_uuid(e, uuid)) &&
	       e->first <= e->last && e->last < block_sectors();
}

bool gpt_find(const char *label, const char *uuid, uint64_t *first, uint64_t *sectors)
{
	struct header h;

	if (!find_table(&h)) {
		return false;
	}
	for (uint32_t i = 0; i < h.nr_entries; i++) {
		struct entry e;

		if (i % (SECTOR / ENTRY_BYTES) == 0 &&
		    !block_read(h.entries + i / (SECTOR / ENTRY_BYTES), sector)) {
			return false;
		}
		memcpy(&e, sector + i % (SECTOR / ENTRY_BYTES) * ENTRY_BYTES, sizeof(e));
		if (matches(&e, label, uuid)) {
			*first = e.first;
			*sectors = e.last - e.first + 1;
			return true;
		}
	}
	return false;
}
