// SPDX-License-Identifier: Apache-2.0
/*
 * grant_table_op of 32-bit code: where frame numbers and lists are named. What maps and unmaps is the same for all.
 * Spec: Xen public grant_table.h.
 */
#include "internal.h"

#include <hyp/plan.h>

#include <string.h>

struct setup_table32 {
	uint16_t dom;
	uint32_t nr_frames;
	int16_t status;
	uint32_t frame_list;
};

struct status_frames32 {
	uint32_t nr_frames;
	uint16_t dom;
	int16_t status;
	uint32_t frame_list;
};

struct copy_end32 {
	uint32_t ref_or_gmfn;
	uint16_t domid, offset;
};

struct copy32 {
	struct copy_end32 source, dest;
	uint16_t len, flags;
	int16_t status;
};

_Static_assert(sizeof(struct setup_table32) == 16 && sizeof(struct status_frames32) == 12 &&
		       sizeof(struct copy32) == 24,
	       "xen-x86_32.h's layouts");

/* The frames that the core said, at @from, as the caller's numbers. */
static int give_frames(struct compat_call *c, uint64_t from, uint32_t to, uint32_t n)
{
	const uint64_t *frames = compat_at(c, from);
	uint32_t out[PLAN_MAX_FRAMES];

	for (uint32_t i = 0; i < n; i++) {
		out[i] = (uint32_t)frames[i];
	}
	return compat_write(c->v, to, out, n * sizeof(out[0]));
}

/* More frames than can be there get the same refusal as any number that is too large. */
static int64_t setup_table(struct compat_call *c)
{
	static const uint64_t none[PLAN_MAX_FRAMES];
	struct gnttab_setup_table s = { 0 }, *out;
	struct setup_table32 in;
	uint64_t list;
	int64_t rc;

	if (compat_read(c->v, &in, c->given[1], sizeof(in)) != 0) {
		return -EFAULT;
	}
	list = compat_put(c, none, sizeof(none), sizeof(none));
	s.dom = in.dom;
	s.nr_frames = MIN(in.nr_frames, PLAN_MAX_FRAMES + 1U);
	s.frame_list.p = (xen_pfn_t *)(uintptr_t)list;
	c->args[1] = compat_put(c, &s, sizeof(s), sizeof(s));
	rc = compat_make(c);
	if (rc != 0) {
		return rc;
	}
	out = compat_at(c, c->args[1]);
	in.status = out->status;
	if (in.status == GNTST_okay && give_frames(c, list, in.frame_list, in.nr_frames) != 0) {
		return -EFAULT;
	}
	return compat_write(c->v, c->given[1], &in, sizeof(in));
}

/* The list has 64-bit numbers for all. */
static int64_t get_status_frames(struct compat_call *c)
{
	struct gnttab_get_status_frames s = { 0 }, *out;
	struct status_frames32 in;
	int64_t rc;

	if (compat_read(c->v, &in, c->given[1], sizeof(in)) != 0) {
		return -EFAULT;
	}
	s.nr_frames = in.nr_frames;
	s.dom = in.dom;
	s.frame_list.p = (void *)(uintptr_t)in.frame_list;
	c->args[1] = compat_put(c, &s, sizeof(s), sizeof(s));
	rc = compat_make(c);
	if (rc != 0) {
		return rc;
	}
	out = compat_at(c, c->args[1]);
	in.status = out->status;
	return compat_write(c->v, c->given[1], &in, sizeof(in));
}

static void widen_end(struct gnttab_copy_ptr *to, const struct copy_end32 *from, bool is_ref)
{
	if (is_ref) {
		to->u.ref = from->ref_or_gmfn;
	} else {
		to->u.gmfn = from->ref_or_gmfn;
	}
	to->domid = from->domid;
	to->offset = from->offset;
}

static uint64_t put_copies(struct compat_call *c, uint32_t from, uint32_t n)
{
	struct gnttab_copy out[COMPAT_AT_ONCE];
	struct copy32 in[COMPAT_AT_ONCE];

	if (compat_read(c->v, in, from, n * sizeof(in[0])) != 0) {
		return 0;
	}
	memset(out, 0, sizeof(out));
	for (uint32_t i = 0; i < n; i++) {
		widen_end(&out[i].source, &in[i].source, (in[i].flags & GNTCOPY_source_gref) != 0);
		widen_end(&out[i].dest, &in[i].dest, (in[i].flags & GNTCOPY_dest_gref) != 0);
		out[i].len = in[i].len;
		out[i].flags = in[i].flags;
	}
	return compat_put(c, out, n * sizeof(out[0]), n * sizeof(out[0]));
}

static int give_statuses(struct compat_call *c, uint32_t to, uint32_t n)
{
	const struct gnttab_copy *done = compat_at(c, c->args[1]);

	for (uint32_t i = 0; i < n; i++) {
		uint64_t at =
			(uint64_t)to + i * sizeof(struct copy32) + offsetof(struct copy32, status);

		if (compat_write(c->v, at, &done[i].status, sizeof(done[i].status)) != 0) {
			return -EFAULT;
		}
	}
	return 0;
}

/* A few; with the rest, those that the core left over too, it is called again. */
static int64_t copy(struct compat_call *c)
{
	uint32_t list = c->given[1], count = c->given[2], n = MIN(count, COMPAT_AT_ONCE), done;
	int64_t rc;

	if (count == 0) {
		return compat_make(c);
	}
	c->args[1] = put_copies(c, list, n);
	c->args[2] = n;
	if (c->args[1] == 0 || count > INT32_MAX) {
		return count > INT32_MAX ? -EINVAL : -EFAULT;
	}
	rc = compat_make(c);
	if (rc != 0 && !c->again) {
		return rc;
	}
	done = c->again ? n - c->given[2] : n;
	if (give_statuses(c, list, done) != 0) {
		c->again = false;
		return -EFAULT;
	}
	c->given[1] = list + done * (uint32_t)sizeof(struct copy32);
	c->given[2] = count - done;
	c->again = c->given[2] > 0;
	return 0;
}

int64_t compat_grant_table_op(struct compat_call *c)
{
	bool is_one = c->given[2] == 1;

	switch (c->given[0]) {
	case GNTTABOP_setup_table:
		return is_one ? setup_table(c) : -EINVAL;
	case GNTTABOP_get_status_frames:
		return is_one ? get_status_frames(c) : -EINVAL;
	case GNTTABOP_copy:
		return copy(c);
	default:
		return compat_make(c);
	}
}
