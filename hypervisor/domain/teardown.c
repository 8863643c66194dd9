// SPDX-License-Identifier: Apache-2.0
/*
 * What a dead domain had to do with others is undone, in the turns of its own first vCPU and charged to it, in steps that
 * are bounded whatever the domain had: between two of them that CPU takes its interrupts, and no lock is held.
 *
 * Devices first: nothing may be on its way to memory that somebody else gets. Then grants, then event channels, for who
 * sees its port unbound sees nothing of the domain any more.
 */
#include "internal.h"

#include <hyp/evtchn.h>
#include <hyp/gnttab.h>

static bool quiesce(struct domain *d, uint64_t *done)
{
	(void)done;
	devices_quiesce(d);
	return false;
}

/* Return: is there more of it? @done: how far it is, from 0. */
static bool (*const steps[])(struct domain *d, uint64_t *done) = {
	quiesce,
	gnttab_domain_died,
	evtchn_domain_died,
};

bool teardown_step(struct domain *d)
{
	struct domain_restart *r = &d->restart;

	if (steps[r->step](d, &r->done)) {
		return true;
	}
	r->done = 0;
	r->step++;
	if (r->step < ARRAY_SIZE(steps)) {
		return true;
	}
	r->step = 0; /* of what may follow */
	return false;
}
