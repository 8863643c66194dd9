// SPDX-License-Identifier: Apache-2.0
/* Data caches, which every device of a PC sees: there is nothing to do. */
#include "guest.h"

void cache_clean(uint64_t addr, uint64_t size)
{
	(void)addr;
	(void)size;
}

void cache_drop(uint64_t addr, uint64_t size)
{
	(void)addr;
	(void)size;
}
