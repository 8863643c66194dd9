// SPDX-License-Identifier: Apache-2.0
/*
 * Networks on the target: what plan_net.c reads and checks on the build host stands in a packed plan as what is to be done,
 * so nothing is left to be read but that it is there.
 */
#include <libfdt.h>

#include "plan_reader.h"

void plan_read_net(struct plan_reader *r, struct plan_link *l)
{
	const struct plan_link *m;

	for (m = r->plan->links; m < l; m++) {
		l->number += m->kind == PLAN_LINK_NET && m->front == l->front;
	}
	if (fdt_getprop(r->fdt, l->node, PLAN_NET_PORT, NULL) == NULL) {
		plan_error_at(r, l->node, PLAN_NET_PORT);
	}
}

void plan_check_nets(struct plan_reader *r)
{
	(void)r;
}
