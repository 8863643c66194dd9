/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's physical address space: tables of four levels, 40 bits of them used, pages of 4 KiB, 2 MiB and 1 GiB where the
 * CPU has these. SVM's nested tables and VMX's EPT have addresses, the bit for a block, three bits of ours and the lowest
 * bit of what is there (present; read) at the same places: the other bits are the vendor's (hvm->p2m).
 *
 * Tables are never freed while the domain lives, so that arch_p2m_lookup() needs no lock: an entry is read once.
 * Changes: under d->lock or while building. What is taken out changes the domain's age: a vCPU that is of another age
 * starts with nothing cached before it enters its guest, and those that are in their guests are brought out by NMI first.
 * Spec: AMD APM vol. 2 sections 5.3 and 15.25 (nested paging), 15.16 (ASIDs); Intel SDM vol. 3 section 29.3 (EPT).
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/pool.h>
#include <string.h>

#define SPACE_BITS   40U
#define TYPE_SHIFT   9 /* three bits of every entry are software's: enum p2m_type */
#define TYPE_MASK    7UL
#define ADDR_MASK    0xffffffffff000UL
#define TOP_LEVEL    4U
#define RESET_TABLES 16U /* freed at once: 64 KiB */

static unsigned int level_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

int arch_p2m_init(struct domain *d)
{
	d->arch.p2m_root = page_alloc(0);
	d->arch.p2m_age = 1;
	return d->arch.p2m_root == NULL ? -ENOMEM : 0;
}

static uint64_t leaf_attr(enum p2m_type type)
{
	return hvm->p2m.leaf(type) | (uint64_t)type << TYPE_SHIFT;
}

static uint64_t entry_read(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

static bool is_table(uint64_t entry, unsigned int level)
{
	return level > 1 && (entry & (PTE_P | PTE_PS)) == PTE_P;
}

static uint64_t *table_of(uint64_t entry)
{
	return arch_phys_to_virt(paddr(entry & ADDR_MASK));
}

static size_t slot(uint64_t at, unsigned int level)
{
	return (size_t)(at >> level_shift(level)) & 511;
}

/* The entry for @at at its deepest existing level; *level says which. */
static uint64_t *walk(struct domain *d, uint64_t at, unsigned int *level)
{
	uint64_t *table = d->arch.p2m_root;

	for (*level = TOP_LEVEL;; (*level)--) {
		uint64_t *entry = &table[slot(at, *level)];
		uint64_t value = entry_read(entry);

		if (!is_table(value, *level)) {
			return entry;
		}
		table = table_of(value);
	}
}

/* A page of zeroes: the pool's while the domain is first built, then one of those set aside, which are a list. */
static uint64_t *table_alloc(struct domain *d)
{
	uint64_t *table = d->arch.p2m_spare;

	if (!d->arch.p2m_is_sealed) {
		return page_alloc(0);
	}
	if (table != NULL) {
		d->arch.p2m_spare = (uint64_t *)table[0];
		d->arch.nr_p2m_spare--;
		table[0] = 0;
	}
	return table;
}

int arch_p2m_reserve(struct domain *d, unsigned int nr)
{
	while (d->arch.nr_p2m_spare < nr) {
		uint64_t *table = page_alloc(0);

		if (table == NULL) {
			return -ENOMEM;
		}
		table[0] = (uint64_t)d->arch.p2m_spare;
		d->arch.p2m_spare = table;
		d->arch.nr_p2m_spare++;
	}
	d->arch.p2m_is_sealed = true;
	return 0;
}

/* Set aside like the others: the next life needs what this one had. */
static void table_free(struct domain *d, uint64_t *table)
{
	memset(table, 0, PAGE_SIZE);
	table[0] = (uint64_t)d->arch.p2m_spare;
	d->arch.p2m_spare = table;
	d->arch.nr_p2m_spare++;
}

static uint64_t table_entry(const uint64_t *table)
{
	return arch_virt_to_phys(table).v | hvm->p2m.table;
}

/* The same, making tables down to @want. A leaf in the way stays (the caller looks). Return: NULL no page. */
static uint64_t *walk_make(struct domain *d, uint64_t at, unsigned int want, unsigned int *level)
{
	uint64_t *entry = walk(d, at, level);

	while (*level > want && (*entry & PTE_P) == 0) {
		uint64_t *table = table_alloc(d);

		if (table == NULL) {
			return NULL;
		}
		__atomic_store_n(entry, table_entry(table), __ATOMIC_RELEASE);
		(*level)--;
		entry = &table[slot(at, *level)];
	}
	return entry;
}

/* The largest block that fits, as its level. */
static unsigned int fit(uint64_t at, uint64_t pa, uint64_t size)
{
	for (unsigned int level = hvm->p2m.max_level(); level > 1; level--) {
		uint64_t block = BIT(level_shift(level));

		if (IS_ALIGNED(at | pa, block) && size >= block) {
			return level;
		}
	}
	return 1;
}

static bool is_range_ok(uint64_t at, uint64_t size)
{
	return IS_ALIGNED(at | size, PAGE_SIZE) && size != 0 && at < BIT(SPACE_BITS) &&
	       size <= BIT(SPACE_BITS) - at;
}

/* One pass over the range: first with @attr 0 (tables are made, leaves looked for), then for real. */
static int map_pass(struct domain *d, uint64_t at, uint64_t pa, uint64_t size, uint64_t attr)
{
	while (size > 0) {
		unsigned int level;
		uint64_t *entry = walk_make(d, at, fit(at, pa, size), &level);
		uint64_t step;

		if (entry == NULL) {
			return -ENOMEM;
		}
		if ((*entry & PTE_P) != 0) {
			return -EEXIST;
		}
		/* an existing table may lie deeper than the block that would fit */
		step = BIT(level_shift(level));
		if (attr != 0) {
			__atomic_store_n(entry, pa | attr | (level > 1 ? PTE_PS : 0),
					 __ATOMIC_RELEASE);
		}
		at += step;
		pa += step;
		size -= step;
	}
	return 0;
}

int arch_p2m_map(struct domain *d, gpa_t at, paddr_t pa, uint64_t size, enum p2m_type type)
{
	int err;

	if (!is_range_ok(at.v, size) || !IS_ALIGNED(pa.v, PAGE_SIZE) || pa.v > ADDR_MASK - size) {
		return -EINVAL;
	}
	err = map_pass(d, at.v, pa.v, size, 0);
	return err == 0 ? map_pass(d, at.v, pa.v, size, leaf_attr(type)) : err;
}

/* Nothing that was in @d's space before is used by any CPU on return. */
static void forget(struct domain *d)
{
	__atomic_fetch_add(&d->arch.p2m_age, 1, __ATOMIC_SEQ_CST);
	tables_sync_others();
}

/* Tables of pages, and the one above them that held them all. @left: how many may be freed. Return: are all gone? */
static bool free_below(struct domain *d, uint64_t *entry, unsigned int level, unsigned int *left)
{
	uint64_t *table = table_of(*entry);

	for (size_t i = 0; level > 2 && i < 512; i++) {
		if (is_table(table[i], level - 1) && !free_below(d, &table[i], level - 1, left)) {
			return false;
		}
	}
	if (*left == 0) {
		return false;
	}
	(*left)--;
	table_free(d, table);
	*entry = 0;
	return true;
}

/* Out of reach of every walk first, then freed: software's bit says that it was a table. */
#define CUT_OFF	   BIT(TYPE_SHIFT)
#define P2M_ACCESS 7UL /* nested tables: present, writable, user; EPT: read, write, execute */

static bool cut_off(struct domain *d)
{
	uint64_t *root = d->arch.p2m_root;
	bool had = false;

	for (size_t i = 0; i < 512; i++) {
		if ((root[i] & PTE_P) != 0) {
			had = true;
			__atomic_store_n(&root[i], (root[i] & ~P2M_ACCESS) | CUT_OFF,
					 __ATOMIC_RELEASE);
		}
	}
	return had;
}

bool arch_p2m_reset(struct domain *d)
{
	uint64_t *root = d->arch.p2m_root;
	unsigned int left = RESET_TABLES;

	if (cut_off(d)) {
		forget(d);
	}
	for (size_t i = 0; i < 512; i++) {
		if ((root[i] & CUT_OFF) != 0 && !free_below(d, &root[i], TOP_LEVEL, &left)) {
			return true;
		}
	}
	return false;
}

/* Replace a block by a table of the next level that maps the same. */
static int split(struct domain *d, uint64_t *entry, unsigned int level)
{
	uint64_t *table = table_alloc(d);
	uint64_t step = BIT(level_shift(level - 1));
	uint64_t leaf = level == 2 ? *entry & ~PTE_PS : *entry;

	if (table == NULL) {
		return -ENOMEM;
	}
	for (uint64_t i = 0; i < 512; i++) {
		table[i] = leaf + i * step;
	}
	__atomic_store_n(entry, table_entry(table), __ATOMIC_RELEASE);
	return 0;
}

/* First pass (@remove false) splits blocks that the range covers in part, so that the second cannot fail. */
static int unmap_pass(struct domain *d, uint64_t at, uint64_t size, bool remove)
{
	uint64_t end = at + size;

	while (at < end) {
		unsigned int level;
		uint64_t *entry = walk(d, at, &level);
		uint64_t block = BIT(level_shift(level));
		uint64_t base = ALIGN_DOWN(at, block);

		if ((*entry & PTE_P) != 0 && (base < at || end - base < block)) {
			int err = split(d, entry, level);

			if (err) {
				return err;
			}
			continue;
		}
		if (remove) {
			__atomic_store_n(entry, 0, __ATOMIC_RELEASE);
		}
		at = base + block;
	}
	return 0;
}

int arch_p2m_unmap(struct domain *d, gpa_t at, uint64_t size)
{
	int err;

	if (!is_range_ok(at.v, size)) {
		return -EINVAL;
	}
	err = unmap_pass(d, at.v, size, false);
	if (err == 0) {
		err = unmap_pass(d, at.v, size, true);
		forget(d);
	}
	return err;
}

/* The new page is there at once; what the TLBs still have of the old one is gone on return. */
void arch_p2m_replace(struct domain *d, const gpa_t at[], unsigned int nr, paddr_t pa,
		      enum p2m_type type)
{
	for (unsigned int i = 0; i < nr; i++) {
		unsigned int level;
		uint64_t *entry = walk(d, at[i].v, &level);

		if (level == 1) {
			__atomic_store_n(entry, pa.v | leaf_attr(type), __ATOMIC_RELEASE);
		}
	}
	forget(d);
}

int arch_p2m_lookup(struct domain *d, gpa_t at, paddr_t *pa, enum p2m_type *type)
{
	unsigned int level;
	uint64_t value, offset;

	if (at.v >= BIT(SPACE_BITS)) {
		return -EFAULT;
	}
	value = entry_read(walk(d, at.v, &level));
	if ((value & PTE_P) == 0) {
		return -EFAULT;
	}
	offset = BIT(level_shift(level)) - 1;
	*pa = paddr((value & ADDR_MASK & ~offset) | (at.v & offset));
	*type = (value >> TYPE_SHIFT) & TYPE_MASK;
	return 0;
}
