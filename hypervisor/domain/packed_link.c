// SPDX-License-Identifier: Apache-2.0
/*
 * PV devices on the target: what plan_disk.c, plan_net.c and plan_io.c read and check on the build host stands in a packed
 * plan as what is to be done, so nothing is left to be read but that it is there.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

void plan_read_disk(struct plan_reader *r, struct plan_link *l)
{
	int len;
	const fdt32_t *number = fdt_getprop(r->fdt, l->node, PLAN_DISK_NUMBER, &len);
	const char *mode = fdt_getprop(r->fdt, l->node, "mode", NULL);

	l->disk.source = plan_string(r, l->node, "source");
	l->disk.target = plan_string(r, l->node, "target");
	l->disk.is_writable = mode == NULL || strcmp(mode, "w") == 0;
	if (number == NULL || len != (int)sizeof(*number) || l->disk.source == NULL ||
	    l->disk.target == NULL) {
		plan_error_at(r, l->node, PLAN_DISK_NUMBER);
	} else {
		l->number = fdt32_to_cpu(*number);
	}
}

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

void plan_check_disks(struct plan_reader *r)
{
	(void)r;
}

void plan_check_nets(struct plan_reader *r)
{
	(void)r;
}

void plan_check_io(struct plan_reader *r, const struct plan_domain *io)
{
	(void)r;
	(void)io;
}
