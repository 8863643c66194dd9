// SPDX-License-Identifier: Apache-2.0
/* A domain's tables against a list of its pages, in the formats of both architectures. */
#include "unit.h"

#include <hyp/arch/mm.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/pool.h>

#include <stdlib.h>
#include <string.h>

#define SPACE_PAGES (3U << 18) /* 3 GiB */
#define MAX_TABLES  8192U
#define EVERY	    UINT32_MAX

static const struct format three = { "three levels, pages have a bit", 3, 1024, 3, true, true };
static const struct format four = { "four levels, blocks have a bit", 4, 512, 3, false, false };
static const struct format small = { "no blocks of 1 GiB", 4, 512, 2, false, false };

const struct format *format;

static struct domain domain;
static struct domain *const d = &domain;
/* Of each page: where it leads and its type in the low bits, plus one; 0: nowhere. */
static uint64_t *model;
static void *tables[MAX_TABLES];
static uint32_t nr_tables, tables_left;
static unsigned int forgotten;
static uint64_t watched; /* a page that must lead nowhere when TLBs are flushed; 0: none */
static uint32_t seed;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525U + 1013904223U;
	return (uint32_t)(((uint64_t)seed * below) >> 32);
}

void *page_alloc(unsigned int order)
{
	size_t size = PAGE_SIZE << order;

	if (tables_left == 0) {
		return NULL;
	}
	tables_left -= tables_left == EVERY ? 0 : 1;
	assert_true(nr_tables < MAX_TABLES);
	tables[nr_tables] = aligned_alloc(size, size);
	assert_non_null(tables[nr_tables]);
	return memset(tables[nr_tables++], 0, size);
}

paddr_t arch_virt_to_phys(const void *va)
{
	return paddr((uint64_t)va);
}

void *arch_phys_to_virt(paddr_t pa)
{
	return (void *)pa.v;
}

static uint64_t seen(uint64_t page)
{
	enum p2m_type type;
	paddr_t pa;

	if (arch_p2m_lookup(d, gpa(page << PAGE_SHIFT), &pa, &type) != 0) {
		return 0;
	}
	return (pa.v | (uint64_t)type) + 1;
}

void p2m_forget(struct domain *which)
{
	assert_ptr_equal(which, d);
	forgotten++;
	if (watched != 0 && format->must_break) {
		assert_int_equal(seen(watched), 0);
	}
}

static void begin(const struct format *with)
{
	format = with;
	seed = 7;
	tables_left = EVERY;
	forgotten = 0;
	watched = 0;
	memset(d, 0, sizeof(*d));
	d->arch.p2m_root = page_alloc(with == &three ? 1 : 0);
	model = calloc(SPACE_PAGES, sizeof(*model));
	assert_non_null(model);
}

static void end(void)
{
	while (nr_tables > 0) {
		free(tables[--nr_tables]);
	}
	free(model);
}

static void same_page(uint64_t page)
{
	if (page < SPACE_PAGES && seen(page) != model[page]) {
		fail_msg("%s: page %#lx: %#lx, not %#lx", format->name, (unsigned long)page,
			 (unsigned long)seen(page), (unsigned long)model[page]);
	}
}

static void same(void)
{
	for (uint64_t page = 0; page < SPACE_PAGES; page++) {
		same_page(page);
	}
}

/* Where a range begins and ends, and the first, the last and any page of each table. */
static void same_about(uint64_t first, uint64_t nr)
{
	for (uint64_t page = 0; page < SPACE_PAGES; page += 512) {
		same_page(page);
		same_page(page + any(512));
		same_page(page + 511);
	}
	same_page(first - 1);
	same_page(first);
	same_page(first + nr - 1);
	same_page(first + nr);
}

static bool is_free(uint64_t first, uint64_t nr)
{
	for (uint64_t i = first; i < first + nr; i++) {
		if (model[i] != 0) {
			return false;
		}
	}
	return true;
}

static void set(uint64_t first, uint64_t nr, uint64_t pa, enum p2m_type type)
{
	for (uint64_t i = 0; i < nr; i++) {
		model[first + i] = (pa + (i << PAGE_SHIFT) + (uint64_t)type) + 1;
	}
}

static int map(uint64_t first, uint64_t nr, uint64_t pa, enum p2m_type type)
{
	return arch_p2m_map(d, gpa(first << PAGE_SHIFT), paddr(pa), nr << PAGE_SHIFT, type);
}

static int unmap(uint64_t first, uint64_t nr)
{
	return arch_p2m_unmap(d, gpa(first << PAGE_SHIFT), nr << PAGE_SHIFT);
}

/* A few pages, a few blocks, or most of it; where blocks fit, as often as not. */
static void choose(uint64_t *first, uint64_t *nr)
{
	static const uint32_t units[] = { 1, 512, 1U << 18 };
	uint32_t unit = units[any(3)];

	*nr = (1 + any(3)) * (uint64_t)unit;
	*first = any(SPACE_PAGES);
	if (any(4) != 0) {
		*first -= *first % unit;
	}
	*nr = MIN(*nr, SPACE_PAGES - *first);
}

static void map_any(void)
{
	uint64_t first, nr, pa;
	enum p2m_type type = (enum p2m_type)any(P2M_GRANT_RO + 1);
	unsigned int before = forgotten;
	bool fits;

	choose(&first, &nr);
	pa = ((uint64_t)any(1U << 20) << PAGE_SHIFT) + (any(2) == 0 ? first << PAGE_SHIFT : 0);
	if (any(2) == 0) {
		pa = (1 + first % 64) << 30;
	}
	fits = is_free(first, nr);
	assert_int_equal(map(first, nr, pa, type), fits ? 0 : -EEXIST);
	assert_int_equal(forgotten, before); /* what was not there is in no TLB */
	if (fits) {
		set(first, nr, pa, type);
	}
	same_about(first, nr);
}

static void unmap_any(void)
{
	uint64_t first, nr;
	unsigned int before = forgotten;

	choose(&first, &nr);
	assert_int_equal(unmap(first, nr), 0);
	assert_true(forgotten > before);
	memset(&model[first], 0, nr * sizeof(*model));
	same_about(first, nr);
}

static void random_ranges(const struct format *with)
{
	begin(with);
	for (unsigned int i = 0; i < 300; i++) {
		if (any(5) < 2) {
			map_any();
		} else {
			unmap_any();
		}
	}
	same();
	end();
}

static void ranges(void **state)
{
	(void)state;
	random_ranges(&three);
	random_ranges(&four);
	random_ranges(&small);
}

/* One page of a block leads elsewhere: what is in use is cut out, forgotten, and then shown again. */
static void pages_are_replaced(void **state)
{
	const struct format *formats[] = { &three, &four };

	(void)state;
	for (unsigned int f = 0; f < ARRAY_SIZE(formats); f++) {
		const gpa_t at[] = { gpa(5 << PAGE_SHIFT), gpa(9 << PAGE_SHIFT) };

		begin(formats[f]);
		for (unsigned int i = 0; i < 16; i++) {
			assert_int_equal(map(i, 1, 0x1000000 + i * 0x2000UL, P2M_GRANT), 0);
			set(i, 1, 0x1000000 + i * 0x2000UL, P2M_GRANT);
		}
		watched = 5;
		arch_p2m_replace(d, at, ARRAY_SIZE(at), paddr(0x7000000), P2M_GRANT_RO);
		watched = 0;
		assert_int_equal(forgotten, 1);
		set(5, 1, 0x7000000, P2M_GRANT_RO);
		set(9, 1, 0x7000000, P2M_GRANT_RO);
		same();
		end();
	}
}

/* A block is broken before its parts are made. */
static void blocks_are_broken(void **state)
{
	(void)state;
	begin(&three);
	assert_int_equal(map(1U << 18, 1U << 18, 1UL << 30, P2M_RAM), 0);
	set(1U << 18, 1U << 18, 1UL << 30, P2M_RAM);
	watched = (1U << 18) + 77;
	assert_int_equal(unmap(watched, 1), 0);
	assert_int_equal(forgotten, 3); /* 1 GiB, 2 MiB, and the page itself */
	model[watched] = 0;
	same();
	end();
}

static void what_is_refused(void **state)
{
	const uint64_t past = 1UL << 28; /* of 40 bits, in pages */

	(void)state;
	begin(&four);
	assert_int_equal(map(past, 1, 0, P2M_RAM), -EINVAL);
	assert_int_equal(map(past - 1, 2, 0, P2M_RAM), -EINVAL);
	assert_int_equal(map(past - 1, 1, 0, P2M_RAM), 0);
	assert_int_equal(map(1, 0, 0, P2M_RAM), -EINVAL);
	assert_int_equal(map(1, 1, 0x800, P2M_RAM), -EINVAL);
	assert_int_equal(map(1, 1, 1UL << 48, P2M_RAM), -EINVAL);
	assert_int_equal(arch_p2m_map(d, gpa(0x10), paddr(0), PAGE_SIZE, P2M_RAM), -EINVAL);
	assert_int_equal(unmap(past, 1), -EINVAL);
	assert_int_equal(unmap(0, 0), -EINVAL);
	assert_int_equal(seen(past), 0);
	assert_int_equal(seen(past - 1), 1);
	end();
}

/* Whichever page of the pool is the one too many, a refusal changes nothing that can be seen. */
static void without_pages(void **state)
{
	int rc = -ENOMEM;

	(void)state;
	begin(&four);
	for (uint32_t left = 0; rc != 0; left++) {
		tables_left = left;
		rc = map(511, 1026, 0x200000, P2M_RAM); /* in three tables of pages */
		assert_true(rc == -ENOMEM || rc == 0);
		if (rc != 0) {
			same();
		}
		assert_true(left < 8);
	}
	set(511, 1026, 0x200000, P2M_RAM);
	same();
	assert_int_equal(map(1U << 18, 1U << 18, 1UL << 30, P2M_RAM), 0);
	set(1U << 18, 1U << 18, 1UL << 30, P2M_RAM);
	tables_left = 0;
	assert_int_equal(unmap((1U << 18) + 3, 1), -ENOMEM);
	same();
	end();
}

static unsigned int reset_all(void)
{
	unsigned int steps = 0;

	while (arch_p2m_reset(d)) {
		assert_int_equal(seen(0), 0); /* from the first step on */
		assert_true(d->arch.nr_p2m_spare <= 16U * (steps + 1));
		steps++;
	}
	return steps;
}

/* The next life has the tables of the last, whatever became of the pool, and no more than was set aside. */
static void lives(void **state)
{
	const struct format *formats[] = { &three, &four };

	(void)state;
	for (unsigned int f = 0; f < ARRAY_SIZE(formats); f++) {
		uint32_t made;

		begin(formats[f]);
		for (uint64_t i = 0; i < 40; i++) {
			assert_int_equal(map(i * 512, 3, 0x5000000, P2M_RAM), 0);
		}
		made = nr_tables - 1; /* all but the root */
		assert_int_equal(arch_p2m_reserve(d, 0), 0);
		tables_left = 0;
		assert_int_equal(map(41 * 512, 1, 0x5000000, P2M_RAM), -ENOMEM);
		for (unsigned int life = 0; life < 3; life++) {
			assert_int_equal(reset_all(), 2);
			assert_int_equal(d->arch.nr_p2m_spare, made);
			same();
			for (uint64_t i = 0; i < 40; i++) {
				assert_int_equal(map(i * 512, 3, 0x5000000, P2M_RAM), 0);
			}
			assert_int_equal(d->arch.nr_p2m_spare, 0);
		}
		assert_int_equal(arch_p2m_reserve(d, 1), -ENOMEM);
		tables_left = EVERY;
		assert_int_equal(arch_p2m_reserve(d, 1), 0);
		assert_int_equal(map(41 * 512, 1, 0x5000000, P2M_RAM), 0);
		assert_int_equal(map(42 * 512, 1, 0x5000000, P2M_RAM), -ENOMEM);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(pages_are_replaced),
		cmocka_unit_test(blocks_are_broken),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(without_pages),
		cmocka_unit_test(lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
