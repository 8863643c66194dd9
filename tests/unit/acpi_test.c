// SPDX-License-Identifier: Apache-2.0
/* The machine's ACPI tables: a PC as QEMU and firmware make them, then each thing that can be wrong with it. */
#include <unit.h>

#include "acpi_world.h"

#include <asm/acpi.h>
#include <asm/guest_acpi.h>
#include <hyp/errno.h>

#define RSDP 0xf5a00U
#define XSDT 0x100000U
#define RSDT 0x101000U
#define MADT 0x102000U
#define FADT 0x103000U
#define MCFG 0x104000U
#define SPCR 0x105000U
#define HPET 0x106000U
#define DSDT 0x107000U
#define DMAR 0x108000U

static struct acpi_world w;
static struct acpi_facts f;

static int read_at(uint64_t rsdp)
{
	return acpi_read(rsdp, acpi_world_map, &w, &f);
}

static void seal_rsdp(uint8_t revision)
{
	w.ram[RSDP + 15] = revision;
	acpi_put(&w, RSDP + 20, 36, 4);
	acpi_seal(&w, RSDP, 20, 8);
	acpi_seal(&w, RSDP, 36, 32);
}

static void set_root(uint64_t at, const char *name, unsigned int width, const uint64_t *tables,
		     unsigned int nr)
{
	for (unsigned int n = 0; n < nr; n++) {
		acpi_put(&w, at + 36 + (uint64_t)n * width, tables[n], width);
	}
	acpi_table(&w, at, name, 36 + nr * width);
}

static uint32_t madt_bytes;

/* One more entry of the MADT; its first bytes are type and length. */
static void add_entry(const uint8_t *entry, uint32_t bytes)
{
	memcpy(w.ram + MADT + madt_bytes, entry, bytes);
	madt_bytes += bytes;
	acpi_table(&w, MADT, "APIC", madt_bytes);
}

#define ENTRY(...) \
	add_entry((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void set_madt(void)
{
	madt_bytes = 44;
	acpi_put(&w, MADT + 36, 0xfee00000, 4);
	acpi_put(&w, MADT + 40, 1, 4);
	ENTRY(0, 8, 0, 0, 1, 0, 0, 0);
	ENTRY(0, 8, 1, 2, 1, 0, 0, 0);
	ENTRY(0, 8, 2, 4, 0, 0, 0, 0);				/* not enabled */
	ENTRY(9, 16, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0); /* again */
	ENTRY(9, 16, 0, 0, 0x2c, 1, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0);
	ENTRY(1, 12, 7, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0);
	ENTRY(1, 12, 8, 0, 0, 0x10, 0xc0, 0xfe, 24, 0, 0, 0);
	ENTRY(2, 10, 0, 0, 2, 0, 0, 0, 0, 0);
	ENTRY(2, 10, 0, 9, 9, 0, 0, 0, 0xd, 0);
	ENTRY(4, 6, 0xff, 0, 0, 1); /* of no interest */
}

static void set_fadt(void)
{
	acpi_put(&w, FADT + 40, DSDT, 4);
	acpi_put(&w, FADT + 64, 0x604, 4);
	acpi_put(&w, FADT + 76, 0x608, 4);
	acpi_put(&w, FADT + 108, 0x32, 1);
	acpi_put(&w, FADT + 112, 1U << 8 | 1U << 10, 4);
	acpi_gas(&w, FADT + 116, ACPI_IO, 8, 0xcf9);
	acpi_put(&w, FADT + 128, 0x0f, 1);
	acpi_put(&w, FADT + 140, DSDT, 8);
	acpi_table(&w, FADT, "FACP", 244);
}

static void set_dsdt(const char *aml, uint32_t bytes)
{
	memset(w.ram + DSDT + 36, 0, 64);
	memcpy(w.ram + DSDT + 36 + 5, aml, bytes);
	acpi_table(&w, DSDT, "DSDT", 36 + 5 + bytes);
}

/* An entry of the table of IOMMUs, in the form of either. */
static void set_iommu(uint32_t at, uint8_t type, uint16_t bytes)
{
	memset(w.ram + DMAR + at, 0, bytes);
	acpi_put(&w, DMAR + at, type, 1);
	acpi_put(&w, DMAR + at + 2, bytes, 2);
}

static int set_up(void **state)
{
	static const uint64_t tables[] = { FADT, MADT, MCFG, SPCR, HPET, DMAR };

	(void)state;
	free(w.mapped);
	memset(&w, 0, sizeof(w));
	memcpy(w.ram + RSDP, "RSD PTR ", 8);
	acpi_put(&w, RSDP + 16, RSDT, 4);
	acpi_put(&w, RSDP + 24, XSDT, 8);
	seal_rsdp(2);
	set_root(XSDT, "XSDT", 8, tables, 6);
	set_root(RSDT, "RSDT", 4, tables, 2);
	set_madt();
	set_fadt();
	set_dsdt("\x08_S5_\x12\x06\x04\x0a\x05\x0a\x04\x00\x00", 12);
	acpi_put(&w, MCFG + 44, 0xb0000000, 8);
	acpi_put(&w, MCFG + 55, 0xff, 1);
	acpi_table(&w, MCFG, "MCFG", 60);
	acpi_gas(&w, SPCR + 40, ACPI_IO, 8, 0x3f8);
	acpi_put(&w, SPCR + 52, 3, 1); /* an ISA line and a global number */
	acpi_put(&w, SPCR + 53, 4, 1);
	acpi_put(&w, SPCR + 54, 0x21, 4);
	acpi_table(&w, SPCR, "SPCR", 80);
	acpi_gas(&w, HPET + 40, ACPI_MEMORY, 64, 0xfed00000);
	acpi_put(&w, HPET + 53, 100, 2);
	acpi_table(&w, HPET, "HPET", 56);
	set_iommu(48, 0, 16);
	acpi_put(&w, DMAR + 52, 1, 1); /* of all functions */
	acpi_put(&w, DMAR + 56, 0xfed90000, 8);
	acpi_table(&w, DMAR, "DMAR", 64);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(w.mapped);
	w.mapped = NULL;
	return 0;
}

static void processors(void **state)
{
	(void)state;
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_cpus, 3);
	assert_int_equal(f.cpus[0], 0);
	assert_int_equal(f.cpus[1], 2);
	assert_int_equal(f.cpus[2], 300);
	assert_int_equal(f.lapic_base, 0xfee00000);
	assert_true(f.has_8259);
	assert_int_equal(f.nr_ioapics, 2);
	assert_int_equal(f.ioapics[1].id, 8);
	assert_int_equal(f.ioapics[1].address, 0xfec01000);
	assert_int_equal(f.ioapics[1].gsi_base, 24);
	assert_int_equal(f.nr_overrides, 2);
	assert_int_equal(f.overrides[0].gsi, 2);
	assert_int_equal(f.overrides[1].irq, 9);
	assert_int_equal(f.overrides[1].flags, 0xd);
	assert_int_equal(f.nr_bad, 0);
	assert_int_equal(f.nr_left_out, 0);
}

static void others(void **state)
{
	(void)state;
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_mcfg, 1);
	assert_int_equal(f.mcfg[0].base, 0xb0000000);
	assert_int_equal(f.mcfg[0].bus_end, 0xff);
	assert_int_equal(f.reset.space, ACPI_IO);
	assert_int_equal(f.reset.address, 0xcf9);
	assert_int_equal(f.reset_value, 0xf);
	assert_int_equal(f.pm_timer.space, ACPI_IO);
	assert_int_equal(f.pm_timer.address, 0x608);
	assert_true(f.pm_timer_is_32);
	assert_int_equal(f.pm1a.address, 0x604);
	assert_int_equal(f.pm1b.bits, 0);
	assert_true(f.has_cmos_rtc);
	assert_int_equal(f.cmos_century, 0x32);
	assert_int_equal(f.uart.address, 0x3f8);
	assert_int_equal(f.uart_type, 0);
	assert_int_equal(f.uart_irq, 4);
	assert_int_equal(f.hpet.address, 0xfed00000);
	assert_int_equal(f.hpet_min_tick, 100);
	assert_int_equal(f.iommu_kind, ACPI_VTD);
	assert_int_equal(f.nr_iommus, 1);
	assert_int_equal(f.iommus[0].base, 0xfed90000);
	assert_int_equal(f.nr_guarded, 1);
	assert_int_equal(f.guarded[0].first, 0);
	assert_int_equal(f.guarded[0].last, 0xffff);
	assert_true(f.has_s5);
	assert_int_equal(f.s5_a, 5);
	assert_int_equal(f.s5_b, 4);
}

/* An old machine, or one whose XSDT is broken: the RSDT's tables. */
static void by_rsdt(void **state)
{
	(void)state;
	seal_rsdp(0);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_cpus, 3);
	assert_int_equal(f.nr_mcfg, 0);
	seal_rsdp(2);
	w.ram[XSDT + 20] ^= 1;
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_cpus, 3);
	assert_int_equal(f.nr_mcfg, 0);
	w.ram[RSDT + 20] ^= 1;
	assert_int_equal(read_at(RSDP), -ENOENT);
	assert_int_equal(f.nr_cpus, 0);
}

static void no_rsdp(void **state)
{
	(void)state;
	assert_int_equal(read_at(0), -ENOENT);
	assert_int_equal(read_at(RSDP + 16), -ENOENT);
	assert_int_equal(read_at(ACPI_WORLD_BYTES - 4), -ENOENT);
	assert_int_equal(read_at(UINT64_MAX - 8), -ENOENT);
	w.ram[RSDP + 10] ^= 1;
	assert_int_equal(read_at(RSDP), -ENOENT);
	w.ram[RSDP + 10] ^= 1;
	w.ram[RSDP + 33] ^= 1; /* the second checksum: the RSDT is left */
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_mcfg, 0);
	acpi_put(&w, RSDP + 20, 0xffffffff, 4);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_mcfg, 0);
	memcpy(w.ram + RSDT, "XSDT", 4);
	assert_int_equal(read_at(RSDP), -ENOENT);
}

static void found_by_bios(void **state)
{
	(void)state;
	assert_int_equal(acpi_find_rsdp(acpi_world_map, &w), RSDP);
	memcpy(w.ram + 0x9fc00 + 0x3e0, w.ram + RSDP, 36);
	acpi_put(&w, 0x40e, 0x9fc0, 2);
	assert_int_equal(acpi_find_rsdp(acpi_world_map, &w), 0x9ffe0);
	w.ram[0x9ffe0] = 0;
	w.ram[RSDP + 9] ^= 1;
	assert_int_equal(acpi_find_rsdp(acpi_world_map, &w), 0);
}

/* One table is wrong: it is left out and counted, the others are read. */
static void bad_tables(void **state)
{
	(void)state;
	w.ram[MADT + 50] ^= 1;
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_bad, 1);
	assert_int_equal(f.nr_cpus, 0);
	assert_int_equal(f.nr_mcfg, 1);
	acpi_put(&w, MCFG + 4, 35, 4);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_bad, 2);
	acpi_put(&w, MCFG + 4, 0xfffffff0, 4);
	acpi_put(&w, HPET + 4, ACPI_MAX_BYTES + 1, 4);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_bad, 3);
	acpi_put(&w, XSDT + 36, UINT64_MAX - 16, 8); /* the FADT's place */
	acpi_put(&w, XSDT + 36 + 24, 0, 8);
	acpi_table(&w, XSDT, "XSDT", 36 + 6 * 8);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_bad, 5);
	assert_int_equal(f.pm_timer.bits, 0);
	assert_int_equal(f.nr_iommus, 1);
}

/* Single functions of VT-d: those whose place the table says by itself. */
static void dmar_scopes(void **state)
{
	static const uint8_t scopes[] = { 1, 8,	 0, 0, 0, 2, 3,	   1,	    /* 02:03.1 */
					  1, 10, 0, 0, 0, 0, 1,	   0, 0, 0, /* behind a bridge */
					  3, 8,	 0, 0, 0, 0, 0x1f, 7,	    /* an I/O APIC */
					  1, 8,	 0, 0, 0, 0, 4,	   0 };	    /* 00:04.0 */

	(void)state;
	set_iommu(48, 0, 16 + sizeof(scopes));
	acpi_put(&w, DMAR + 56, 0xfed90000, 8);
	memcpy(w.ram + DMAR + 64, scopes, sizeof(scopes));
	set_iommu(64 + sizeof(scopes), 1, 24); /* memory that is the firmware's */
	set_iommu(88 + sizeof(scopes), 0, 16);
	acpi_put(&w, DMAR + 88 + sizeof(scopes) + 6, 1, 2); /* of another segment */
	acpi_put(&w, DMAR + 88 + sizeof(scopes) + 8, 0xfed91000, 8);
	acpi_table(&w, DMAR, "DMAR", 104 + sizeof(scopes));
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_iommus, 1);
	assert_int_equal(f.nr_guarded, 2);
	assert_int_equal(f.guarded[0].first, 0x219);
	assert_int_equal(f.guarded[0].last, 0x219);
	assert_int_equal(f.guarded[1].first, 0x20);
	assert_int_equal(f.nr_left_out, 0);
	assert_false(f.remaps_interrupts);
	acpi_put(&w, DMAR + 37, 1, 1);
	acpi_table(&w, DMAR, "DMAR", 104 + sizeof(scopes));
	assert_int_equal(read_at(RSDP), 0);
	assert_true(f.remaps_interrupts);
}

/* AMD's, beside which VT-d's is not looked at. */
static void ivrs(void **state)
{
	static const uint8_t entries[] = { 2,  0x20, 0, 0, 0, 0,    0, 0, /* 00:04.0, padding */
					   3,  0,    1, 0, 4, 0xff, 1, 0, /* 01:00.0 to 01:1f.7 */
					   72, 0,    0, 0, 0, 0xa0, 0, 1, 4, 5, 0, 0 };

	(void)state;
	set_iommu(48, 0x10, 24 + sizeof(entries));
	acpi_put(&w, DMAR + 52, 0x10, 2);
	acpi_put(&w, DMAR + 54, 0x40, 2);
	acpi_put(&w, DMAR + 56, 0xfed80000, 8);
	memcpy(w.ram + DMAR + 72, entries, sizeof(entries));
	acpi_table(&w, DMAR, "IVRS", 72 + sizeof(entries));
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.iommu_kind, ACPI_AMDVI);
	assert_int_equal(f.nr_iommus, 1);
	assert_int_equal(f.iommus[0].base, 0xfed80000);
	assert_int_equal(f.iommus[0].function, 0x10);
	assert_int_equal(f.iommus[0].capability, 0x40);
	assert_int_equal(f.nr_guarded, 2);
	assert_int_equal(f.guarded[0].first, 0x20);
	assert_int_equal(f.guarded[1].first, 0x100);
	assert_int_equal(f.guarded[1].last, 0x1ff);
	assert_int_equal(f.nr_left_out, 1); /* the last, whose end is behind the table's */
	assert_int_equal(f.nr_lines_by, 1);
	assert_int_equal(f.lines_by[0], 0xa0);
	acpi_put(&w, DMAR + 72 + 23, 2, 1); /* a timer is no I/O APIC */
	acpi_table(&w, DMAR, "IVRS", 72 + sizeof(entries));
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_lines_by, 0);
}

/* Entries of no length, beyond the table, with an end before the beginning; registers that lie nowhere. */
static void bad_iommus(void **state)
{
	(void)state;
	for (uint16_t bytes = 0; bytes < 4; bytes++) {
		acpi_put(&w, DMAR + 50, bytes, 2);
		acpi_table(&w, DMAR, "DMAR", 64);
		assert_int_equal(read_at(RSDP), 0);
		assert_int_equal(f.nr_iommus, 0);
		assert_int_equal(f.nr_left_out, 1);
	}
	acpi_put(&w, DMAR + 50, 17, 2);
	acpi_table(&w, DMAR, "DMAR", 64);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_guarded, 0);
	acpi_put(&w, DMAR + 50, 16, 2);
	acpi_put(&w, DMAR + 56, 0xfed90800, 8);
	acpi_table(&w, DMAR, "DMAR", 64);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_iommus, 0);
	set_iommu(48, 0x10, 28);
	acpi_put(&w, DMAR + 56, 0xfed80000, 8);
	acpi_put(&w, DMAR + 72, 0x000004, 4); /* the end of a range that did not begin */
	acpi_table(&w, DMAR, "IVRS", 76);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_iommus, 1);
	assert_int_equal(f.nr_guarded, 0);
	assert_int_equal(f.nr_left_out, 1);
}

/* Entries that lie about their length. */
static void bad_entries(void **state)
{
	(void)state;
	ENTRY(0, 8, 9, 9, 1, 0, 0, 0);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_cpus, 4);
	ENTRY(1, 8, 7, 0, 0, 0, 0xc0, 0xfe); /* too short to be an IOAPIC */
	ENTRY(0, 8, 10, 10, 1, 0, 0, 0);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_ioapics, 2);
	assert_int_equal(f.nr_cpus, 5);
	assert_int_equal(f.nr_left_out, 1);
	ENTRY(0, 9, 11, 11, 1, 0, 0, 0); /* ends behind the table */
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_cpus, 5);
	assert_int_equal(f.nr_left_out, 2);
	set_madt();
	ENTRY(0, 0, 12, 12, 1, 0, 0, 0); /* would never end */
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_cpus, 3);
	assert_int_equal(f.nr_left_out, 1);
	set_madt();
	ENTRY(5, 12, 0, 0, 0, 0, 0xe0, 0xfe, 1, 0, 0, 0);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.lapic_base, 0x1fee00000);
}

static void too_many(void **state)
{
	(void)state;
	for (uint8_t n = 0; n < 80; n++) {
		ENTRY(0, 8, n, (uint8_t)(100 + n), 1, 0, 0, 0);
	}
	for (uint8_t n = 0; n < 20; n++) {
		ENTRY(1, 12, n, 0, 0, 0, n, 0xfe, 0, 0, 0, 0);
		ENTRY(2, 10, 0, n, n, 0, 0, 0, 0, 0);
	}
	for (uint32_t n = 1; n < 20; n++) {
		memcpy(w.ram + MCFG + 44 + n * 16, w.ram + MCFG + 44, 16);
	}
	acpi_table(&w, MCFG, "MCFG", 44 + 20 * 16);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_cpus, ACPI_MAX_CPUS);
	assert_int_equal(f.nr_ioapics, ACPI_MAX_IOAPICS);
	assert_int_equal(f.nr_overrides, ACPI_MAX_OVERRIDES);
	assert_int_equal(f.nr_mcfg, ACPI_MAX_MCFG);
	assert_int_equal(f.nr_left_out, 83 - 64 + 22 - 8 + 22 - 16 + 20 - 8);
}

static void too_many_tables(void **state)
{
	uint64_t tables[ACPI_MAX_TABLES + 5];

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(tables); n++) {
		tables[n] = n == ACPI_MAX_TABLES - 1 ? MADT : n == ACPI_MAX_TABLES ? FADT : DMAR;
	}
	set_root(XSDT, "XSDT", 8, tables, ARRAY_SIZE(tables));
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_cpus, 3);
	assert_int_equal(f.pm_timer.bits, 0);
	assert_int_equal(f.nr_left_out, 5);
}

static void windows(void **state)
{
	(void)state;
	acpi_put(&w, MCFG + 44, 0xb0080000, 8); /* not aligned */
	acpi_table(&w, MCFG, "MCFG", 60);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_mcfg, 0);
	assert_int_equal(f.nr_left_out, 1);
	acpi_put(&w, MCFG + 44, 0xfffffffffff00000, 8); /* wraps */
	acpi_table(&w, MCFG, "MCFG", 60);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_mcfg, 0);
	acpi_put(&w, MCFG + 44, 0xb0000000, 8);
	acpi_put(&w, MCFG + 54, 0xff01, 2);
	acpi_table(&w, MCFG, "MCFG", 60);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.mcfg[0].bus_start, 1);
	acpi_put(&w, MCFG + 54, 0x01ff, 2);
	acpi_table(&w, MCFG, "MCFG", 60);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.nr_mcfg, 0);
}

/* Short ones of old, and those of hardware-reduced machines. */
static void fadts(void **state)
{
	(void)state;
	acpi_table(&w, FADT, "FACP", 116);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.pm_timer.address, 0x608);
	assert_int_equal(f.reset.bits, 0);
	assert_true(f.has_s5);
	set_fadt();
	acpi_gas(&w, FADT + 208, ACPI_MEMORY, 0, 0xfd000000);
	acpi_gas(&w, FADT + 172, ACPI_IO, 16, 0x1804);
	acpi_put(&w, FADT + 109, 1U << 5, 2);
	acpi_table(&w, FADT, "FACP", 268);
	assert_int_equal(read_at(RSDP), 0);
	assert_int_equal(f.pm_timer.space, ACPI_MEMORY);
	assert_int_equal(f.pm_timer.bits, 8);
	assert_int_equal(f.pm1a.address, 0x1804);
	assert_false(f.has_cmos_rtc);
	acpi_put(&w, FADT + 112, 1U << 20, 4);
	acpi_table(&w, FADT, "FACP", 268);
	assert_int_equal(read_at(RSDP), 0);
	assert_true(f.is_hw_reduced);
	assert_int_equal(f.pm_timer.bits | f.reset.bits, 0);
}

static void soft_off(void **state)
{
	(void)state;
	set_dsdt("\x08\\_S5_\x12\x41\x00\x02\x01\x0b\x03\x00", 14);
	assert_int_equal(read_at(RSDP), 0);
	assert_true(f.has_s5);
	assert_int_equal(f.s5_a, 1);
	assert_int_equal(f.s5_b, 3);
	set_dsdt("\x08_S5_\x12\x06\x04\x0a\x05\x0a", 11); /* cut */
	assert_int_equal(read_at(RSDP), 0);
	assert_false(f.has_s5);
	set_dsdt("\x08_S5_\x12\x06\x04\x70\x05", 10); /* not a constant */
	assert_int_equal(read_at(RSDP), 0);
	assert_false(f.has_s5);
	set_dsdt("\x10_S5_\x12\x06\x04\x01\x01", 10); /* not a name's definition */
	assert_int_equal(read_at(RSDP), 0);
	assert_false(f.has_s5);
	set_dsdt("\x08_S5_\x12\xc6\x01\x01\x01\x04\x01\x00", 13);
	assert_int_equal(read_at(RSDP), 0);
	assert_true(f.has_s5);
	memcpy(w.ram + DSDT, "SSDT", 4);
	acpi_seal(&w, DSDT, 54, 9);
	assert_int_equal(read_at(RSDP), 0);
	assert_false(f.has_s5);
}

/* What we write for guests is read as we mean it. */
static void of_a_guest(void **state)
{
	static const uint32_t ids[3] = { 0, 2, 4 };
	struct guest_acpi g = { .at = 0x1c0000, .nr_cpus = 3, .apic_id = ids, .has_uart = true };

	(void)state;
	assert_int_equal(guest_acpi_write(&g, w.ram + 0x1c0000), 0);
	assert_int_equal(read_at(0x1c0000), 0);
	assert_int_equal(f.nr_bad, 0);
	assert_int_equal(f.nr_left_out, 0);
	assert_int_equal(f.nr_cpus, 3);
	assert_int_equal(f.cpus[2], 4);
	assert_int_equal(f.nr_ioapics, 1);
	assert_int_equal(f.ioapics[0].address, 0xfec00000);
	assert_true(f.is_hw_reduced);
	assert_false(f.has_8259);
	assert_true(f.has_s5);
	assert_int_equal(f.s5_a, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(processors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(others, set_up, tear_down),
		cmocka_unit_test_setup_teardown(by_rsdt, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_rsdp, set_up, tear_down),
		cmocka_unit_test_setup_teardown(found_by_bios, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(dmar_scopes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ivrs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_iommus, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_entries, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many_tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(windows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fadts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(soft_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_a_guest, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
