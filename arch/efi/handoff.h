/* SPDX-License-Identifier: Apache-2.0 */
/* Between the stub and the architecture's last steps: what the hypervisor is told, and how it is entered. */
#ifndef EFI_HANDOFF_H
#define EFI_HANDOFF_H

#include <hyp/types.h>

#define EFI_MAX_RANGES 32 /* as many as the hypervisor takes (hyp/loader.h) */
#define EFI_SEED_BYTES 64

struct efi_boot_services;
struct efi_system_table;

/** struct efi_range - machine memory from @base, @bytes long. */
struct efi_range {
	uint64_t base;
	uint64_t bytes;
};

/** struct efi_handoff - all that the hypervisor is told. */
struct efi_handoff {
	struct efi_range ram[EFI_MAX_RANGES]; /* nobody's from now on, in ascending order */
	unsigned int nr_ram;
	struct efi_range bundle;
	struct efi_range hyp; /* in its place, clean */
	uint64_t entry;
	uint64_t rsdp; /* ACPI's root; 0: none */
	uint8_t seed[EFI_SEED_BYTES];
	uint32_t lowest;   /* version that may start */
	size_t seed_bytes; /* 0: the firmware has no source of randomness */
};

/**
 * efi_free_ranges() - map.c: what of a firmware's memory map is nobody's after its boot services, joined, ascending.
 * @map: lines of @line_bytes each, which may be longer than those we know; @bytes of them in all
 * @out: room for EFI_MAX_RANGES; of more, the smallest are left out
 * Return: how many.
 */
unsigned int efi_free_ranges(const void *map, size_t bytes, size_t line_bytes,
			     struct efi_range *out);

/**
 * arch_efi_prepare() - take from the firmware what arch_efi_enter() needs.
 * Return: NULL; else what cannot be had.
 */
const char *arch_efi_prepare(const struct efi_boot_services *boot);

/** arch_efi_enter() - start the hypervisor. Context: boot services have ended; one CPU, its caches on. */
void __noreturn arch_efi_enter(const struct efi_handoff *handoff);

#endif
