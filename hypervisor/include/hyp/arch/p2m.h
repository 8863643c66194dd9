/* SPDX-License-Identifier: Apache-2.0 */
/* The arch contract, second-stage translation: a domain's physical address space. */
#ifndef HYP_ARCH_P2M_H
#define HYP_ARCH_P2M_H

#include <hyp/types.h>

struct domain;

enum p2m_type {
	P2M_RAM,    /* normal memory, rwx for the guest */
	P2M_RAM_RO, /* normal memory, read only, not executable */
	P2M_DEVICE, /* device memory, rw, not executable */
	P2M_GRANT, /* another domain's page, rw, not executable; not ours to give on, nor to pass arguments in */
	P2M_GRANT_RO, /* the same, read only */
};

/** arch_p2m_init() - empty address space, fresh VMID. Return: 0; -ENOMEM. */
int __must_check arch_p2m_init(struct domain *d);

/**
 * arch_p2m_reset() - empty the address space, a piece at a time of at most 64 KiB of tables; the first leaves nothing
 * reachable and flushes the TLBs. Its tables stay its own, so that the same mappings can be made again whatever became
 * of the pool.
 * Context: @d's vCPUs are off their CPUs and nobody looks anything up in it.
 * Return: is there more?
 */
bool __must_check arch_p2m_reset(struct domain *d);

/**
 * arch_p2m_map() - map [@at, +@size) to [@pa, +@size), largest blocks that alignment allows.
 * Multiples of 4 KiB. An existing mapping there is an error. Context: caller holds d->lock or is
 * the builder.
 * Return: 0; -ENOMEM no table page; -EEXIST; -EINVAL misaligned or outside the address space.
 * Nothing changes on error.
 */
int __must_check arch_p2m_map(struct domain *d, gpa_t at, paddr_t pa, uint64_t size,
			      enum p2m_type type);

/**
 * arch_p2m_unmap() - remove [@at, +@size); holes are fine; TLBs flushed on all CPUs on return.
 * Return: 0; -ENOMEM to split a block.
 */
int __must_check arch_p2m_unmap(struct domain *d, gpa_t at, uint64_t size);

/**
 * arch_p2m_reserve() - from now on tables come from @nr pages that are set aside for @d, and from nowhere else, so
 * that what its guest does costs nobody else a page. Those of former lives count. Context: the builder, its last step.
 * Return: 0; -ENOMEM.
 */
int __must_check arch_p2m_reserve(struct domain *d, unsigned int nr);

/**
 * arch_p2m_replace() - each of @nr pages, mapped as pages, shows @pa from now on; what was there before is out of
 * reach on all CPUs on return. Context: caller holds d->lock; d's vCPUs may run, and wait when they look meanwhile.
 */
void arch_p2m_replace(struct domain *d, const gpa_t at[], unsigned int nr, paddr_t pa,
		      enum p2m_type type);

/** arch_p2m_lookup() - the machine address behind @at. Return: 0; -EFAULT nothing there. */
int __must_check arch_p2m_lookup(struct domain *d, gpa_t at, paddr_t *pa, enum p2m_type *type);

#endif
