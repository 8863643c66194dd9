/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ACPI tables that a PVH guest finds: RSDP, XSDT, FADT (hardware-reduced), MADT, DSDT, and MCFG where there are PCI functions.
 *
 * They lie in one block of guest memory that the memory map calls ACPI (XEN_HVM_MEMMAP_TYPE_ACPI).
 * Spec: ACPI 5.1, 5.2.5 (RSDP), 5.2.8 (XSDT), 5.2.9 (FADT), 5.2.12 (MADT), 6.4 (resources), 20 (AML); PCI Firmware 3.3, 4.1.2 (MCFG).
 */
#ifndef ASM_GUEST_ACPI_H
#define ASM_GUEST_ACPI_H

#include <hyp/types.h>

#define GUEST_ACPI_BYTES    4096U /* holds any of them, with GUEST_ACPI_MAX_CPUS */
#define GUEST_ACPI_MAX_CPUS 64U

/*
 * Where in the block a guest that has one finds its generation, which is another in each of its lives: random bytes that
 * Linux adds to its pool. Behind all tables. Spec: Microsoft, "Virtual Machine Generation ID".
 */
#define GUEST_GENERATION_AT    (GUEST_ACPI_BYTES - GUEST_GENERATION_BYTES)
#define GUEST_GENERATION_BYTES 16U

/* The sleep control register and, behind it, the sleep status register, as I/O ports. Any value with the bit set is soft off. */
#define GUEST_SLEEP_PORT   0xb004U
#define GUEST_SLEEP_ENABLE 0x20U

/** struct guest_pci - the one bus of a guest's functions. */
struct guest_pci {
	uint64_t
		config; /* of bus 0: where its configuration space would be; that of @bus is a MiB at @bus << 20 behind it */
	uint8_t bus;
	uint32_t memory, memory_end; /* what its functions' base registers may be set to: [, ) */
};

/** struct guest_acpi - what the tables say. */
struct guest_acpi {
	uint64_t at;	      /* guest physical place of the block, page aligned, below 4 GiB */
	unsigned int nr_cpus; /* 1 ... GUEST_ACPI_MAX_CPUS; vCPU n has APIC ID apic_id[n] */
	const uint32_t *apic_id;
	uint64_t generation; /* guest physical place of its 16 bytes, below 4 GiB; 0: it has none */
	bool has_uart;	     /* an IOAPIC, and a 16550 at 0x3f8 on its pin 4 (PNP0501) */
	const struct guest_pci
		*pci; /* NULL: it has no functions. A host bridge (PNP0A08), and MCFG */
};

/**
 * guest_acpi_write() - all tables into @block, GUEST_ACPI_BYTES long; the RSDP is at its first byte.
 * Return: 0; -EINVAL a number of CPUs or a place that is not as said above.
 */
int __must_check guest_acpi_write(const struct guest_acpi *g, void *block);

/**
 * guest_dsdt_write() - the DSDT's AML alone, behind its header.
 * Return: bytes at @aml; at most GUEST_DSDT_BYTES.
 */
#define GUEST_DSDT_BYTES 512U
unsigned int guest_dsdt_write(const struct guest_acpi *g, uint8_t *aml);

#endif
