/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caches of a PC are coherent, with its devices and with CPUs that have theirs off for a guest's CR0.CD too (we map
 * nothing uncached that a guest has cached), and instruction fetches see stores: nothing is ever to be cleaned.
 * Spec: AMD APM vol. 2 sections 7.3 and 7.6.1.
 */
#include <hyp/arch/mm.h>

#define LINE_BYTES 64UL /* of every CPU with 64 bits */

void arch_cache_clean(const void *va, size_t size)
{
	(void)va;
	(void)size;
}

/* Devices look into caches, but for some IOMMUs. */
void arch_cache_flush(const void *va, size_t size)
{
	const char *line = (const char *)ALIGN_DOWN((uintptr_t)va, LINE_BYTES);

	for (; line < (const char *)va + size; line += LINE_BYTES) {
		__asm__ volatile("clflush %0" : : "m"(*line) : "memory");
	}
	__asm__ volatile("mfence" : : : "memory");
}

void arch_zero_clean(void *va, size_t size)
{
	size_t words = size / 8;

	__asm__ volatile("rep stosq" : "+D"(va), "+c"(words) : "a"(0UL) : "memory");
}
