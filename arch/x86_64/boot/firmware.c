/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware's ACPI tables: acpi/ reads them, here is how they are reached, and what nothing works without.
 */
#include <asm/arch.h>
#include <hyp/arch/io.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/pci.h>

struct acpi_facts acpi;
const char *acpi_why;

struct mapped {
	void *at; /* NULL: nothing is */
	size_t bytes;
};

static void unmap(struct mapped *m)
{
	if (m->at != NULL) {
		arch_unmap(m->at, m->bytes);
	}
	m->at = NULL;
}

static const void *map(void *ctx, uint64_t pa, size_t bytes)
{
	struct mapped *m = ctx;

	unmap(m);
	m->at = arch_map(paddr(pa), bytes, MAP_RO);
	m->bytes = bytes;
	return m->at;
}

/* A PC's are ports; 0: it has none, or it lies in memory, which nobody looks at. */
uint16_t acpi_port(const struct acpi_gas *g)
{
	return g->bits != 0 && g->space == ACPI_IO && g->address <= UINT16_MAX
		       ? (uint16_t)g->address
		       : 0;
}

uint32_t acpi_gsi_of(unsigned int irq)
{
	for (unsigned int i = 0; i < acpi.nr_overrides; i++) {
		if (acpi.overrides[i].irq == irq) {
			return acpi.overrides[i].gsi;
		}
	}
	return irq;
}

void firmware_read(uint64_t rsdp)
{
	struct mapped m = { NULL, 0 };

	if (rsdp == 0 || acpi_read(rsdp, map, &m, &acpi) != 0) {
		acpi_why = "no ACPI tables";
	} else if (acpi.nr_cpus == 0 || acpi.nr_ioapics == 0) {
		acpi_why = "ACPI names no CPU or no I/O APIC";
	} else if (acpi_port(&acpi.pm_timer) == 0) {
		acpi_why = "ACPI has no power management timer to count time by";
	}
	unmap(&m);
}

/* Of segment 0, whose functions have no longer name. */
uint64_t arch_pci_config(uint16_t function)
{
	unsigned int bus = function >> 8;

	for (unsigned int i = 0; i < acpi.nr_mcfg; i++) {
		const struct acpi_mcfg *m = &acpi.mcfg[i];

		if (m->segment == 0 && bus >= m->bus_start && bus <= m->bus_end) {
			return m->base + (uint64_t)function * PAGE_SIZE;
		}
	}
	return 0;
}
