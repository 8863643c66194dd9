/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware's ACPI tables: acpi/ reads them, here is how they are reached, and what nothing works without.
 */
#include <asm/arch.h>
#include <hyp/arch/io.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/pci.h>
#include <hyp/log.h>

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

/* Of the kinds of interfaces that SPCR names those that are a 16550: Microsoft's DBG2, "Serial Port Subtypes". */
static bool is_16550(uint8_t kind)
{
	return kind == 0 || kind == 1 || kind == 0x12;
}

static struct {
	uint16_t port; /* 0: the board's description is right */
	uint8_t irq;   /* 0: ... of this */
} console_at;

uint16_t arch_io_console(uint16_t port)
{
	uint16_t there = is_16550(acpi.uart_type) ? acpi_port(&acpi.uart) : 0;

	if (there == 0 || there == port) {
		return port;
	}
	console_at.port = there;
	console_at.irq = acpi.uart_irq;
	return there;
}

unsigned int firmware_irq(unsigned int irq)
{
	return console_at.irq != 0 ? console_at.irq : irq;
}

void firmware_say(void)
{
	if (console_at.port != 0) {
		hyp_printf(
			"PC: the console is at port 0x%x, interrupt %u, as the firmware says (SPCR)",
			console_at.port, console_at.irq);
	}
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
