/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CPU for arch/common/mm/p2m.c whose format the test chooses: a root of three levels and twice the entries, or one of
 * four; blocks have a bit, or pages have. It takes the places of <asm/p2m_format.h> and <asm/domain.h>.
 */
#ifndef ASM_P2M_FORMAT_H
#define ASM_P2M_FORMAT_H
#define ASM_DOMAIN_H

#include <hyp/arch/p2m.h>
#include <hyp/types.h>

#define ARCH_RUNSTATE_PIECES 2

struct domain;

struct arch_vcpu {
	uint64_t nothing;
};

struct arch_domain {
	uint64_t *p2m_root;
	uint64_t *p2m_spare;
	unsigned int nr_p2m_spare;
	bool p2m_is_sealed;
};

/** struct format - what the architectures differ in. */
struct format {
	const char *name;
	unsigned int top;
	unsigned int root_entries;
	unsigned int max_height;
	bool must_break;
	bool pages_have_a_bit; /* and tables too; else blocks have */
};

extern const struct format *format;

#define P2M_TOP		      (format->top)
#define P2M_ROOT_ENTRIES      (format->root_entries)
#define P2M_ADDR	      0xfffffffff000UL
#define P2M_BREAK_BEFORE_MAKE (format->must_break)

#define FMT_VALID      BIT(0)
#define FMT_KIND       BIT(1)
#define FMT_TYPE_SHIFT 2
#define FMT_CUT	       BIT(11)

void p2m_forget(struct domain *d);

static inline unsigned int p2m_bits(void)
{
	return 40;
}

static inline uint64_t p2m_attr(enum p2m_type type)
{
	return FMT_VALID | (uint64_t)type << FMT_TYPE_SHIFT;
}

static inline void p2m_publish(void)
{
}

static inline unsigned int p2m_max_height(void)
{
	return format->max_height;
}

static inline bool p2m_is_valid(uint64_t entry)
{
	return (entry & FMT_VALID) != 0;
}

static inline bool p2m_is_table(uint64_t entry, unsigned int height)
{
	return height > 1 && p2m_is_valid(entry) &&
	       ((entry & FMT_KIND) != 0) == format->pages_have_a_bit;
}

static inline uint64_t p2m_table(void)
{
	return FMT_VALID | (format->pages_have_a_bit ? FMT_KIND : 0);
}

static inline uint64_t p2m_leaf(uint64_t entry, unsigned int height)
{
	return entry | ((height == 1) == format->pages_have_a_bit ? FMT_KIND : 0);
}

static inline uint64_t p2m_leaf_below(uint64_t block, unsigned int height)
{
	return p2m_leaf(block & ~FMT_KIND, height - 1);
}

static inline enum p2m_type p2m_type_of(uint64_t entry)
{
	return (enum p2m_type)((entry >> FMT_TYPE_SHIFT) & 7);
}

static inline uint64_t p2m_cut(uint64_t entry)
{
	return (entry & ~FMT_VALID) | (p2m_is_table(entry, format->top) ? FMT_CUT : 0);
}

static inline bool p2m_was_table(uint64_t entry)
{
	return (entry & FMT_CUT) != 0;
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
