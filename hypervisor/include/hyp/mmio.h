/* SPDX-License-Identifier: Apache-2.0 */
/* Device models: a small const table a device, a list a domain. */
#ifndef HYP_MMIO_H
#define HYP_MMIO_H

#include <hyp/types.h>

struct domain;
struct vcpu;

/** struct mmio_ops - a device model. Offsets are within the region; sizes 1, 2, 4, 8; the model refuses what it does not know. */
struct mmio_ops {
	const char *name;
	/** @read: @value zero-extended. Return: false crashes the domain. */
	bool (*read)(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
		     uint64_t *value);
	bool (*write)(struct vcpu *v, void *dev, uint64_t offset, unsigned int size,
		      uint64_t value);
};

struct mmio_region {
	uint64_t base; /* guest physical */
	uint64_t size;
	const struct mmio_ops *ops;
	void *dev;
};

#define MMIO_MAX_REGIONS 8

/** mmio_register() - add a region while @d is built. Return: 0; -ENOSPC; -EEXIST on overlap. */
int __must_check mmio_register(struct domain *d, uint64_t base, uint64_t size,
			       const struct mmio_ops *ops, void *dev);

/** mmio_is_there() - does a device of @d's have a byte in the page at @page? */
bool mmio_is_there(const struct domain *d, uint64_t page);

#endif
