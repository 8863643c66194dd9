// SPDX-License-Identifier: Apache-2.0
/*
 * Grants in use: an entry is read once, as a whole, and marked in the same moment in which it is found good, so that its
 * guest cannot change it in between; how many use it is counted here, where no guest can write.
 *
 * A guest that keeps changing its entry makes us try a few times, then the user is told to come again.
 * Lock: the granter's gnttab.lock. Spec: Xen public grant_table.h, "grant_entry_v1"; the other version is v2.c's.
 */
#include "internal.h"

#include <hyp/arch/p2m.h>

#define TRIES 8

/* Nothing else may be said of a page than that it is granted; cache attributes are not offered. */
#define KNOWN_FLAGS (GTF_type_mask | GTF_readonly | GTF_reading | GTF_writing)

static uint64_t *entry_of(const struct gnttab *g, grant_ref_t ref)
{
	return (uint64_t *)g->frame[ref / GRANTS_PER_FRAME].page + ref % GRANTS_PER_FRAME;
}

static struct pins *pins_of(const struct gnttab *g, grant_ref_t ref)
{
	return &g->pins[ref / GRANTS_PER_FRAME][ref % GRANTS_PER_FRAME];
}

static int16_t check_entry(const struct grant_entry_v1 *e, domid_t user, bool is_write)
{
	if ((e->flags & GTF_type_mask) != GTF_permit_access || e->domid != user ||
	    (e->flags & ~KNOWN_FLAGS) != 0 || (is_write && (e->flags & GTF_readonly) != 0)) {
		return GNTST_general_error;
	}
	return GNTST_okay;
}

/* Only what is the granter's own: a page that it mapped from somebody else is not its to give. */
int16_t grant_find_page(struct domain *granter, uint64_t gfn, paddr_t *pa)
{
	enum p2m_type type;

	if (arch_p2m_lookup(granter, gpa(gfn << PAGE_SHIFT), pa, &type) != 0 || type != P2M_RAM) {
		return GNTST_bad_page;
	}
	return GNTST_okay;
}

static int16_t mark(struct domain *granter, uint64_t *at, domid_t user, bool is_write,
		    struct grant_page *page)
{
	unsigned int i;

	for (i = 0; i < TRIES; i++) {
		union entry was = { .word = __atomic_load_n(at, __ATOMIC_ACQUIRE) };
		union entry now = was;
		int16_t rc = check_entry(&was.v1, user, is_write);

		if (rc == GNTST_okay) {
			rc = grant_find_page(granter, was.v1.frame, &page->pa);
		}
		if (rc != GNTST_okay) {
			return rc;
		}
		now.v1.flags |= (uint16_t)(GTF_reading | (is_write ? GTF_writing : 0U));
		if (__atomic_compare_exchange_n(at, &was.word, now.word, false, __ATOMIC_SEQ_CST,
						__ATOMIC_RELAXED)) {
			return GNTST_okay;
		}
	}
	return GNTST_eagain;
}

uint16_t grant_marks(const struct gnttab *g, grant_ref_t ref)
{
	const struct pins *p = pins_of(g, ref);

	if (p->writers != 0) {
		return GTF_reading | GTF_writing;
	}
	return p->readers != 0 ? GTF_reading : 0;
}

/* Only who may change its version asks how many are in use. */
static void count(struct gnttab *g, grant_ref_t ref, uint32_t by)
{
	if (unlikely(g->v2 != NULL)) {
		grant_v2_count(g, ref, by);
	}
}

static int16_t pin(struct domain *granter, grant_ref_t ref, domid_t user, bool is_write,
		   struct grant_page *page)
{
	struct gnttab *g = granter->gnttab;
	bool is_v2 = is_version_2(g);
	struct pins *p;
	int16_t rc;

	if (g->is_dead ||
	    ref >= (is_v2 ? grant_v2_nr_grants(g) : g->nr_frames * GRANTS_PER_FRAME)) {
		return g->is_dead ? GNTST_bad_domain : GNTST_bad_gntref;
	}
	p = pins_of(g, ref);
	if (p->readers == UINT16_MAX || p->writers == UINT16_MAX) {
		return GNTST_no_space;
	}
	page->offset = 0;
	page->length = PAGE_SIZE;
	rc = is_v2 ? grant_v2_mark(granter, ref, user, is_write, page)
		   : mark(granter, entry_of(g, ref), user, is_write, page);
	if (rc == GNTST_okay) {
		count(g, ref, 1);
		p->readers = (uint16_t)(p->readers + !is_write);
		p->writers = (uint16_t)(p->writers + is_write);
	}
	return rc;
}

int16_t grant_pin(struct domain *granter, grant_ref_t ref, domid_t user, bool is_write,
		  struct grant_page *page)
{
	unsigned long irq = spin_lock_irqsave(&granter->gnttab->lock);
	int16_t rc = pin(granter, ref, user, is_write, page);

	spin_unlock_irqrestore(&granter->gnttab->lock, irq);
	return rc;
}

void grant_unpin(struct domain *granter, grant_ref_t ref, bool is_write)
{
	struct gnttab *g = granter->gnttab;
	struct pins *p = pins_of(g, ref);
	unsigned long irq = spin_lock_irqsave(&g->lock);
	uint16_t gone;

	p->readers = (uint16_t)(p->readers - !is_write);
	p->writers = (uint16_t)(p->writers - is_write);
	count(g, ref, UINT32_MAX);
	gone = (uint16_t)((GTF_reading | GTF_writing) & ~grant_marks(g, ref));
	/* Whatever was done to the page is seen before the mark is gone. */
	if (is_version_2(g)) {
		grant_v2_unmark(g, ref, gone);
	} else {
		(void)__atomic_fetch_and(entry_of(g, ref), ~(uint64_t)gone, __ATOMIC_RELEASE);
	}
	spin_unlock_irqrestore(&g->lock, irq);
}
