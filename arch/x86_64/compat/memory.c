// SPDX-License-Identifier: Apache-2.0
/*
 * memory_op of 32-bit code. Of a list that the core does a piece at a time only that piece is in the area, at the place
 * where it lies in the whole.
 * Spec: Xen public memory.h. How far a long call is stands above its number: MEMOP_EXTENT_SHIFT of Linux and Xen, 6.
 */
#include "internal.h"

#define OP_BITS	    6
#define OP_MASK	    (BIT(OP_BITS) - 1)
#define MAX_EXTENTS ((uint32_t)(BIT(32 - OP_BITS) - 1))

struct reservation32 {
	uint32_t extent_start, nr_extents, extent_order, mem_flags;
	uint16_t domid;
};

struct add32 {
	uint16_t domid, size;
	uint32_t space, idx, gpfn;
};

struct add_batch32 {
	uint16_t domid, space, size, extra;
	uint32_t idxs, gpfns, errs;
};

struct remove32 {
	uint16_t domid;
	uint32_t gpfn;
};

struct map32 {
	uint32_t nr_entries, buffer;
};

_Static_assert(sizeof(struct reservation32) == 20 && sizeof(struct add32) == 16 &&
		       sizeof(struct add_batch32) == 20 && sizeof(struct remove32) == 8,
	       "xen-x86_32.h's layouts");

/*
 * Numbers @from to @to, not included, of the caller's list at @list, as 64-bit ones.
 * Return: where the core sees the list's first, had it all of it; 0: it is not there.
 */
static uint64_t put_list(struct compat_call *c, uint32_t list, uint32_t from, uint32_t to)
{
	uint32_t in[COMPAT_AT_ONCE];
	uint64_t out[COMPAT_AT_ONCE];
	uint32_t n = MIN(to - from, COMPAT_AT_ONCE);

	if (compat_read(c->v, in, list + (uint64_t)from * sizeof(in[0]), n * sizeof(in[0])) != 0) {
		return 0;
	}
	for (uint32_t i = 0; i < n; i++) {
		out[i] = in[i];
	}
	return compat_put(c, out, n * sizeof(out[0]), n * sizeof(out[0])) -
	       (uint64_t)from * sizeof(out[0]);
}

static int64_t reservation(struct compat_call *c)
{
	uint32_t done = c->given[0] >> OP_BITS;
	struct xen_memory_reservation m = { 0 };
	struct reservation32 r;
	uint64_t list;

	if (compat_read(c->v, &r, c->given[1], sizeof(r)) != 0) {
		return -EFAULT;
	}
	if (done >= r.nr_extents || r.nr_extents > MAX_EXTENTS) {
		return MIN(done, r.nr_extents);
	}
	list = put_list(c, r.extent_start, done, r.nr_extents);
	if (list == 0) {
		return done > 0 ? (int64_t)done : -EFAULT;
	}
	m.extent_start.p = (xen_pfn_t *)(uintptr_t)list;
	m.nr_extents = r.nr_extents;
	m.extent_order = r.extent_order;
	m.mem_flags = r.mem_flags;
	m.domid = r.domid;
	c->args[1] = compat_put(c, &m, sizeof(m), sizeof(m));
	return compat_make(c);
}

static int64_t add(struct compat_call *c)
{
	struct xen_add_to_physmap x = { 0 };
	struct add32 a;

	if (compat_read(c->v, &a, c->given[1], sizeof(a)) != 0) {
		return -EFAULT;
	}
	x.domid = a.domid;
	x.size = a.size;
	x.space = a.space;
	x.idx = a.idx;
	x.gpfn = a.gpfn;
	c->args[1] = compat_put(c, &x, sizeof(x), sizeof(x));
	return compat_make(c);
}

static int64_t add_batch(struct compat_call *c)
{
	uint32_t from = c->given[0] >> OP_BITS;
	struct xen_add_to_physmap_batch b = { 0 };
	struct add_batch32 a;
	uint64_t idxs, gpfns;

	if (compat_read(c->v, &a, c->given[1], sizeof(a)) != 0) {
		return -EFAULT;
	}
	from = MIN(from, a.size);
	idxs = put_list(c, a.idxs, from, a.size);
	gpfns = put_list(c, a.gpfns, from, a.size);
	if (idxs == 0 || gpfns == 0) {
		return -EFAULT;
	}
	b.domid = a.domid;
	b.space = a.space;
	b.size = a.size;
	b.u.res0 = a.extra;
	b.idxs.p = (xen_ulong_t *)(uintptr_t)idxs;
	b.gpfns.p = (xen_pfn_t *)(uintptr_t)gpfns;
	b.errs.p = (int *)(uintptr_t)a.errs;
	c->args[1] = compat_put(c, &b, sizeof(b), sizeof(b));
	return compat_make(c);
}

static int64_t remove_page(struct compat_call *c)
{
	struct xen_remove_from_physmap x = { 0 };
	struct remove32 r;

	if (compat_read(c->v, &r, c->given[1], sizeof(r)) != 0) {
		return -EFAULT;
	}
	x.domid = r.domid;
	x.gpfn = r.gpfn;
	c->args[1] = compat_put(c, &x, sizeof(x), sizeof(x));
	return compat_make(c);
}

/* The map's entries are the same for all. */
static int64_t memory_map(struct compat_call *c)
{
	struct xen_memory_map x = { 0 };
	struct map32 m;
	int64_t rc;

	if (compat_read(c->v, &m, c->given[1], sizeof(m)) != 0) {
		return -EFAULT;
	}
	x.nr_entries = m.nr_entries;
	x.buffer.p = (void *)(uintptr_t)m.buffer;
	c->args[1] = compat_put(c, &x, sizeof(x), sizeof(x));
	rc = compat_make(c);
	if (rc != 0) {
		return rc;
	}
	m.nr_entries = ((struct xen_memory_map *)compat_at(c, c->args[1]))->nr_entries;
	return compat_write(c->v, c->given[1], &m.nr_entries, sizeof(m.nr_entries));
}

int64_t compat_memory_op(struct compat_call *c)
{
	switch (c->given[0] & OP_MASK) {
	case XENMEM_decrease_reservation:
	case XENMEM_populate_physmap:
		return reservation(c);
	case XENMEM_add_to_physmap:
		return add(c);
	case XENMEM_add_to_physmap_batch:
		return add_batch(c);
	case XENMEM_remove_from_physmap:
		return remove_page(c);
	case XENMEM_memory_map:
		return memory_map(c);
	default:
		return compat_make(c);
	}
}
