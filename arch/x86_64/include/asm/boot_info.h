/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a loader says, whichever it was: where memory is, where the bundle, where ACPI's root. Nothing else of a loader's is
 * looked at: none of its strings decides what runs.
 */
#ifndef ASM_BOOT_INFO_H
#define ASM_BOOT_INFO_H

#include <hyp/types.h>

#define BOOT_MAX_MEMORY 128U

/** enum boot_from - who started us, as boot/head.S finds it out: what it left an address of. */
enum boot_from {
	BOOT_PVH = 0,		      /* struct hvm_start_info */
	BOOT_MULTIBOOT2 = 0x36d76289, /* multiboot2's information (the number is in EAX then) */
	BOOT_INFO = 0x69666e69,	      /* struct boot_info itself: our own stub was the loader */
};

struct boot_range {
	uint64_t base, size;
};

/** struct boot_info - machine addresses all, and believed by nobody: the core checks them as anybody's. */
struct boot_info {
	struct boot_range memory[BOOT_MAX_MEMORY]; /* what the firmware calls usable */
	uint32_t nr_memory;
	struct boot_range bundle; /* size 0: none */
	struct boot_range seed;	  /* random bytes of the firmware's; size 0: none */
	uint64_t rsdp;		  /* ACPI's root; 0: none given */
	bool has_lowest;
	uint32_t lowest; /* version that may start */
};

#define BOOT_LOWEST_MAGIC 0x7473657720776f6cUL

/** struct boot_lowest - the third module of a PVH start info, if our own stub wrote it. */
struct boot_lowest {
	uint64_t magic;
	uint64_t lowest;
};

/** boot_info_add_memory() - one more piece. Return: false: there is no room for it. */
static inline bool boot_info_add_memory(struct boot_info *b, uint64_t base, uint64_t size)
{
	if (b->nr_memory >= BOOT_MAX_MEMORY) {
		return false;
	}
	b->memory[b->nr_memory++] = (struct boot_range){ base, size };
	return true;
}

#endif
