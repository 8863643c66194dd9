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

/* How many are replaced with one flush of the TLBs, and how many are looked at for that in one piece. */
#define BATCH 32U
#define LOOKS 512U

/* Progress: a pass, and the handle it is at. Pass 0 is the dead domain's own book, 2n and 2n + 1 that of domain n. */
#define PASS_SHIFT 32
#define FIRST_PASS 2U

static void refuse_users(struct gnttab *g)
{
	unsigned long irq = spin_lock_irqsave(&g->lock);

	g->is_dead = true;
	spin_unlock_irqrestore(&g->lock, irq);
}

/* What the dead @d had mapped is in use no more. An orphan's granter has forgotten it already. Return: is there more? */
static bool release_some(struct domain *d, uint32_t *at)
{
	struct gnttab *g = d->gnttab;
	unsigned long irq = spin_lock_irqsave(&g->track_lock);
	uint32_t end = MIN(*at + LOOKS / 4, g->nr_tracks);

	for (; *at < end; (*at)++) {
		struct track *t = track_get(g, *at);

		if (t->state != TRACK_FREE && (t->kinds & GNTMAP_device_map) != 0) {
			device_put(t->granter);
		}
		if (t->state == TRACK_MAPPED) {
			grant_unpin(domain_get(t->granter), t->ref, !t->is_readonly);
		}
		track_reset(g, *at);
	}
	g->free_track = 0;
	spin_unlock_irqrestore(&g->track_lock, irq);
	return *at < g->nr_tracks;
}

/* The next mappings of @dead's grants from *@i on, made orphans. Return: how many; @at is where they are. */
static unsigned int next_orphans(struct gnttab *g, const struct domain *dead, uint32_t *i,
				 gpa_t *at, bool is_readonly)
{
	uint32_t end = MIN(*i + LOOKS, g->nr_tracks);
	unsigned int nr = 0;

	for (; *i < end && nr < BATCH; (*i)++) {
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

/* Return: is there more? */
static bool orphan_some(struct domain *mapper, const struct domain *dead, uint32_t *i,
			bool is_readonly)
{
	struct gnttab *g = mapper->gnttab;
	gpa_t at[BATCH];
	unsigned long irq = spin_lock_irqsave(&g->track_lock);
	unsigned int nr = next_orphans(g, dead, i, at, is_readonly);

	if (nr > 0) {
		replace(mapper, at, nr, is_readonly);
	}
	spin_unlock_irqrestore(&g->track_lock, irq);
	return *i < g->nr_tracks;
}

static bool may_map(const struct domain *d, const struct domain *mapper)
{
	return mapper != d && (d->plan->pv.backends & PLAN_DOMAIN_BIT(mapper->id)) != 0;
}

bool gnttab_domain_died(struct domain *d, uint64_t *done)
{
	uint32_t pass = (uint32_t)(*done >> PASS_SHIFT), at = (uint32_t)*done;
	struct domain *mapper = domain_get((uint16_t)(pass / 2));
	bool is_more;

	if (*done == 0) {
		refuse_users(d->gnttab);
	}
	if (pass == 0) {
		is_more = release_some(d, &at);
	} else if (mapper == NULL) {
		return false;
	} else {
		is_more = may_map(d, mapper) && orphan_some(mapper, d, &at, (pass & 1) != 0);
	}
	if (!is_more) {
		pass = MAX(pass + 1, FIRST_PASS);
		at = 0;
	}
	*done = (uint64_t)pass << PASS_SHIFT | at;
	return true;
}
