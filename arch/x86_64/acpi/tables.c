// SPDX-License-Identifier: Apache-2.0
/* What single ACPI tables say: asm/acpi.h. Each has been checked as a whole; acpi_get() reads nothing behind its end. */
#include "internal.h"

#include <string.h>

#define MADT_LAPIC_ADDRESS 36U
#define MADT_FLAGS	   40U
#define MADT_ENTRIES	   44U
#define MADT_PCAT_COMPAT   BIT(0)
#define MADT_CPU_ENABLED   BIT(0)

enum madt_type {
	MADT_LAPIC = 0,
	MADT_IOAPIC = 1,
	MADT_OVERRIDE = 2,
	MADT_LAPIC_ADDRESS_64 = 5,
	MADT_X2APIC = 9,
};

static void add_cpu(struct acpi_facts *f, uint64_t id, uint64_t flags)
{
	if ((flags & MADT_CPU_ENABLED) == 0) {
		return;
	}
	for (unsigned int n = 0; n < f->nr_cpus; n++) {
		if (f->cpus[n] == id) {
			return; /* listed by both kinds of entries */
		}
	}
	if (f->nr_cpus == ACPI_MAX_CPUS) {
		f->nr_left_out++;
		return;
	}
	f->cpus[f->nr_cpus++] = (uint32_t)id;
}

static void add_ioapic(struct acpi_facts *f, const struct acpi_table *t, uint32_t at)
{
	if (f->nr_ioapics == ACPI_MAX_IOAPICS) {
		f->nr_left_out++;
		return;
	}
	f->ioapics[f->nr_ioapics++] = (struct acpi_ioapic){
		.id = (uint8_t)acpi_get(t, at + 2, 1),
		.address = (uint32_t)acpi_get(t, at + 4, 4),
		.gsi_base = (uint32_t)acpi_get(t, at + 8, 4),
	};
}

static void add_override(struct acpi_facts *f, const struct acpi_table *t, uint32_t at)
{
	if (f->nr_overrides == ACPI_MAX_OVERRIDES) {
		f->nr_left_out++;
		return;
	}
	f->overrides[f->nr_overrides++] = (struct acpi_override){
		.irq = (uint8_t)acpi_get(t, at + 3, 1),
		.gsi = (uint32_t)acpi_get(t, at + 4, 4),
		.flags = (uint16_t)acpi_get(t, at + 8, 2),
	};
}

/* One entry; @len: its own length, which is inside the table and long enough. */
static void read_entry(struct acpi_facts *f, const struct acpi_table *t, uint32_t at)
{
	switch (acpi_get(t, at, 1)) {
	case MADT_LAPIC:
		add_cpu(f, acpi_get(t, at + 3, 1), acpi_get(t, at + 4, 4));
		break;
	case MADT_X2APIC:
		add_cpu(f, acpi_get(t, at + 4, 4), acpi_get(t, at + 8, 4));
		break;
	case MADT_IOAPIC:
		add_ioapic(f, t, at);
		break;
	case MADT_OVERRIDE:
		add_override(f, t, at);
		break;
	case MADT_LAPIC_ADDRESS_64:
		f->lapic_base = acpi_get(t, at + 4, 8);
		break;
	default:
		break;
	}
}

/* The least length of an entry of each kind. */
static uint32_t least(uint64_t type)
{
	static const uint8_t bytes[] = { [MADT_LAPIC] = 8,
					 [MADT_IOAPIC] = 12,
					 [MADT_OVERRIDE] = 10,
					 [MADT_LAPIC_ADDRESS_64] = 12,
					 [MADT_X2APIC] = 16 };

	return type < sizeof(bytes) ? MAX(bytes[type], 2U) : 2U;
}

void acpi_madt(const struct acpi_table *t, struct acpi_facts *f)
{
	uint32_t at = MADT_ENTRIES;

	f->lapic_base = acpi_get(t, MADT_LAPIC_ADDRESS, 4);
	f->has_8259 = (acpi_get(t, MADT_FLAGS, 4) & MADT_PCAT_COMPAT) != 0;
	while (at + 2 <= t->size) {
		uint32_t len = (uint32_t)acpi_get(t, at + 1, 1);

		if (len < 2 || len > t->size - at) {
			f->nr_left_out++;
			return;
		}
		if (len >= least(acpi_get(t, at, 1))) {
			read_entry(f, t, at);
		} else {
			f->nr_left_out++;
		}
		at += len;
	}
}

#define MCFG_ENTRIES	 44U
#define MCFG_ENTRY_BYTES 16U
#define BUS_BYTES	 BIT(20)

void acpi_mcfg(const struct acpi_table *t, struct acpi_facts *f)
{
	for (uint32_t at = MCFG_ENTRIES; at + MCFG_ENTRY_BYTES <= t->size; at += MCFG_ENTRY_BYTES) {
		struct acpi_mcfg m = {
			.base = acpi_get(t, at, 8),
			.segment = (uint16_t)acpi_get(t, at + 8, 2),
			.bus_start = (uint8_t)acpi_get(t, at + 10, 1),
			.bus_end = (uint8_t)acpi_get(t, at + 11, 1),
		};

		if (f->nr_mcfg == ACPI_MAX_MCFG || m.bus_start > m.bus_end || m.base == 0 ||
		    !IS_ALIGNED(m.base, BUS_BYTES) || m.base > UINT64_MAX - 256 * BUS_BYTES) {
			f->nr_left_out++;
			continue;
		}
		f->mcfg[f->nr_mcfg++] = m;
	}
}

#define FADT_DSDT	 40U
#define FADT_PM1A	 64U
#define FADT_PM1B	 68U
#define FADT_PM_TIMER	 76U
#define FADT_CENTURY	 108U
#define FADT_BOOT_ARCH	 109U
#define FADT_FLAGS	 112U
#define FADT_RESET	 116U
#define FADT_RESET_VALUE 128U
#define FADT_X_DSDT	 140U
#define FADT_X_PM1A	 172U
#define FADT_X_PM1B	 184U
#define FADT_X_PM_TIMER	 208U
#define BOOT_NO_CMOS_RTC BIT(5)
#define FLAG_TIMER_IS_32 BIT(8)
#define FLAG_RESET	 BIT(10)
#define FLAG_HW_REDUCED	 BIT(20)

/* A register block: the generic address where there is one, else the old port. */
static struct acpi_gas block_of(const struct acpi_table *t, uint32_t at, uint32_t old, uint8_t bits)
{
	struct acpi_gas g = acpi_get_gas(t, at);
	uint64_t port = acpi_get(t, old, 4);

	if (g.bits == 0 && port != 0) {
		g = (struct acpi_gas){ ACPI_IO, bits, port };
	}
	return g;
}

void acpi_fadt(const struct acpi_table *t, struct acpi_facts *f, uint64_t *dsdt)
{
	uint64_t flags = acpi_get(t, FADT_FLAGS, 4);

	*dsdt = acpi_get(t, FADT_X_DSDT, 8);
	if (*dsdt == 0) {
		*dsdt = acpi_get(t, FADT_DSDT, 4);
	}
	if ((flags & FLAG_RESET) != 0) {
		f->reset = acpi_get_gas(t, FADT_RESET);
		f->reset_value = (uint8_t)acpi_get(t, FADT_RESET_VALUE, 1);
	}
	f->is_hw_reduced = (flags & FLAG_HW_REDUCED) != 0;
	if (f->is_hw_reduced) {
		return; /* the rest is to be ignored */
	}
	f->pm_timer = block_of(t, FADT_X_PM_TIMER, FADT_PM_TIMER, 32);
	f->pm_timer_is_32 = (flags & FLAG_TIMER_IS_32) != 0;
	f->pm1a = block_of(t, FADT_X_PM1A, FADT_PM1A, 16);
	f->pm1b = block_of(t, FADT_X_PM1B, FADT_PM1B, 16);
	f->has_cmos_rtc = (acpi_get(t, FADT_BOOT_ARCH, 2) & BOOT_NO_CMOS_RTC) == 0;
	f->cmos_century = (uint8_t)acpi_get(t, FADT_CENTURY, 1);
}

#define SPCR_IRQ_KIND 52
#define SPCR_IRQ      53
#define SPCR_KIND_ISA BIT(0)

void acpi_spcr(const struct acpi_table *t, struct acpi_facts *f)
{
	f->uart_type = (uint8_t)acpi_get(t, 36, 1);
	f->uart = acpi_get_gas(t, 40);
	if ((acpi_get(t, SPCR_IRQ_KIND, 1) & SPCR_KIND_ISA) != 0) {
		f->uart_irq = (uint8_t)acpi_get(t, SPCR_IRQ, 1);
	}
}

void acpi_hpet(const struct acpi_table *t, struct acpi_facts *f)
{
	f->hpet = acpi_get_gas(t, 40);
	f->hpet_min_tick = (uint16_t)acpi_get(t, 53, 2);
}

#define AML_PACKAGE 0x12
#define AML_BYTE    0x0a
#define AML_WORD    0x0b
#define AML_DWORD   0x0c

/* A constant's low byte; *at moves behind it. Return: false: it is none. */
static bool constant(const struct acpi_table *t, uint32_t *at, uint8_t *value)
{
	uint8_t op = (uint8_t)acpi_get(t, *at, 1);
	uint32_t bytes = op == AML_BYTE ? 1 : op == AML_WORD ? 2 : op == AML_DWORD ? 4 : 0;

	if (*at >= t->size || (bytes == 0 && op > 1 && op != 0xff) || bytes > t->size - *at - 1) {
		return false;
	}
	*value = bytes == 0 ? op : (uint8_t)acpi_get(t, *at + 1, 1);
	*at += 1 + bytes;
	return true;
}

/* Name (_S5, Package () { a, b, ... }): @at is at the name's four letters. */
static bool read_s5(const struct acpi_table *t, uint32_t at, struct acpi_facts *f)
{
	uint8_t a, b;

	if (acpi_get(t, at + 4, 1) != AML_PACKAGE) {
		return false;
	}
	at += 5;
	at += 1 + (uint32_t)(acpi_get(t, at, 1) >> 6); /* the package's length, of 1 to 4 bytes */
	at += 1;				       /* number of elements */
	if (!constant(t, &at, &a) || !constant(t, &at, &b)) {
		return false;
	}
	f->has_s5 = true;
	f->s5_a = a & 7;
	f->s5_b = b & 7;
	return true;
}

void acpi_s5(const struct acpi_table *t, struct acpi_facts *f)
{
	for (uint32_t at = ACPI_HEADER + 1; at + 4 <= t->size; at++) {
		bool is_named = t->at[at - 1] == 0x08 || t->at[at - 1] == '\\';

		if (is_named && memcmp(t->at + at, "_S5_", 4) == 0 && read_s5(t, at, f)) {
			return;
		}
	}
}
