/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page pool: all memory that the hypervisor has, part of its image's bss (CONFIG_HYP_POOL_KIB).
 * Used while booting and for a domain's quota; nothing allocates on a guest's request.
 */
#ifndef HYP_POOL_H
#define HYP_POOL_H

#include <hyp/types.h>

/** page_alloc() - 2^@order zeroed pages, naturally aligned. Return: NULL when the pool is empty. */
void *__must_check page_alloc(unsigned int order);

/** page_free() - give back what page_alloc() gave, same @order. */
void page_free(void *va, unsigned int order);

/** pool_alloc() - zeroed small object, 16-byte aligned, never freed. Boot only. Return: NULL when the pool is empty. */
void *__must_check pool_alloc(size_t size);

/** pool_free_pages() / pool_total_pages() - for the log. */
size_t pool_free_pages(void);
size_t pool_total_pages(void);

#endif
