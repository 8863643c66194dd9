// SPDX-License-Identifier: Apache-2.0
/* Calls of grant_table_op: tests/unit/grant_calls.h. */
#include <grant_calls.h>
#include <unit.h>
#include <world.h>

int64_t grant_op(struct domain *d, uint64_t cmd, void *arg, size_t size)
{
	return world_call(d->vcpus[0], __HYPERVISOR_grant_table_op, cmd, arg, size);
}

struct gnttab_map_grant_ref grant_map(struct domain *d, domid_t dom, grant_ref_t ref, uint64_t gfn,
				      uint32_t flags)
{
	struct gnttab_map_grant_ref m = {
		.host_addr = gfn << 12, .flags = flags, .ref = ref, .dom = dom
	};

	assert_int_equal(grant_op(d, GNTTABOP_map_grant_ref, &m, sizeof(m)), 0);
	return m;
}

int16_t grant_unmap(struct domain *d, grant_handle_t handle, uint64_t gfn)
{
	struct gnttab_unmap_grant_ref u = { .host_addr = gfn << 12, .handle = handle };

	assert_int_equal(grant_op(d, GNTTABOP_unmap_grant_ref, &u, sizeof(u)), 0);
	return u.status;
}
