/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SVM's nested tables and VMX's EPT for arch/common/mm/p2m.c: four levels, 40 bits of them used. Both have addresses, the
 * bit for a block, three bits of ours and the lowest bit of what is there (present; read) at the same places: the other
 * bits are the vendor's (hvm->p2m).
 * Spec: AMD APM vol. 2 sections 5.3 and 15.25 (nested paging); Intel SDM vol. 3 section 29.3 (EPT).
 */
#ifndef ASM_P2M_FORMAT_H
#define ASM_P2M_FORMAT_H

#include <asm/hvm.h>
#include <asm/layout.h>
#include <hyp/arch/p2m.h>
#include <hyp/domain.h>
#include <hyp/percpu.h>
#include <hyp/types.h>

#define P2M_TOP		      4U
#define P2M_ROOT_ENTRIES      512U
#define P2M_ADDR	      0xffffffffff000UL
#define P2M_BREAK_BEFORE_MAKE false

#define P2M_TYPE_SHIFT 9 /* three bits of every entry are software's: enum p2m_type */
#define P2M_TYPE_MASK  7UL
#define P2M_CUT_OFF    BIT(P2M_TYPE_SHIFT) /* of the root: it was a table */
#define P2M_ACCESS     7UL /* nested tables: present, writable, user; EPT: read, write, execute */

/** p2m_forget() - nothing that was in @d's space before is used by any CPU on return. */
void p2m_forget(struct domain *d);

static inline unsigned int p2m_bits(void)
{
	return 40;
}

static inline uint64_t p2m_attr(enum p2m_type type)
{
	return hvm->p2m.leaf(type) | (uint64_t)type << P2M_TYPE_SHIFT;
}

/* Stores are seen in their order. */
static inline void p2m_publish(void)
{
}

static inline unsigned int p2m_max_height(void)
{
	return hvm->p2m.max_level();
}

static inline bool p2m_is_valid(uint64_t entry)
{
	return (entry & PTE_P) != 0;
}

static inline bool p2m_is_table(uint64_t entry, unsigned int height)
{
	return height > 1 && (entry & (PTE_P | PTE_PS)) == PTE_P;
}

/* What leads to a table, beside its address. */
static inline uint64_t p2m_table(void)
{
	return hvm->p2m.table;
}

static inline uint64_t p2m_leaf(uint64_t entry, unsigned int height)
{
	return entry | (height > 1 ? PTE_PS : 0);
}

/* Of a block's first part, when it is cut into those of the height below. */
static inline uint64_t p2m_leaf_below(uint64_t block, unsigned int height)
{
	return height == 2 ? block & ~PTE_PS : block;
}

static inline enum p2m_type p2m_type_of(uint64_t entry)
{
	return (enum p2m_type)((entry >> P2M_TYPE_SHIFT) & P2M_TYPE_MASK);
}

/* What a CPU has found it remembers until the domain's age changes, by the address's page. */
static inline struct p2m_seen *p2m_seen_of(uint64_t at)
{
	return &this_cpu()->arch.p2m_seen[(at >> PAGE_SHIFT) % P2M_SEEN];
}

static inline uint64_t p2m_age(const struct domain *d)
{
	return __atomic_load_n(&d->arch.p2m_age, __ATOMIC_ACQUIRE);
}

static inline bool p2m_was_seen(const struct domain *d, uint64_t at, paddr_t *pa,
				enum p2m_type *type)
{
	const struct p2m_seen *s = p2m_seen_of(at);

	if (s->age != p2m_age(d) || at - s->base > s->mask) {
		return false;
	}
	*pa = paddr((s->pa & ~P2M_TYPE_MASK) | (at & s->mask));
	*type = (enum p2m_type)(s->pa & P2M_TYPE_MASK);
	return true;
}

/* @age: read before @entry was, so that what was taken out meanwhile is of another. @mask: of addresses within it. */
static inline void p2m_see(uint64_t age, uint64_t at, uint64_t mask, uint64_t entry)
{
	struct p2m_seen *s = p2m_seen_of(at);

	s->base = at & ~mask;
	s->mask = mask;
	s->pa = (entry & P2M_ADDR & ~mask) | p2m_type_of(entry);
	s->age = age;
}

/* Of the root: out of reach, and still known for what it was. */
static inline uint64_t p2m_cut(uint64_t entry)
{
	return (entry & ~P2M_ACCESS) | P2M_CUT_OFF;
}

static inline bool p2m_was_table(uint64_t entry)
{
	return (entry & P2M_CUT_OFF) != 0;
}

#endif
