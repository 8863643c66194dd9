/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's physical address space: tables of pages of 4 KiB and blocks of 2 MiB and 1 GiB, for every CPU whose tables
 * have 512 entries of 64 bits. What the bits mean is the architecture's, <asm/p2m_format.h>.
 *
 * Tables and their entries have a height: an entry of height 1 is a page, one of height 2 a block of 2 MiB or leads to a
 * table of height 1, and so on. Tables are never freed while the domain lives, so that arch_p2m_lookup() needs no lock:
 * an entry is read once. Changes: under d->lock or while building.
 */
#include <asm/p2m_format.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/pool.h>
#include <string.h>

#define TABLE_ENTRIES 512U
#define RESET_TABLES  16U /* freed at once: 64 KiB */

static unsigned int height_shift(unsigned int height)
{
	return PAGE_SHIFT + 9 * (height - 1);
}

static uint64_t entry_read(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

static void entry_write(uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

static uint64_t *table_of(uint64_t entry)
{
	return arch_phys_to_virt(paddr(entry & P2M_ADDR));
}

static uint64_t entry_of(const uint64_t *table)
{
	return arch_virt_to_phys(table).v | p2m_table();
}

static size_t slot(uint64_t at, unsigned int height)
{
	size_t mask = (height == P2M_TOP ? P2M_ROOT_ENTRIES : TABLE_ENTRIES) - 1;

	return (size_t)(at >> height_shift(height)) & mask;
}

/* The entry for @at at its deepest existing height; *height says which. */
static uint64_t *walk(struct domain *d, uint64_t at, unsigned int *height)
{
	uint64_t *table = d->arch.p2m_root;

	for (*height = P2M_TOP;; (*height)--) {
		uint64_t *entry = &table[slot(at, *height)];
		uint64_t value = entry_read(entry);

		if (!p2m_is_table(value, *height)) {
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

static void set_aside(struct domain *d, uint64_t *table)
{
	table[0] = (uint64_t)d->arch.p2m_spare;
	d->arch.p2m_spare = table;
	d->arch.nr_p2m_spare++;
}

int arch_p2m_reserve(struct domain *d, unsigned int nr)
{
	while (d->arch.nr_p2m_spare < nr) {
		uint64_t *table = page_alloc(0);

		if (table == NULL) {
			return -ENOMEM;
		}
		set_aside(d, table);
	}
	d->arch.p2m_is_sealed = true;
	return 0;
}

/* The same, making tables down to @want. A leaf in the way stays (the caller looks). Return: NULL: no page. */
static uint64_t *walk_make(struct domain *d, uint64_t at, unsigned int want, unsigned int *height)
{
	uint64_t *entry = walk(d, at, height);

	while (*height > want && !p2m_is_valid(*entry)) {
		uint64_t *table = table_alloc(d);

		if (table == NULL) {
			return NULL;
		}
		p2m_publish(); /* its zeros before it is reachable */
		entry_write(entry, entry_of(table));
		(*height)--;
		entry = &table[slot(at, *height)];
	}
	return entry;
}

/* The largest block that fits, as its height. */
static unsigned int fit(uint64_t at, uint64_t pa, uint64_t size)
{
	for (unsigned int height = p2m_max_height(); height > 1; height--) {
		uint64_t block = BIT(height_shift(height));

		if (IS_ALIGNED(at | pa, block) && size >= block) {
			return height;
		}
	}
	return 1;
}

static bool is_range_ok(uint64_t at, uint64_t size)
{
	uint64_t end = BIT(p2m_bits());

	return IS_ALIGNED(at | size, PAGE_SIZE) && size != 0 && at < end && size <= end - at;
}

/* One pass over the range: first with @attr 0 (tables are made, leaves looked for), then for real. */
static int map_pass(struct domain *d, uint64_t at, uint64_t pa, uint64_t size, uint64_t attr)
{
	while (size > 0) {
		unsigned int height;
		uint64_t *entry = walk_make(d, at, fit(at, pa, size), &height);
		uint64_t step;

		if (entry == NULL) {
			return -ENOMEM;
		}
		if (p2m_is_valid(*entry)) {
			return -EEXIST;
		}
		/* an existing table may lie deeper than the block that would fit */
		step = BIT(height_shift(height));
		if (attr != 0) {
			entry_write(entry, p2m_leaf(pa | attr, height));
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

	if (!is_range_ok(at.v, size) || !IS_ALIGNED(pa.v, PAGE_SIZE) || pa.v > P2M_ADDR - size) {
		return -EINVAL;
	}
	err = map_pass(d, at.v, pa.v, size, 0);
	if (err == 0) {
		err = map_pass(d, at.v, pa.v, size, p2m_attr(type));
	}
	p2m_publish();
	return err;
}

/* The table that @entry of @height leads to, and all below it. @left: how many may be freed. Return: are all gone? */
static bool free_below(struct domain *d, uint64_t entry, unsigned int height, unsigned int *left)
{
	uint64_t *table = table_of(entry);

	for (size_t i = 0; height > 2 && i < TABLE_ENTRIES; i++) {
		if (!p2m_is_table(table[i], height - 1)) {
			continue;
		}
		if (!free_below(d, table[i], height - 1, left)) {
			return false;
		}
		table[i] = 0;
	}
	if (*left == 0) {
		return false;
	}
	(*left)--;
	memset(table, 0, PAGE_SIZE);
	set_aside(d, table); /* like the others: the next life needs what this one had */
	return true;
}

/* Return: was anything within reach of a walk? */
static bool cut_off(struct domain *d)
{
	uint64_t *root = d->arch.p2m_root;
	bool had = false;

	for (size_t i = 0; i < P2M_ROOT_ENTRIES; i++) {
		if (p2m_is_valid(root[i])) {
			had = true;
			entry_write(&root[i], p2m_cut(root[i]));
		}
	}
	return had;
}

/* Out of reach of every walk first, then freed. */
bool arch_p2m_reset(struct domain *d)
{
	uint64_t *root = d->arch.p2m_root;
	unsigned int left = RESET_TABLES;

	if (cut_off(d)) {
		p2m_forget(d);
	}
	for (size_t i = 0; i < P2M_ROOT_ENTRIES; i++) {
		if (p2m_was_table(root[i]) && !free_below(d, root[i], P2M_TOP, &left)) {
			return true;
		}
		root[i] = 0;
	}
	return false;
}

/* Replace a block by a table of the height below that maps the same. */
static int split(struct domain *d, uint64_t *entry, unsigned int height)
{
	uint64_t *table = table_alloc(d);
	uint64_t step = BIT(height_shift(height - 1));
	uint64_t leaf = p2m_leaf_below(*entry, height);

	if (table == NULL) {
		return -ENOMEM;
	}
	for (uint64_t i = 0; i < TABLE_ENTRIES; i++) {
		table[i] = leaf + i * step;
	}
	if (P2M_BREAK_BEFORE_MAKE) {
		entry_write(entry, 0);
		p2m_forget(d);
	}
	entry_write(entry, entry_of(table));
	p2m_publish();
	return 0;
}

/* First pass (@remove false) splits blocks that the range covers in part, so that the second cannot fail. */
static int unmap_pass(struct domain *d, uint64_t at, uint64_t size, bool remove)
{
	uint64_t end = at + size;

	while (at < end) {
		unsigned int height;
		uint64_t *entry = walk(d, at, &height);
		uint64_t block = BIT(height_shift(height));
		uint64_t base = ALIGN_DOWN(at, block);

		if (p2m_is_valid(*entry) && (base < at || end - base < block)) {
			int err = split(d, entry, height);

			if (err) {
				return err;
			}
			continue;
		}
		if (remove) {
			entry_write(entry, 0);
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
		p2m_forget(d);
	}
	return err;
}

static void pages_set(struct domain *d, const gpa_t at[], unsigned int nr, uint64_t value)
{
	for (unsigned int i = 0; i < nr; i++) {
		unsigned int height;
		uint64_t *entry = walk(d, at[i].v, &height);

		if (height == 1) {
			entry_write(entry, value);
		}
	}
}

void arch_p2m_replace(struct domain *d, const gpa_t at[], unsigned int nr, paddr_t pa,
		      enum p2m_type type)
{
	uint64_t value = p2m_leaf(pa.v | p2m_attr(type), 1);

	if (P2M_BREAK_BEFORE_MAKE) {
		pages_set(d, at, nr, 0);
		p2m_forget(d);
		pages_set(d, at, nr, value);
		p2m_publish();
	} else {
		pages_set(d, at, nr, value);
		p2m_forget(d);
	}
}

static __noinline int find(struct domain *d, gpa_t at, paddr_t *pa, enum p2m_type *type)
{
	uint64_t age = p2m_age(d), value, offset;
	unsigned int height;

	if (at.v >= BIT(p2m_bits())) {
		return -EFAULT;
	}
	value = entry_read(walk(d, at.v, &height));
	if (!p2m_is_valid(value)) {
		return -EFAULT;
	}
	offset = BIT(height_shift(height)) - 1;
	*pa = paddr((value & P2M_ADDR & ~offset) | (at.v & offset));
	*type = p2m_type_of(value);
	p2m_see(age, at.v, offset, value);
	return 0;
}

int arch_p2m_lookup(struct domain *d, gpa_t at, paddr_t *pa, enum p2m_type *type)
{
	return p2m_was_seen(d, at.v, pa, type) ? 0 : find(d, at, pa, type);
}
