// SPDX-License-Identifier: Apache-2.0
/*
 * Cache maintenance for a guest whose devices access memory without looking into caches: by the machine's address, for
 * a page that it mapped has no other name that it and its devices share.
 *
 * To invalidate is to clean and invalidate here: what others wrote to a page that they granted is not thrown away, nor
 * what memory held before they wrote shown.
 *
 * Lock: the caller's track_lock, so that the page stays mapped. Spec: Xen public grant_table.h, GNTTABOP_cache_flush.
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/errno.h>
#include <hyp/gnttab.h>

#define KNOWN_OPS (GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL)

static bool is_own(const struct domain *d, uint64_t pa)
{
	unsigned int i;

	for (i = 0; i < d->nr_ram; i++) {
		if (pa >= d->ram[i].pa && pa - d->ram[i].pa < d->ram[i].size) {
			return true;
		}
	}
	return false;
}

/* Context: interrupts masked. */
static void flush(paddr_t page, uint32_t offset, uint32_t length)
{
	char *window = arch_window(page);

	arch_cache_flush(window + offset, length);
	arch_window_close();
}

int gnttab_cache_flush(struct domain *d, const struct gnttab_cache_flush *op)
{
	uint64_t pa = ALIGN_DOWN(op->a.dev_bus_addr, PAGE_SIZE);
	unsigned long irq;
	int rc = 0;

	if (op->offset >= PAGE_SIZE || op->length > PAGE_SIZE - op->offset) {
		return -EINVAL;
	}
	if (op->length == 0 || op->op == 0) {
		return 0;
	}
	if ((op->op & ~KNOWN_OPS) != 0) {
		return (op->op & GNTTAB_CACHE_SOURCE_GREF) != 0 ? -EOPNOTSUPP : -EINVAL;
	}
	irq = spin_lock_irqsave(&d->gnttab->track_lock);
	if (is_own(d, pa) || track_find(d->gnttab, pa >> PAGE_SHIFT)) {
		flush(paddr(pa), op->offset, op->length);
	} else {
		rc = -EPERM;
	}
	spin_unlock_irqrestore(&d->gnttab->track_lock, irq);
	return rc;
}
