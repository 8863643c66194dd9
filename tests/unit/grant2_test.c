// SPDX-License-Identifier: Apache-2.0
/*
 * Grant tables of version 2: one may have it and two serves one; three may not have it. What is the same in both versions
 * is grant_test.c's.
 */
#include <grant_calls.h>
#include <unit.h>
#include <world.h>

#include <hyp/arch/p2m.h>
#include <hyp/errno.h>
#include <hyp/gnttab.h>

#define REF	 9U
#define PAGE	 ((WORLD_SCRATCH >> 12) + 40) /* of one, granted as REF */
#define OWN	 ((WORLD_SCRATCH >> 12) + 50) /* of two */
#define FREE	 (GUEST_GNTTAB_BASE >> 12)    /* nothing is there */
#define NR_REFS	 (4U * 256U)
#define STATUSES XENMAPIDX_grant_table_status
#define IN_USE	 (GTF_reading | GTF_writing)

static struct domain *one, *two, *three;

static union grant_entry_v2 *entry(grant_ref_t ref)
{
	return (union grant_entry_v2 *)gnttab_frame(one, ref / 256) + ref % 256;
}

static uint16_t status(grant_ref_t ref)
{
	return ((grant_status_t *)gnttab_frame(one, STATUSES | ref / 2048))[ref % 2048];
}

static void grant(grant_ref_t ref, uint64_t gfn, uint16_t flags)
{
	entry(ref)->full_page.frame = gfn;
	entry(ref)->hdr = (struct grant_entry_header){ (uint16_t)(GTF_permit_access | flags), 2 };
}

static void grant_part(grant_ref_t ref, uint64_t gfn, uint16_t at, uint16_t len)
{
	entry(ref)->sub_page.page_off = at;
	entry(ref)->sub_page.length = len;
	grant(ref, gfn, GTF_sub_page);
}

static int64_t set_version(struct domain *d, uint32_t version, uint32_t now)
{
	struct gnttab_set_version s = { .version = version };
	struct gnttab_get_version g = { .dom = DOMID_SELF };
	int64_t rc = grant_op(d, GNTTABOP_set_version, &s, sizeof(s));

	assert_int_equal(s.version, now);
	assert_int_equal(grant_op(d, GNTTABOP_get_version, &g, sizeof(g)), 0);
	assert_int_equal(g.version, now);
	return rc;
}

static int setup(void **state)
{
	(void)state;
	grant_world(2);
	one = domain_get(1);
	two = domain_get(2);
	three = domain_get(3);
	return 0;
}

/* As after a restart; then one grants a page by an entry of version 2. */
static int fresh(void **state)
{
	(void)state;
	grant_world_anew(FREE);
	gnttab_seed(one, GNTTAB_RESERVED_XENSTORE, 2, PAGE + 1);
	assert_int_equal(set_version(one, 2, 2), 0);
	grant(REF, PAGE, 0);
	memset(world_ram(one, PAGE << 12), 0x11, PAGE_SIZE);
	memset(world_ram(two, OWN << 12), 0x22, PAGE_SIZE);
	return 0;
}

static void not_without_the_plan(void **state)
{
	struct gnttab_get_status_frames s = { .nr_frames = 1, .dom = DOMID_SELF };

	(void)state;
	assert_int_equal(set_version(three, 2, 1), -ENOSYS);
	assert_int_equal(set_version(three, 3, 1), -ENOSYS);
	assert_int_equal(set_version(three, 1, 1), 0);
	assert_int_equal(grant_op(three, GNTTABOP_get_status_frames, &s, sizeof(s)), 0);
	assert_int_equal(s.status, GNTST_general_error);
	assert_null(gnttab_frame(three, STATUSES));
	assert_int_equal(set_version(one, 3, 2), -ENOSYS);
}

/* What was seeded is the server's in either version; what its guest granted before is gone. */
static void reserved_entries_are_kept(void **state)
{
	const struct grant_entry_v1 *old;
	uint32_t r;

	(void)state;
	assert_int_equal(entry(1)->hdr.flags, GTF_permit_access);
	assert_int_equal(entry(1)->hdr.domid, 2);
	assert_int_equal(entry(1)->full_page.frame, PAGE + 1);
	entry(2)->hdr.flags = GTF_transitive;
	grant_part(3, PAGE, 0, 16);
	grant(4, 1UL << 40, 0);
	assert_int_equal(set_version(one, 2, 2), 0); /* no change: nothing is lost */
	assert_int_equal(entry(REF)->full_page.frame, PAGE);
	assert_int_equal(set_version(one, 1, 1), 0);
	old = gnttab_frame(one, 0);
	assert_int_equal(old[1].flags, GTF_permit_access);
	assert_int_equal(old[1].domid, 2);
	assert_int_equal(old[1].frame, PAGE + 1);
	for (r = 2; r < 512; r++) {
		assert_int_equal(old[r].flags,
				 0); /* not to be said in version 1, or not reserved */
	}
	assert_null(gnttab_frame(one, STATUSES));
}

/* The store goes on using the page while its client's kernel chooses. */
static void reserved_ones_may_be_in_use(void **state)
{
	struct gnttab_map_grant_ref m = grant_map(two, 1, 1, FREE, GNTMAP_host_map);
	const struct grant_entry_v1 *old;

	(void)state;
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(status(1), IN_USE);
	assert_int_equal(set_version(one, 1, 1), 0);
	old = gnttab_frame(one, 0);
	assert_int_equal(old[1].flags, GTF_permit_access | IN_USE);
	assert_int_equal(set_version(one, 2, 2), 0);
	assert_int_equal(status(1), IN_USE);
	assert_int_equal(entry(1)->hdr.flags, GTF_permit_access);
	assert_int_equal(grant_unmap(two, m.handle, FREE), GNTST_okay);
	assert_int_equal(status(1), 0);
}

static void no_change_while_in_use(void **state)
{
	struct gnttab_map_grant_ref m = grant_map(two, 1, REF, FREE, GNTMAP_host_map);

	(void)state;
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(set_version(one, 1, 2), -EBUSY);
	assert_int_equal(entry(REF)->full_page.frame, PAGE);
	assert_int_equal(grant_unmap(two, m.handle, FREE), GNTST_okay);
	assert_int_equal(set_version(one, 1, 1), 0);
}

/* The entry stays its guest's alone: what is in use stands beside it. */
static void marks_stand_apart(void **state)
{
	struct gnttab_map_grant_ref m, r;

	(void)state;
	m = grant_map(two, 1, REF, FREE, GNTMAP_host_map);
	r = grant_map(two, 1, REF, FREE + 1, GNTMAP_host_map | GNTMAP_readonly);
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(r.status, GNTST_okay);
	assert_int_equal(status(REF), IN_USE);
	assert_int_equal(entry(REF)->hdr.flags, GTF_permit_access);
	assert_int_equal(grant_unmap(two, m.handle, FREE), GNTST_okay);
	assert_int_equal(status(REF), GTF_reading);
	assert_int_equal(grant_unmap(two, r.handle, FREE + 1), GNTST_okay);
	assert_int_equal(status(REF), 0);
}

static void hostile_entries_are_refused(void **state)
{
	static const uint16_t bad[] = { GTF_invalid,
					GTF_accept_transfer,
					GTF_transitive,
					GTF_permit_access | GTF_PCD,
					GTF_permit_access | GTF_reading,
					GTF_permit_access | 0x8000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		entry(REF)->hdr.flags = bad[i];
		assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status,
				 GNTST_general_error);
		assert_int_equal(status(REF), 0);
	}
	grant(REF, PAGE, GTF_readonly);
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_general_error);
	grant(REF, 1UL << 51, 0);
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_bad_page);
	grant(REF, UINT64_MAX, 0);
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_bad_page);
	assert_int_equal(grant_map(two, 1, NR_REFS, FREE, GNTMAP_host_map).status,
			 GNTST_bad_gntref);
	assert_int_equal(status(REF), 0);
}

static int16_t copy(grant_ref_t ref, uint16_t at, uint16_t len)
{
	struct gnttab_copy c = { .source = { .u.ref = ref, .domid = 1, .offset = at },
				 .dest = { .u.gmfn = OWN, .domid = DOMID_SELF, .offset = 0 },
				 .len = len,
				 .flags = GNTCOPY_source_gref };

	assert_int_equal(grant_op(two, GNTTABOP_copy, &c, sizeof(c)), 0);
	assert_int_equal(status(ref), 0);
	return c.status;
}

static void a_part_of_a_page_is_copied(void **state)
{
	const uint8_t *own;

	(void)state;
	grant_part(REF, PAGE, 100, 50);
	assert_int_equal(copy(REF, 100, 50), GNTST_okay);
	own = world_ram(two, OWN << 12);
	assert_int_equal(own[49], 0x11);
	assert_int_equal(own[50], 0x22);
	assert_int_equal(copy(REF, 149, 1), GNTST_okay);
	assert_int_equal(copy(REF, 99, 2), GNTST_general_error);
	assert_int_equal(copy(REF, 149, 2), GNTST_general_error);
	assert_int_equal(copy(REF, 4000, 1), GNTST_general_error);
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_general_error);
	grant_part(REF, PAGE, 4090, 7);
	assert_int_equal(copy(REF, 4090, 1), GNTST_general_error);
	grant_part(REF, PAGE, UINT16_MAX, UINT16_MAX);
	assert_int_equal(copy(REF, 0, 1), GNTST_general_error);
	assert_int_equal(status(REF), 0);
}

static int64_t put_status(uint64_t idx, uint64_t gfn)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF,
					.space = XENMAPSPACE_grant_table,
					.idx = STATUSES | idx,
					.gpfn = gfn };

	return world_call(one->vcpus[0], __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x,
			  sizeof(x));
}

static void the_guest_sees_its_statuses(void **state)
{
	struct gnttab_get_status_frames s = { .nr_frames = 1, .dom = DOMID_SELF };
	uint64_t *list = world_ram(one, WORLD_SCRATCH + PAGE_SIZE);
	enum p2m_type type;
	paddr_t pa;

	(void)state;
	s.frame_list.q = WORLD_SCRATCH + PAGE_SIZE;
	*list = 0;
	assert_int_equal(put_status(0, FREE), 0);
	assert_int_equal(put_status(1, FREE + 1), -EINVAL);
	assert_int_equal(arch_p2m_lookup(one, gpa(FREE << 12), &pa, &type), 0);
	assert_int_equal(type, P2M_RAM);
	assert_int_equal(grant_op(one, GNTTABOP_get_status_frames, &s, sizeof(s)), 0);
	assert_int_equal(s.status, GNTST_okay);
	assert_int_equal(*list, FREE);
	s.nr_frames = 2;
	assert_int_equal(grant_op(one, GNTTABOP_get_status_frames, &s, sizeof(s)), 0);
	assert_int_equal(s.status, GNTST_general_error);
	s.nr_frames = UINT32_MAX;
	assert_int_equal(grant_op(one, GNTTABOP_get_status_frames, &s, sizeof(s)), 0);
	assert_int_equal(s.status, GNTST_general_error);
	s.nr_frames = 1;
	s.dom = 2;
	assert_int_equal(grant_op(one, GNTTABOP_get_status_frames, &s, sizeof(s)), 0);
	assert_int_equal(s.status, GNTST_permission_denied);
}

static void a_new_life_begins_with_version_1(void **state)
{
	struct gnttab_map_grant_ref m = grant_map(two, 1, REF, FREE, GNTMAP_host_map);

	(void)state;
	assert_int_equal(m.status, GNTST_okay);
	assert_true(world_grants_die(one) > 1);
	world_grants_restart(one);
	assert_int_equal(gnttab_version(one), 1);
	assert_int_equal(grant_unmap(two, m.handle, FREE), GNTST_okay);
	assert_int_equal(set_version(one, 2, 2), 0);
	assert_int_equal(gnttab_gfn(one, STATUSES), UINT64_MAX);
	assert_int_equal(status(REF), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, fresh)
	const struct CMUnitTest tests[] = {
		T(not_without_the_plan),
		T(reserved_entries_are_kept),
		T(reserved_ones_may_be_in_use),
		T(no_change_while_in_use),
		T(marks_stand_apart),
		T(hostile_entries_are_refused),
		T(a_part_of_a_page_is_copied),
		T(the_guest_sees_its_statuses),
		T(a_new_life_begins_with_version_1),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
