// SPDX-License-Identifier: Apache-2.0
/*
 * The end of a domain that granted pages, or had mapped others'.
 *
 * First nothing can be pinned any more; then each mapper's book is gone through under its track_lock, so that whatever
 * was begun before is finished and seen here. Others' mappings then show a scratch page, their mapper's own.
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/gnttab.h>

/* How many are replaced with one flush of the TLBs. */
#define BATCH 32U

static void refuse_users(struct gnttab *g)
{
	unsigned long irq = spin_lock_irqsave(&g->lock);

	g->is_dead = true;
	spin_unlock_irqrestore(&g->lock, irq);
}

/* What the dead @d had mapped is in use no more. An orphan's granter has forgotten it already. */
static void release_mapped(struct domain *d)
{
	struct gnttab *g = d->gnttab;
	unsigned long irq = spin_lock_irqsave(&g->track_lock);
	uint32_t i;

	for (i = 0; i < g->nr_tracks; i++) {
		const struct track *t = track_get(g, i);

		if (t->state != TRACK_FREE && (t->kinds & GNTMAP_device_map) != 0) {
			device_put(t->granter);
		}
		if (t->state == TRACK_MAPPED) {
			grant_unpin(domain_get(t->granter), t->ref, !t->is_readonly);
		}
	}
	tracks_free_all(g);
	spin_unlock_irqrestore(&g->track_lock, irq);
}

/* The next mappings of @dead's grants from *@i on, made orphans. Return: how many; @at is where they are. */
static unsigned int next_orphans(struct gnttab *g, const struct domain *dead, uint32_t *i,
				 gpa_t *at, bool is_readonly)
{
	unsigned int nr = 0;

	for (; *i < g->nr_tracks && nr < BATCH; (*i)++) {
		struct track *t = track_get(g, *i);

		if (t->state == TRACK_MAPPED && t->granter == dead->id &&
		    t->is_readonly == is_readonly) {
			t->state = TRACK_ORPHAN;
			at[nr] = gpa((uint64_t)t->gfn << PAGE_SHIFT);
			nr += (t->kinds & GNTMAP_host_map) != 0;
		}
	}
	return nr;
}

static void replace(struct domain *mapper, const gpa_t *at, unsigned int nr, bool is_readonly)
{
	unsigned long irq = spin_lock_irqsave(&mapper->lock);

	arch_p2m_replace(mapper, at, nr, arch_virt_to_phys(mapper->gnttab->scratch),
			 is_readonly ? P2M_GRANT_RO : P2M_GRANT);
	spin_unlock_irqrestore(&mapper->lock, irq);
}

static void orphan_all(struct domain *mapper, const struct domain *dead, bool is_readonly)
{
	struct gnttab *g = mapper->gnttab;
	gpa_t at[BATCH];
	uint32_t i = 0;

	while (i < g->nr_tracks) {
		unsigned long irq = spin_lock_irqsave(&g->track_lock);
		unsigned int nr = next_orphans(g, dead, &i, at, is_readonly);

		if (nr > 0) {
			replace(mapper, at, nr, is_readonly);
		}
		spin_unlock_irqrestore(&g->track_lock, irq);
	}
}

void gnttab_domain_died(struct domain *d)
{
	struct domain *mapper;
	uint16_t i;

	refuse_users(d->gnttab);
	release_mapped(d);
	for (i = 1; (mapper = domain_get(i)) != NULL; i++) {
		if (mapper != d && (d->plan->pv.backends & PLAN_DOMAIN_BIT(i)) != 0) {
			orphan_all(mapper, d, false);
			orphan_all(mapper, d, true);
		}
	}
}
