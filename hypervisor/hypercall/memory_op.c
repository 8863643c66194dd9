/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory_op: what memory the guest has, and where the shared info page and the grant table frames appear in its space.
 *
 * A guest may put them anywhere, also over its own RAM, which is then gone from its view; each is in one place at a
 * time. A call may cost pages of translation table, of which each domain has so many and no more.
 * Another domain's pages are never among them: those are granted.
 * Spec: Xen public memory.h, XENMEM_add_to_physmap, XENMEM_add_to_physmap_batch, XENMEM_remove_from_physmap.
 */
#include "memory.h"

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/vcpu.h>
#include <hyp/gnttab.h>
#include <hyp/reservation.h>

#define GFN_LIMIT   BIT(52 - PAGE_SHIFT)
#define NOWHERE	    UINT64_MAX
#define BATCH_PAGES 16U

/* The page of ours that the guest asks for; NULL: no such page. */
static void *source_page(struct domain *d, const struct xen_add_to_physmap *x)
{
	switch (x->space) {
	case XENMAPSPACE_shared_info:
		return x->idx == 0 ? d->shared_info : NULL;
	case XENMAPSPACE_grant_table:
		return gnttab_frame(d, x->idx);
	default:
		return NULL;
	}
}

/* Context: d->lock held. A page that was there before is put back when the new one does not fit. */
static int replace_page(struct domain *d, gpa_t at, paddr_t page)
{
	enum p2m_type type;
	paddr_t old;
	bool has_old = arch_p2m_lookup(d, at, &old, &type) == 0;
	int rc;

	if (has_old && type != P2M_RAM) {
		return -EPERM;
	}
	if (has_old) {
		rc = arch_p2m_unmap(d, at, PAGE_SIZE);
		if (rc != 0) {
			return rc;
		}
	}
	rc = arch_p2m_map(d, at, page, PAGE_SIZE, P2M_RAM);
	if (rc != 0 && has_old) {
		/* The tables for this very place exist: this cannot fail. */
		(void)!arch_p2m_map(d, at, paddr(ALIGN_DOWN(old.v, PAGE_SIZE)), PAGE_SIZE, P2M_RAM);
	} else if (rc == 0 && has_old) {
		reservation_put(d, old);
	}
	return rc;
}

/* Where the guest sees it; NOWHERE. */
static uint64_t place_of(const struct domain *d, const struct xen_add_to_physmap *x)
{
	return x->space == XENMAPSPACE_shared_info ? d->shared_info_gfn : gnttab_gfn(d, x->idx);
}

static void set_place(struct domain *d, const struct xen_add_to_physmap *x)
{
	if (x->space == XENMAPSPACE_shared_info) {
		d->shared_info_gfn = x->gpfn;
	} else {
		gnttab_set_gfn(d, x->idx, x->gpfn);
	}
}

/* What was moved is not at its old place any more, if it still was there. */
static void leave_place(struct domain *d, uint64_t gfn, paddr_t page)
{
	gpa_t at = gpa(gfn << PAGE_SHIFT);
	enum p2m_type type;
	paddr_t pa;

	if (gfn != NOWHERE && arch_p2m_lookup(d, at, &pa, &type) == 0 && pa.v == page.v) {
		/* It is mapped as a page: no table is needed, so this cannot fail. */
		(void)!arch_p2m_unmap(d, at, PAGE_SIZE);
	}
}

static int64_t add_to_physmap_perform(struct domain *d, const struct xen_add_to_physmap *x,
				      const void *source)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	paddr_t page = arch_virt_to_phys(source);
	uint64_t old = place_of(d, x);
	int rc = replace_page(d, gpa(x->gpfn << PAGE_SHIFT), page);

	if (rc == 0 && old != x->gpfn) {
		leave_place(d, old, page);
		set_place(d, x);
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}

static int64_t add_page(struct domain *d, const struct xen_add_to_physmap *x)
{
	void *page = source_page(d, x);

	if (page == NULL || x->gpfn >= GFN_LIMIT || mmio_is_there(d, x->gpfn << PAGE_SHIFT)) {
		return -EINVAL;
	}
	return add_to_physmap_perform(d, x, page);
}

static int64_t add_to_physmap(struct vcpu *v, uint64_t at)
{
	struct xen_add_to_physmap x;

	if (guest_read(v, &x, at, sizeof(x)) != 0) {
		return -EFAULT;
	}
	return is_self(v, x.domid) ? add_page(v->domain, &x) : -EPERM;
}

/* The @i-th page of a batch; what is wrong with it alone is its own error. Return: 0; -EFAULT. */
static int batch_page(struct vcpu *v, const struct xen_add_to_physmap_batch *b, uint64_t i)
{
	struct xen_add_to_physmap x = { .domid = b->domid, .space = b->space };
	xen_ulong_t idx;
	xen_pfn_t gfn;
	int err;

	if (guest_read(v, &idx, handle_address(b->idxs) + i * sizeof(idx), sizeof(idx)) != 0 ||
	    guest_read(v, &gfn, handle_address(b->gpfns) + i * sizeof(gfn), sizeof(gfn)) != 0) {
		return -EFAULT;
	}
	x.idx = idx;
	x.gpfn = gfn;
	err = b->space == XENMAPSPACE_gmfn_foreign ? -EPERM : (int)add_page(v->domain, &x);
	return guest_write(v, handle_address(b->errs) + i * sizeof(err), &err, sizeof(err));
}

static int64_t add_to_physmap_batch(struct vcpu *v, const uint64_t args[5])
{
	uint64_t again[5] = { args[0], args[1], args[2], args[3], args[4] };
	uint64_t i = args[0] >> MEMORY_OP_BITS;
	struct xen_add_to_physmap_batch b;
	unsigned int n;

	if (guest_read(v, &b, args[1], sizeof(b)) != 0) {
		return -EFAULT;
	}
	if (!is_self(v, b.domid)) {
		return -EPERM;
	}
	for (n = 0; n < BATCH_PAGES && i < b.size; n++, i++) {
		if (batch_page(v, &b, i) != 0) {
			return -EFAULT;
		}
	}
	again[0] = XENMEM_add_to_physmap_batch | i << MEMORY_OP_BITS;
	return i < b.size ? arch_vcpu_call_again(v, again) : 0;
}

static int remove_page(struct domain *d, gpa_t at)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	enum p2m_type type;
	int rc = -ENOENT;
	paddr_t pa;

	if (arch_p2m_lookup(d, at, &pa, &type) == 0) {
		rc = type == P2M_RAM ? arch_p2m_unmap(d, at, PAGE_SIZE) : -EPERM;
	}
	if (rc == 0) {
		reservation_put(d, pa);
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}

/* What the guest takes out of its view it has back at its next start, or as its balloon's. */
static int64_t remove_from_physmap(struct vcpu *v, uint64_t at)
{
	struct xen_remove_from_physmap x;

	if (guest_read(v, &x, at, sizeof(x)) != 0) {
		return -EFAULT;
	}
	if (!is_self(v, x.domid)) {
		return -EPERM;
	}
	return x.gpfn < GFN_LIMIT ? remove_page(v->domain, gpa(x.gpfn << PAGE_SHIFT)) : -EINVAL;
}

/* The last page of memory that there can be, as Xen counts: of the guest's own. */
static int64_t maximum_ram_page(const struct domain *d)
{
	const struct domain_ram *last = &d->ram[d->nr_ram - 1];

	return (int64_t)((last->gpa + last->size - 1) >> PAGE_SHIFT);
}

static int64_t memory_map(struct vcpu *v, uint64_t at)
{
	struct memory_line entry[MEMORY_MAX_LINES];
	struct xen_memory_map m;
	unsigned int n;

	if (guest_read(v, &m, at, sizeof(m)) != 0) {
		return -EFAULT;
	}
	n = memory_lines(v->domain, entry);
	if (m.nr_entries < n) {
		return -EINVAL;
	}
	m.nr_entries = n;
	if (guest_write(v, handle_address(m.buffer), entry, n * sizeof(entry[0])) != 0) {
		return -EFAULT;
	}
	return guest_write(v, at, &m, sizeof(m));
}

static bool may_come_again(uint64_t op)
{
	return op == XENMEM_add_to_physmap_batch || op == XENMEM_decrease_reservation ||
	       op == XENMEM_populate_physmap;
}

int64_t do_memory_op(struct vcpu *v, const uint64_t args[5])
{
	uint64_t op = args[0] & MEMORY_OP_MASK;

	if (args[0] != op && !may_come_again(op)) {
		return -ENOSYS;
	}
	switch (op) {
	case XENMEM_decrease_reservation:
		return memory_decrease(v, args);
	case XENMEM_populate_physmap:
		return memory_populate(v, args);
	case XENMEM_increase_reservation:
		return 0; /* extents: a page that nothing maps is of no use to a guest here */
	case XENMEM_add_to_physmap:
		return add_to_physmap(v, args[1]);
	case XENMEM_add_to_physmap_batch:
		return add_to_physmap_batch(v, args);
	case XENMEM_remove_from_physmap:
		return remove_from_physmap(v, args[1]);
	case XENMEM_maximum_ram_page:
		return maximum_ram_page(v->domain);
	case XENMEM_memory_map:
		return memory_map(v, args[1]);
	case XENMEM_current_reservation:
	case XENMEM_maximum_reservation:
		return memory_reservation(v, args[1], op == XENMEM_maximum_reservation);
	default:
		return -ENOSYS;
	}
}
