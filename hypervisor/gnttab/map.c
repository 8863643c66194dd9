// SPDX-License-Identifier: Apache-2.0
/* Requirement: grants */
/*
 * Mapping others' grants. A mapping goes where nothing is in the mapper's physical space and has a type of its own
 * there, so that neither its hypercalls' arguments nor its own grants can lie in it.
 *
 * A mapping for devices only keeps the page where it is: devices that access memory by themselves use the machine's
 * addresses. It cannot be taken from them, so its granter, once dead, is not built again before it is undone.
 *
 * Lock: the mapper's track_lock over each operation. Spec: Xen public grant_table.h.
 */
#include "internal.h"

#include <hyp/arch/p2m.h>
#include <hyp/gnttab.h>
#include <hyp/mmio.h>
#include <hyp/policy.h>

#define GFN_LIMIT BIT(32) /* struct track; as much as any guest's physical space has */
#define KINDS	  ((uint32_t)(GNTMAP_host_map | GNTMAP_device_map))

struct track *track_get(struct gnttab *g, grant_handle_t handle)
{
	return handle < g->nr_tracks
		       ? &g->track[handle / TRACKS_PER_FRAME][handle % TRACKS_PER_FRAME]
		       : NULL;
}

static uint16_t *bucket_of(struct gnttab *g, uint64_t mfn)
{
	uint64_t n = mfn % g->nr_tracks;

	return &g->bucket[n / TRACKS_PER_FRAME][n % TRACKS_PER_FRAME];
}

void track_reset(struct gnttab *g, grant_handle_t handle)
{
	uint32_t next = handle + 1 < g->nr_tracks ? handle + 1 : NO_TRACK;

	*track_get(g, handle) = (struct track){ .state = TRACK_FREE, .next = (uint16_t)next };
	*bucket_of(g, handle) = NO_TRACK;
}

/* The first free one becomes @as. */
static grant_handle_t track_take(struct gnttab *g, const struct track *as)
{
	uint16_t *bucket = bucket_of(g, as->mfn);
	uint16_t handle = g->free_track;
	struct track *t = track_get(g, handle);

	g->free_track = t->next;
	*t = *as;
	t->next = *bucket;
	*bucket = handle;
	return handle;
}

static void track_free(struct gnttab *g, grant_handle_t handle)
{
	struct track *t = track_get(g, handle);
	uint16_t *link = bucket_of(g, t->mfn);

	while (*link != handle) {
		link = &track_get(g, *link)->next;
	}
	*link = t->next;
	*t = (struct track){ .state = TRACK_FREE, .next = g->free_track };
	g->free_track = (uint16_t)handle;
}

bool track_find(struct gnttab *g, uint64_t mfn)
{
	uint16_t i;

	for (i = *bucket_of(g, mfn); i != NO_TRACK; i = track_get(g, i)->next) {
		if (track_get(g, i)->mfn == mfn && track_get(g, i)->state == TRACK_MAPPED) {
			return true;
		}
	}
	return false;
}

static void device_get(struct domain *granter)
{
	(void)__atomic_fetch_add(&granter->gnttab->nr_device_users, 1, __ATOMIC_SEQ_CST);
}

void device_put(uint16_t granter)
{
	struct gnttab *g = domain_get(granter)->gnttab;

	(void)__atomic_fetch_sub(&g->nr_device_users, 1, __ATOMIC_SEQ_CST);
}

bool gnttab_is_with_devices(const struct domain *d)
{
	return __atomic_load_n(&d->gnttab->nr_device_users, __ATOMIC_SEQ_CST) != 0;
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

/* What else the mapper asked for than that the page stays: that it sees it. A part of a page can only be copied. */
static int16_t show_if_asked(struct domain *d, const struct gnttab_map_grant_ref *op,
			     const struct grant_page *page)
{
	if (page->pa.v >> PAGE_SHIFT > UINT32_MAX || page->length != PAGE_SIZE) {
		return GNTST_general_error; /* struct track has no room for such a number */
	}
	if ((op->flags & GNTMAP_host_map) == 0) {
		return GNTST_okay;
	}
	return show(d, op->host_addr >> PAGE_SHIFT, page->pa, (op->flags & GNTMAP_readonly) != 0);
}

/* Context: @d's track_lock. */
static int16_t map_one(struct domain *d, struct domain *granter, struct gnttab_map_grant_ref *op)
{
	bool is_readonly = (op->flags & GNTMAP_readonly) != 0;
	struct grant_page page;
	int16_t rc;

	if (d->gnttab->free_track == NO_TRACK) {
		return GNTST_no_space;
	}
	rc = grant_pin(granter, op->ref, d->id, !is_readonly, &page);
	if (rc != GNTST_okay) {
		return rc;
	}
	rc = show_if_asked(d, op, &page);
	if (rc != GNTST_okay) {
		grant_unpin(granter, op->ref, !is_readonly);
		return rc;
	}
	op->handle = track_take(d->gnttab,
				&(struct track){ .gfn = (uint32_t)(op->host_addr >> PAGE_SHIFT),
						 .mfn = (uint32_t)(page.pa.v >> PAGE_SHIFT),
						 .ref = (uint16_t)op->ref,
						 .granter = (uint8_t)granter->id,
						 .state = TRACK_MAPPED,
						 .kinds = (uint8_t)(op->flags & KINDS),
						 .is_readonly = is_readonly });
	if ((op->flags & GNTMAP_device_map) != 0) {
		device_get(granter);
	}
	op->dev_bus_addr = ALIGN_DOWN(page.pa.v, PAGE_SIZE);
	return GNTST_okay;
}

void gnttab_map(struct domain *d, struct gnttab_map_grant_ref *op)
{
	struct domain *granter = domain_get(op->dom == DOMID_SELF ? d->id : op->dom);
	bool is_host = (op->flags & GNTMAP_host_map) != 0;
	unsigned long irq;

	op->handle = NO_HANDLE;
	op->dev_bus_addr = 0;
	if (!policy_may_use_grants(d, op->dom)) {
		op->status = GNTST_permission_denied;
	} else if (granter == NULL) {
		op->status = GNTST_bad_domain;
	} else if ((op->flags & KINDS) == 0 ||
		   (op->flags & ~(KINDS | (uint32_t)GNTMAP_readonly)) != 0) {
		op->status = GNTST_general_error;
	} else if (is_host && !IS_ALIGNED(op->host_addr, PAGE_SIZE)) {
		op->status = GNTST_bad_virt_addr;
	} else {
		irq = spin_lock_irqsave(&d->gnttab->track_lock);
		op->status = map_one(d, granter, op);
		spin_unlock_irqrestore(&d->gnttab->track_lock, irq);
	}
}

/* Which kinds of @t does @op take back? An address of zero asks for nothing. */
static int16_t kinds_to_undo(const struct track *t, const struct gnttab_unmap_grant_ref *op,
			     uint8_t *kinds)
{
	*kinds = (uint8_t)((op->host_addr != 0 ? GNTMAP_host_map : 0) |
			   (op->dev_bus_addr != 0 ? GNTMAP_device_map : 0));
	if (op->host_addr != 0 && ((t->kinds & GNTMAP_host_map) == 0 ||
				   op->host_addr != (uint64_t)t->gfn << PAGE_SHIFT)) {
		return GNTST_bad_virt_addr;
	}
	if (op->dev_bus_addr != 0 && ((t->kinds & GNTMAP_device_map) == 0 ||
				      op->dev_bus_addr != (uint64_t)t->mfn << PAGE_SHIFT)) {
		return GNTST_bad_dev_addr;
	}
	return GNTST_okay;
}

/* Context: @d's track_lock. The granter's page is out of reach, on all CPUs, before it is told. */
static int16_t unmap_one(struct domain *d, const struct gnttab_unmap_grant_ref *op)
{
	struct track *t = track_get(d->gnttab, op->handle);
	uint8_t kinds;
	int16_t rc;

	if (t == NULL || t->state == TRACK_FREE) {
		return GNTST_bad_handle;
	}
	rc = kinds_to_undo(t, op, &kinds);
	if (rc != GNTST_okay) {
		return rc;
	}
	if ((kinds & GNTMAP_host_map) != 0) {
		hide(d, t->gfn);
	}
	if ((kinds & GNTMAP_device_map) != 0) {
		device_put(t->granter);
	}
	t->kinds = t->kinds & (uint8_t)~kinds;
	if (t->kinds != 0) {
		return GNTST_okay;
	}
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
