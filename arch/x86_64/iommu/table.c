/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables that say what a domain's PCI functions reach, for either kind of IOMMU: its memory, and nothing else. They are made
 * once, while the domain is built, for its memory is the same in all its lives.
 * Spec: Intel VT-d 4.0, 9.8 (second-stage entries); AMD I/O Virtualization 3.08, 2.2.3.
 */
#include <asm/iommu.h>
#include <hyp/arch/mm.h>
#include <hyp/errno.h>
#include <hyp/pool.h>

#define ADDRESS	 0xffffffffff000UL
#define ENTRIES	 512U
#define SHIFT(l) (PAGE_SHIFT + 9 * ((l)-1))

int iommu_tables_init(struct iommu_tables *t)
{
	t->root = page_alloc(0);
	return t->root == NULL ? -ENOMEM : 0;
}

static uint64_t *below(uint64_t entry)
{
	return arch_phys_to_virt(paddr(entry & ADDRESS));
}

/* The largest block that fits, as its level. */
static unsigned int fit(const struct iommu_tables *t, uint64_t at, uint64_t pa, uint64_t size)
{
	unsigned int level = t->max_level;

	while (level > 1 && (!IS_ALIGNED(at | pa, BIT(SHIFT(level))) || size < BIT(SHIFT(level)))) {
		level--;
	}
	return level;
}

/* The entry of @level for @at, with the tables above it. Return: NULL: no page; *is_taken: a block is in the way. */
static uint64_t *entry_of(struct iommu_tables *t, uint64_t at, unsigned int level, bool *is_taken)
{
	uint64_t *table = t->root;

	*is_taken = false;
	for (unsigned int l = t->levels;; l--) {
		uint64_t *entry = &table[(at >> SHIFT(l)) % ENTRIES];

		if (l == level) {
			return entry;
		}
		if (*entry == 0) {
			table = page_alloc(0);
			if (table == NULL) {
				return NULL;
			}
			*entry = arch_virt_to_phys(table).v | t->format->table(l);
		} else if (t->format->is_table(*entry, l)) {
			table = below(*entry);
		} else {
			*is_taken = true;
			return NULL;
		}
	}
}

int iommu_tables_map(struct iommu_tables *t, uint64_t at, uint64_t pa, uint64_t size)
{
	uint64_t space = BIT(SHIFT(t->levels + 1));

	if (!IS_ALIGNED(at | pa | size, PAGE_SIZE) || at >= space || size > space - at ||
	    pa > ADDRESS - size) {
		return -EINVAL;
	}
	while (size > 0) {
		unsigned int level = fit(t, at, pa, size);
		bool is_taken;
		uint64_t *entry = entry_of(t, at, level, &is_taken);

		if (entry == NULL) {
			return is_taken ? -EEXIST : -ENOMEM;
		}
		if (*entry != 0) {
			return -EEXIST;
		}
		*entry = pa | t->format->leaf(level);
		at += BIT(SHIFT(level));
		pa += BIT(SHIFT(level));
		size -= BIT(SHIFT(level));
	}
	return 0;
}

static void flush(const struct iommu_tables *t, const uint64_t *table, unsigned int level)
{
	arch_cache_flush(table, PAGE_SIZE);
	for (size_t i = 0; level > 1 && i < ENTRIES; i++) {
		if (table[i] != 0 && t->format->is_table(table[i], level)) {
			flush(t, below(table[i]), level - 1);
		}
	}
}

void iommu_tables_flush(const struct iommu_tables *t)
{
	flush(t, t->root, t->levels);
}
