/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page pool: the end of the hypervisor's own image, handed out by page.
 *
 * One bit a page, first fit, naturally aligned. Nothing allocates on a guest's request, so speed
 * does not matter here and the answer is always the same. Lock: pool.lock, a leaf.
 */
#include <hyp/core.h>
#include <hyp/lock.h>
#include <hyp/log.h>
#include <hyp/pool.h>
#include <string.h>

#define POOL_MAX_PAGES 65536 /* 256 MiB */
#define SMALL_ALIGN    16

extern uint8_t __pool_start[], __pool_end[];

static struct {
	spinlock_t lock;
	size_t nr_pages;
	size_t nr_free;
	uint64_t used[POOL_MAX_PAGES / 64];
	uint8_t *small; /* the page that pool_alloc() takes from */
	size_t small_left;
} pool;

static bool is_used(size_t page)
{
	return (pool.used[page / 64] >> (page % 64)) & 1;
}

static void mark(size_t first, size_t count, bool used)
{
	for (size_t i = first; i < first + count; i++) {
		if (used) {
			pool.used[i / 64] |= BIT(i % 64);
		} else {
			pool.used[i / 64] &= ~BIT(i % 64);
		}
	}
	pool.nr_free = used ? pool.nr_free - count : pool.nr_free + count;
}

void pool_init(void)
{
	pool.nr_pages =
		MIN((size_t)(__pool_end - __pool_start) / PAGE_SIZE, (size_t)POOL_MAX_PAGES);
	pool.nr_free = pool.nr_pages;
}

/*
 * Candidates are aligned by address: the pool itself starts anywhere. Return: page index, or
 * nr_pages.
 */
static size_t find(size_t count)
{
	size_t first = (size_t)(ALIGN_UP((uintptr_t)__pool_start, count * PAGE_SIZE) -
				(uintptr_t)__pool_start) /
		       PAGE_SIZE;
	size_t n;

	for (; first + count <= pool.nr_pages; first += count) {
		for (n = 0; n < count && !is_used(first + n); n++) {
		}
		if (n == count) {
			return first;
		}
	}
	return pool.nr_pages;
}

void *page_alloc(unsigned int order)
{
	size_t count = (size_t)1 << order;
	unsigned long flags = spin_lock_irqsave(&pool.lock);
	size_t first = find(count);
	uint8_t *va = NULL;

	if (first < pool.nr_pages) {
		mark(first, count, true);
		va = __pool_start + first * PAGE_SIZE;
	}
	spin_unlock_irqrestore(&pool.lock, flags);
	if (va != NULL) {
		memset(va, 0, count * PAGE_SIZE);
	}
	return va;
}

void page_free(void *va, unsigned int order)
{
	size_t first = (size_t)((uint8_t *)va - __pool_start) / PAGE_SIZE;
	unsigned long flags;

	if ((uint8_t *)va < __pool_start || first >= pool.nr_pages || !is_used(first)) {
		panic("page_free(%p): not an allocated page", va);
	}
	flags = spin_lock_irqsave(&pool.lock);
	mark(first, (size_t)1 << order, false);
	spin_unlock_irqrestore(&pool.lock, flags);
}

static unsigned int order_of(size_t size)
{
	unsigned int order = 0;

	while ((PAGE_SIZE << order) < size) {
		order++;
	}
	return order;
}

void *pool_alloc(size_t size)
{
	unsigned long flags;
	void *va = NULL;

	size = ALIGN_UP(size, (size_t)SMALL_ALIGN);
	if (size > PAGE_SIZE / 2) {
		return page_alloc(order_of(size));
	}
	if (size > pool.small_left) {
		uint8_t *page = page_alloc(0);

		if (page == NULL) {
			return NULL;
		}
		pool.small = page;
		pool.small_left = PAGE_SIZE;
	}
	flags = spin_lock_irqsave(&pool.lock);
	va = pool.small;
	pool.small += size;
	pool.small_left -= size;
	spin_unlock_irqrestore(&pool.lock, flags);
	return va;
}

size_t pool_free_pages(void)
{
	return pool.nr_free;
}

size_t pool_total_pages(void)
{
	return pool.nr_pages;
}
