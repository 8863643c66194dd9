// SPDX-License-Identifier: Apache-2.0
/*
 * From the RSDP to each table that is sound: asm/acpi.h.
 *
 * What is mapped is valid until the next mapping only: the root table's addresses are copied before the first table is
 * looked at. A table is looked at once: its length with its header, then all of it.
 */
#include "internal.h"

#include <hyp/errno.h>
#include <string.h>

#define RSDP_V1_BYTES  20U
#define RSDP_BYTES     36U
#define RSDP_MAX_BYTES 256U /* newer ones may be longer */
#define EBDA_POINTER   0x40eU
#define EBDA_BYTES     0x400U
#define BIOS_AREA      0xe0000U
#define BIOS_AREA_END  0x100000U

struct reader {
	acpi_map_fn map;
	void *ctx;
	struct acpi_facts *f;
	uint64_t dsdt;
};

uint64_t acpi_get(const struct acpi_table *t, uint32_t at, unsigned int bytes)
{
	uint64_t value = 0;

	if (at > t->size || bytes > t->size - at) {
		return 0;
	}
	for (unsigned int n = bytes; n-- > 0;) {
		value = value << 8 | t->at[at + n];
	}
	return value;
}

struct acpi_gas acpi_get_gas(const struct acpi_table *t, uint32_t at)
{
	struct acpi_gas g = {
		.space = (uint8_t)acpi_get(t, at, 1),
		.bits = (uint8_t)acpi_get(t, at + 1, 1),
		.address = acpi_get(t, at + 4, 8),
	};

	if (g.address == 0) {
		return (struct acpi_gas){ 0 };
	}
	g.bits = g.bits == 0 ? 8 : g.bits; /* some firmware leaves it out */
	return g;
}

static bool is_sound(const uint8_t *at, uint32_t size)
{
	uint8_t sum = 0;

	for (uint32_t n = 0; n < size; n++) {
		sum = (uint8_t)(sum + at[n]);
	}
	return sum == 0;
}

static const uint8_t *map(const struct reader *r, uint64_t pa, uint32_t bytes)
{
	return pa == 0 || pa > UINT64_MAX - bytes ? NULL : r->map(r->ctx, pa, bytes);
}

/* A table whose header and checksum are right. Return: its size; 0: it is not. */
static bool open_table(const struct reader *r, uint64_t pa, struct acpi_table *t)
{
	struct acpi_table header = { map(r, pa, ACPI_HEADER), ACPI_HEADER };

	t->size = header.at == NULL ? 0 : (uint32_t)acpi_get(&header, 4, 4);
	if (t->size < ACPI_HEADER || t->size > ACPI_MAX_BYTES) {
		return false;
	}
	t->at = map(r, pa, t->size);
	return t->at != NULL && is_sound(t->at, t->size);
}

static void read_table(struct reader *r, uint64_t pa)
{
	struct acpi_table t;

	if (!open_table(r, pa, &t)) {
		r->f->nr_bad++;
	} else if (memcmp(t.at, "APIC", 4) == 0) {
		acpi_madt(&t, r->f);
	} else if (memcmp(t.at, "FACP", 4) == 0) {
		acpi_fadt(&t, r->f, &r->dsdt);
	} else if (memcmp(t.at, "MCFG", 4) == 0) {
		acpi_mcfg(&t, r->f);
	} else if (memcmp(t.at, "SPCR", 4) == 0) {
		acpi_spcr(&t, r->f);
	} else if (memcmp(t.at, "HPET", 4) == 0) {
		acpi_hpet(&t, r->f);
	} else if (memcmp(t.at, "DMAR", 4) == 0) {
		acpi_dmar(&t, r->f);
	} else if (memcmp(t.at, "IVRS", 4) == 0) {
		acpi_ivrs(&t, r->f);
	}
}

/* Return: is there a root table of that name at @pa? Its tables have been read then. */
static bool read_root(struct reader *r, uint64_t pa, const char *name, unsigned int width)
{
	uint64_t tables[ACPI_MAX_TABLES];
	struct acpi_table root, dsdt;
	unsigned int nr = 0;

	if (!open_table(r, pa, &root) || memcmp(root.at, name, 4) != 0) {
		return false;
	}
	for (uint32_t at = ACPI_HEADER; at + width <= root.size; at += width) {
		if (nr == ACPI_MAX_TABLES) {
			r->f->nr_left_out++;
			continue;
		}
		tables[nr++] = acpi_get(&root, at, width);
	}
	for (unsigned int n = 0; n < nr; n++) {
		read_table(r, tables[n]);
	}
	if (r->dsdt != 0 && open_table(r, r->dsdt, &dsdt) && memcmp(dsdt.at, "DSDT", 4) == 0) {
		acpi_s5(&dsdt, r->f);
	}
	return true;
}

static bool is_rsdp(const uint8_t *at)
{
	return memcmp(at, "RSD PTR ", 8) == 0 && is_sound(at, RSDP_V1_BYTES);
}

/* The XSDT's address, of an RSDP that has one. Return: 0: none, or not sound. */
static uint64_t xsdt_of(const struct reader *r, uint64_t rsdp)
{
	struct acpi_table t = { map(r, rsdp, RSDP_BYTES), RSDP_BYTES };
	uint32_t bytes = t.at == NULL ? 0 : (uint32_t)acpi_get(&t, 20, 4);

	if (bytes < RSDP_BYTES || bytes > RSDP_MAX_BYTES) {
		return 0;
	}
	t = (struct acpi_table){ map(r, rsdp, bytes), bytes };
	return t.at != NULL && is_sound(t.at, bytes) ? acpi_get(&t, 24, 8) : 0;
}

int acpi_read(uint64_t rsdp, acpi_map_fn map_fn, void *ctx, struct acpi_facts *f)
{
	struct reader r = { .map = map_fn, .ctx = ctx, .f = f };
	struct acpi_table t = { map(&r, rsdp, RSDP_V1_BYTES), RSDP_V1_BYTES };
	uint64_t rsdt, xsdt = 0;

	*f = (struct acpi_facts){ 0 };
	if (t.at == NULL || !is_rsdp(t.at)) {
		return -ENOENT;
	}
	rsdt = acpi_get(&t, 16, 4);
	if (acpi_get(&t, 15, 1) >= 2) {
		xsdt = xsdt_of(&r, rsdp);
	}
	if (xsdt != 0 && read_root(&r, xsdt, "XSDT", 8)) {
		return 0;
	}
	return read_root(&r, rsdt, "RSDT", 4) ? 0 : -ENOENT;
}

static uint64_t scan(const struct reader *r, uint64_t from, uint64_t end)
{
	for (uint64_t at = from; at + RSDP_V1_BYTES <= end; at += 16) {
		const uint8_t *p = map(r, at, RSDP_V1_BYTES);

		if (p != NULL && is_rsdp(p)) {
			return at;
		}
	}
	return 0;
}

uint64_t acpi_find_rsdp(acpi_map_fn map_fn, void *ctx)
{
	struct reader r = { .map = map_fn, .ctx = ctx };
	struct acpi_table pointer = { map(&r, EBDA_POINTER, 2), 2 };
	uint64_t ebda = pointer.at == NULL ? 0 : acpi_get(&pointer, 0, 2) << 4;
	uint64_t found = ebda == 0 ? 0 : scan(&r, ebda, ebda + EBDA_BYTES);

	return found != 0 ? found : scan(&r, BIOS_AREA, BIOS_AREA_END);
}
