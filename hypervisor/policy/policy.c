// SPDX-License-Identifier: Apache-2.0
/*
 * Links between domains, as the plan has them (domain/plan_pv.c): each front end names the domains that serve it.
 *
 * A static event channel is no link: its two ports are bound for good, and nothing else follows from it.
 *
 * Lock: none; the plan is constant, the count atomic.
 */
#include <hyp/policy.h>

#include <hyp/domain.h>
#include <hyp/log.h>

static bool refuse(struct domain *d, const char *what, domid_t other)
{
	if (__atomic_fetch_add(&d->nr_refused, 1, __ATOMIC_RELAXED) == 0) {
		hyp_printf("%s: refused: %s domain %u: the plan has no such link (said once)\n",
			   d->name, what, other);
	}
	return false;
}

static bool is_self(const struct domain *d, domid_t other)
{
	return other == DOMID_SELF || other == d->id;
}

/* Does @back serve @front? */
static bool serves(const struct domain *back, const struct domain *front)
{
	return (front->plan->pv.backends & PLAN_DOMAIN_BIT(back->id)) != 0;
}

bool policy_may_connect(struct domain *d, domid_t other)
{
	const struct domain *o = domain_get(other);

	if (is_self(d, other) || (o != NULL && (serves(d, o) || serves(o, d)))) {
		return true;
	}
	return refuse(d, "an event channel with", other);
}

bool policy_may_use_grants(struct domain *d, domid_t granter)
{
	const struct domain *o = domain_get(granter);

	if (is_self(d, granter) || (o != NULL && serves(d, o))) {
		return true;
	}
	return refuse(d, "grants of", granter);
}

bool policy_may_end(struct domain *d, domid_t other)
{
	const struct domain *o = domain_get(other);

	if (o == NULL || !d->plan->pv.is_store || o->plan->pv.store != d->id) {
		return refuse(d, "the end of", other);
	}
	return o->plan->life.ends_on_loss; /* a store has to try: no fault of its own */
}

bool policy_may_hear_of_all(struct domain *d)
{
	return d->plan->pv.is_store || refuse(d, "the ends of other domains, for", d->id);
}
