/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory_op: where the shared info page and the grant table frames appear in the guest's physical space.
 *
 * A guest may put them anywhere, also over its own RAM, which is then gone from its view. A call may cost pages of
 * translation table, of which each domain has so many and no more.
 * Spec: Xen public memory.h, XENMEM_add_to_physmap.
 */
#include "hypercall.h"

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/gnttab.h>

#define GFN_LIMIT BIT(52 - PAGE_SHIFT)

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
	}
	return rc;
}

static int64_t add_to_physmap_perform(struct domain *d, const struct xen_add_to_physmap *x,
				      const void *page)
{
	unsigned long irq = spin_lock_irqsave(&d->lock);
	int rc = replace_page(d, gpa(x->gpfn << PAGE_SHIFT), arch_virt_to_phys(page));

	if (rc == 0 && x->space == XENMAPSPACE_grant_table) {
		gnttab_set_gfn(d, x->idx, x->gpfn);
	}
	spin_unlock_irqrestore(&d->lock, irq);
	return rc;
}

static int64_t add_to_physmap(struct vcpu *v, uint64_t at)
{
	struct xen_add_to_physmap x;
	void *page;

	if (guest_read(v, &x, at, sizeof(x)) != 0) {
		return -EFAULT;
	}
	if (!is_self(v, x.domid)) {
		return -EPERM;
	}
	page = source_page(v->domain, &x);
	if (page == NULL || x.gpfn >= GFN_LIMIT || mmio_is_there(v->domain, x.gpfn << PAGE_SHIFT)) {
		return -EINVAL;
	}
	return add_to_physmap_perform(v->domain, &x, page);
}

static int64_t reservation(struct vcpu *v, uint64_t at)
{
	domid_t domid;

	if (guest_read(v, &domid, at, sizeof(domid)) != 0) {
		return -EFAULT;
	}
	if (!is_self(v, domid)) {
		return -EPERM;
	}
	return (int64_t)(v->domain->plan->memory_bytes >> PAGE_SHIFT);
}

int64_t do_memory_op(struct vcpu *v, const uint64_t args[5])
{
	switch (args[0]) {
	case XENMEM_add_to_physmap:
		return add_to_physmap(v, args[1]);
	case XENMEM_current_reservation:
	case XENMEM_maximum_reservation:
		return reservation(v, args[1]);
	default:
		return -ENOSYS;
	}
}
