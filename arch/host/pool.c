/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page pool from the host's heap: each allocation has a sanitizer's red zone around it, and a test chooses which
 * one fails. Everything is given back by host_reset().
 */
#include <host.h>

#include <hyp/pool.h>

#include <stdlib.h>
#include <string.h>

#define MAX_ALLOCATIONS 4096

static void *allocations[MAX_ALLOCATIONS];
static unsigned int nr_allocations;

void host_free_all(void);

void host_free_all(void)
{
	while (nr_allocations > 0) {
		free(allocations[--nr_allocations]);
	}
}

static void *allocate(size_t align, size_t size)
{
	void *p;

	if (host.allocs_left == 0 || nr_allocations == MAX_ALLOCATIONS) {
		return NULL;
	}
	host.allocs_left -= host.allocs_left > 0 ? 1 : 0;
	p = aligned_alloc(align, ALIGN_UP(size, align));
	if (p == NULL) {
		return NULL;
	}
	memset(p, 0, ALIGN_UP(size, align));
	allocations[nr_allocations++] = p;
	host.allocated = nr_allocations;
	return p;
}

void *page_alloc(unsigned int order)
{
	return allocate(PAGE_SIZE << order, PAGE_SIZE << order);
}

void page_free(void *va, unsigned int order)
{
	unsigned int i;

	(void)order;
	for (i = 0; i < nr_allocations; i++) {
		if (allocations[i] == va) {
			free(va);
			allocations[i] = allocations[--nr_allocations];
			host.allocated = nr_allocations;
			return;
		}
	}
	abort(); /* never allocated */
}

void *pool_alloc(size_t size)
{
	return allocate(16, size);
}
