/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's ACPI tables, as far as the hypervisor asks them: CPUs, IOAPICs, PCI configuration windows, IOMMUs, reset, PM
 * timer, serial console, HPET. No AML is run; of the DSDT, one constant package is looked for: that of soft off.
 *
 * Firmware wrote them, so nothing in them is trusted: each length is bounded, each checksum checked, each count limited;
 * what does not fit is left out and counted. Memory is reached through the caller's map function alone.
 *
 * Spec: ACPI 6.4, 5.2.5 (RSDP), 5.2.7 and 5.2.8 (RSDT, XSDT), 5.2.9 (FADT), 5.2.12 (MADT), 7.4.2 (_S5), 20.2 (AML); PCI Firmware 3.3, 4.1.2 (MCFG);
 * SPCR 1.03; IA-PC HPET 1.0a, 3.2.4; Intel VT-d 4.0, 8.1 to 8.3 (DMAR); AMD I/O Virtualization 3.08, 5.2 (IVRS).
 */
#ifndef ASM_ACPI_H
#define ASM_ACPI_H

#include <hyp/types.h>

#define ACPI_MAX_CPUS	   64
#define ACPI_MAX_IOAPICS   8
#define ACPI_MAX_OVERRIDES 16
#define ACPI_MAX_MCFG	   8
#define ACPI_MAX_IOMMUS	   8
#define ACPI_MAX_GUARDED   64
#define ACPI_MAX_TABLES	   128	     /* that the root table may name */
#define ACPI_MAX_BYTES	   0x100000U /* of a table */

/** typedef acpi_map_fn - @bytes at machine address @pa, to be read until the next call. Return: NULL: that is not memory. */
typedef const void *(*acpi_map_fn)(void *ctx, uint64_t pa, size_t bytes);

enum acpi_space {
	ACPI_MEMORY = 0,
	ACPI_IO = 1,
	ACPI_PCI_CONFIG = 2
};

/** struct acpi_gas - a generic address; bits == 0: there is none. */
struct acpi_gas {
	uint8_t space;
	uint8_t bits;
	uint64_t address;
};

struct acpi_ioapic {
	uint8_t id;
	uint32_t address;
	uint32_t gsi_base;
};

/** struct acpi_override - ISA interrupt @irq is @gsi; @flags: polarity in bits 0 and 1, trigger mode in 2 and 3. */
struct acpi_override {
	uint8_t irq;
	uint32_t gsi;
	uint16_t flags;
};

struct acpi_mcfg {
	uint64_t base;
	uint16_t segment;
	uint8_t bus_start, bus_end;
};

/** enum acpi_iommu_kind - by the table that names them. */
enum acpi_iommu_kind {
	ACPI_NO_IOMMU,
	ACPI_VTD,   /* DMAR */
	ACPI_AMDVI, /* IVRS */
};

/** struct acpi_iommu - one of segment 0. */
struct acpi_iommu {
	uint64_t base;	   /* of its registers */
	uint16_t function; /* AMD-Vi: the PCI function that it is itself */
	uint16_t capability;
};

/** struct acpi_guarded - functions (bus, device, function as 8, 5 and 3 bits) that are behind one of them. */
struct acpi_guarded {
	uint16_t first, last;
};

struct acpi_facts {
	uint64_t lapic_base;
	enum acpi_iommu_kind iommu_kind; /* of the first such table */
	struct acpi_iommu iommus[ACPI_MAX_IOMMUS];
	struct acpi_guarded guarded[ACPI_MAX_GUARDED];
	unsigned int nr_iommus;
	unsigned int nr_guarded;
	struct acpi_gas reset;	    /* write reset_value to it */
	struct acpi_gas pm_timer;   /* 3.579545 MHz */
	struct acpi_gas pm1a, pm1b; /* control registers: SLP_TYP << 10 and SLP_EN (bit 13) */
	struct acpi_gas uart;	    /* SPCR */
	struct acpi_gas hpet;
	struct acpi_mcfg mcfg[ACPI_MAX_MCFG];
	struct acpi_ioapic ioapics[ACPI_MAX_IOAPICS];
	struct acpi_override overrides[ACPI_MAX_OVERRIDES];
	uint16_t lines_by[ACPI_MAX_IOAPICS]; /* functions that AMD-Vi takes I/O APICs for */
	uint32_t cpus[ACPI_MAX_CPUS];	     /* APIC IDs */
	unsigned int nr_cpus;		     /* enabled ones, in the MADT's order */
	unsigned int nr_ioapics;
	unsigned int nr_overrides;
	unsigned int nr_mcfg;
	unsigned int nr_bad;	  /* tables left out: not memory, length or checksum wrong */
	unsigned int nr_lines_by; /* 0, with AMD-Vi: interrupts are not remapped */
	bool remaps_interrupts;	  /* VT-d, as its table says */
	unsigned int nr_left_out; /* CPUs and the like: too many, or entries that make no sense */
	uint16_t hpet_min_tick;
	uint8_t reset_value;
	uint8_t uart_irq;     /* of SPCR: a line of the ISA bus; 0: none is named */
	uint8_t uart_type;    /* 0: 16550; 1: 16550 subset with GAS's width */
	uint8_t s5_a, s5_b;   /* SLP_TYP of each, where has_s5 */
	uint8_t cmos_century; /* the clock's register for it; 0: it has none */
	bool has_s5;	      /* soft off is known */
	bool has_8259;
	bool is_hw_reduced;
	bool pm_timer_is_32; /* else 24 bits */
	bool has_cmos_rtc;
};

/**
 * acpi_read() - read what @rsdp leads to.
 * @rsdp: machine address of the RSDP (start info, multiboot2, EFI), or what acpi_find_rsdp() found
 * Return: 0; -ENOENT no valid RSDP or root table there. A missing or bad table is no error: its facts are zero.
 */
int __must_check acpi_read(uint64_t rsdp, acpi_map_fn map, void *ctx, struct acpi_facts *f);

/** acpi_find_rsdp() - where a PC's BIOS has the RSDP: the EBDA's first KiB, 0xe0000 ... 0xfffff. Return: 0: nowhere. */
uint64_t acpi_find_rsdp(acpi_map_fn map, void *ctx);

#endif
