// SPDX-License-Identifier: Apache-2.0
/*
 * A PVH guest's ACPI tables: asm/guest_acpi.h.
 *
 *   RSDP | XSDT | FADT | MADT | DSDT | MCFG, each at a multiple of 16
 *
 * Hardware-reduced: no fixed hardware (no PM timer, no SCI), for there is none, but the sleep registers, by which Linux
 * switches itself off; other ends are SCHEDOP_shutdown's. FACS is not needed then (ACPI 5.1, table 5-34, FIRMWARE_CTRL).
 */
#include <asm/guest_acpi.h>
#include <hyp/errno.h>

#include <string.h>

#define RSDP_BYTES	 36U
#define RSDP_V1_BYTES	 20U
#define HEADER_BYTES	 36U
#define XSDT_BYTES	 (HEADER_BYTES + 2 * 8) /* and 8 for MCFG */
#define MCFG_BYTES	 60U
#define FADT_BYTES	 268U
#define MADT_CPUS	 44U /* where the MADT's list begins */
#define TABLE_ALIGN	 16U
#define LAPIC_ADDRESS	 0xfee00000U
#define IOAPIC_ADDRESS	 0xfec00000U
#define XAPIC_IDS	 255U /* 0xff is everybody */
#define BOOT_NO_VGA	 BIT(2)
#define BOOT_NO_RTC	 BIT(5)
#define FADT_WBINVD	 BIT(0)
#define FADT_NO_BUTTONS	 (BIT(4) | BIT(5)) /* none of fixed hardware */
#define FADT_HW_REDUCED	 BIT(20)
#define MADT_LAPIC	 0U
#define MADT_IOAPIC	 1U
#define MADT_X2APIC	 9U
#define MADT_CPU_ENABLED 1U

static void put(uint8_t *at, uint64_t value, unsigned int bytes)
{
	for (; bytes > 0; bytes--, value >>= 8) {
		*at++ = (uint8_t)value;
	}
}

static uint8_t checksum(const uint8_t *at, unsigned int bytes)
{
	uint8_t sum = 0;

	while (bytes-- > 0) {
		sum = (uint8_t)(sum + *at++);
	}
	return (uint8_t)-sum;
}

/* The header of a table whose other bytes are there. Spec: ACPI 5.1, 5.2.6. */
static void seal(uint8_t *at, const char *signature, unsigned int bytes, uint8_t revision)
{
	memcpy(at, signature, 4);
	put(at + 4, bytes, 4);
	at[8] = revision;
	memcpy(at + 10, "ASHLARPVHGUEST", 14);
	put(at + 24, 1, 4);
	memcpy(at + 28, "ASHL", 4);
	put(at + 32, 1, 4);
	at[9] = 0;
	at[9] = checksum(at, bytes);
}

static void write_rsdp(uint8_t *at, uint64_t xsdt)
{
	memcpy(at, "RSD PTR ", 8);
	memcpy(at + 9, "ASHLAR", 6);
	at[15] = 2;
	put(at + 20, RSDP_BYTES, 4);
	put(at + 24, xsdt, 8);
	at[8] = checksum(at, RSDP_V1_BYTES);
	at[32] = checksum(at, RSDP_BYTES);
}

/* A register of a byte at an I/O port. Spec: ACPI 5.1, 5.2.3.1. */
static void write_port(uint8_t *at, uint32_t port)
{
	at[0] = 1; /* system I/O */
	at[1] = 8;
	at[3] = 1;
	put(at + 4, port, 8);
}

static void write_fadt(uint8_t *at, uint64_t dsdt)
{
	put(at + 40, dsdt, 4);
	put(at + 109, BOOT_NO_VGA | BOOT_NO_RTC, 2);
	put(at + 112, FADT_WBINVD | FADT_NO_BUTTONS | FADT_HW_REDUCED, 4);
	at[131] = 1; /* ACPI 5.1 */
	put(at + 140, dsdt, 8);
	write_port(at + 244, GUEST_SLEEP_PORT);
	write_port(at + 256, GUEST_SLEEP_PORT + 1);
	seal(at, "FACP", FADT_BYTES, 5);
}

static unsigned int write_cpu(uint8_t *at, uint32_t uid, uint32_t apic_id)
{
	if (apic_id < XAPIC_IDS) {
		at[0] = MADT_LAPIC;
		at[1] = 8;
		at[2] = (uint8_t)uid;
		at[3] = (uint8_t)apic_id;
		put(at + 4, MADT_CPU_ENABLED, 4);
	} else {
		at[0] = MADT_X2APIC;
		at[1] = 16;
		put(at + 4, apic_id, 4);
		put(at + 8, MADT_CPU_ENABLED, 4);
		put(at + 12, uid, 4);
	}
	return at[1];
}

/* Its ID is one that no local APIC has, as far as there are any. */
static unsigned int write_ioapic(uint8_t *at, const struct guest_acpi *g)
{
	uint32_t id = 0;
	unsigned int i;

	for (i = 0; i < g->nr_cpus; i++) {
		if (g->apic_id[i] < XAPIC_IDS - 1) {
			id = MAX(id, g->apic_id[i] + 1);
		}
	}
	at[0] = MADT_IOAPIC;
	at[1] = 12;
	at[2] = (uint8_t)id;
	put(at + 4, IOAPIC_ADDRESS, 4);
	put(at + 8, 0, 4);
	return at[1];
}

static unsigned int write_madt(uint8_t *at, const struct guest_acpi *g)
{
	unsigned int bytes = MADT_CPUS, i;

	put(at + HEADER_BYTES, LAPIC_ADDRESS, 4); /* and no flags: there is no 8259 */
	for (i = 0; i < g->nr_cpus; i++) {
		bytes += write_cpu(at + bytes, i, g->apic_id[i]);
	}
	if (g->has_uart) {
		bytes += write_ioapic(at + bytes, g);
	}
	seal(at, "APIC", bytes, 3);
	return bytes;
}

static unsigned int write_dsdt(uint8_t *at, const struct guest_acpi *g)
{
	unsigned int bytes = HEADER_BYTES + guest_dsdt_write(g, at + HEADER_BYTES);

	seal(at, "DSDT", bytes, 2);
	return bytes;
}

static void write_mcfg(uint8_t *at, const struct guest_pci *pci)
{
	put(at + 44, pci->config, 8);
	at[54] = pci->bus;
	at[55] = pci->bus;
	seal(at, "MCFG", MCFG_BYTES, 1);
}

static bool is_possible(const struct guest_acpi *g)
{
	return g->nr_cpus > 0 && g->nr_cpus <= GUEST_ACPI_MAX_CPUS && g->at != 0 &&
	       IS_ALIGNED(g->at, PAGE_SIZE) && g->at <= 4 * GIB - GUEST_ACPI_BYTES;
}

/* The root table, which names the others. */
static void write_xsdt(uint8_t *at, const uint64_t *tables, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		put(at + HEADER_BYTES + 8 * i, tables[i], 8);
	}
	seal(at, "XSDT", HEADER_BYTES + 8 * nr, 1);
}

int guest_acpi_write(const struct guest_acpi *g, void *block)
{
	unsigned int xsdt = ALIGN_UP(RSDP_BYTES, TABLE_ALIGN);
	unsigned int fadt = ALIGN_UP(xsdt + XSDT_BYTES + 8, TABLE_ALIGN);
	unsigned int madt = ALIGN_UP(fadt + FADT_BYTES, TABLE_ALIGN);
	unsigned int dsdt, mcfg;
	uint8_t *at = block;

	if (!is_possible(g)) {
		return -EINVAL;
	}
	memset(at, 0, GUEST_ACPI_BYTES);
	dsdt = ALIGN_UP(madt + write_madt(at + madt, g), TABLE_ALIGN);
	mcfg = ALIGN_UP(dsdt + write_dsdt(at + dsdt, g), TABLE_ALIGN);
	write_fadt(at + fadt, g->at + dsdt);
	if (g->pci != NULL) {
		write_mcfg(at + mcfg, g->pci);
	}
	write_xsdt(at + xsdt, (const uint64_t[]){ g->at + fadt, g->at + madt, g->at + mcfg },
		   g->pci != NULL ? 3 : 2);
	write_rsdp(at, g->at + xsdt);
	return 0;
}
