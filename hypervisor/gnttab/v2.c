// SPDX-License-Identifier: Apache-2.0
/*
 * Grant tables, version 2: entries of 16 bytes, with frame numbers of 64 bits and grants of a part of a page. What is in
 * use stands in frames of their own, which the guest may map too, so that an entry is its guest's alone.
 *
 * An entry cannot be read and marked in one step here: it is marked, then read again, and so is what its guest reads
 * before it takes a grant back: flags first, then the mark.
 * Lock: the granter's gnttab.lock. Spec: Xen public grant_table.h, "grant_entry_v2", "grant_status_t".
 */
#include "internal.h"

#include <hyp/errno.h>
#include <hyp/pool.h>

#include <string.h>

#define TRIES	    8
#define GRANTS_V2   (PAGE_SIZE / sizeof(union grant_entry_v2))
#define STATUSES    (PAGE_SIZE / sizeof(grant_status_t))
#define KNOWN_FLAGS (GTF_type_mask | GTF_readonly | GTF_sub_page)

_Static_assert(sizeof(union grant_entry_v2) == 2 * sizeof(uint64_t), "an entry is two words");

/* An entry as two words: flags, domain, and of a part of a page where it is and how long; then the frame. */
union entry_v2 {
	union grant_entry_v2 v2;
	uint64_t word[2];
};

int grant_v2_init(struct domain *d)
{
	struct gnttab *g = d->gnttab;
	uint32_t nr, i;

	if (d->plan->pv.grant_version < 2) {
		return 0;
	}
	nr = (uint32_t)((g->nr_frames * GRANTS_V2 + STATUSES - 1) / STATUSES);
	g->v2 = pool_alloc(sizeof(*g->v2) + nr * sizeof(g->v2->status[0]));
	if (g->v2 == NULL) {
		return -ENOMEM;
	}
	g->v2->nr_statuses = nr;
	for (i = 0; i < nr; i++) {
		g->v2->status[i] = (struct grant_frame){ page_alloc(0), UINT64_MAX };
		if (g->v2->status[i].page == NULL) {
			return -ENOMEM;
		}
	}
	return 0;
}

bool grant_v2_restart(struct gnttab *g, uint32_t step)
{
	if (g->v2 == NULL || step >= g->v2->nr_statuses) {
		return false;
	}
	g->v2->is_on = false;
	g->v2->nr_in_use = 0;
	memset(g->v2->status[step].page, 0, PAGE_SIZE);
	g->v2->status[step].gfn = UINT64_MAX;
	return true;
}

uint32_t grant_v2_nr_grants(const struct gnttab *g)
{
	return g->nr_frames * (uint32_t)GRANTS_V2;
}

void grant_v2_count(struct gnttab *g, grant_ref_t ref, uint32_t by)
{
	g->v2->nr_in_use += ref >= GNTTAB_NR_RESERVED_ENTRIES ? by : 0;
}

struct grant_frame *grant_v2_frame(struct gnttab *g, uint64_t idx)
{
	return is_version_2(g) && idx < g->v2->nr_statuses ? &g->v2->status[idx] : NULL;
}

static union entry_v2 *entry_of(const struct gnttab *g, grant_ref_t ref)
{
	return (union entry_v2 *)g->frame[ref / GRANTS_V2].page + ref % GRANTS_V2;
}

static grant_status_t *status_of(const struct gnttab *g, grant_ref_t ref)
{
	return (grant_status_t *)g->v2->status[ref / STATUSES].page + ref % STATUSES;
}

static union entry_v2 entry_read(union entry_v2 *at)
{
	union entry_v2 e;

	e.word[0] = __atomic_load_n(&at->word[0], __ATOMIC_SEQ_CST);
	e.word[1] = __atomic_load_n(&at->word[1], __ATOMIC_SEQ_CST);
	return e;
}

static int16_t check_entry(const union entry_v2 *e, domid_t user, bool is_write,
			   struct grant_page *page)
{
	uint16_t flags = e->v2.hdr.flags;

	if ((flags & GTF_type_mask) != GTF_permit_access || e->v2.hdr.domid != user ||
	    (flags & ~KNOWN_FLAGS) != 0 || (is_write && (flags & GTF_readonly) != 0)) {
		return GNTST_general_error;
	}
	page->offset = 0;
	page->length = PAGE_SIZE;
	if ((flags & GTF_sub_page) != 0) {
		page->offset = e->v2.sub_page.page_off;
		page->length = e->v2.sub_page.length;
	}
	return page->offset + page->length <= PAGE_SIZE ? GNTST_okay : GNTST_general_error;
}

int16_t grant_v2_mark(struct domain *granter, grant_ref_t ref, domid_t user, bool is_write,
		      struct grant_page *page)
{
	struct gnttab *g = granter->gnttab;
	grant_status_t *status = status_of(g, ref);
	uint16_t mark = (uint16_t)(GTF_reading | (is_write ? GTF_writing : 0U));
	unsigned int i;

	for (i = 0; i < TRIES; i++) {
		union entry_v2 was = entry_read(entry_of(g, ref)), is;
		int16_t rc = check_entry(&was, user, is_write, page);

		rc = rc == GNTST_okay ? grant_find_page(granter, was.v2.full_page.frame, &page->pa)
				      : rc;
		if (rc != GNTST_okay) {
			return rc;
		}
		(void)__atomic_fetch_or(status, mark, __ATOMIC_SEQ_CST);
		is = entry_read(entry_of(g, ref));
		if (is.word[0] == was.word[0] && is.word[1] == was.word[1]) {
			return GNTST_okay;
		}
		grant_v2_unmark(g, ref, (uint16_t)(mark & ~grant_marks(g, ref)));
	}
	return GNTST_eagain;
}

void grant_v2_unmark(struct gnttab *g, grant_ref_t ref, uint16_t gone)
{
	(void)__atomic_fetch_and(status_of(g, ref), (uint16_t)~gone, __ATOMIC_RELEASE);
}

/* Reserved entries as they are now, to be written in the other version; a grant that the other cannot say is none. */
static void keep(const struct gnttab *g, union entry_v2 kept[GNTTAB_NR_RESERVED_ENTRIES])
{
	grant_ref_t ref;

	for (ref = 0; ref < GNTTAB_NR_RESERVED_ENTRIES; ref++) {
		union entry_v2 *e = &kept[ref];

		if (g->v2->is_on) {
			*e = entry_read(entry_of(g, ref));
		} else {
			union entry v1 = { .word = __atomic_load_n((uint64_t *)g->frame[0].page +
									   ref,
								   __ATOMIC_ACQUIRE) };

			*e = (union entry_v2){ .v2.full_page = {
						       .hdr = { v1.v1.flags, v1.v1.domid },
						       .frame = v1.v1.frame } };
		}
		e->v2.hdr.flags &= GTF_type_mask | GTF_readonly | GTF_sub_page;
		if ((e->v2.hdr.flags & GTF_type_mask) != GTF_permit_access ||
		    (e->v2.hdr.flags & GTF_sub_page) != 0 || e->v2.full_page.frame > UINT32_MAX) {
			*e = (union entry_v2){ .word = { 0, 0 } };
		}
	}
}

static void clear(const struct gnttab *g)
{
	uint32_t i;

	for (i = 0; i < g->nr_frames; i++) {
		memset(g->frame[i].page, 0, PAGE_SIZE);
	}
	for (i = 0; i < g->v2->nr_statuses; i++) {
		memset(g->v2->status[i].page, 0, PAGE_SIZE);
	}
}

/* The flags last: whoever reads an entry that has some finds the rest of it. */
static void put(const struct gnttab *g, grant_ref_t ref, const union entry_v2 *e)
{
	uint16_t marks = grant_marks(g, ref);
	union entry v1 = { .v1 = { (uint16_t)(e->v2.hdr.flags | marks), e->v2.hdr.domid,
				   (uint32_t)e->v2.full_page.frame } };

	if (g->v2->is_on) {
		__atomic_store_n(status_of(g, ref), marks, __ATOMIC_RELEASE);
		__atomic_store_n(&entry_of(g, ref)->word[1], e->word[1], __ATOMIC_RELEASE);
		__atomic_store_n(&entry_of(g, ref)->word[0], e->word[0], __ATOMIC_RELEASE);
	} else {
		__atomic_store_n((uint64_t *)g->frame[0].page + ref, v1.word, __ATOMIC_RELEASE);
	}
}

/* Context: g->lock. */
static int change(struct gnttab *g)
{
	union entry_v2 kept[GNTTAB_NR_RESERVED_ENTRIES];
	grant_ref_t ref;

	if (g->v2->nr_in_use != 0) {
		return -EBUSY;
	}
	keep(g, kept);
	clear(g);
	g->v2->is_on = !g->v2->is_on;
	for (ref = 0; ref < GNTTAB_NR_RESERVED_ENTRIES; ref++) {
		put(g, ref, &kept[ref]);
	}
	return 0;
}

int grant_v2_switch(struct gnttab *g, bool on)
{
	unsigned long irq;
	int rc;

	if (g->v2 == NULL) {
		return on ? -ENOSYS : 0;
	}
	irq = spin_lock_irqsave(&g->lock);
	rc = g->v2->is_on == on ? 0 : change(g);
	spin_unlock_irqrestore(&g->lock, irq);
	return rc;
}
