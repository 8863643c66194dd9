// SPDX-License-Identifier: Apache-2.0
/* In v2.c's place where grant tables of version 2 are not built in: no domain has one. */
#include "internal.h"

#include <hyp/errno.h>

int grant_v2_init(struct domain *d)
{
	(void)d;
	return 0;
}

bool grant_v2_restart(struct gnttab *g, uint32_t step)
{
	(void)g;
	(void)step;
	return false;
}

int grant_v2_switch(struct gnttab *g, bool on)
{
	(void)g;
	return on ? -ENOSYS : 0;
}

uint32_t grant_v2_nr_grants(const struct gnttab *g)
{
	(void)g;
	return 0;
}

void grant_v2_count(struct gnttab *g, grant_ref_t ref, uint32_t by)
{
	(void)g;
	(void)ref;
	(void)by;
}

struct grant_frame *grant_v2_frame(struct gnttab *g, uint64_t idx)
{
	(void)g;
	(void)idx;
	return NULL;
}

int16_t grant_v2_mark(struct domain *granter, grant_ref_t ref, domid_t user, bool is_write,
		      struct grant_page *page)
{
	(void)granter;
	(void)ref;
	(void)user;
	(void)is_write;
	(void)page;
	return GNTST_general_error;
}

void grant_v2_unmark(struct gnttab *g, grant_ref_t ref, uint16_t gone)
{
	(void)g;
	(void)ref;
	(void)gone;
}
