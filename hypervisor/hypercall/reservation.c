// SPDX-License-Identifier: Apache-2.0
/*
 * memory_op's part by which a guest gives memory up and takes it back. A call may name any number of pages. A few are
 * done at a time; then the vCPU takes its interrupts and comes again with the rest.
 * Spec: Xen public memory.h, struct xen_memory_reservation. The answer is how many extents were done.
 */
#include "memory.h"

#include <hyp/arch/vcpu.h>
#include <hyp/reservation.h>

#define PAGES_AT_ONCE 16U
#define MAX_ORDER     4U /* an extent is done in one go */

static int decrease_extent(struct domain *d, uint64_t gfn, unsigned int order)
{
	uint64_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < BIT(order); i++) {
		rc = reservation_decrease(d, gfn + i);
	}
	return rc;
}

/* Contiguous memory is not kept together for anybody, so that only single pages can be had. */
static int populate_extent(struct domain *d, uint64_t gfn, unsigned int order)
{
	return order == 0 ? reservation_populate(d, gfn) : -ENOMEM;
}

/* A call that is under way. */
struct progress {
	struct xen_memory_reservation m;
	uint64_t done;	/* extents */
	bool is_over;	/* no more can be done; ... */
	int64_t answer; /* ... then this is said */
};

static void end_with(struct progress *p, int64_t answer)
{
	p->is_over = true;
	p->answer = answer;
}

typedef int extent_fn(struct domain *d, uint64_t gfn, unsigned int order);

static void do_extent(struct vcpu *v, struct progress *p, extent_fn *extent)
{
	uint64_t at = handle_address(p->m.extent_start) + p->done * sizeof(xen_pfn_t);
	xen_pfn_t gfn;
	int rc;

	if (guest_read(v, &gfn, at, sizeof(gfn)) != 0) {
		end_with(p, p->done > 0 ? (int64_t)p->done : -EFAULT);
		return;
	}
	rc = extent(v->domain, gfn, p->m.extent_order);
	if (rc != 0) {
		end_with(p, rc == -EPERM ? rc : (int64_t)p->done);
		return;
	}
	p->done++;
	if (p->done == p->m.nr_extents) {
		end_with(p, (int64_t)p->done);
	}
}

static int64_t each_extent(struct vcpu *v, const uint64_t args[5], extent_fn *extent)
{
	uint64_t again[5] = { args[0], args[1], args[2], args[3], args[4] };
	struct progress p = { .done = args[0] >> MEMORY_OP_BITS };
	uint64_t n;

	if (guest_read(v, &p.m, args[1], sizeof(p.m)) != 0) {
		return -EFAULT;
	}
	if (!is_self(v, p.m.domid)) {
		return -EPERM;
	}
	if (p.done >= p.m.nr_extents || p.m.extent_order > MAX_ORDER ||
	    p.m.nr_extents > MEMORY_MAX_EXTENTS) {
		return (int64_t)MIN(p.done, p.m.nr_extents);
	}
	for (n = PAGES_AT_ONCE >> p.m.extent_order; n > 0 && !p.is_over; n--) {
		do_extent(v, &p, extent);
	}
	if (p.is_over) {
		return p.answer;
	}
	again[0] = (args[0] & MEMORY_OP_MASK) | p.done << MEMORY_OP_BITS;
	return arch_vcpu_call_again(v, again);
}

int64_t memory_decrease(struct vcpu *v, const uint64_t args[5])
{
	return each_extent(v, args, decrease_extent);
}

int64_t memory_populate(struct vcpu *v, const uint64_t args[5])
{
	return each_extent(v, args, populate_extent);
}

int64_t memory_reservation(struct vcpu *v, uint64_t at, bool is_maximum)
{
	domid_t domid;

	if (guest_read(v, &domid, at, sizeof(domid)) != 0) {
		return -EFAULT;
	}
	if (!is_self(v, domid)) {
		return -EPERM;
	}
	return (int64_t)(is_maximum ? v->domain->plan->memory_bytes >> PAGE_SHIFT
				    : reservation_pages(v->domain));
}
