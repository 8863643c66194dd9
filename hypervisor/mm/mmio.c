/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of a guest's accesses to device models. A domain's list is made while it is built and constant afterwards,
 * so that it is read without a lock.
 */
#include <hyp/mmio.h>

#include <hyp/arch/trap.h>
#include <hyp/domain.h>
#include <hyp/errno.h>

int mmio_register(struct domain *d, uint64_t base, uint64_t size, const struct mmio_ops *ops,
		  void *dev)
{
	unsigned int i;

	if (size == 0 || base + size < base) {
		return -EINVAL;
	}
	for (i = 0; i < d->nr_mmio; i++) {
		if (base < d->mmio[i].base + d->mmio[i].size && d->mmio[i].base < base + size) {
			return -EEXIST;
		}
	}
	if (d->nr_mmio == MMIO_MAX_REGIONS) {
		return -ENOSPC;
	}
	d->mmio[d->nr_mmio++] = (struct mmio_region){ base, size, ops, dev };
	return 0;
}

bool mmio_is_there(const struct domain *d, uint64_t page)
{
	unsigned int i;

	for (i = 0; i < d->nr_mmio; i++) {
		if (page < d->mmio[i].base + d->mmio[i].size &&
		    d->mmio[i].base < page + PAGE_SIZE) {
			return true;
		}
	}
	return false;
}

/* One comparison for both ends: below @base the offset is huge. */
static bool is_inside(const struct mmio_region *r, uint64_t at, unsigned int size)
{
	uint64_t offset = at - r->base;

	return offset < r->size && size <= r->size - offset;
}

static bool access(const struct mmio_region *r, struct vcpu *v, uint64_t at, unsigned int size,
		   bool is_write, uint64_t *value)
{
	if (is_write) {
		return r->ops->write(v, r->dev, at - r->base, size, *value);
	}
	return r->ops->read(v, r->dev, at - r->base, size, value);
}

bool trap_mmio(struct vcpu *v, gpa_t at, unsigned int size, bool is_write, uint64_t *value)
{
	const struct mmio_region *r = v->domain->mmio;
	const struct mmio_region *end = r + v->domain->nr_mmio;
	uint64_t mask = size - 1U;

	/* a power of two up to 8, naturally aligned */
	if (mask >= 8 || (size & mask) != 0 || (at.v & mask) != 0) {
		return false;
	}
	for (; r < end; r++) {
		if (is_inside(r, at.v, size)) {
			return access(r, v, at.v, size, is_write, value);
		}
	}
	return false;
}
