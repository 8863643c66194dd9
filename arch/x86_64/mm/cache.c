/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caches of a PC are coherent, with its devices and with CPUs that have theirs off for a guest's CR0.CD too (we map
 * nothing uncached that a guest has cached), and instruction fetches see stores: nothing is ever to be cleaned.
 * Spec: AMD APM vol. 2 sections 7.3 and 7.6.1.
 */
#include <hyp/arch/mm.h>

void arch_cache_clean(const void *va, size_t size)
{
	(void)va;
	(void)size;
}

void arch_cache_flush(const void *va, size_t size)
{
	(void)va;
	(void)size;
}

void arch_zero_clean(void *va, size_t size)
{
	size_t words = size / 8;

	__asm__ volatile("rep stosq" : "+D"(va), "+c"(words) : "a"(0UL) : "memory");
}
