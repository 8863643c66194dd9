/* SPDX-License-Identifier: Apache-2.0 */
/* hyp/arch/mm.h: the hypervisor's own address space. */
#include "contract.h"

#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/pool.h>

#include <string.h>

#define ORDER  2U
#define PAGES  (1U << ORDER)
#define LARGE  (2 * MIB)
#define ROUNDS 600U

/* Read and written for real, whatever the compiler knows of @p's memory by other names. */
static uint8_t look(const void *p, size_t at)
{
	return ((const volatile uint8_t *)p)[at];
}

static void put(void *p, size_t at, uint8_t value)
{
	((volatile uint8_t *)p)[at] = value;
}

static paddr_t page_at(const uint8_t *pages, unsigned int n)
{
	return arch_virt_to_phys(pages + n * PAGE_SIZE);
}

static void addresses(uint8_t *pages)
{
	for (unsigned int i = 0; i < PAGES; i++) {
		paddr_t pa = page_at(pages, i);

		HOLDS(IS_ALIGNED(pa.v, PAGE_SIZE));
		HOLDS(arch_phys_to_virt(pa) == pages + i * PAGE_SIZE);
		HOLDS(pa.v == page_at(pages, 0).v + i * PAGE_SIZE);
	}
}

/* Two mappings of one page and the pool's own are one memory; an address within a page stays one. */
static void aliases(uint8_t *pages)
{
	paddr_t pa = page_at(pages, 1);
	uint8_t *rw = arch_map(pa, PAGE_SIZE, MAP_RW);
	uint8_t *ro = arch_map(paddr(pa.v + 24), 2, MAP_RO);

	if (HOLDS(rw != NULL && ro != NULL)) {
		HOLDS(((uintptr_t)ro & (PAGE_SIZE - 1)) == 24);
		put(rw, 24, 0x5a);
		put(pages + PAGE_SIZE, 25, 0xc3);
		HOLDS(look(ro, 0) == 0x5a && look(ro, 1) == 0xc3);
		HOLDS(look(pages + PAGE_SIZE, 24) == 0x5a && look(rw, 25) == 0xc3);
	}
	if (rw != NULL) {
		arch_unmap(rw, PAGE_SIZE);
	}
	if (ro != NULL) {
		arch_unmap(ro, 2);
	}
}

/* What was mapped where another page was is that page's; and what is given back is there for the next. */
static void again_and_again(uint8_t *pages)
{
	unsigned int wrong = 0, none = 0;
	size_t free = 0;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint8_t *va = arch_map(page_at(pages, i % PAGES), PAGE_SIZE, MAP_RW);

		free = i == 0 ? pool_free_pages() : free;
		none += va == NULL;
		if (va != NULL) {
			put(pages + (i % PAGES) * PAGE_SIZE, i, (uint8_t)i);
			wrong += look(va, i) != (uint8_t)i;
			arch_unmap(va, PAGE_SIZE);
		}
	}
	HOLDS(none == 0);
	HOLDS(wrong == 0);
	HOLDS(pool_free_pages() == free);
}

/* Of more than a megabyte nothing is touched but the page that is ours. */
static void large(uint8_t *pages)
{
	paddr_t pa = page_at(pages, 0);
	uint64_t base = ALIGN_DOWN(pa.v, LARGE);
	uint8_t *va = arch_map(paddr(base), LARGE, MAP_RO);

	if (HOLDS(va != NULL)) {
		put(pages, 77, 0x77);
		HOLDS(look(va, pa.v - base + 77) == 0x77);
		put(pages, 77, 0x88);
		HOLDS(look(va, pa.v - base + 77) == 0x88);
		arch_unmap(va, LARGE);
	}
}

/* One page after the other in the same place. */
static void window(uint8_t *pages)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < 4 * PAGES; i++) {
		unsigned int n = i % PAGES;
		unsigned long flags = arch_irq_save();
		uint8_t *va = arch_window(page_at(pages, n));

		put(pages + n * PAGE_SIZE, 9, (uint8_t)(i + 1));
		wrong += look(va, 9) != (uint8_t)(i + 1);
		put(va, 10, (uint8_t)(i + 2));
		arch_window_close();
		arch_irq_restore(flags);
		wrong += look(pages + n * PAGE_SIZE, 10) != (uint8_t)(i + 2);
	}
	HOLDS(wrong == 0);
}

/* Two at once, each seen in its own place, and a page beside itself. */
static void window_pair(uint8_t *pages)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < 4 * PAGES; i++) {
		unsigned int n = i % PAGES, m = i / 2 % PAGES;
		unsigned long flags = arch_irq_save();
		void *other;
		uint8_t *va = arch_window_pair(page_at(pages, n), page_at(pages, m), &other);

		put(pages + n * PAGE_SIZE, 11, (uint8_t)(i + 3));
		put(pages + m * PAGE_SIZE, 12, (uint8_t)(i + 4));
		wrong += look(va, 11) != (uint8_t)(i + 3) || look(other, 12) != (uint8_t)(i + 4);
		put(other, 13, (uint8_t)(i + 5));
		arch_window_pair_close();
		arch_irq_restore(flags);
		wrong += look(pages + m * PAGE_SIZE, 13) != (uint8_t)(i + 5);
	}
	HOLDS(wrong == 0);
}

static unsigned int count(const uint8_t *from, size_t bytes, uint8_t value)
{
	unsigned int n = 0;

	for (size_t i = 0; i < bytes; i++) {
		n += look(from, i) == value;
	}
	return n;
}

/* Zeroes where they are wanted and nowhere else; caches may be cleaned and flushed without a change of what is read. */
static void contents(uint8_t *pages)
{
	memset(pages, 0xa5, PAGES * PAGE_SIZE);
	arch_zero_clean(pages + PAGE_SIZE, 2 * PAGE_SIZE);
	HOLDS(count(pages + PAGE_SIZE, 2 * PAGE_SIZE, 0) == 2 * PAGE_SIZE);
	HOLDS(count(pages, PAGE_SIZE, 0xa5) == PAGE_SIZE);
	HOLDS(count(pages + 3 * PAGE_SIZE, PAGE_SIZE, 0xa5) == PAGE_SIZE);
	memset(pages + 5, 0x3c, 3);
	arch_cache_clean(pages + 5, 1);
	arch_cache_flush(pages + 6, 2);
	HOLDS(count(pages, PAGE_SIZE, 0x3c) == 3);
	HOLDS(count(pages, PAGE_SIZE, 0xa5) == PAGE_SIZE - 3);
}

void contract_memory(void)
{
	uint8_t *pages = page_alloc(ORDER);

	if (!HOLDS(pages != NULL)) {
		return;
	}
	addresses(pages);
	aliases(pages);
	again_and_again(pages);
	large(pages);
	window(pages);
	window_pair(pages);
	contents(pages);
	page_free(pages, ORDER);
}
