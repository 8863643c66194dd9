/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 2 of AArch64 for arch/common/mm/p2m.c: 4 KiB granule, 40 bits or what the CPU has. The walk begins at level 1,
 * whose two tables lie side by side; level 3 is height 1.
 * Spec: Arm ARM D8.2.2 (concatenated tables), D8.3.1 (stage 2 descriptors), D8.14 (break before make).
 */
#ifndef ASM_P2M_FORMAT_H
#define ASM_P2M_FORMAT_H

#include <asm/sysreg.h>
#include <hyp/arch/p2m.h>
#include <hyp/types.h>

struct domain;

#define P2M_TOP		 3U
#define P2M_ROOT_ENTRIES 1024U
#define P2M_ADDR	 0xfffffffff000UL
/* An entry that is there and changes is taken out and forgotten first. */
#define P2M_BREAK_BEFORE_MAKE true

#define S2_VALID   BIT(0)
#define S2_TABLE   BIT(1) /* with S2_VALID: a table at heights 3 and 2, a page at height 1 */
#define S2_SW_TYPE 55	  /* software bits: enum p2m_type */
#define S2_SW_MASK 0xfUL

/** p2m_bits() - of a domain's addresses. */
unsigned int p2m_bits(void);

/** p2m_attr() - what a page or block of @type may, beside where it leads. */
uint64_t p2m_attr(enum p2m_type type);

/** p2m_forget() - nothing that was in @d's space before is used by any CPU on return. */
void p2m_forget(struct domain *d);

/** p2m_publish() - what was written is seen by every walk that begins behind it. */
static inline void p2m_publish(void)
{
	dsb(ishst);
}

static inline unsigned int p2m_max_height(void)
{
	return P2M_TOP;
}

static inline bool p2m_is_valid(uint64_t entry)
{
	return (entry & S2_VALID) != 0;
}

static inline bool p2m_is_table(uint64_t entry, unsigned int height)
{
	return height > 1 && (entry & (S2_VALID | S2_TABLE)) == (S2_VALID | S2_TABLE);
}

/* What leads to a table, beside its address. */
static inline uint64_t p2m_table(void)
{
	return S2_VALID | S2_TABLE;
}

static inline uint64_t p2m_leaf(uint64_t entry, unsigned int height)
{
	return entry | (height == 1 ? S2_TABLE : 0);
}

/* Of a block's first part, when it is cut into those of the height below. */
static inline uint64_t p2m_leaf_below(uint64_t block, unsigned int height)
{
	return p2m_leaf(block, height - 1);
}

static inline enum p2m_type p2m_type_of(uint64_t entry)
{
	return (enum p2m_type)((entry >> S2_SW_TYPE) & S2_SW_MASK);
}

/* Of the root: out of reach, and still known for what it was. */
static inline uint64_t p2m_cut(uint64_t entry)
{
	return entry & ~S2_VALID;
}

static inline bool p2m_was_table(uint64_t entry)
{
	return (entry & S2_TABLE) != 0;
}

/* Nothing is remembered of what was found. */
static inline uint64_t p2m_age(const struct domain *d)
{
	(void)d;
	return 0;
}

static inline bool p2m_was_seen(const struct domain *d, uint64_t at, paddr_t *pa,
				enum p2m_type *type)
{
	(void)d;
	(void)at;
	(void)pa;
	(void)type;
	return false;
}

static inline void p2m_see(uint64_t age, uint64_t at, uint64_t mask, uint64_t entry)
{
	(void)age;
	(void)at;
	(void)mask;
	(void)entry;
}

#endif
