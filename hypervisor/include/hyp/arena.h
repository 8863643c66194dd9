/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded memory for mbedtls while it verifies a signature: the hypervisor has no heap.
 *
 * One user at a time: the boot CPU, before any guest runs. arena_reset() begins a use and forgets the last.
 */
#ifndef HYP_ARENA_H
#define HYP_ARENA_H

#include <hyp/types.h>

#define ARENA_BYTES (32 * 1024)

/** arena_reset() - empty the arena; what it held is zeroed. */
void arena_reset(void);

/** arena_calloc() - zeroed memory, 16-byte aligned. Return: NULL when the arena is full or the size overflows. */
void *arena_calloc(size_t nmemb, size_t size);

/** arena_free() - give back; the last allocation's bytes can be had again at once, others after arena_reset(). */
void arena_free(void *p);

/** arena_peak() - the most bytes in use since the start, for tests that prove ARENA_BYTES to be enough. */
size_t arena_peak(void);

#endif
