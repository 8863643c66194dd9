/* SPDX-License-Identifier: Apache-2.0 */
/* At a cold boot domains find what was there, but nothing of it in a cache: they start with theirs off. */
#include "internal.h"

#include <hyp/arch/mm.h>

void ram_first_life(void *va, uint64_t len)
{
	arch_cache_clean(va, len);
}
