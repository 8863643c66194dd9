/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that a domain gives up and takes back, within the memory that the plan gave it: `ashlar,balloon`. */
#ifndef HYP_RESERVATION_H
#define HYP_RESERVATION_H

#include <hyp/types.h>

struct domain;

/** reservation_decrease() - @d does not see its page @gfn any more. Return: 0; -EPERM not its plan; -EINVAL no page of its own; -ENOMEM. */
int __must_check reservation_decrease(struct domain *d, uint64_t gfn);

/**
 * reservation_populate() - @d sees one of the pages that it gave up at @gfn, where nothing is.
 * Return: 0; -EPERM not its plan; -EEXIST something is there; -ENOMEM it gave none up, or no table is left.
 */
int __must_check reservation_populate(struct domain *d, uint64_t gfn);

/** reservation_put() - something else took the place of @d's page at @pa, or it was removed: it can be had back. Context: d->lock. */
void reservation_put(struct domain *d, paddr_t pa);

/** reservation_pages() - of @d's memory, those that it did not give up. */
uint64_t reservation_pages(const struct domain *d);

#endif
