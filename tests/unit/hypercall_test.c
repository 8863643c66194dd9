// SPDX-License-Identifier: Apache-2.0
/* Hypercalls as a guest makes them: what Linux needs, then what no guest may get away with. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/gnttab.h>

#define FRAMES	4	       /* world.c */
#define NOWHERE 0x1000000000UL /* nothing is mapped there */

static struct domain *d;
static struct vcpu *v;

static int setup(void **state)
{
	(void)state;
	world_setup(2);
	host_advance(1000000); /* what the console said so far is gone */
	d = domain_get(1);
	v = d->vcpus[0];
	assert_ptr_equal(sched_next(0), v);
	return 0;
}

static int64_t call(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2)
{
	const uint64_t args[5] = { a0, a1, a2 };

	return trap_hypercall(v, nr, args);
}

static void unknown_numbers_do_not_exist(void **state)
{
	static const uint64_t none[] = {
		0, 1, 11, 13, 30, 33, 35, 41, 63, 64, 1UL << 32, UINT64_MAX
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		assert_int_equal(call(none[i], 0, WORLD_SCRATCH, 0), -ENOSYS);
	}
}

static void unknown_operations_do_not_exist(void **state)
{
	static const uint64_t calls[] = { __HYPERVISOR_memory_op,  __HYPERVISOR_xen_version,
					  __HYPERVISOR_console_io, __HYPERVISOR_grant_table_op,
					  __HYPERVISOR_vcpu_op,	   __HYPERVISOR_sched_op,
					  __HYPERVISOR_hvm_op,	   __HYPERVISOR_event_channel_op };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		assert_int_equal(call(calls[i], 200, 0, 1), -ENOSYS);
		assert_int_equal(call(calls[i], UINT64_MAX, 0, 1), -ENOSYS);
		assert_int_equal(call(calls[i], 1UL << 32, 0, 1), -ENOSYS);
	}
}

/* Every operation that takes a structure, with the number of the argument that points at it. */
static const struct {
	uint64_t nr;
	uint64_t op;
	unsigned int where;
} pointers[] = {
	{ __HYPERVISOR_xen_version, XENVER_extraversion, 1 },
	{ __HYPERVISOR_xen_version, XENVER_compile_info, 1 },
	{ __HYPERVISOR_xen_version, XENVER_capabilities, 1 },
	{ __HYPERVISOR_xen_version, XENVER_changeset, 1 },
	{ __HYPERVISOR_xen_version, XENVER_platform_parameters, 1 },
	{ __HYPERVISOR_xen_version, XENVER_get_features, 1 },
	{ __HYPERVISOR_xen_version, XENVER_guest_handle, 1 },
	{ __HYPERVISOR_xen_version, XENVER_commandline, 1 },
	{ __HYPERVISOR_hvm_op, HVMOP_get_param, 1 },
	{ __HYPERVISOR_hvm_op, HVMOP_set_param, 1 },
	{ __HYPERVISOR_memory_op, XENMEM_add_to_physmap, 1 },
	{ __HYPERVISOR_memory_op, XENMEM_current_reservation, 1 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_query_size, 1 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_set_version, 1 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_get_version, 1 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, 1 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, 1 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, 1 },
	{ __HYPERVISOR_grant_table_op, GNTTABOP_copy, 1 },
	{ __HYPERVISOR_sched_op, SCHEDOP_shutdown, 1 },
	{ __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, 1 },
	{ __HYPERVISOR_sched_op, SCHEDOP_poll, 1 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_register_vcpu_info, 2 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 2 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_register_runstate_phys_area, 2 },
	{ __HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, 2 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi, 1 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_send, 1 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_status, 1 },
	{ __HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, 1 },
};

static void bad_pointers_are_refused(void **state)
{
	const uint64_t end = GUEST_RAM0_BASE + WORLD_DOMAIN_BYTES;
	const uint64_t bad[] = {
		0, NOWHERE, end - 1, UINT64_MAX, UINT64_MAX - 3, GUEST_PL011_BASE
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pointers); i++) {
		for (size_t b = 0; b < ARRAY_SIZE(bad); b++) {
			uint64_t args[5] = { pointers[i].op, 0, 1 };

			args[pointers[i].where] = bad[b];
			assert_int_equal(trap_hypercall(v, pointers[i].nr, args), -EFAULT);
		}
	}
	assert_true(domain_is_running(d));
}

static void version_and_features(void **state)
{
	struct xen_feature_info f = { .submap_idx = 0 };
	char extra[16];

	(void)state;
	assert_int_equal(call(__HYPERVISOR_xen_version, XENVER_version, 0, 0), 4 << 16 | 20);
	assert_int_equal(call(__HYPERVISOR_xen_version, XENVER_pagesize, 0, 0), 4096);
	assert_int_equal(
		world_call(v, __HYPERVISOR_xen_version, XENVER_get_features, &f, sizeof(f)), 0);
	assert_int_equal(f.submap >> XENFEAT_dom0 & 1, 0);
	assert_int_equal(f.submap >> XENFEAT_auto_translated_physmap & 1, 1);
	assert_int_equal(f.submap >> XENFEAT_not_direct_mapped & 1, 1);
	assert_int_equal(f.submap >> XENFEAT_direct_mapped & 1, 0);
	world_plan.domains[0].direct_map = true;
	assert_int_equal(
		world_call(v, __HYPERVISOR_xen_version, XENVER_get_features, &f, sizeof(f)), 0);
	world_plan.domains[0].direct_map = false;
	assert_int_equal(f.submap >> XENFEAT_not_direct_mapped & 1, 0);
	assert_int_equal(f.submap >> XENFEAT_direct_mapped & 1, 1);
	f.submap_idx = 1;
	assert_int_equal(world_call(v, __HYPERVISOR_xen_version, XENVER_get_features, &f,
				    sizeof(f)),
			 -EINVAL);
	memset(extra, 'x', sizeof(extra));
	assert_int_equal(world_call(v, __HYPERVISOR_xen_version, XENVER_extraversion, extra,
				    sizeof(extra)),
			 0);
	assert_string_equal(extra, "-ashlar");
}

/* Writes exactly the structure, not a byte behind it. */
static void answers_stay_in_their_structure(void **state)
{
	uint8_t *at = world_ram(d, WORLD_SCRATCH);

	(void)state;
	memset(at, 0xee, 2048);
	assert_int_equal(call(__HYPERVISOR_xen_version, XENVER_extraversion, WORLD_SCRATCH, 0), 0);
	assert_int_equal(at[15], 0);
	assert_int_equal(at[16], 0xee);
	memset(at, 0xee, 2048);
	assert_int_equal(call(__HYPERVISOR_xen_version, XENVER_compile_info, WORLD_SCRATCH, 0), 0);
	assert_int_equal(at[sizeof(struct xen_compile_info)], 0xee);
}

static int64_t param(uint64_t op, domid_t domid, uint32_t index, uint64_t *value)
{
	struct xen_hvm_param p = { .domid = domid, .index = index, .value = 77 };
	int64_t rc = world_call(v, __HYPERVISOR_hvm_op, op, &p, sizeof(p));

	*value = p.value;
	return rc;
}

static void absent_services(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(param(HVMOP_get_param, DOMID_SELF, HVM_PARAM_STORE_PFN, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(param(HVMOP_get_param, 1, HVM_PARAM_STORE_EVTCHN, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(param(HVMOP_get_param, DOMID_SELF, HVM_PARAM_CONSOLE_PFN, &value),
			 -EINVAL);
	assert_int_equal(param(HVMOP_get_param, DOMID_SELF, HVM_PARAM_CONSOLE_EVTCHN, &value),
			 -EINVAL);
	assert_int_equal(param(HVMOP_get_param, DOMID_SELF, HVM_NR_PARAMS, &value), -EINVAL);
	assert_int_equal(param(HVMOP_get_param, DOMID_SELF, UINT32_MAX, &value), -EINVAL);
	assert_int_equal(param(HVMOP_get_param, 2, HVM_PARAM_STORE_PFN, &value), -EPERM);
	assert_int_equal(param(HVMOP_set_param, DOMID_SELF, HVM_PARAM_STORE_PFN, &value), -EPERM);
	assert_int_equal(param(HVMOP_get_param, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, &value), 0);
	assert_int_equal(value, 2UL << 56 | 2UL << 8 | 31);
}

static int64_t add(domid_t domid, unsigned int space, uint64_t idx, uint64_t gfn)
{
	struct xen_add_to_physmap x = { .domid = domid, .space = space, .idx = idx, .gpfn = gfn };

	return world_call(v, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x, sizeof(x));
}

static void shared_info_over_ram(void **state)
{
	const uint64_t gfn = (WORLD_SCRATCH >> 12) + 8;
	uint32_t *word = (uint32_t *)d->shared_info + 1000;

	(void)state;
	assert_int_equal(add(DOMID_SELF, XENMAPSPACE_shared_info, 0, gfn), 0);
	assert_ptr_equal(world_ram(d, gfn << 12), d->shared_info);
	*word = 4711;
	assert_int_equal(((uint32_t *)world_ram(d, gfn << 12))[1000], 4711);
	/* its neighbours are what they were */
	assert_ptr_equal((char *)world_ram(d, (gfn + 1) << 12) -
				 (char *)world_ram(d, (gfn - 1) << 12),
			 (void *)(2 * PAGE_SIZE));
	assert_int_equal(((struct shared_info *)d->shared_info)->wc_version % 2, 0);
}

static void grant_frames_where_the_tree_says(void **state)
{
	const uint64_t gfn = GUEST_GNTTAB_BASE >> 12;
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	uint64_t list[FRAMES];
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = FRAMES };

	(void)state;
	assert_int_equal(
		world_call(v, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, sizeof(q)), 0);
	assert_int_equal(q.status, GNTST_okay);
	assert_int_equal(q.max_nr_frames, FRAMES);
	for (uint64_t i = 0; i < q.nr_frames; i++) {
		assert_int_equal(add(DOMID_SELF, XENMAPSPACE_grant_table, i, gfn + i), 0);
		assert_ptr_equal(world_ram(d, (gfn + i) << 12), gnttab_frame(d, i));
	}
	set_xen_guest_handle(s.frame_list, (xen_pfn_t *)(WORLD_SCRATCH + 512));
	assert_int_equal(
		world_call(v, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &s, sizeof(s)), 0);
	assert_int_equal(s.status, GNTST_okay);
	memcpy(list, world_ram(d, WORLD_SCRATCH + 512), sizeof(list));
	assert_int_equal(list[FRAMES - 1], gfn + FRAMES - 1);
	s.nr_frames = UINT32_MAX;
	assert_int_equal(
		world_call(v, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table, &s, sizeof(s)), 0);
	assert_int_equal(s.status, GNTST_general_error);
}

static void grant_version_is_one(void **state)
{
	struct gnttab_set_version s = { .version = 1 };
	struct gnttab_query_size q = { .dom = 2 };
	struct gnttab_get_status_frames f = { .dom = DOMID_SELF };

	(void)state;
	assert_int_equal(
		world_call(v, __HYPERVISOR_grant_table_op, GNTTABOP_set_version, &s, sizeof(s)), 0);
	s.version = 2;
	assert_true(world_call(v, __HYPERVISOR_grant_table_op, GNTTABOP_set_version, &s,
			       sizeof(s)) < 0);
	assert_int_equal(s.version, 1);
	assert_int_equal(
		world_call(v, __HYPERVISOR_grant_table_op, GNTTABOP_query_size, &q, sizeof(q)), 0);
	assert_int_equal(q.status, GNTST_permission_denied);
	assert_int_equal(call(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, WORLD_SCRATCH, 2),
			 -EINVAL);
	assert_int_equal(call(__HYPERVISOR_grant_table_op, GNTTABOP_transfer, WORLD_SCRATCH, 1),
			 -ENOSYS);
	assert_int_equal(call(__HYPERVISOR_grant_table_op, GNTTABOP_swap_grant_ref, WORLD_SCRATCH,
			      1),
			 -ENOSYS);
	f.nr_frames = 1;
	assert_int_equal(world_call(v, __HYPERVISOR_grant_table_op, GNTTABOP_get_status_frames, &f,
				    sizeof(f)),
			 0);
	assert_int_equal(f.status, GNTST_general_error); /* version 1 has none */
}

static void physmap_refuses(void **state)
{
	const uint64_t gfn = 0x20000;

	(void)state;
	assert_int_equal(add(2, XENMAPSPACE_shared_info, 0, gfn), -EPERM);
	assert_int_equal(add(DOMID_SELF, XENMAPSPACE_shared_info, 1, gfn), -EINVAL);
	assert_int_equal(add(DOMID_SELF, XENMAPSPACE_grant_table, FRAMES, gfn), -EINVAL);
	assert_int_equal(add(DOMID_SELF, XENMAPSPACE_grant_table, UINT64_MAX, gfn), -EINVAL);
	assert_int_equal(add(DOMID_SELF, XENMAPSPACE_grant_table, XENMAPIDX_grant_table_status,
			     gfn),
			 -EINVAL);
	assert_int_equal(add(DOMID_SELF, XENMAPSPACE_gmfn, 0, gfn), -EINVAL);
	assert_int_equal(add(DOMID_SELF, XENMAPSPACE_gmfn_foreign, 0, gfn), -EINVAL);
	assert_int_equal(add(DOMID_SELF, XENMAPSPACE_dev_mmio, 0, gfn), -EINVAL);
	assert_int_equal(add(DOMID_SELF, XENMAPSPACE_shared_info, 0, GUEST_PL011_BASE >> 12),
			 -EINVAL);
	assert_int_equal(add(DOMID_SELF, XENMAPSPACE_shared_info, 0, UINT64_MAX), -EINVAL);
	assert_int_equal(add(DOMID_SELF, XENMAPSPACE_shared_info, 0, 1UL << 32), -EINVAL);
}

static int64_t add_batch(struct xen_add_to_physmap_batch *b, unsigned int nr)
{
	uint64_t args[5] = { XENMEM_add_to_physmap_batch, WORLD_SCRATCH };

	b->size = (uint16_t)nr;
	set_xen_guest_handle(b->idxs, (xen_ulong_t *)(WORLD_SCRATCH + 512));
	set_xen_guest_handle(b->gpfns, (xen_pfn_t *)(WORLD_SCRATCH + 1024));
	set_xen_guest_handle(b->errs, (int *)(WORLD_SCRATCH + 1536));
	memcpy(world_ram(d, WORLD_SCRATCH), b, sizeof(*b));
	return trap_hypercall(v, __HYPERVISOR_memory_op, args);
}

/* Each page has its own answer, and a long batch is gone on with where it was. */
static void physmap_batch(void **state)
{
	struct xen_add_to_physmap_batch b = { .domid = DOMID_SELF,
					      .space = XENMAPSPACE_shared_info };
	xen_ulong_t *idx = world_ram(d, WORLD_SCRATCH + 512);
	xen_pfn_t *gfn = world_ram(d, WORLD_SCRATCH + 1024);
	int *err = world_ram(d, WORLD_SCRATCH + 1536);

	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		idx[i] = i == 3;
		gfn[i] = 0x38000 + i;
		err[i] = 77;
	}
	v->arch.agains = 0;
	assert_int_equal(add_batch(&b, 20), XENMEM_add_to_physmap_batch | 16 << 6);
	assert_int_equal(v->arch.agains, 1);
	assert_int_equal(err[16], 77);
	assert_int_equal(trap_hypercall(v, __HYPERVISOR_memory_op, v->arch.again), 0);
	for (unsigned int i = 0; i < 20; i++) {
		assert_int_equal(err[i], i == 3 ? -EINVAL : 0);
	}
	assert_ptr_equal(world_ram(d, 0x38013UL << 12), d->shared_info);
	b.space = XENMAPSPACE_gmfn_foreign;
	b.u.foreign_domid = 2;
	assert_int_equal(add_batch(&b, 1), 0);
	assert_int_equal(err[0], -EPERM);
	b.domid = 2;
	assert_int_equal(add_batch(&b, 1), -EPERM);
}

static int64_t remove_page(domid_t domid, uint64_t gfn)
{
	struct xen_remove_from_physmap x = { .domid = domid, .gpfn = gfn };

	return world_call(v, __HYPERVISOR_memory_op, XENMEM_remove_from_physmap, &x, sizeof(x));
}

static void physmap_removes(void **state)
{
	const uint64_t gfn = (WORLD_SCRATCH >> 12) + 20;
	enum p2m_type type;
	paddr_t pa;

	(void)state;
	assert_int_equal(remove_page(2, gfn), -EPERM);
	assert_int_equal(remove_page(DOMID_SELF, UINT64_MAX), -EINVAL);
	assert_int_equal(remove_page(DOMID_SELF, NOWHERE >> 12), -ENOENT);
	assert_int_equal(remove_page(DOMID_SELF, gfn), 0);
	assert_int_equal(arch_p2m_lookup(d, gpa(gfn << 12), &pa, &type), -EFAULT);
	assert_int_equal(remove_page(DOMID_SELF, gfn), -ENOENT);
	assert_int_equal(call(__HYPERVISOR_memory_op, XENMEM_maximum_ram_page, 0, 0),
			 (GUEST_RAM0_BASE + WORLD_DOMAIN_BYTES - 1) >> 12);
}

static void physmap_has_a_quota(void **state)
{
	uint64_t gfn = 0x23000;
	int64_t rc = 0;

	(void)state;
	while (rc == 0) {
		rc = add(DOMID_SELF, XENMAPSPACE_shared_info, 0, gfn);
		gfn += 1024;
		assert_true(gfn < 0x38000);
	}
	assert_int_equal(rc, -ENOMEM);
}

static void runstate_area_across_pages(void **state)
{
	const uint64_t at = WORLD_SCRATCH + 3 * PAGE_SIZE - 20;
	struct vcpu_register_runstate_memory_area r = { .addr.p = at };
	const uint64_t args[5] = { VCPUOP_register_runstate_memory_area, 0, WORLD_SCRATCH };
	struct vcpu_runstate_info info;
	uint8_t *last = world_ram(d, WORLD_SCRATCH + 2 * PAGE_SIZE);

	(void)state;
	memcpy(world_ram(d, WORLD_SCRATCH), &r, sizeof(r));
	memset(last, 0xcc, PAGE_SIZE);
	assert_int_equal(trap_hypercall(v, __HYPERVISOR_vcpu_op, args), 0);
	memcpy(&info, last + PAGE_SIZE - 20, sizeof(info)); /* contiguous here too */
	assert_int_equal(info.state, RUNSTATE_running);
	assert_int_equal(info.state_entry_time, v->runstate.since_ns);
	assert_int_equal(last[PAGE_SIZE - 21], 0xcc);

	/* a vCPU that goes off and comes back has the time in its copy, without the update flag left behind */
	assert_int_equal(call(__HYPERVISOR_vm_assist, VMASST_CMD_enable,
			      VMASST_TYPE_runstate_update_flag, 0),
			 0);
	host.now_ns += 1000;
	assert_int_equal(call(__HYPERVISOR_vcpu_op, VCPUOP_down, 0, 0), 0);
	assert_null(sched_next(0));
	host.now_ns += 500;
	assert_int_equal(call(__HYPERVISOR_vcpu_op, VCPUOP_is_up, 0, 0), 0);
	assert_int_equal(call(__HYPERVISOR_vcpu_op, VCPUOP_up, 0, 0), 0);
	assert_int_equal(call(__HYPERVISOR_vcpu_op, VCPUOP_is_up, 0, 0), 1);
	assert_ptr_equal(sched_next(0), v);
	memcpy(&info, last + PAGE_SIZE - 20, sizeof(info));
	assert_int_equal(info.time[RUNSTATE_running], 1000);
	assert_int_equal(info.time[RUNSTATE_offline] % 1000, 500);
	assert_int_equal(info.state_entry_time & XEN_RUNSTATE_UPDATE, 0);
}

static void vcpu_op_refuses(void **state)
{
	struct vcpu_register_vcpu_info r = { .mfn = WORLD_SCRATCH >> 12, .offset = 4096 - 32 };
	const uint64_t args[5] = { VCPUOP_register_vcpu_info, 0, WORLD_SCRATCH };
	static const uint64_t bad_gfn[] = { 0, NOWHERE >> 12, GUEST_PL011_BASE >> 12, UINT64_MAX,
					    1UL << 52 };

	(void)state;
	assert_int_equal(call(__HYPERVISOR_vcpu_op, VCPUOP_is_up, 2, 0), -ENOENT);
	assert_int_equal(call(__HYPERVISOR_vcpu_op, VCPUOP_is_up, UINT64_MAX, 0), -ENOENT);
	assert_int_equal(call(__HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0), -EINVAL);
	memcpy(world_ram(d, WORLD_SCRATCH), &r, sizeof(r));
	assert_int_equal(trap_hypercall(v, __HYPERVISOR_vcpu_op, args), -EINVAL);
	r.offset = 3;
	memcpy(world_ram(d, WORLD_SCRATCH), &r, sizeof(r));
	assert_int_equal(trap_hypercall(v, __HYPERVISOR_vcpu_op, args), -EINVAL);
	r.offset = UINT32_MAX;
	memcpy(world_ram(d, WORLD_SCRATCH), &r, sizeof(r));
	assert_int_equal(trap_hypercall(v, __HYPERVISOR_vcpu_op, args), -EINVAL);
	r.offset = 64;
	for (size_t i = 0; i < ARRAY_SIZE(bad_gfn); i++) {
		r.mfn = bad_gfn[i];
		memcpy(world_ram(d, WORLD_SCRATCH), &r, sizeof(r));
		assert_int_equal(trap_hypercall(v, __HYPERVISOR_vcpu_op, args), -EFAULT);
	}
	assert_false(v->has_own_info);
}

/* A guest that goes on after a suspension names the place where it is; another is refused. */
static void vcpu_info_stays(void **state)
{
	struct vcpu_register_vcpu_info r = { .mfn = (WORLD_SCRATCH >> 12) + 1, .offset = 64 };
	const uint64_t args[5] = { VCPUOP_register_vcpu_info, 0, WORLD_SCRATCH };
	void *info;

	(void)state;
	memcpy(world_ram(d, WORLD_SCRATCH), &r, sizeof(r));
	assert_int_equal(trap_hypercall(v, __HYPERVISOR_vcpu_op, args), 0);
	info = v->vcpu_info;
	assert_int_equal(trap_hypercall(v, __HYPERVISOR_vcpu_op, args), 0);
	assert_ptr_equal(v->vcpu_info, info);
	r.offset = 128;
	memcpy(world_ram(d, WORLD_SCRATCH), &r, sizeof(r));
	assert_int_equal(trap_hypercall(v, __HYPERVISOR_vcpu_op, args), -EINVAL);
	assert_ptr_equal(v->vcpu_info, info);
}

static void vm_assist_knows_one(void **state)
{
	(void)state;
	assert_int_equal(call(__HYPERVISOR_vm_assist, VMASST_CMD_enable, 4, 0), -EINVAL);
	assert_int_equal(call(__HYPERVISOR_vm_assist, VMASST_CMD_enable, 63, 0), -EINVAL);
	assert_int_equal(call(__HYPERVISOR_vm_assist, 2, VMASST_TYPE_runstate_update_flag, 0),
			 -ENOSYS);
	assert_int_equal(call(__HYPERVISOR_vm_assist, VMASST_CMD_disable,
			      VMASST_TYPE_runstate_update_flag, 0),
			 0);
	assert_int_equal(d->vm_assist, 0);
}

/* A long text holds nobody up: interrupts are taken between its pieces, and all of it comes out. */
static void console_io_goes_in_pieces(void **state)
{
	uint64_t args[5] = { CONSOLEIO_write, 16384, WORLD_SCRATCH };
	uint64_t left = args[1];

	(void)state;
	memset(world_ram(v->domain, WORLD_SCRATCH), 'x', 16384);
	for (unsigned int times = 1; left > 0; times++) {
		unsigned int before = v->arch.agains;
		int64_t rc = trap_hypercall(v, __HYPERVISOR_console_io, args);

		assert_in_range(times, 1, 1000);
		if (v->arch.agains == before) {
			assert_int_equal(rc, 0);
			assert_in_range(left, 1, 256);
			return;
		}
		memcpy(args, v->arch.again, sizeof(args));
		assert_in_range(left - args[1], 1, 256);
		left = args[1];
	}
	fail();
}

static void console_io_is_bounded(void **state)
{
	(void)state;
	strcpy(world_ram(d, WORLD_SCRATCH), "early words\n");
	host.uart_len = 0;
	assert_int_equal(call(__HYPERVISOR_console_io, CONSOLEIO_write, 12, WORLD_SCRATCH), 0);
	assert_string_equal(host.uart, "one: early words\r\n");
	assert_int_equal(call(__HYPERVISOR_console_io, CONSOLEIO_write, UINT64_MAX, WORLD_SCRATCH),
			 -E2BIG);
	assert_int_equal(call(__HYPERVISOR_console_io, CONSOLEIO_write, 1UL << 32, WORLD_SCRATCH),
			 -E2BIG);
	assert_int_equal(call(__HYPERVISOR_console_io, CONSOLEIO_write, 5, NOWHERE), -EFAULT);
	host.typed = "abc";
	host_raise(WORLD_UART_IRQ);
	assert_int_equal(call(__HYPERVISOR_console_io, CONSOLEIO_read, 2, WORLD_SCRATCH), 2);
	assert_memory_equal(world_ram(d, WORLD_SCRATCH), "ab", 2);
	assert_int_equal(call(__HYPERVISOR_console_io, CONSOLEIO_read, 100, WORLD_SCRATCH), 1);
	assert_int_equal(call(__HYPERVISOR_console_io, CONSOLEIO_read, 100, WORLD_SCRATCH), 0);
}

static void poll_looks_at_its_ports(void **state)
{
	struct sched_poll p = { .nr_ports = 1, .timeout = 0 };
	evtchn_port_t *port = world_ram(d, WORLD_SCRATCH + 256);

	(void)state;
	set_xen_guest_handle(p.ports, (evtchn_port_t *)(WORLD_SCRATCH + 256));
	*port = 1;
	assert_int_equal(world_call(v, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)), 0);
	*port = CONFIG_EVTCHN_PORTS;
	assert_int_equal(world_call(v, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)),
			 -EINVAL);
	p.nr_ports = 129;
	assert_int_equal(world_call(v, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)),
			 -EINVAL);
	p.nr_ports = UINT32_MAX;
	assert_int_equal(world_call(v, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)),
			 -EINVAL);
	p.nr_ports = 2;
	set_xen_guest_handle(p.ports, (evtchn_port_t *)NOWHERE);
	assert_int_equal(world_call(v, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)),
			 -EFAULT);
	assert_int_equal(call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0), 0);
	assert_int_equal(call(__HYPERVISOR_sched_op, SCHEDOP_block, 0, 0), 0);
}

static void shutdown_checks_its_reason(void **state)
{
	struct sched_shutdown s = { .reason = SHUTDOWN_MAX + 1 };

	(void)state;
	assert_int_equal(world_call(v, __HYPERVISOR_sched_op, SCHEDOP_shutdown, &s, sizeof(s)),
			 -EINVAL);
	s.reason = SHUTDOWN_suspend;
	assert_int_equal(world_call(v, __HYPERVISOR_sched_op, SCHEDOP_shutdown, &s, sizeof(s)), 0);
	assert_true(domain_is_running(d));
	s.reason = SHUTDOWN_reboot;
	assert_int_equal(world_call(v, __HYPERVISOR_sched_op, SCHEDOP_shutdown, &s, sizeof(s)), 0);
	assert_false(domain_is_running(d));
	assert_non_null(strstr(host.log, "one: shut down (reboot)\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_numbers_do_not_exist),
		cmocka_unit_test(unknown_operations_do_not_exist),
		cmocka_unit_test(bad_pointers_are_refused),
		cmocka_unit_test(version_and_features),
		cmocka_unit_test(answers_stay_in_their_structure),
		cmocka_unit_test(absent_services),
		cmocka_unit_test(shared_info_over_ram),
		cmocka_unit_test(grant_frames_where_the_tree_says),
		cmocka_unit_test(grant_version_is_one),
		cmocka_unit_test(physmap_refuses),
		cmocka_unit_test(physmap_batch),
		cmocka_unit_test(physmap_removes),
		cmocka_unit_test(physmap_has_a_quota),
		cmocka_unit_test(runstate_area_across_pages),
		cmocka_unit_test(vcpu_op_refuses),
		cmocka_unit_test(vm_assist_knows_one),
		cmocka_unit_test(console_io_is_bounded),
		cmocka_unit_test(console_io_goes_in_pieces),
		cmocka_unit_test(poll_looks_at_its_ports),
		cmocka_unit_test(vcpu_info_stays),
		cmocka_unit_test(
			shutdown_checks_its_reason), /* the last: domain one is down then */
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
