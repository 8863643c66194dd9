// SPDX-License-Identifier: Apache-2.0
/* What our own back end for disks and networks needs to serve those whom the plan gives it. The build host's alone. */
#include "plan_reader.h"

void plan_check_io(struct plan_reader *r, const struct plan_domain *io)
{
	uint64_t kib = PLAN_IO_BASE_KIB;
	uint32_t n = 0, i;

	for (i = 0; i < r->plan->nr_links; i++) {
		const struct plan_link *l = &r->plan->links[i];

		if (l->back == io->domid) {
			kib += PLAN_IO_LINK_KIB + (uint64_t)l->disk.ram_mib * (MIB / KIB);
			n++;
		}
	}
	if (io->memory_bytes != 0 && kib > io->memory_bytes / KIB) {
		plan_error(
			r, io->node, "memory",
			"domain \"%s\": its %u PV devices take %lu KiB, memory is %lu KiB; make it %lu",
			io->name, n, kib, io->memory_bytes / KIB, ALIGN_UP(kib, 2048));
	}
	if (n == 0) {
		plan_warn(
			r, io->node, "ashlar,io",
			"domain \"%s\": it serves nobody; write ashlar,disk or ashlar,net in a domain",
			io->name);
	}
}
