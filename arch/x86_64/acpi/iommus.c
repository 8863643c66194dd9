// SPDX-License-Identifier: Apache-2.0
/*
 * What ACPI says of IOMMUs: where they are, and which functions are behind one for certain. What is said in a way that needs
 * more than the table (a path through bridges, an alias) is left out: such a function counts as behind none.
 * Spec: Intel VT-d 4.0, 8.1 to 8.3 (DMAR); AMD I/O Virtualization 3.08, 5.2.2 (IVHD).
 */
#include "internal.h"

#define ENTRIES 48U /* where the list begins, in either table */
#define ALL	0xffffU

static bool is_first(struct acpi_facts *f, enum acpi_iommu_kind kind)
{
	if (f->iommu_kind == ACPI_NO_IOMMU) {
		f->iommu_kind = kind;
		return true;
	}
	return false;
}

static void add_unit(struct acpi_facts *f, const struct acpi_iommu *unit)
{
	if (f->nr_iommus == ACPI_MAX_IOMMUS || unit->base == 0 ||
	    !IS_ALIGNED(unit->base, PAGE_SIZE)) {
		f->nr_left_out++;
		return;
	}
	f->iommus[f->nr_iommus++] = *unit;
}

static void add_guarded(struct acpi_facts *f, uint16_t first, uint16_t last)
{
	if (f->nr_guarded == ACPI_MAX_GUARDED || first > last) {
		f->nr_left_out++;
		return;
	}
	f->guarded[f->nr_guarded++] = (struct acpi_guarded){ first, last };
}

/** struct block - a kind of block of a table's list, each of which has its length behind its type. */
struct block {
	uint64_t type;
	unsigned int type_bytes;
	uint32_t bytes; /* at least */
	void (*read)(struct acpi_facts *f, const struct acpi_table *t, uint32_t at, uint32_t len);
};

#define BLOCK_BYTES 4U /* type and length, of any */

/* Those of one kind; the others are passed by. */
static void read_blocks(struct acpi_facts *f, const struct acpi_table *t, const struct block *kind)
{
	uint32_t len;

	for (uint32_t at = ENTRIES; at + BLOCK_BYTES <= t->size; at += len) {
		len = (uint32_t)acpi_get(t, at + 2, 2);
		if (len < BLOCK_BYTES || len > t->size - at) {
			f->nr_left_out++;
			return;
		}
		if (acpi_get(t, at, kind->type_bytes) == kind->type && len >= kind->bytes) {
			kind->read(f, t, at, len);
		}
	}
}

#define DMAR_FLAGS     37U
#define DMAR_REMAPS    BIT(0)
#define DMAR_DRHD      0U
#define DRHD_BYTES     16U
#define DRHD_ALL       BIT(0)
#define SCOPE_BYTES    6U
#define SCOPE_ENDPOINT 1U
#define SCOPE_ONE_STEP 8U /* a path of one: the function is on the bus where it starts */

/* The device scopes in [@at, @end). */
static void read_scopes(struct acpi_facts *f, const struct acpi_table *t, uint32_t at, uint32_t end)
{
	while (end - at >= SCOPE_BYTES) {
		uint32_t len = (uint32_t)acpi_get(t, at + 1, 1);

		if (len < SCOPE_BYTES || len > end - at) {
			f->nr_left_out++;
			return;
		}
		if (acpi_get(t, at, 1) == SCOPE_ENDPOINT && len == SCOPE_ONE_STEP) {
			uint16_t function = (uint16_t)(acpi_get(t, at + 5, 1) << 8 |
						       (acpi_get(t, at + 6, 1) & 31) << 3 |
						       (acpi_get(t, at + 7, 1) & 7));

			add_guarded(f, function, function);
		}
		at += len;
	}
}

static void read_drhd(struct acpi_facts *f, const struct acpi_table *t, uint32_t at, uint32_t len)
{
	const struct acpi_iommu unit = { .base = acpi_get(t, at + 8, 8) };

	if (acpi_get(t, at + 6, 2) != 0) {
		return; /* another segment's */
	}
	add_unit(f, &unit);
	if ((acpi_get(t, at + 4, 1) & DRHD_ALL) != 0) {
		add_guarded(f, 0, ALL);
	} else {
		read_scopes(f, t, at + DRHD_BYTES, at + len);
	}
}

static const struct block drhd = { DMAR_DRHD, 2, DRHD_BYTES, read_drhd };

void acpi_dmar(const struct acpi_table *t, struct acpi_facts *f)
{
	if (is_first(f, ACPI_VTD)) {
		f->remaps_interrupts = (acpi_get(t, DMAR_FLAGS, 1) & DMAR_REMAPS) != 0;
		read_blocks(f, t, &drhd);
	}
}

#define IVHD	       0x10U
#define IVHD_BYTES     24U
#define SPECIAL_IOAPIC 1U

enum ivhd_entry {
	IVHD_ALL = 1,
	IVHD_SELECT = 2,
	IVHD_RANGE = 3,
	IVHD_RANGE_END = 4,
	IVHD_SPECIAL = 72, /* an I/O APIC or a timer: told so that its interrupts can be remapped */
};

/* By the two top bits of its type; 0: one whose length stands elsewhere, or of which nothing is known. */
static uint32_t entry_bytes(uint64_t type)
{
	return type < 0x40 ? 4 : type < 0x80 ? 8 : 0;
}

static void add_ioapic(struct acpi_facts *f, uint16_t function)
{
	if (f->nr_lines_by == ACPI_MAX_IOAPICS) {
		f->nr_left_out++;
	} else {
		f->lines_by[f->nr_lines_by++] = function;
	}
}

static void read_ivhd_entries(struct acpi_facts *f, const struct acpi_table *t, uint32_t at,
			      uint32_t end)
{
	uint16_t first = ALL;
	uint32_t len;

	for (; at < end; at += len) {
		uint64_t type = acpi_get(t, at, 1);
		uint16_t function = (uint16_t)acpi_get(t, at + 1, 2);

		len = entry_bytes(type);
		if (len == 0 || len > end - at) {
			f->nr_left_out++;
			return;
		}
		if (type == IVHD_ALL) {
			add_guarded(f, 0, ALL);
		} else if (type == IVHD_SELECT) {
			add_guarded(f, function, function);
		} else if (type == IVHD_RANGE) {
			first = function;
		} else if (type == IVHD_RANGE_END) {
			add_guarded(f, first, function);
			first = ALL;
		} else if (type == IVHD_SPECIAL && acpi_get(t, at + 7, 1) == SPECIAL_IOAPIC) {
			add_ioapic(f, (uint16_t)acpi_get(t, at + 5, 2));
		}
	}
}

static void read_ivhd(struct acpi_facts *f, const struct acpi_table *t, uint32_t at, uint32_t len)
{
	const struct acpi_iommu unit = { .base = acpi_get(t, at + 8, 8),
					 .function = (uint16_t)acpi_get(t, at + 4, 2),
					 .capability = (uint16_t)acpi_get(t, at + 6, 2) };

	if (acpi_get(t, at + 16, 2) == 0) { /* the segment */
		add_unit(f, &unit);
		read_ivhd_entries(f, t, at + IVHD_BYTES, at + len);
	}
}

/* Each unit has a block of type 10h; what newer kinds of blocks say more is about other features. */
static const struct block ivhd = { IVHD, 1, IVHD_BYTES, read_ivhd };

void acpi_ivrs(const struct acpi_table *t, struct acpi_facts *f)
{
	if (is_first(f, ACPI_AMDVI)) {
		read_blocks(f, t, &ivhd);
	}
}
