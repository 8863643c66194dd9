/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arch contract, the hypervisor's own address space.
 *
 * Only the hypervisor's image and pool are mapped for good. Everything else, guest memory above
 * all, is mapped through arch_map() while it is needed. Nothing is ever writable and executable.
 */
#ifndef HYP_ARCH_MM_H
#define HYP_ARCH_MM_H

#include <hyp/types.h>

enum arch_map_type {
	MAP_RO,	    /* normal memory, read only */
	MAP_RW,	    /* normal memory */
	MAP_DEVICE, /* device registers, read/write */
};

/**
 * arch_map() - map machine memory for the time of a boot step or for good (devices, shared pages).
 * @pa: any address; @size in bytes. Large ranges use large blocks.
 * Context: boot or domain construction; a global lock inside; all CPUs see the mapping.
 * Return:  virtual address of @pa; NULL when address space or table pages are exhausted.
 */
void *__must_check arch_map(paddr_t pa, size_t size, enum arch_map_type type);

/**
 * arch_map_reserve() - @nr more mappings of a page each, beside all that were reserved before, cost no page of the pool.
 * Context: domain construction. Return: 0; -ENOMEM.
 */
int __must_check arch_map_reserve(unsigned int nr);

/** arch_unmap() - undo arch_map(); @va and @size as there. TLBs of all CPUs are flushed. */
void arch_unmap(void *va, size_t size);

/**
 * arch_window() - this CPU's window on one page of guest memory, read/write, for a copy.
 * Context: interrupts masked until the next arch_window_close(); not nested. Cheap: local TLB only.
 */
void *arch_window(paddr_t page);
void arch_window_close(void);

/**
 * arch_window_pair() - two pages at once, for a copy from one to the other; *@other is where @second is seen.
 * Context: as arch_window(), and in its place. Return: where @first is seen.
 */
void *arch_window_pair(paddr_t first, paddr_t second, void **other);
void arch_window_pair_close(void);

/** arch_virt_to_phys() - machine address of something in the hypervisor's image or pool. */
paddr_t arch_virt_to_phys(const void *va);

/** arch_phys_to_virt() - the reverse; only for what arch_virt_to_phys() gave. */
void *arch_phys_to_virt(paddr_t pa);

/**
 * arch_cache_clean() - write dirty lines of a range to memory, so that a CPU with caches off sees
 * it; I-cache too.
 */
void arch_cache_clean(const void *va, size_t size);

/** arch_cache_flush() - write dirty lines of a range to memory and drop them, so that a device's view and ours are one. */
void arch_cache_flush(const void *va, size_t size);

/**
 * arch_zero_clean() - fill a range with zeros and write it to memory, as fast as the CPU can.
 * @va, @size: multiples of PAGE_SIZE
 */
void arch_zero_clean(void *va, size_t size);

#endif
