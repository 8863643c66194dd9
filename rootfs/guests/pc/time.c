// SPDX-License-Identifier: Apache-2.0
/* Xen's shared info page, by which the TSC becomes time. Spec: Xen public memory.h, XENMAPSPACE_shared_info. */
#include "pc.h"

#include <xen/memory.h>

union pc_shared pc_shared;

bool shared_map(void)
{
	static bool is_mapped;
	struct xen_add_to_physmap x = { .domid = DOMID_SELF,
					.space = XENMAPSPACE_shared_info,
					.gpfn = (uint64_t)&pc_shared >> 12 };

	is_mapped = is_mapped || hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap,
					   (uint64_t)&x, 0, 0) == 0;
	return is_mapped;
}
