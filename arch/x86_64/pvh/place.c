// SPDX-License-Identifier: Apache-2.0
/* Where a PVH kernel goes: asm/pvh.h. */
#include <asm/pvh.h>
#include <hyp/errno.h>

/* The lowest place in one piece of memory, or UINT64_MAX. Nothing wraps: all is below 4 GiB or checked against it. */
static uint64_t lowest_in(const struct pvh_kernel *k, const struct pvh_range *r)
{
	uint64_t span = k->end - k->start;
	uint64_t at = MAX(MAX(r->base, k->min), 1); /* an address of 0 is "none" to guests */

	if (at >= 4 * GIB) {
		return UINT64_MAX;
	}
	at = ALIGN_UP(at, (uint64_t)k->align);
	if (at + span - 1 > k->max || at - r->base >= r->bytes ||
	    span > r->bytes - (at - r->base)) {
		return UINT64_MAX;
	}
	return at;
}

static bool is_ram(const struct pvh_kernel *k, const struct pvh_range *r)
{
	return k->start >= r->base && k->start - r->base < r->bytes &&
	       k->end - k->start <= r->bytes - (k->start - r->base);
}

int pvh_place(const struct pvh_kernel *k, const struct pvh_range *ram, unsigned int nr,
	      uint64_t *by)
{
	uint64_t best = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (is_ram(k, &ram[i])) {
			*by = 0;
			return 0;
		}
		if (k->is_relocatable) {
			best = MIN(best, lowest_in(k, &ram[i]));
		}
	}
	if (best == UINT64_MAX) {
		return -ENOMEM;
	}
	*by = best - k->start;
	return 0;
}
