/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grant_table_op: what a front end asks about its own table. Mapping and copying others' grants needs a link in the
 * plan; there is none yet, and the calls do not exist.
 * Spec: Xen public grant_table.h.
 */
#include "hypercall.h"

#include <hyp/gnttab.h>

static int64_t query_size(struct vcpu *v, uint64_t at)
{
	struct gnttab_query_size q;

	if (guest_read(v, &q, at, sizeof(q)) != 0) {
		return -EFAULT;
	}
	if (is_self(v, q.dom)) {
		q.nr_frames = GNTTAB_FRAMES;
		q.max_nr_frames = GNTTAB_FRAMES;
		q.status = GNTST_okay;
	} else {
		q.status = GNTST_permission_denied;
	}
	return guest_write(v, at, &q, sizeof(q));
}

static int64_t set_version(struct vcpu *v, uint64_t at)
{
	struct gnttab_set_version s;
	uint32_t wanted;

	if (guest_read(v, &s, at, sizeof(s)) != 0) {
		return -EFAULT;
	}
	wanted = s.version;
	s.version = 1;
	if (guest_write(v, at, &s, sizeof(s)) != 0) {
		return -EFAULT;
	}
	return wanted == 1 ? 0 : -ENOSYS;
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
	g.version = 1;
	return guest_write(v, at, &g, sizeof(g));
}

/* The guest chose the places itself (add_to_physmap); this tells it where they are. */
static int64_t setup_table(struct vcpu *v, uint64_t at)
{
	struct gnttab_setup_table s;
	uint64_t gfns[GNTTAB_FRAMES];
	unsigned long irq;
	unsigned int i;

	if (guest_read(v, &s, at, sizeof(s)) != 0) {
		return -EFAULT;
	}
	s.status = GNTST_okay;
	if (!is_self(v, s.dom)) {
		s.status = GNTST_permission_denied;
	} else if (s.nr_frames > GNTTAB_FRAMES) {
		s.status = GNTST_general_error;
	} else {
		irq = spin_lock_irqsave(&v->domain->lock);
		for (i = 0; i < GNTTAB_FRAMES; i++) {
			gfns[i] = v->domain->gnttab_gfn[i];
		}
		spin_unlock_irqrestore(&v->domain->lock, irq);
		if (guest_write(v, (uint64_t)s.frame_list.q, gfns, s.nr_frames * sizeof(gfns[0])) !=
		    0) {
			return -EFAULT;
		}
	}
	return guest_write(v, at, &s, sizeof(s));
}

int64_t do_grant_table_op(struct vcpu *v, const uint64_t args[5])
{
	static int64_t (*const ops[])(struct vcpu * v, uint64_t at) = {
		[GNTTABOP_setup_table] = setup_table,
		[GNTTABOP_query_size] = query_size,
		[GNTTABOP_set_version] = set_version,
		[GNTTABOP_get_version] = get_version,
	};

	if (args[0] >= ARRAY_SIZE(ops) || ops[args[0]] == NULL) {
		return -ENOSYS;
	}
	if (args[2] != 1) {
		return -EINVAL;
	}
	return ops[args[0]](v, args[1]);
}
