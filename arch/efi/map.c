// SPDX-License-Identifier: Apache-2.0
/*
 * The firmware's memory map, made short: what is nobody's once boot services have ended. The map is taken as it comes:
 * its lines may be in any order, overlap or make no sense, and an address that would wrap is left out.
 * Spec: UEFI 2.10, 7.2.3 (memory types after ExitBootServices, GetMemoryMap).
 */
#include <string.h>

#include "efi.h"
#include "handoff.h"

#define MAX_COLLECTED 128U

struct collection {
	struct efi_range of[MAX_COLLECTED];
	unsigned int nr;
};

static bool is_free(const struct efi_memory *m)
{
	return (m->type == EFI_CONVENTIONAL ||
		(m->type >= EFI_LOADER_CODE && m->type <= EFI_BOOT_DATA)) &&
	       (m->attributes & EFI_ATTRIBUTE_WB) != 0;
}

static void take_out(struct collection *c, unsigned int i)
{
	c->nr--;
	memmove(&c->of[i], &c->of[i + 1], (c->nr - i) * sizeof(c->of[0]));
}

static void drop_smallest(struct collection *c)
{
	unsigned int least = 0;

	for (unsigned int i = 1; i < c->nr; i++) {
		least = c->of[i].bytes < c->of[least].bytes ? i : least;
	}
	take_out(c, least);
}

/* Ranges that touch the new one become part of it. */
static void add(struct collection *c, uint64_t base, uint64_t end)
{
	unsigned int i = 0;

	while (i < c->nr && c->of[i].base <= end) {
		uint64_t its_end = c->of[i].base + c->of[i].bytes;

		if (its_end < base) {
			i++;
			continue;
		}
		base = MIN(base, c->of[i].base);
		end = MAX(end, its_end);
		take_out(c, i);
	}
	if (c->nr == MAX_COLLECTED) {
		drop_smallest(c);
	}
	for (i = c->nr; i > 0 && c->of[i - 1].base > base; i--) {
		c->of[i] = c->of[i - 1];
	}
	c->of[i] = (struct efi_range){ base, end - base };
	c->nr++;
}

unsigned int efi_free_ranges(const void *map, size_t bytes, size_t line_bytes,
			     struct efi_range *out)
{
	struct collection c = { .nr = 0 };

	for (size_t at = 0; line_bytes >= sizeof(struct efi_memory) && bytes - at >= line_bytes;
	     at += line_bytes) {
		struct efi_memory m;

		memcpy(&m, (const uint8_t *)map + at, sizeof(m));
		if (is_free(&m) && m.pages > 0 && IS_ALIGNED(m.base, EFI_PAGE_SIZE) &&
		    m.pages <= (UINT64_MAX - m.base) / EFI_PAGE_SIZE) {
			add(&c, m.base, m.base + m.pages * EFI_PAGE_SIZE);
		}
	}
	while (c.nr > EFI_MAX_RANGES) {
		drop_smallest(&c);
	}
	memcpy(out, c.of, c.nr * sizeof(c.of[0]));
	return c.nr;
}
