// SPDX-License-Identifier: Apache-2.0
/*
 * Mapping others' grants. A mapping goes where nothing is in the mapper's physical space and has a type of its own
 * there, so that neither its hypercalls' arguments nor its own grants can lie in it.
 *
 * Lock: the mapper's track_lock over each operation. Spec: Xen public grant_table.h.
 */
#include "internal.h"

#include <hyp/arch/p2m.h>
#include <hyp/gnttab.h>
#include <hyp/mmio.h>
#include <hyp/policy.h>

#define GFN_LIMIT BIT(52 - PAGE_SHIFT)

struct track *track_get(struct gnttab *g, grant_handle_t handle)
{
	return handle < g->nr_tracks
		       ? &g->track[handle / TRACKS_PER_FRAME][handle % TRACKS_PER_FRAME]
		       : NULL;
}

void tracks_free_all(struct gnttab *g)
{
	uint32_t i;

	for (i = 0; i < g->nr_tracks; i++) {
		*track_get(g, i) = (struct track){ .state = TRACK_FREE, .ref = i + 1 };
	}
	track_get(g, g->nr_tracks - 1)->ref = NO_HANDLE;
	g->free_track = 0;
}

static void track_free(struct gnttab *g, grant_handle_t handle)
{
	*track_get(g, handle) = (struct track){ .state = TRACK_FREE, .ref = g->free_track };
	g->free_track = handle;
}

/* Where nothing is, not even a device. */
static bool is_free_place(struct domain *d, uint64_t gfn)
{
	enum p2m_type type;
	paddr_t pa;

	return gfn < GFN_LIMIT && !mmio_is_there(d, gfn << PAGE_SHIFT) &&
	       arch_p2m_lookup(d, gpa(gfn << PAGE_SHIFT), &pa, &type) != 0;
}

static int16_t show(struct domain *d, uint64_t gfn, paddr_t pa, bool is_readonly)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	int16_t rc = GNTST_general_error;

	if (is_free_place(d, gfn)) {
		rc = arch_p2m_map(d, gpa(gfn << PAGE_SHIFT), paddr(ALIGN_DOWN(pa.v, PAGE_SIZE)),
				  PAGE_SIZE, is_readonly ? P2M_GRANT_RO : P2M_GRANT) == 0
			     ? GNTST_okay
			     : GNTST_no_space;
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}

static void hide(struct domain *d, uint64_t gfn)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);

	/* The table for this very page exists: nothing is split, so this cannot fail. */
	(void)!arch_p2m_unmap(d, gpa(gfn << PAGE_SHIFT), PAGE_SIZE);
	spin_unlock_irqrestore(&d->lock, irq);
}

/* Context: @d's track_lock. */
static int16_t map_one(struct domain *d, struct domain *granter, struct gnttab_map_grant_ref *op)
{
	struct gnttab *g = d->gnttab;
	bool is_readonly = (op->flags & GNTMAP_readonly) != 0;
	grant_handle_t handle = g->free_track;
	struct track *t = track_get(g, handle);
	uint64_t gfn = op->host_addr >> PAGE_SHIFT;
	paddr_t pa;
	int16_t rc;

	if (t == NULL) {
		return GNTST_no_space;
	}
	rc = grant_pin(granter, op->ref, d->id, !is_readonly, &pa);
	if (rc != GNTST_okay) {
		return rc;
	}
	rc = show(d, gfn, pa, is_readonly);
	if (rc != GNTST_okay) {
		grant_unpin(granter, op->ref, !is_readonly);
		return rc;
	}
	g->free_track = t->ref;
	*t = (struct track){ gfn, op->ref, granter->id, TRACK_MAPPED, is_readonly };
	op->handle = handle;
	op->dev_bus_addr = ALIGN_DOWN(pa.v, PAGE_SIZE);
	return GNTST_okay;
}

void gnttab_map(struct domain *d, struct gnttab_map_grant_ref *op)
{
	struct domain *granter = domain_get(op->dom == DOMID_SELF ? d->id : op->dom);
	unsigned long irq;

	op->handle = NO_HANDLE;
	op->dev_bus_addr = 0;
	if (!policy_may_use_grants(d, op->dom)) {
		op->status = GNTST_permission_denied;
	} else if (granter == NULL) {
		op->status = GNTST_bad_domain;
	} else if ((op->flags & ~(uint32_t)GNTMAP_readonly) != GNTMAP_host_map) {
		op->status = GNTST_general_error;
	} else if (!IS_ALIGNED(op->host_addr, PAGE_SIZE)) {
		op->status = GNTST_bad_virt_addr;
	} else {
		irq = spin_lock_irqsave(&d->gnttab->track_lock);
		op->status = map_one(d, granter, op);
		spin_unlock_irqrestore(&d->gnttab->track_lock, irq);
	}
}

/* Context: @d's track_lock. The granter's page is out of reach, on all CPUs, before it is told. */
static int16_t unmap_one(struct domain *d, const struct gnttab_unmap_grant_ref *op)
{
	struct track *t = track_get(d->gnttab, op->handle);

	if (t == NULL || t->state == TRACK_FREE) {
		return GNTST_bad_handle;
	}
	if (op->host_addr != t->gfn << PAGE_SHIFT) {
		return GNTST_bad_virt_addr;
	}
	hide(d, t->gfn);
	if (t->state == TRACK_MAPPED) {
		grant_unpin(domain_get(t->granter), t->ref, !t->is_readonly);
	}
	track_free(d->gnttab, op->handle);
	return GNTST_okay;
}

void gnttab_unmap(struct domain *d, struct gnttab_unmap_grant_ref *op)
{
	unsigned long irq = spin_lock_irqsave(&d->gnttab->track_lock);

	op->status = unmap_one(d, op);
	spin_unlock_irqrestore(&d->gnttab->track_lock, irq);
}
