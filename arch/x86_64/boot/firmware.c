/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the firmware's ACPI tables say of this PC: its CPUs, I/O APICs, the power management timer, how it is reset and
 * switched off. No code of theirs is ever run: of the AML, only the constant package of the soft-off state is looked for.
 *
 * The tables are believed for where hardware is, as the rest of the firmware is; each is held against its length and
 * checksum all the same.
 * Spec: ACPI 6.5 sections 5.2.5 (RSDP), 5.2.8 (XSDT), 5.2.9 (FADT), 5.2.12 (MADT), 7.4.2.6 (_S5).
 */
#include <asm/arch.h>
#include <hyp/arch/mm.h>
#include <string.h>

#define HEADER_BYTES 36U
#define TABLE_MAX    (1UL << 20)
#define RSDP_BYTES   36U

#define FADT_SMI_CMD	 48U
#define FADT_PM1A_CNT	 64U
#define FADT_PM1B_CNT	 68U
#define FADT_PM_TMR	 76U
#define FADT_FLAGS	 112U
#define FADT_RESET	 116U
#define FADT_RESET_VALUE 128U
#define FADT_X_DSDT	 140U
#define FADT_DSDT	 40U
#define FADT_RESET_FLAG	 BIT(10)

#define MADT_ENTRIES  44U
#define MADT_LAPIC    0
#define MADT_IOAPIC   1
#define MADT_OVERRIDE 2
#define MADT_X2APIC   9
#define MADT_USABLE   3U /* enabled, or can be */
#define MADT_ENABLED  1U

struct pc_facts pc;

struct table {
	const uint8_t *at; /* NULL: not there, or not sound */
	uint32_t size;
};

static uint64_t get(const struct table *t, uint32_t at, unsigned int bytes)
{
	uint64_t v = 0;

	if (at > t->size || bytes > t->size - at) {
		return 0;
	}
	memcpy(&v, t->at + at, bytes);
	return v;
}

static bool is_sound(const uint8_t *at, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++) {
		sum = (uint8_t)(sum + at[i]);
	}
	return sum == 0;
}

static void table_close(const struct table *t)
{
	if (t->at != NULL) {
		arch_unmap((void *)(uintptr_t)t->at, t->size);
	}
}

static struct table table_open(uint64_t pa)
{
	const uint8_t *head = pa == 0 ? NULL : arch_map(paddr(pa), HEADER_BYTES, MAP_RO);
	struct table t = { NULL, 0 };
	uint32_t size;

	if (head == NULL) {
		return t;
	}
	memcpy(&size, head + 4, sizeof(size));
	arch_unmap((void *)(uintptr_t)head, HEADER_BYTES);
	if (size < HEADER_BYTES || size > TABLE_MAX) {
		return t;
	}
	t = (struct table){ arch_map(paddr(pa), size, MAP_RO), size };
	if (t.at != NULL && !is_sound(t.at, size)) {
		table_close(&t);
		t.at = NULL;
	}
	return t;
}

/* The first table named @name below the root @pa, whose entries have @width bytes. */
static struct table table_find(uint64_t pa, unsigned int width, const char *name)
{
	struct table root = table_open(pa), t = { NULL, 0 };
	uint32_t at;

	for (at = HEADER_BYTES; root.at != NULL && at + width <= root.size; at += width) {
		t = table_open(get(&root, at, width));
		if (t.at != NULL && memcmp(t.at, name, 4) == 0) {
			break;
		}
		table_close(&t);
		t.at = NULL;
	}
	table_close(&root);
	return t;
}

static void read_cpu(uint64_t id, uint64_t flags)
{
	if ((flags & MADT_ENABLED) != 0 && pc.nr_cpus < PC_MAX_CPUS) {
		pc.apic_ids[pc.nr_cpus++] = (uint32_t)id;
	}
}

static void read_ioapic(const struct table *t, uint32_t at)
{
	if (pc.nr_ioapics < PC_MAX_IOAPICS) {
		pc.ioapics[pc.nr_ioapics].base = get(t, at + 4, 4);
		pc.ioapics[pc.nr_ioapics].first_gsi = (uint32_t)get(t, at + 8, 4);
		pc.nr_ioapics++;
	}
}

static void read_madt_entry(const struct table *t, uint32_t at)
{
	uint64_t irq;

	switch (get(t, at, 1)) {
	case MADT_LAPIC:
		read_cpu(get(t, at + 3, 1), get(t, at + 4, 4));
		break;
	case MADT_X2APIC:
		read_cpu(get(t, at + 4, 4), get(t, at + 8, 4));
		break;
	case MADT_IOAPIC:
		read_ioapic(t, at);
		break;
	case MADT_OVERRIDE:
		irq = get(t, at + 3, 1);
		if (irq < PC_ISA_IRQS) {
			pc.isa_gsi[irq] = (uint32_t)get(t, at + 4, 4);
		}
		break;
	default:
		break;
	}
}

static void read_madt(const struct table *t)
{
	uint32_t at = MADT_ENTRIES;

	for (uint32_t i = 0; i < PC_ISA_IRQS; i++) {
		pc.isa_gsi[i] = i;
	}
	while (at + 2 <= t->size) {
		uint32_t len = (uint32_t)get(t, at + 1, 1);

		if (len < 2) {
			break;
		}
		read_madt_entry(t, at);
		at += len;
	}
}

/* A constant of AML: zero, one, or a byte. *at moves on. */
static uint8_t read_constant(const struct table *t, uint32_t *at)
{
	uint8_t op = (uint8_t)get(t, (*at)++, 1);

	return op == 0x0a ? (uint8_t)get(t, (*at)++, 1) : op;
}

/* Name (_S5, Package (n) { a, b, ... }), of less than 64 bytes. */
static void read_s5(const struct table *t)
{
	for (uint32_t at = HEADER_BYTES; at + 12 <= t->size; at++) {
		if (memcmp(t->at + at, "\x08_S5_\x12", 6) == 0) {
			at += 8;
			pc.s5_a = read_constant(t, &at);
			pc.s5_b = read_constant(t, &at);
			pc.has_s5 = true;
			return;
		}
	}
}

static void read_fadt(const struct table *t)
{
	uint64_t dsdt = get(t, FADT_X_DSDT, 8);
	struct table aml = table_open(dsdt != 0 ? dsdt : get(t, FADT_DSDT, 4));

	pc.pm_timer = (uint16_t)get(t, FADT_PM_TMR, 4);
	pc.pm1a_control = (uint16_t)get(t, FADT_PM1A_CNT, 4);
	pc.pm1b_control = (uint16_t)get(t, FADT_PM1B_CNT, 4);
	if ((get(t, FADT_FLAGS, 4) & FADT_RESET_FLAG) != 0) {
		pc.reset.space = (uint8_t)get(t, FADT_RESET, 1);
		pc.reset.port = (uint16_t)get(t, FADT_RESET + 4, 8);
		pc.reset.value = (uint8_t)get(t, FADT_RESET_VALUE, 1);
	}
	if (aml.at != NULL) {
		read_s5(&aml);
	}
	table_close(&aml);
}

/* The extended root where there is one. */
static uint64_t read_root(uint64_t rsdp, unsigned int *width)
{
	const uint8_t *at = rsdp == 0 ? NULL : arch_map(paddr(rsdp), RSDP_BYTES, MAP_RO);
	uint32_t rsdt = 0;
	uint64_t xsdt = 0;

	if (at == NULL) {
		return 0;
	}
	if (memcmp(at, "RSD PTR ", 8) == 0 && is_sound(at, 20)) {
		memcpy(&rsdt, at + 16, sizeof(rsdt));
		if (at[15] >= 2 && is_sound(at, RSDP_BYTES)) {
			memcpy(&xsdt, at + 24, sizeof(xsdt));
		}
	}
	arch_unmap((void *)(uintptr_t)at, RSDP_BYTES);
	*width = xsdt != 0 ? 8 : 4;
	return xsdt != 0 ? xsdt : rsdt;
}

void pc_read(uint64_t rsdp)
{
	unsigned int width = 4;
	uint64_t root = read_root(rsdp, &width);
	struct table madt = table_find(root, width, "APIC"), fadt = table_find(root, width, "FACP");

	if (madt.at != NULL) {
		read_madt(&madt);
	}
	if (fadt.at != NULL) {
		read_fadt(&fadt);
	}
	if (root == 0) {
		pc.why = "no ACPI tables";
	} else if (pc.nr_cpus == 0 || pc.nr_ioapics == 0) {
		pc.why = "ACPI names no CPU or no I/O APIC";
	} else if (pc.pm_timer == 0) {
		pc.why = "ACPI has no power management timer to count time by";
	}
	table_close(&madt);
	table_close(&fadt);
}
