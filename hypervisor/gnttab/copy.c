// SPDX-License-Identifier: Apache-2.0
/*
 * Copies between pages, each the caller's own by frame number or another's by grant. Nobody else's pages are reached by
 * frame number, and no page is mapped into a guest for it.
 *
 * Lock: the caller's track_lock over each operation, so that a granter that dies waits for it (death.c).
 * Spec: Xen public grant_table.h, GNTTABOP_copy.
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/gnttab.h>
#include <hyp/policy.h>

#include <string.h>

/* One end of a copy: a page that stays where it is until end_close(). */
struct end {
	struct domain *granter; /* NULL: the caller's own page */
	grant_ref_t ref;
	bool is_write;
	struct grant_page page;
};

static int16_t open_grant(struct domain *d, const struct gnttab_copy_ptr *p, struct end *e)
{
	struct domain *granter = domain_get(p->domid == DOMID_SELF ? d->id : p->domid);
	int16_t rc;

	if (!policy_may_use_grants(d, p->domid)) {
		return GNTST_permission_denied;
	}
	if (granter == NULL) {
		return GNTST_bad_domain;
	}
	rc = grant_pin(granter, p->u.ref, d->id, e->is_write, &e->page);
	if (rc == GNTST_okay) {
		e->granter = granter;
		e->ref = p->u.ref;
	}
	return rc;
}

static int16_t open_own(struct domain *d, const struct gnttab_copy_ptr *p, struct end *e)
{
	enum p2m_type type;

	if (p->domid != DOMID_SELF && p->domid != d->id) {
		return GNTST_permission_denied;
	}
	if (p->u.gmfn >= BIT(52 - PAGE_SHIFT) ||
	    arch_p2m_lookup(d, gpa(p->u.gmfn << PAGE_SHIFT), &e->page.pa, &type) != 0 ||
	    (type != P2M_RAM && (e->is_write || type != P2M_RAM_RO))) {
		return GNTST_bad_page;
	}
	e->page.offset = 0;
	e->page.length = PAGE_SIZE;
	return GNTST_okay;
}

static bool is_within(const struct end *e, const struct gnttab_copy_ptr *p, uint32_t len)
{
	return p->offset >= e->page.offset && p->offset + len <= e->page.offset + e->page.length;
}

static int16_t end_open(struct domain *d, const struct gnttab_copy_ptr *p, bool is_grant,
			struct end *e)
{
	return is_grant ? open_grant(d, p, e) : open_own(d, p, e);
}

static void end_close(const struct end *e)
{
	if (e->granter != NULL) {
		grant_unpin(e->granter, e->ref, e->is_write);
	}
}

static paddr_t page_of(const struct end *e)
{
	return paddr(ALIGN_DOWN(e->page.pa.v, PAGE_SIZE));
}

/* Of a page into itself, what one gets may be any mixture. Context: interrupts masked. */
static void copy_bytes(const struct gnttab_copy *op, const struct end *to, const struct end *from)
{
	void *source;
	void *dest = arch_window_pair(page_of(to), page_of(from), &source);

	memcpy((uint8_t *)dest + op->dest.offset, (uint8_t *)source + op->source.offset, op->len);
	arch_window_pair_close();
}

/* Context: @d's track_lock, interrupts masked. */
static int16_t copy_one(struct domain *d, const struct gnttab_copy *op)
{
	struct end from = { .is_write = false };
	struct end to = { .is_write = true };
	int16_t rc = end_open(d, &op->source, (op->flags & GNTCOPY_source_gref) != 0, &from);

	if (rc != GNTST_okay) {
		return rc;
	}
	rc = end_open(d, &op->dest, (op->flags & GNTCOPY_dest_gref) != 0, &to);
	if (rc == GNTST_okay) {
		if (is_within(&from, &op->source, op->len) && is_within(&to, &op->dest, op->len)) {
			copy_bytes(op, &to, &from);
		} else {
			rc = GNTST_general_error;
		}
		end_close(&to);
	}
	end_close(&from);
	return rc;
}

void gnttab_copy(struct domain *d, struct gnttab_copy *op)
{
	unsigned long irq;

	if (op->source.offset >= PAGE_SIZE || op->dest.offset >= PAGE_SIZE ||
	    op->len > PAGE_SIZE - op->source.offset || op->len > PAGE_SIZE - op->dest.offset) {
		op->status = GNTST_bad_copy_arg;
	} else if ((op->flags & ~(GNTCOPY_source_gref | GNTCOPY_dest_gref)) != 0) {
		op->status = GNTST_general_error;
	} else {
		irq = spin_lock_irqsave(&d->gnttab->track_lock);
		op->status = copy_one(d, op);
		spin_unlock_irqrestore(&d->gnttab->track_lock, irq);
	}
}
