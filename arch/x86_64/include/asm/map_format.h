/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long mode's tables for arch/common/mm/map.c; all that it maps lies in one table of level 3.
 * Spec: AMD APM vol. 2 sections 5.3 and 5.4 (entries), 5.5 (TLB).
 */
#ifndef ASM_MAP_FORMAT_H
#define ASM_MAP_FORMAT_H

#include <asm/arch.h>
#include <asm/layout.h>
#include <hyp/types.h>

#define MAP_ADDR  0xffffffffff000UL
#define MAP_VALID PTE_P
#define PTE_BLOCK PTE_PS
#define PTE_PAGE  0UL

static inline uint64_t *map_top_entry(uint64_t va)
{
	return &hyp_map_pdpt[(va >> 30) & 511];
}

/* Of an entry of 2 MiB. */
static inline bool map_is_table(uint64_t entry)
{
	return (entry & (PTE_P | PTE_PS)) == PTE_P;
}

/* Stores are seen in their order. */
static inline void map_publish(void)
{
}

/** map_forget() - begin to flush @va from the TLBs of all CPUs; map_forgotten() ends it. */
static inline void map_forget(uint64_t va)
{
	invlpg(va);
}

static inline void map_forgotten(void)
{
	tables_sync_others();
}

#endif
