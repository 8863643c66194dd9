/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 1 of EL2 for arch/common/mm/map.c: 4 KiB granule, 48 bits; all that it maps lies in one level-1 table.
 * Spec: Arm ARM D8.3.1 (stage 1 descriptors), D8.14 (break before make: what changes was invalid before).
 */
#ifndef ASM_MAP_FORMAT_H
#define ASM_MAP_FORMAT_H

#include <asm/arch.h>
#include <asm/errata.h>
#include <asm/layout.h>
#include <asm/sysreg.h>
#include <hyp/types.h>

#define MAP_ADDR  0xfffffffff000UL
#define MAP_VALID PTE_VALID

static inline uint64_t *map_top_entry(uint64_t va)
{
	return &hyp_l1[(va >> 30) & 511];
}

/* Of an entry of 2 MiB. */
static inline bool map_is_table(uint64_t entry)
{
	return (entry & PTE_TABLE) == PTE_TABLE;
}

/** map_publish() - what was written is seen by every walk that begins behind it. */
static inline void map_publish(void)
{
	dsb(ishst);
	isb();
}

/** map_forget() - begin to flush @va from the TLBs of all CPUs; map_forgotten() ends it. */
static inline void map_forget(uint64_t va)
{
	dsb(ishst);
	for (int again = errata_tlbi_rounds(); again > 0; again--) {
		__asm__ volatile("tlbi vae2is, %0\n\tdsb ish" : : "r"(va >> PAGE_SHIFT) : "memory");
	}
}

static inline void map_forgotten(void)
{
	isb();
}

#endif
