/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's physical space as a sorted list of extents: what a real one promises, with nothing of how it does it. */
#include <host.h>
#include <hyp/arch/p2m.h>

#include <hyp/domain.h>
#include <hyp/errno.h>

#include <string.h>

#define SPACE_BYTES BIT(40)

int arch_p2m_init(struct domain *d)
{
	d->arch.nr_extents = 0;
	return 0;
}

int arch_p2m_reserve(struct domain *d, unsigned int nr)
{
	d->arch.is_sealed = true;
	d->arch.tables_left = nr;
	return host.allocs_left == 0 ? -ENOMEM : 0;
}

/* An extent at a time: as if each had tables of its own. */
bool arch_p2m_reset(struct domain *d)
{
	d->arch.is_sealed = false;
	d->arch.nr_extents -= d->arch.nr_extents > 0;
	return d->arch.nr_extents > 0;
}

static int extent_insert(struct arch_domain *a, unsigned int at, struct host_extent e)
{
	if (a->nr_extents == HOST_P2M_EXTENTS) {
		return -ENOMEM;
	}
	memmove(&a->extent[at + 1], &a->extent[at], (a->nr_extents - at) * sizeof(e));
	a->extent[at] = e;
	a->nr_extents++;
	return 0;
}

static void extent_remove(struct arch_domain *a, unsigned int at)
{
	a->nr_extents--;
	memmove(&a->extent[at], &a->extent[at + 1], (a->nr_extents - at) * sizeof(a->extent[0]));
}

/* Where nothing within 2 MiB is mapped yet, a real machine needs a table. */
static bool take_table(struct arch_domain *a, uint64_t at)
{
	uint64_t base = ALIGN_DOWN(at, 2 * MIB);
	unsigned int i;

	for (i = 0; i < a->nr_extents; i++) {
		if (a->extent[i].gpa < base + 2 * MIB &&
		    base < a->extent[i].gpa + a->extent[i].size) {
			return true;
		}
	}
	if (a->is_sealed && a->tables_left == 0) {
		return false;
	}
	a->tables_left -= a->is_sealed ? 1 : 0;
	return true;
}

int arch_p2m_map(struct domain *d, gpa_t at, paddr_t pa, uint64_t size, enum p2m_type type)
{
	struct arch_domain *a = &d->arch;
	unsigned int i = 0;

	if (size == 0 || !IS_ALIGNED(at.v | pa.v | size, PAGE_SIZE) || at.v >= SPACE_BYTES ||
	    size > SPACE_BYTES - at.v) {
		return -EINVAL;
	}
	while (i < a->nr_extents && a->extent[i].gpa + a->extent[i].size <= at.v) {
		i++;
	}
	if (i < a->nr_extents && a->extent[i].gpa < at.v + size) {
		return -EEXIST;
	}
	if (!take_table(a, at.v)) {
		return -ENOMEM;
	}
	return extent_insert(a, i, (struct host_extent){ at.v, pa.v, size, type });
}

/* A real machine has a block there, and needs a table to take a page out of it. */
static bool is_block(const struct host_extent *e, uint64_t at)
{
	uint64_t base = ALIGN_DOWN(at, 2 * MIB);

	return IS_ALIGNED(e->gpa - e->pa, 2 * MIB) && e->gpa <= base &&
	       base + 2 * MIB <= e->gpa + e->size;
}

static bool can_split(struct arch_domain *a, uint64_t at)
{
	unsigned int i;

	for (i = 0; i < a->nr_extents; i++) {
		if (!is_block(&a->extent[i], at)) {
			continue;
		}
		if (a->is_sealed && a->tables_left == 0) {
			return false;
		}
		a->tables_left -= a->is_sealed ? 1 : 0;
	}
	return true;
}

int arch_p2m_unmap(struct domain *d, gpa_t at, uint64_t size)
{
	struct arch_domain *a = &d->arch;
	uint64_t end = at.v + size;
	unsigned int i = 0;

	if (!IS_ALIGNED(at.v | size, PAGE_SIZE) || a->nr_extents == HOST_P2M_EXTENTS) {
		return -ENOMEM;
	}
	if (size == PAGE_SIZE && !can_split(a, at.v)) {
		return -ENOMEM;
	}
	while (i < a->nr_extents) {
		struct host_extent e = a->extent[i];
		uint64_t e_end = e.gpa + e.size;

		if (e_end <= at.v || e.gpa >= end) {
			i++;
			continue;
		}
		extent_remove(a, i);
		if (e.gpa < at.v) {
			(void)!extent_insert(
				a, i++, (struct host_extent){ e.gpa, e.pa, at.v - e.gpa, e.type });
		}
		if (e_end > end) {
			(void)!extent_insert(a, i++,
					     (struct host_extent){ end, e.pa + (end - e.gpa),
								   e_end - end, e.type });
		}
	}
	return 0;
}

void arch_p2m_replace(struct domain *d, const gpa_t at[], unsigned int nr, paddr_t pa,
		      enum p2m_type type)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		(void)!arch_p2m_unmap(d, at[i], PAGE_SIZE);
		(void)!arch_p2m_map(d, at[i], pa, PAGE_SIZE, type);
	}
}

int arch_p2m_lookup(struct domain *d, gpa_t at, paddr_t *pa, enum p2m_type *type)
{
	const struct arch_domain *a = &d->arch;
	unsigned int i;

	for (i = 0; i < a->nr_extents; i++) {
		const struct host_extent *e = &a->extent[i];

		if (at.v >= e->gpa && at.v - e->gpa < e->size) {
			*pa = paddr(e->pa + (at.v - e->gpa));
			*type = e->type;
			return 0;
		}
	}
	return -EFAULT;
}
