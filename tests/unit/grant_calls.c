// SPDX-License-Identifier: Apache-2.0
/* Calls of grant_table_op: tests/unit/grant_calls.h. */
#include <grant_calls.h>
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/console.h>

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

void grant_world(uint32_t version)
{
	world_describe(3);
	world_plan.domains[0].pv.backends = PLAN_DOMAIN_BIT(2);
	if (version != 0) {
		world_plan.domains[0].pv.grant_version = version;
	}
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	domains_start();
}

void grant_world_anew(uint64_t gfn)
{
	struct domain *const all[] = { domain_get(2), domain_get(1), domain_get(3) };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		world_grants_die(all[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		assert_int_equal(arch_p2m_unmap(all[i], gpa(gfn << 12), 1024 * PAGE_SIZE), 0);
		world_grants_restart(all[i]);
		all[i]->arch.tables_left = 9; /* the fake machine never has one back */
		all[i]->nr_refused = 0;
	}
}
