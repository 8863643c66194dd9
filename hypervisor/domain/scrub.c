/* SPDX-License-Identifier: Apache-2.0 */
/* At a cold boot domains find zeroes. */
#include "internal.h"

#include <hyp/arch/mm.h>

void ram_first_life(void *va, uint64_t len)
{
	arch_zero_clean(va, len);
}
