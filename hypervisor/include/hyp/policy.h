/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may have to do with whom. The plan's links decide and nothing else: no link is the default, a domain may always
 * do to itself what it may do at all, and no domain may map another's memory that was not granted to it.
 */
#ifndef HYP_POLICY_H
#define HYP_POLICY_H

#include <hyp/types.h>
#include <hyp/xen.h>

struct domain;

/**
 * policy_may_connect() - may @d make event channels with domain @other? Both ways: a front end and what serves it.
 * @other: checked here; DOMID_SELF is @d
 * Context: any; a refusal is counted, the domain's first one logged.
 * Spec:    Xen docs/misc/xsm-flask.txt, the default policy's place.
 */
bool __must_check policy_may_connect(struct domain *d, domid_t other);

/** policy_may_use_grants() - may @d map and copy what domain @granter grants? One way: back end to front end. Otherwise as above. */
bool __must_check policy_may_use_grants(struct domain *d, domid_t granter);

/** policy_may_end() - may @d, its store, end domain @other for the loss of a back end? Only where that one's plan says so. */
bool __must_check policy_may_end(struct domain *d, domid_t other);

/** policy_may_hear_of_all() - is @d the one that is told of every domain's end? The plan's store is. */
bool __must_check policy_may_hear_of_all(struct domain *d);

#endif
