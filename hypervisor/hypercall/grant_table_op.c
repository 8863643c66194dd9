/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grant_table_op: what a front end asks about its own table, and what a back end does with others' grants.
 *
 * A call may name any number of operations. A few are done at a time; then the vCPU takes its interrupts and comes again
 * with the rest, as Xen does it.
 * Spec: Xen public grant_table.h.
 */
#include "hypercall.h"

#include <hyp/arch/vcpu.h>
#include <hyp/gnttab.h>

#define OPS_AT_ONCE 16U

static int64_t query_size(struct vcpu *v, uint64_t at)
{
	struct gnttab_query_size q;

	if (guest_read(v, &q, at, sizeof(q)) != 0) {
		return -EFAULT;
	}
	if (is_self(v, q.dom)) {
		q.nr_frames = gnttab_nr_frames(v->domain);
		q.max_nr_frames = q.nr_frames;
		q.status = GNTST_okay;
	} else {
		q.status = GNTST_permission_denied;
	}
	return guest_write(v, at, &q, sizeof(q));
}

static int64_t set_version(struct vcpu *v, uint64_t at)
{
	struct gnttab_set_version s;
	int rc;

	if (guest_read(v, &s, at, sizeof(s)) != 0) {
		return -EFAULT;
	}
	rc = gnttab_set_version(v->domain, s.version);
	s.version = gnttab_version(v->domain);
	return guest_write(v, at, &s, sizeof(s)) != 0 ? -EFAULT : rc;
}

static int64_t get_version(struct vcpu *v, uint64_t at)
{
	struct gnttab_get_version g;

	if (guest_read(v, &g, at, sizeof(g)) != 0) {
		return -EFAULT;
	}
	if (!is_self(v, g.dom)) {
		return -EPERM;
	}
	g.version = gnttab_version(v->domain);
	return guest_write(v, at, &g, sizeof(g));
}

/* The guest chose the places itself (add_to_physmap); this tells it where they are. @first: 0, or of the statuses. */
static int64_t give_frames(struct vcpu *v, uint64_t to, uint64_t first, uint32_t nr)
{
	uint64_t gfns[PLAN_MAX_FRAMES];
	unsigned long irq = spin_lock_irqsave(&v->domain->lock);
	uint32_t i;

	for (i = 0; i < nr; i++) {
		gfns[i] = gnttab_gfn(v->domain, first | i);
	}
	spin_unlock_irqrestore(&v->domain->lock, irq);
	return guest_write(v, to, gfns, nr * sizeof(gfns[0]));
}

static int64_t setup_table(struct vcpu *v, uint64_t at)
{
	struct gnttab_setup_table s;

	if (guest_read(v, &s, at, sizeof(s)) != 0) {
		return -EFAULT;
	}
	s.status = GNTST_okay;
	if (!is_self(v, s.dom)) {
		s.status = GNTST_permission_denied;
	} else if (s.nr_frames > gnttab_nr_frames(v->domain)) {
		s.status = GNTST_general_error;
	} else if (give_frames(v, handle_address(s.frame_list), 0, s.nr_frames) != 0) {
		return -EFAULT;
	}
	return guest_write(v, at, &s, sizeof(s));
}

static int64_t get_status_frames(struct vcpu *v, uint64_t at)
{
	struct gnttab_get_status_frames s;

	if (guest_read(v, &s, at, sizeof(s)) != 0) {
		return -EFAULT;
	}
	s.status = GNTST_okay;
	if (!is_self(v, s.dom)) {
		s.status = GNTST_permission_denied;
	} else if (s.nr_frames > PLAN_MAX_FRAMES ||
		   (s.nr_frames > 0 &&
		    gnttab_frame(v->domain, XENMAPIDX_grant_table_status | (s.nr_frames - 1)) ==
			    NULL)) {
		s.status = GNTST_general_error;
	} else if (give_frames(v, handle_address(s.frame_list), XENMAPIDX_grant_table_status,
			       s.nr_frames) != 0) {
		return -EFAULT;
	}
	return guest_write(v, at, &s, sizeof(s));
}

/* All batched operations' arguments, so that one copy in and one out serve every one of them. */
union grant_args {
	struct gnttab_map_grant_ref map;
	struct gnttab_unmap_grant_ref unmap;
	struct gnttab_copy copy;
	struct gnttab_cache_flush cache_flush;
};

static int map(struct domain *d, union grant_args *a)
{
	gnttab_map(d, &a->map);
	return 0;
}

static int unmap(struct domain *d, union grant_args *a)
{
	gnttab_unmap(d, &a->unmap);
	return 0;
}

static int copy(struct domain *d, union grant_args *a)
{
	gnttab_copy(d, &a->copy);
	return 0;
}

static int cache_flush(struct domain *d, union grant_args *a)
{
	return gnttab_cache_flush(d, &a->cache_flush);
}

static const struct {
	int64_t (*one)(struct vcpu *v, uint64_t at);
	int (*each)(struct domain *d, union grant_args *a); /* not 0: the call ends with that */
	uint32_t size;					    /* of each */
	bool has_answer;
} ops[] = {
	[GNTTABOP_map_grant_ref] = { .each = map,
				     .size = sizeof(struct gnttab_map_grant_ref),
				     .has_answer = true },
	[GNTTABOP_unmap_grant_ref] = { .each = unmap,
				       .size = sizeof(struct gnttab_unmap_grant_ref),
				       .has_answer = true },
	[GNTTABOP_setup_table] = { .one = setup_table },
	[GNTTABOP_copy] = { .each = copy, .size = sizeof(struct gnttab_copy), .has_answer = true },
	[GNTTABOP_query_size] = { .one = query_size },
	[GNTTABOP_set_version] = { .one = set_version },
	[GNTTABOP_get_version] = { .one = get_version },
	[GNTTABOP_get_status_frames] = { .one = get_status_frames },
	[GNTTABOP_cache_flush] = { .each = cache_flush, .size = sizeof(struct gnttab_cache_flush) },
};

static int64_t batch(struct vcpu *v, const uint64_t args[5])
{
	uint32_t size = ops[args[0]].size;
	uint64_t again[5] = { args[0], args[1], args[2], args[3], args[4] };
	union grant_args a;
	unsigned int i;
	int rc;

	for (i = 0; i < OPS_AT_ONCE && again[2] > 0; i++, again[1] += size, again[2]--) {
		if (guest_read(v, &a, again[1], size) != 0) {
			return -EFAULT;
		}
		rc = ops[args[0]].each(v->domain, &a);
		if (rc != 0) {
			return rc;
		}
		if (ops[args[0]].has_answer && guest_write(v, again[1], &a, size) != 0) {
			return -EFAULT;
		}
	}
	return again[2] > 0 ? arch_vcpu_call_again(v, again) : 0;
}

int64_t do_grant_table_op(struct vcpu *v, const uint64_t args[5])
{
	if (args[0] >= ARRAY_SIZE(ops) || (ops[args[0]].one == NULL && ops[args[0]].each == NULL)) {
		return -ENOSYS;
	}
	if (ops[args[0]].each != NULL) {
		return args[2] > INT32_MAX ? -EINVAL : batch(v, args);
	}
	return args[2] == 1 ? ops[args[0]].one(v, args[1]) : -EINVAL;
}
