// SPDX-License-Identifier: Apache-2.0
/*
 * Stage 1 of a bare-metal guest: an identity map, 4 KiB granule, 39-bit addresses.
 *
 * The image gets pages of its own (text read-execute, constants read-only, data read-write, a hole under the
 * stack), devices get 2 MiB blocks. Tables are written once, with the MMU off.
 * Spec: Arm ARM, "Translation table descriptor formats"; TCR_EL1, MAIR_EL1, SCTLR_EL1.
 */
#include "guest.h"

#define ENTRIES	  512u
#define PAGE	  0x1000u
#define BLOCK	  0x200000u
#define NR_TABLES 6u /* below the first level: image 2, devices one a GiB */

#define DESC_TABLE  3u
#define DESC_PAGE   3u
#define DESC_BLOCK  1u
#define DESC_AF	    (1ull << 10)
#define DESC_ISH    (3ull << 8)
#define DESC_RO	    (1ull << 7)
#define DESC_XN	    (3ull << 53) /* UXN and PXN */
#define DESC_UXN    (1ull << 54)
#define ATTR_DEVICE (0ull << 2)
#define ATTR_NORMAL (1ull << 2)

#define MAIR	   0xff00ull /* 0: device nGnRnE; 1: normal, write-back */
#define TCR_T0SZ   (64u - 39u)
#define TCR_CACHED (1u << 8 | 1u << 10 | 3u << 12) /* walks: write-back, inner shareable */
#define TCR_EPD1   (1u << 23)
#define SCTLR_ON   (1u << 0 | 1u << 2 | 1u << 3 | 1u << 12 | 1u << 19) /* M C SA I WXN */
#define SCTLR_RES1 (1u << 29 | 1u << 28 | 1u << 23 | 1u << 22 | 1u << 20 | 1u << 11)

extern char image_start[], rodata_start[], data_start[], stack_guard[], stack_bottom[], image_end[];

static uint64_t level1[ENTRIES] __attribute__((aligned(4096)));
static uint64_t tables[NR_TABLES][ENTRIES] __attribute__((aligned(4096)));
static unsigned int nr_tables;

/* The table that @entry points to, made if it is not there; NULL: none left. */
static uint64_t *next_level(uint64_t *entry)
{
	if (*entry == 0) {
		if (nr_tables == NR_TABLES) {
			return NULL;
		}
		*entry = (uint64_t)(uintptr_t)tables[nr_tables++] | DESC_TABLE;
	}
	return (uint64_t *)(uintptr_t)(*entry & ~(uint64_t)(PAGE - 1));
}

static void map_block(uint64_t addr, uint64_t attr)
{
	uint64_t *level2 = next_level(&level1[addr >> 30 & (ENTRIES - 1)]);

	if (level2 != NULL) {
		level2[addr >> 21 & (ENTRIES - 1)] = (addr & ~(uint64_t)(BLOCK - 1)) | attr |
						     DESC_XN | DESC_AF | DESC_BLOCK;
	}
}

void mmu_device(uint64_t addr)
{
	map_block(addr, ATTR_DEVICE);
}

void mmu_memory(uint64_t addr)
{
	map_block(addr, ATTR_NORMAL | DESC_ISH);
}

static void map_pages(const char *from, const char *to, uint64_t attr)
{
	for (uint64_t a = (uintptr_t)from; a < (uintptr_t)to; a += PAGE) {
		uint64_t *level2 = next_level(&level1[a >> 30 & (ENTRIES - 1)]);
		uint64_t *level3 = next_level(&level2[a >> 21 & (ENTRIES - 1)]);

		level3[a >> 12 & (ENTRIES - 1)] = a | attr | ATTR_NORMAL | DESC_ISH | DESC_AF |
						  DESC_PAGE;
	}
}

static void forget_cached(const void *start, size_t len)
{
	uint64_t line = 4ull << (read_sysreg(ctr_el0) >> 16 & 15);

	for (uint64_t a = (uintptr_t)start; a < (uintptr_t)start + len; a += line) {
		__asm__ volatile("dc ivac, %0" : : "r"(a) : "memory");
	}
	dsb();
}

void mmu_init(const struct machine *m)
{
	uint64_t ips = read_sysreg(id_aa64mmfr0_el1) & 15;

	map_pages(image_start, rodata_start, DESC_RO | DESC_UXN);
	map_pages(rodata_start, data_start, DESC_RO | DESC_XN);
	map_pages(data_start, stack_guard, DESC_XN);
	map_pages(stack_bottom, image_end, DESC_XN);
	mmu_device(m->uart);
	mmu_device(m->gicd);
	for (uint64_t a = m->gicr; a < m->gicr + m->gicr_size; a += BLOCK) {
		mmu_device(a);
	}
	dsb();
	forget_cached(level1, sizeof(level1));
	forget_cached(tables, sizeof(tables));
	if (ips > 5) {
		ips = 5; /* 48 bits: more needs another format */
	}
	mmu_switch_on((uintptr_t)level1, TCR_T0SZ | TCR_CACHED | TCR_EPD1 | ips << 32, MAIR,
		      SCTLR_RES1 | SCTLR_ON);
}
