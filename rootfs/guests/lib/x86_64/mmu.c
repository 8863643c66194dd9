// SPDX-License-Identifier: Apache-2.0
/*
 * Page tables of a bare-metal guest: an identity map. The image gets pages of its own (text read-execute, constants
 * read-only, data read-write, a hole under the stack), all else blocks of 2 MiB, never executable.
 * Spec: AMD APM vol. 2 section 5.3, "Long-Mode Page Translation".
 */
#include "guest.h"

#define ENTRIES	  512u
#define PAGE	  0x1000u
#define BLOCK	  0x200000u
#define NR_TABLES 8u	      /* below the third level: the image's two, one for each other GiB */
#define PV_PAGES  0xfee00000u /* the 2 MiB with the local APIC, Xen's console and store pages */

#define PRESENT	 1ull
#define WRITABLE 2ull
#define UNCACHED 0x18ull /* PWT, PCD */
#define LARGE	 0x80ull
#define NO_EXEC	 (1ull << 63)
#define ADDRESS	 0x000ffffffffff000ull

extern char image_start[], rodata_start[], data_start[], stack_guard[], stack_bottom[], image_end[];

static uint64_t level4[ENTRIES] __attribute__((aligned(4096)));
static uint64_t level3[ENTRIES] __attribute__((aligned(4096)));
static uint64_t tables[NR_TABLES][ENTRIES] __attribute__((aligned(4096)));
static unsigned int nr_tables;

/* The table that @entry points to, made if it is not there; NULL: none left. */
static uint64_t *next_level(uint64_t *entry)
{
	if (*entry == 0) {
		if (nr_tables == NR_TABLES) {
			return NULL;
		}
		*entry = (uint64_t)(uintptr_t)tables[nr_tables++] | PRESENT | WRITABLE;
	}
	return (uint64_t *)(uintptr_t)(*entry & ADDRESS);
}

static void map_block(uint64_t addr, uint64_t flags)
{
	uint64_t *level2 = next_level(&level3[addr >> 30 & (ENTRIES - 1)]);

	if (level2 != NULL) {
		level2[addr >> 21 & (ENTRIES - 1)] = (addr & ~(uint64_t)(BLOCK - 1)) | PRESENT |
						     WRITABLE | LARGE | NO_EXEC | flags;
	}
}

void mmu_device(uint64_t addr)
{
	map_block(addr, UNCACHED);
}

void mmu_memory(uint64_t addr)
{
	map_block(addr, 0);
}

static void map_pages(const char *from, const char *to, uint64_t flags)
{
	for (uint64_t a = (uintptr_t)from; a < (uintptr_t)to; a += PAGE) {
		uint64_t *level2 = next_level(&level3[a >> 30 & (ENTRIES - 1)]);
		uint64_t *level1 = next_level(&level2[a >> 21 & (ENTRIES - 1)]);

		level1[a >> 12 & (ENTRIES - 1)] = a | PRESENT | flags;
	}
}

void mmu_init(const struct machine *m)
{
	(void)m;
	level4[0] = (uint64_t)(uintptr_t)level3 | PRESENT | WRITABLE;
	map_pages(image_start, rodata_start, 0);
	map_pages(rodata_start, data_start, NO_EXEC);
	map_pages(data_start, stack_guard, WRITABLE | NO_EXEC);
	map_pages(stack_bottom, image_end, WRITABLE | NO_EXEC);
	mmu_memory(PV_PAGES);
	__asm__ volatile("mov %0, %%cr3" : : "r"(level4) : "memory");
}
