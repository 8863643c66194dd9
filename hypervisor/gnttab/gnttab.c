/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grant tables, version 1. A front end only writes its own table; nothing maps or copies grants yet, and until the plan
 * has links no domain may, so the hypervisor never reads an entry.
 *
 * Lock: domain.lock for where the guest put its frames.
 * Spec: Xen public grant_table.h.
 */
#include <hyp/gnttab.h>

#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/pool.h>

#include <string.h>

int gnttab_init(struct domain *d)
{
	unsigned int i;

	for (i = 0; i < GNTTAB_FRAMES; i++) {
		d->gnttab[i] = page_alloc(0);
		d->gnttab_gfn[i] = UINT64_MAX;
		if (d->gnttab[i] == NULL) {
			return -ENOMEM;
		}
	}
	return 0;
}

void gnttab_restart(struct domain *d)
{
	unsigned int i;

	for (i = 0; i < GNTTAB_FRAMES; i++) {
		memset(d->gnttab[i], 0, PAGE_SIZE);
		d->gnttab_gfn[i] = UINT64_MAX;
	}
}

void *gnttab_frame(struct domain *d, uint64_t idx)
{
	return idx < GNTTAB_FRAMES ? d->gnttab[idx] : NULL;
}
