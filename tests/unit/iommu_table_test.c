// SPDX-License-Identifier: Apache-2.0
/* Tables of what a domain's PCI functions reach: what was mapped and nothing else, in each kind's words, with and without memory. */
#include <unit.h>

#include <asm/iommu.h>
#include <hyp/arch/mm.h>
#include <hyp/errno.h>
#include <hyp/pool.h>

#include <stdlib.h>
#include <string.h>

#define NR_PAGES 16U
#define TOP	 (1UL << 39)

static uint8_t pages[NR_PAGES][4096] __attribute__((aligned(4096)));
static unsigned int nr_used, nr_there, nr_flushed;

void *page_alloc(unsigned int order)
{
	assert_int_equal(order, 0);
	if (nr_used == nr_there) {
		return NULL;
	}
	memset(pages[nr_used], 0, 4096);
	return pages[nr_used++];
}

/* Addresses as the machine's: a page's number from 1 MiB on. */
paddr_t arch_virt_to_phys(const void *va)
{
	return paddr(0x100000 + (uint64_t)((const uint8_t *)va - pages[0]));
}

void *arch_phys_to_virt(paddr_t pa)
{
	assert_true(pa.v >= 0x100000 && pa.v < 0x100000 + sizeof(pages) && pa.v % 4096 == 0);
	return pages[(pa.v - 0x100000) / 4096];
}

void arch_cache_flush(const void *va, size_t size)
{
	(void)va;
	assert_int_equal(size, 4096);
	nr_flushed++;
}

/* A format that says which level an entry is of. */
static uint64_t leaf(unsigned int level)
{
	return 0x40 | level;
}

static uint64_t lead(unsigned int level)
{
	return 0x80 | level;
}

static bool is_table(uint64_t entry, unsigned int level)
{
	assert_int_equal(entry & 7, level);
	return (entry & 0x80) != 0;
}

static const struct iommu_format format = { leaf, lead, is_table };

static struct iommu_tables begin(unsigned int levels, unsigned int max_level, unsigned int nr)
{
	struct iommu_tables t = { .format = &format, .levels = levels, .max_level = max_level };

	nr_used = 0;
	nr_there = nr;
	assert_int_equal(iommu_tables_init(&t), 0);
	return t;
}

/* As the hardware walks. Return: where @at leads; UINT64_MAX: nowhere. */
static uint64_t walk(const struct iommu_tables *t, uint64_t at, unsigned int *level)
{
	const uint64_t *table = t->root;

	for (*level = t->levels; *level > 0; (*level)--) {
		unsigned int shift = 12 + 9 * (*level - 1);
		uint64_t entry = table[at >> shift & 511];

		if (entry == 0) {
			return UINT64_MAX;
		}
		assert_int_equal(entry & 7, *level);
		if ((entry & 0x40) != 0) {
			return (entry & 0xffffffffff000UL) + (at & ((1UL << shift) - 1));
		}
		table = arch_phys_to_virt(paddr(entry & 0xffffffffff000UL));
	}
	return UINT64_MAX;
}

static void maps_what_is_said(void **state)
{
	struct iommu_tables t = begin(3, 2, NR_PAGES);
	unsigned int level;

	(void)state;
	/* pages up to the first 2 MiB, one block, a page */
	assert_int_equal(iommu_tables_map(&t, 0x1ff000, 0x401ff000, 0x202000), 0);
	assert_int_equal(walk(&t, 0x1ff123, &level), 0x401ff123);
	assert_int_equal(level, 1);
	assert_int_equal(walk(&t, 0x345678, &level), 0x40345678);
	assert_int_equal(level, 2);
	assert_int_equal(walk(&t, 0x400fff, &level), 0x40400fff);
	assert_int_equal(level, 1);
	assert_int_equal(walk(&t, 0x1fefff, &level), UINT64_MAX);
	assert_int_equal(walk(&t, 0x401000, &level), UINT64_MAX);
	assert_int_equal(walk(&t, TOP - 1, &level), UINT64_MAX);
	nr_flushed = 0;
	iommu_tables_flush(&t);
	assert_int_equal(nr_flushed, nr_used);
}

static void blocks_where_they_fit(void **state)
{
	struct iommu_tables t = begin(4, 3, NR_PAGES);
	unsigned int level;

	(void)state;
	assert_int_equal(iommu_tables_map(&t, 0, 0x80000000, 0x40000000), 0);
	assert_int_equal(walk(&t, 0x12345678, &level), 0x92345678);
	assert_int_equal(level, 3);
	assert_int_equal(iommu_tables_map(&t, TOP, 0x40001000, 0x200000),
			 0); /* not aligned to each other */
	assert_int_equal(walk(&t, TOP + 0x1000, &level), 0x40002000);
	assert_int_equal(level, 1);
	t = begin(3, 1, NR_PAGES);
	assert_int_equal(iommu_tables_map(&t, 0, 0x80000000, 0x200000), 0);
	assert_int_equal(walk(&t, 0x100000, &level), 0x80100000);
	assert_int_equal(level, 1);
}

static void refuses(void **state)
{
	struct iommu_tables t = begin(3, 2, NR_PAGES);

	(void)state;
	assert_int_equal(iommu_tables_map(&t, 0x800, 0, 0x1000), -EINVAL);
	assert_int_equal(iommu_tables_map(&t, 0, 0x800, 0x1000), -EINVAL);
	assert_int_equal(iommu_tables_map(&t, 0, 0, 0x800), -EINVAL);
	assert_int_equal(iommu_tables_map(&t, TOP, 0, 0x1000), -EINVAL);
	assert_int_equal(iommu_tables_map(&t, TOP - 0x1000, 0, 0x2000), -EINVAL);
	assert_int_equal(iommu_tables_map(&t, 0, 0xffffffffff000UL, 0x1000), -EINVAL);
	assert_int_equal(iommu_tables_map(&t, 0, 0, 0x200000), 0);
	assert_int_equal(iommu_tables_map(&t, 0x1000, 0x1000, 0x1000), -EEXIST);
	assert_int_equal(iommu_tables_map(&t, 0, 0, 0x200000), -EEXIST);
	assert_int_equal(iommu_tables_map(&t, TOP - 0x1000, 0, 0x1000), 0);
}

/* Each table that is wanting is said; with enough it works. */
static void short_of_pages(void **state)
{
	(void)state;
	for (unsigned int nr = 1; nr < 4; nr++) {
		struct iommu_tables t = begin(4, 2, nr);

		assert_int_equal(iommu_tables_map(&t, 0x1000, 0x1000, 0x1000), -ENOMEM);
	}
	{
		struct iommu_tables t = begin(4, 2, 4);

		assert_int_equal(iommu_tables_map(&t, 0x1000, 0x1000, 0x1000), 0);
		nr_used = nr_there;
		assert_int_equal(iommu_tables_init(&t), -ENOMEM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_what_is_said),
		cmocka_unit_test(blocks_where_they_fit),
		cmocka_unit_test(refuses),
		cmocka_unit_test(short_of_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
