/* SPDX-License-Identifier: Apache-2.0 */
/* Grant tables, version 1: the frames a guest writes its grants into. */
#ifndef HYP_GNTTAB_H
#define HYP_GNTTAB_H

#include <hyp/types.h>

struct domain;

/** gnttab_init() - GNTTAB_FRAMES empty frames, mapped nowhere. Context: building. Return: 0; -ENOMEM. */
int __must_check gnttab_init(struct domain *d);

/** gnttab_restart() - frames empty again, mapped nowhere. Context: @d's vCPUs are off, its address space is empty. */
void gnttab_restart(struct domain *d);

/** gnttab_frame() - frame @idx of the table; NULL: none. */
void *gnttab_frame(struct domain *d, uint64_t idx);

#endif
