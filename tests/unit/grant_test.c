// SPDX-License-Identifier: Apache-2.0
/*
 * Grants: one grants, two serves one and so may use them, three has no link. Mappings and copies, what is refused, and
 * what is left when either dies.
 */
#include <grant_calls.h>
#include <unit.h>
#include <world.h>

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/errno.h>
#include <hyp/gnttab.h>

#include "../../hypervisor/gnttab/internal.h"

#define REF	9U
#define REF_RO	10U
#define PAGE	((WORLD_SCRATCH >> 12) + 40) /* of one, granted as REF */
#define PAGE_RO (PAGE + 1)		     /* ... as REF_RO */
#define FREE	(GUEST_GNTTAB_BASE >> 12)    /* nothing is there */
#define NR_REFS (4U * 512U)
#define TRACKS	256U

static struct domain *one, *two, *three;

static struct grant_entry_v1 *entry(struct domain *d, grant_ref_t ref)
{
	return (struct grant_entry_v1 *)gnttab_frame(d, ref / 512) + ref % 512;
}

static void grant(struct domain *d, grant_ref_t ref, domid_t to, uint64_t gfn, uint16_t flags)
{
	*entry(d, ref) =
		(struct grant_entry_v1){ (uint16_t)(GTF_permit_access | flags), to, (uint32_t)gfn };
}

static int setup(void **state)
{
	(void)state;
	grant_world(0);
	one = domain_get(1);
	two = domain_get(2);
	three = domain_get(3);
	return 0;
}

/* As after both were restarted, and one granted two of its pages. */
static int fresh(void **state)
{
	(void)state;
	grant_world_anew(FREE);
	grant(one, REF, 2, PAGE, 0);
	grant(one, REF_RO, 2, PAGE_RO, GTF_readonly);
	memset(world_ram(one, PAGE << 12), 0x11, PAGE_SIZE);
	memset(world_ram(one, PAGE_RO << 12), 0x22, PAGE_SIZE);
	return 0;
}

static uint16_t in_use(struct domain *d, grant_ref_t ref)
{
	return entry(d, ref)->flags & (GTF_reading | GTF_writing);
}

static bool sees(struct domain *d, uint64_t gfn, const void *page, enum p2m_type type)
{
	enum p2m_type found;
	paddr_t pa;

	return arch_p2m_lookup(d, gpa(gfn << 12), &pa, &found) == 0 && found == type &&
	       pa.v == arch_virt_to_phys(page).v;
}

static bool sees_nothing(struct domain *d, uint64_t gfn)
{
	enum p2m_type type;
	paddr_t pa;

	return arch_p2m_lookup(d, gpa(gfn << 12), &pa, &type) != 0;
}

static void maps_and_unmaps(void **state)
{
	struct gnttab_map_grant_ref m = grant_map(two, 1, REF, FREE + 3, GNTMAP_host_map);
	struct gnttab_map_grant_ref r =
		grant_map(two, 1, REF, FREE + 4, GNTMAP_host_map | GNTMAP_readonly);
	const void *page = world_ram(one, PAGE << 12);

	(void)state;
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(r.status, GNTST_okay);
	assert_int_equal(m.dev_bus_addr, arch_virt_to_phys(page).v);
	assert_true(sees(two, FREE + 3, page, P2M_GRANT));
	assert_true(sees(two, FREE + 4, page, P2M_GRANT_RO));
	assert_int_equal(in_use(one, REF), GTF_reading | GTF_writing);
	assert_int_equal(grant_unmap(two, m.handle, FREE + 3), GNTST_okay);
	assert_true(sees_nothing(two, FREE + 3));
	assert_int_equal(in_use(one, REF), GTF_reading);
	assert_int_equal(grant_unmap(two, r.handle, FREE + 4), GNTST_okay);
	assert_int_equal(in_use(one, REF), 0);
	/* the entry is the guest's again, as it was but for the marks */
	assert_int_equal(entry(one, REF)->flags, GTF_permit_access);
	assert_int_equal(entry(one, REF)->frame, PAGE);
}

static void read_only_stays_so(void **state)
{
	struct gnttab_map_grant_ref m = grant_map(two, 1, REF_RO, FREE, GNTMAP_host_map);

	(void)state;
	assert_int_equal(m.status, GNTST_general_error);
	assert_int_equal(in_use(one, REF_RO), 0);
	assert_true(sees_nothing(two, FREE));
	m = grant_map(two, 1, REF_RO, FREE, GNTMAP_host_map | GNTMAP_readonly);
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(in_use(one, REF_RO), GTF_reading);
}

static void own_grants_need_no_link(void **state)
{
	struct gnttab_map_grant_ref m;

	(void)state;
	grant(three, REF, 3, PAGE, 0);
	m = grant_map(three, DOMID_SELF, REF, FREE, GNTMAP_host_map);
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(grant_unmap(three, m.handle, FREE), GNTST_okay);
	assert_int_equal(three->nr_refused, 0);
}

static void no_link_no_grant(void **state)
{
	struct gnttab_copy c = { .source = { .u.ref = REF, .domid = 1 },
				 .dest = { .u.gmfn = PAGE, .domid = DOMID_SELF },
				 .len = 8,
				 .flags = GNTCOPY_source_gref };

	(void)state;
	host.log_len = 0;
	grant(one, REF, 3, PAGE, 0);
	assert_int_equal(grant_map(three, 1, REF, FREE, GNTMAP_host_map).status,
			 GNTST_permission_denied);
	assert_int_equal(grant_op(three, GNTTABOP_copy, &c, sizeof(c)), 0);
	assert_int_equal(c.status, GNTST_permission_denied);
	/* nor the other way round: one serves nobody */
	grant(two, REF, 1, PAGE, 0);
	assert_int_equal(grant_map(one, 2, REF, FREE, GNTMAP_host_map).status,
			 GNTST_permission_denied);
	assert_int_equal(grant_map(two, 77, REF, FREE, GNTMAP_host_map).status,
			 GNTST_permission_denied);
	assert_int_equal(three->nr_refused, 2);
	host.log[host.log_len] = '\0';
	assert_non_null(strstr(host.log, "three: refused: grants of domain 1"));
	assert_null(strstr(strstr(host.log, "three: refused") + 1, "three: refused"));
	assert_int_equal(in_use(one, REF), 0);
}

static void hostile_maps_are_refused(void **state)
{
	static const struct {
		grant_ref_t ref;
		uint64_t addr;
		uint32_t flags;
		int16_t status;
	} bad[] = {
		{ NR_REFS, FREE << 12, GNTMAP_host_map, GNTST_bad_gntref },
		{ UINT32_MAX, FREE << 12, GNTMAP_host_map, GNTST_bad_gntref },
		{ REF + 5, FREE << 12, GNTMAP_host_map, GNTST_general_error }, /* an empty entry */
		{ REF, (FREE << 12) + 8, GNTMAP_host_map, GNTST_bad_virt_addr },
		{ REF, WORLD_SCRATCH, GNTMAP_host_map, GNTST_general_error }, /* RAM is there */
		{ REF, GUEST_PL011_BASE, GNTMAP_host_map, GNTST_general_error },
		{ REF, UINT64_MAX - 4095, GNTMAP_host_map, GNTST_general_error },
		{ REF, 1UL << 45, GNTMAP_host_map, GNTST_general_error },
		{ REF, 1UL << 43, GNTMAP_host_map, GNTST_no_space }, /* beyond the space */
		{ REF, FREE << 12, 0, GNTST_general_error },
		{ REF, FREE << 12, GNTMAP_readonly, GNTST_general_error },
		{ REF, FREE << 12, GNTMAP_host_map | GNTMAP_contains_pte, GNTST_general_error },
		{ REF, FREE << 12, GNTMAP_device_map | GNTMAP_application_map,
		  GNTST_general_error },
		{ REF, FREE << 12, UINT32_MAX, GNTST_general_error },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct gnttab_map_grant_ref m = {
			.host_addr = bad[i].addr, .flags = bad[i].flags, .ref = bad[i].ref, .dom = 1
		};

		assert_int_equal(grant_op(two, GNTTABOP_map_grant_ref, &m, sizeof(m)), 0);
		assert_int_equal(m.status, bad[i].status);
		assert_int_equal(in_use(one, REF), 0);
	}
}

static void hostile_entries_are_refused(void **state)
{
	static const uint16_t bad[] = { GTF_invalid,
					GTF_accept_transfer,
					GTF_transitive,
					GTF_permit_access | GTF_sub_page,
					GTF_permit_access | GTF_PCD,
					GTF_permit_access | 0x8000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		entry(one, REF)->flags = bad[i];
		assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status,
				 GNTST_general_error);
		assert_int_equal(entry(one, REF)->flags, bad[i]);
	}
	grant(one, REF, 3, PAGE, 0); /* for somebody else */
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_general_error);
	grant(one, REF, 2, 0x1234567, 0); /* of nothing */
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_bad_page);
	grant(one, REF, 2, UINT32_MAX, 0);
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_bad_page);
}

static void mapped_pages_are_not_the_mappers_own(void **state)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info };
	const uint64_t args[5] = { XENVER_get_features, FREE << 12, 0 };

	(void)state;
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_okay);
	/* not to give on */
	grant(two, REF, 2, FREE, 0);
	assert_int_equal(grant_map(two, DOMID_SELF, REF, FREE + 1, GNTMAP_host_map).status,
			 GNTST_bad_page);
	/* not to pass arguments in, which we would write to */
	assert_int_equal(trap_hypercall(two->vcpus[0], __HYPERVISOR_xen_version, args), -EFAULT);
	/* not to put anything in its place */
	x.gpfn = FREE;
	assert_int_equal(world_call(two->vcpus[0], __HYPERVISOR_memory_op, XENMEM_add_to_physmap,
				    &x, sizeof(x)),
			 -EPERM);
}

static void handles_are_checked(void **state)
{
	struct gnttab_map_grant_ref m = grant_map(two, 1, REF, FREE, GNTMAP_host_map);

	(void)state;
	assert_int_equal(grant_unmap(two, UINT32_MAX, FREE), GNTST_bad_handle);
	assert_int_equal(grant_unmap(two, TRACKS, FREE), GNTST_bad_handle);
	assert_int_equal(grant_unmap(two, m.handle + 1, FREE), GNTST_bad_handle);
	assert_int_equal(grant_unmap(two, m.handle, FREE + 1), GNTST_bad_virt_addr);
	assert_int_equal(grant_unmap(two, m.handle, FREE), GNTST_okay);
	assert_int_equal(grant_unmap(two, m.handle, FREE), GNTST_bad_handle);
}

static int16_t unmap_kinds(struct domain *d, grant_handle_t handle, uint64_t host, uint64_t bus)
{
	struct gnttab_unmap_grant_ref u = { .host_addr = host,
					    .dev_bus_addr = bus,
					    .handle = handle };

	assert_int_equal(grant_op(d, GNTTABOP_unmap_grant_ref, &u, sizeof(u)), 0);
	return u.status;
}

/* For CPUs, for devices or both: the page stays its granter's to see until the last is undone. */
static void devices_have_mappings_of_their_own(void **state)
{
	struct gnttab_map_grant_ref both =
		grant_map(two, 1, REF, FREE, GNTMAP_host_map | GNTMAP_device_map);
	struct gnttab_map_grant_ref dev =
		grant_map(two, 1, REF_RO, 0, GNTMAP_device_map | GNTMAP_readonly);
	uint64_t bus = arch_virt_to_phys(world_ram(one, PAGE << 12)).v;

	(void)state;
	assert_int_equal(both.status, GNTST_okay);
	assert_int_equal(dev.status, GNTST_okay);
	assert_int_equal(both.dev_bus_addr, bus);
	assert_true(sees_nothing(two, 0));
	assert_true(gnttab_is_with_devices(one));
	assert_int_equal(unmap_kinds(two, both.handle, FREE << 12, bus + PAGE_SIZE),
			 GNTST_bad_dev_addr);
	assert_int_equal(unmap_kinds(two, dev.handle, FREE << 12, 0), GNTST_bad_virt_addr);
	assert_int_equal(unmap_kinds(two, both.handle, 0, 0), GNTST_okay);
	assert_false(sees_nothing(two, FREE));
	assert_int_equal(unmap_kinds(two, both.handle, FREE << 12, 0), GNTST_okay);
	assert_true(sees_nothing(two, FREE));
	assert_int_equal(in_use(one, REF), GTF_reading | GTF_writing);
	assert_int_equal(unmap_kinds(two, both.handle, FREE << 12, 0), GNTST_bad_virt_addr);
	assert_int_equal(unmap_kinds(two, both.handle, 0, bus), GNTST_okay);
	assert_int_equal(in_use(one, REF), 0);
	assert_int_equal(unmap_kinds(two, both.handle, 0, bus), GNTST_bad_handle);
	assert_true(gnttab_is_with_devices(one));
	assert_int_equal(in_use(one, REF_RO), GTF_reading);
	assert_int_equal(unmap_kinds(two, dev.handle, 0, dev.dev_bus_addr), GNTST_okay);
	assert_int_equal(in_use(one, REF_RO), 0);
	assert_false(gnttab_is_with_devices(one));
}

/* What a device may still write to cannot be replaced: the dead granter waits, its mapper's death frees it, too. */
static void a_dead_granter_waits_for_devices(void **state)
{
	struct gnttab_map_grant_ref a =
		grant_map(two, 1, REF, FREE, GNTMAP_host_map | GNTMAP_device_map);
	struct gnttab_map_grant_ref b = grant_map(two, 1, REF, 0, GNTMAP_device_map);

	(void)state;
	assert_int_equal(a.status, GNTST_okay);
	assert_int_equal(b.status, GNTST_okay);
	world_grants_die(one);
	assert_true(sees(two, FREE, two->gnttab->scratch, P2M_GRANT));
	assert_true(gnttab_is_with_devices(one));
	assert_int_equal(unmap_kinds(two, a.handle, FREE << 12, a.dev_bus_addr), GNTST_okay);
	assert_true(sees_nothing(two, FREE));
	assert_true(gnttab_is_with_devices(one));
	world_grants_die(two);
	assert_false(gnttab_is_with_devices(one));
}

static int64_t flush(struct domain *d, uint64_t bus, uint16_t offset, uint16_t length, uint32_t how)
{
	struct gnttab_cache_flush f = {
		.a.dev_bus_addr = bus, .offset = offset, .length = length, .op = how
	};

	host.flushed = 0;
	host.flushed_len = 0;
	return grant_op(d, GNTTABOP_cache_flush, &f, sizeof(f));
}

static void caches_of_known_pages_are_flushed(void **state)
{
	struct gnttab_map_grant_ref m = grant_map(two, 1, REF, FREE, GNTMAP_host_map);
	uint64_t bus = m.dev_bus_addr, own = arch_virt_to_phys(world_ram(two, PAGE << 12)).v;

	(void)state;
	assert_int_equal(flush(two, bus, 256, 512, GNTTAB_CACHE_CLEAN), 0);
	assert_int_equal(host.flushed, bus + 256);
	assert_int_equal(host.flushed_len, 512);
	assert_int_equal(flush(two, bus + 8, 0, 4096, GNTTAB_CACHE_INVAL | GNTTAB_CACHE_CLEAN), 0);
	assert_int_equal(host.flushed, bus);
	assert_int_equal(flush(two, own, 4095, 1, GNTTAB_CACHE_INVAL), 0);
	assert_int_equal(host.flushed, own + 4095);
	/* nothing to do, for nothing known to us */
	assert_int_equal(flush(two, 0, 0, 0, 0), 0);
	assert_int_equal(flush(two, 0, 0, 8, 0), 0);
	assert_int_equal(flush(two, 0, 0, 0, GNTTAB_CACHE_CLEAN), 0);
	assert_int_equal(host.flushed_len, 0);
	/* not inside a page, not an operation */
	assert_int_equal(flush(two, bus, 4096, 0, GNTTAB_CACHE_CLEAN), -EINVAL);
	assert_int_equal(flush(two, bus, 1, 4096, GNTTAB_CACHE_CLEAN), -EINVAL);
	assert_int_equal(flush(two, bus, 65535, 65535, GNTTAB_CACHE_CLEAN), -EINVAL);
	assert_int_equal(flush(two, bus, 0, 8, 4), -EINVAL);
	assert_int_equal(flush(two, REF, 0, 8, GNTTAB_CACHE_SOURCE_GREF | GNTTAB_CACHE_CLEAN),
			 -EOPNOTSUPP);
	/* others', and what is not memory */
	assert_int_equal(flush(two, bus + PAGE_SIZE, 0, 8, GNTTAB_CACHE_CLEAN), -EPERM);
	assert_int_equal(flush(three, bus, 0, 8, GNTTAB_CACHE_CLEAN), -EPERM);
	assert_int_equal(flush(two, UINT64_MAX, 0, 8, GNTTAB_CACHE_CLEAN), -EPERM);
	assert_int_equal(flush(two, 0, 0, 8, GNTTAB_CACHE_INVAL), -EPERM);
	/* not the mapper's any more */
	assert_int_equal(grant_unmap(two, m.handle, FREE), GNTST_okay);
	assert_int_equal(flush(two, bus, 0, 8, GNTTAB_CACHE_CLEAN), -EPERM);
	m = grant_map(two, 1, REF, FREE, GNTMAP_host_map);
	assert_int_equal(m.status, GNTST_okay);
	world_grants_die(one);
	assert_int_equal(flush(two, bus, 0, 8, GNTTAB_CACHE_CLEAN), -EPERM);
	assert_int_equal(host.flushed_len, 0);
}

/* Many mappings, taken back in any order: each page is known exactly as long as it is mapped. */
static void pages_are_known_as_long_as_mapped(void **state)
{
	grant_handle_t handles[64];
	uint64_t bus[64];

	(void)state;
	for (unsigned int i = 0; i < 64; i++) {
		struct gnttab_map_grant_ref m;

		grant(one, REF + i, 2, PAGE - 32 + i, 0);
		m = grant_map(two, 1, REF + i, FREE + i, GNTMAP_host_map);
		assert_int_equal(m.status, GNTST_okay);
		handles[i] = m.handle;
		bus[i] = m.dev_bus_addr;
	}
	for (unsigned int n = 0; n < 64; n++) {
		unsigned int i = n * 29 % 64;

		assert_int_equal(flush(two, bus[i], 0, 8, GNTTAB_CACHE_CLEAN), 0);
		assert_int_equal(grant_unmap(two, handles[i], FREE + i), GNTST_okay);
		assert_int_equal(flush(two, bus[i], 0, 8, GNTTAB_CACHE_CLEAN), -EPERM);
	}
}

/* A book of 256. */
static void handles_run_out(void **state)
{
	unsigned int nr = 0;
	int16_t status = GNTST_okay;

	(void)state;
	while (status == GNTST_okay) {
		status = grant_map(two, 1, REF, FREE + nr, GNTMAP_host_map).status;
		nr++;
		assert_true(nr <= TRACKS + 1);
	}
	assert_int_equal(status, GNTST_no_space);
	assert_int_equal(nr, TRACKS + 1);
	assert_int_equal(in_use(one, REF), GTF_reading | GTF_writing);
	for (unsigned int i = 0; i + 1 < nr; i++) {
		assert_int_equal(grant_unmap(two, i, FREE + i), GNTST_okay);
	}
	assert_int_equal(in_use(one, REF), 0);
}

static void a_long_batch_comes_again(void **state)
{
	struct gnttab_unmap_grant_ref u[40];
	uint64_t args[5] = { GNTTABOP_unmap_grant_ref, WORLD_SCRATCH, ARRAY_SIZE(u) };
	struct vcpu *v = two->vcpus[0];
	void *scratch = world_ram(two, WORLD_SCRATCH);
	unsigned int rounds = 1;

	(void)state;
	memset(u, 0, sizeof(u));
	for (size_t i = 0; i < ARRAY_SIZE(u); i++) {
		u[i].handle = 1000;
	}
	memcpy(scratch, u, sizeof(u));
	v->arch.agains = 0;
	assert_int_equal(trap_hypercall(v, __HYPERVISOR_grant_table_op, args), args[0]);
	while (v->arch.agains == rounds) {
		rounds++;
		assert_int_not_equal(trap_hypercall(v, __HYPERVISOR_grant_table_op, v->arch.again),
				     -EFAULT);
	}
	assert_int_equal(rounds, 3);
	memcpy(u, scratch, sizeof(u));
	for (size_t i = 0; i < ARRAY_SIZE(u); i++) {
		assert_int_equal(u[i].status, GNTST_bad_handle);
	}
	args[2] = UINT32_MAX;
	assert_int_equal(trap_hypercall(v, __HYPERVISOR_grant_table_op, args), -EINVAL);
}

static int16_t copy(struct domain *d, struct gnttab_copy c)
{
	assert_int_equal(grant_op(d, GNTTABOP_copy, &c, sizeof(c)), 0);
	return c.status;
}

static void copies_both_ways(void **state)
{
	struct gnttab_copy in = { .source = { .u.ref = REF, .domid = 1, .offset = 100 },
				  .dest = { .u.gmfn = PAGE, .domid = DOMID_SELF, .offset = 7 },
				  .len = 3000,
				  .flags = GNTCOPY_source_gref };
	struct gnttab_copy out = { .source = { .u.gmfn = PAGE, .domid = 2 },
				   .dest = { .u.ref = REF, .domid = 1, .offset = 4095 },
				   .len = 1,
				   .flags = GNTCOPY_dest_gref };
	uint8_t *ours = world_ram(two, PAGE << 12), *theirs = world_ram(one, PAGE << 12);

	(void)state;
	memset(ours, 0x77, PAGE_SIZE);
	for (size_t i = 0; i < PAGE_SIZE; i++) {
		theirs[i] = (uint8_t)(i * 13);
	}
	assert_int_equal(copy(two, in), GNTST_okay);
	assert_memory_equal(ours + 7, theirs + 100, 3000);
	assert_int_equal(ours[6], 0x77);
	assert_int_equal(ours[3007], 0x77);
	assert_int_equal(copy(two, out), GNTST_okay);
	assert_int_equal(theirs[4095], 0x77);
	assert_int_equal(in_use(one, REF), 0);
	/* a grant that is only for reading is not written */
	out.dest.u.ref = REF_RO;
	assert_int_equal(copy(two, out), GNTST_general_error);
	assert_int_equal(in_use(one, REF_RO), 0);
	/* from grant to grant, and while it is mapped */
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_okay);
	in.source.u.ref = REF_RO;
	in.dest = (struct gnttab_copy_ptr){ .u.ref = REF, .domid = 1, .offset = 0 };
	in.flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
	assert_int_equal(copy(two, in), GNTST_okay);
	assert_int_equal(theirs[2999], 0x22);
	assert_int_equal(in_use(one, REF), GTF_reading | GTF_writing);
}

static void hostile_copies_are_refused(void **state)
{
	const struct gnttab_copy good = { .source = { .u.ref = REF, .domid = 1 },
					  .dest = { .u.gmfn = PAGE, .domid = DOMID_SELF },
					  .len = 8,
					  .flags = GNTCOPY_source_gref };
	struct gnttab_copy c = good;

	(void)state;
	assert_int_equal(copy(two, c), GNTST_okay);
	c.len = 4097;
	assert_int_equal(copy(two, c), GNTST_bad_copy_arg);
	c.len = 8;
	c.source.offset = 4089;
	assert_int_equal(copy(two, c), GNTST_bad_copy_arg);
	c.source.offset = UINT16_MAX;
	assert_int_equal(copy(two, c), GNTST_bad_copy_arg);
	c = good;
	c.dest.offset = 4096;
	c.len = 0;
	assert_int_equal(copy(two, c), GNTST_bad_copy_arg);
	c = good;
	c.flags = 0x80 | GNTCOPY_source_gref;
	assert_int_equal(copy(two, c), GNTST_general_error);
	c = good;
	c.flags = 0; /* another's page by its frame number: never */
	assert_int_equal(copy(two, c), GNTST_permission_denied);
	c = good;
	c.dest.u.gmfn = UINT64_MAX;
	assert_int_equal(copy(two, c), GNTST_bad_page);
	c.dest.u.gmfn = GUEST_PL011_BASE >> 12;
	assert_int_equal(copy(two, c), GNTST_bad_page);
	c = good;
	c.dest.domid = 1; /* writing into its frame */
	assert_int_equal(copy(two, c), GNTST_permission_denied);
	c = good;
	c.source.u.ref = NR_REFS;
	assert_int_equal(copy(two, c), GNTST_bad_gntref);
	assert_int_equal(in_use(one, REF), 0);
}

/* Page by page the fake machine refuses what a real one would for want of tables: nothing is left half done. */
static void no_table_page_changes_nothing(void **state)
{
	(void)state;
	two->arch.tables_left = 0;
	assert_int_equal(grant_map(two, 1, REF, FREE + 512 * 4, GNTMAP_host_map).status,
			 GNTST_no_space);
	assert_int_equal(in_use(one, REF), 0);
	two->arch.tables_left = 5;
	assert_int_equal(grant_map(two, 1, REF, FREE + 512 * 4, GNTMAP_host_map).handle, 0);
	assert_int_equal(grant_unmap(two, 0, FREE + 512 * 4), GNTST_okay);
}

static void a_dead_granter_leaves_a_scratch_page(void **state)
{
	struct gnttab_map_grant_ref m = grant_map(two, 1, REF, FREE, GNTMAP_host_map);
	struct gnttab_map_grant_ref r =
		grant_map(two, 1, REF_RO, FREE + 1, GNTMAP_host_map | GNTMAP_readonly);
	uint8_t *seen;

	(void)state;
	world_grants_die(one);
	assert_false(sees(two, FREE, world_ram(one, PAGE << 12), P2M_GRANT));
	seen = world_ram(two, FREE << 12);
	assert_ptr_equal(seen, world_ram(two, (FREE + 1) << 12));
	seen[5] = 0x99; /* the mapper goes on, and harms nobody */
	assert_int_equal(((uint8_t *)world_ram(one, PAGE << 12))[5], 0x11);
	assert_int_equal(grant_map(two, 1, REF, FREE + 2, GNTMAP_host_map).status,
			 GNTST_bad_domain);
	world_grants_restart(one);
	grant(one, REF, 2, PAGE, 0);
	assert_int_equal(in_use(one, REF), 0);
	assert_int_equal(grant_unmap(two, m.handle, FREE), GNTST_okay);
	assert_int_equal(grant_unmap(two, r.handle, FREE + 1), GNTST_okay);
	assert_true(sees_nothing(two, FREE));
	/* the new life's grant was never touched by the old one's handles */
	assert_int_equal(entry(one, REF)->flags, GTF_permit_access);
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_okay);
	assert_int_equal(in_use(one, REF), GTF_reading | GTF_writing);
}

/* From the first piece of its end on nothing of it can be mapped; what is left of it is bounded pieces. */
static void a_dying_granter_grants_nothing_more(void **state)
{
	uint64_t done = 0, before;
	unsigned int pieces = 1;

	(void)state;
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_okay);
	assert_true(gnttab_domain_died(one, &done));
	assert_true(sees(two, FREE, world_ram(one, PAGE << 12), P2M_GRANT));
	assert_int_equal(grant_map(two, 1, REF, FREE + 1, GNTMAP_host_map).status,
			 GNTST_bad_domain);
	do {
		before = done;
		pieces++;
	} while (gnttab_domain_died(one, &done) && done > before);
	assert_in_range(pieces, 4, 16);
	assert_false(sees(two, FREE, world_ram(one, PAGE << 12), P2M_GRANT));
}

static void a_dead_mapper_lets_go(void **state)
{
	(void)state;
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_okay);
	assert_int_equal(grant_map(two, 1, REF, FREE + 1, GNTMAP_host_map).status, GNTST_okay);
	world_grants_die(two);
	assert_int_equal(entry(one, REF)->flags, GTF_permit_access);
	assert_int_equal(arch_p2m_unmap(two, gpa(FREE << 12), 2 * PAGE_SIZE), 0);
	world_grants_restart(two);
	assert_int_equal(grant_unmap(two, 0, FREE), GNTST_bad_handle);
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).handle, 0);
}

static void both_dead_in_either_order(void **state)
{
	(void)state;
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_okay);
	world_grants_die(one);
	world_grants_die(two);
	assert_int_equal(fresh(NULL), 0);
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).status, GNTST_okay);
	world_grants_die(two);
	world_grants_die(one);
	assert_int_equal(fresh(NULL), 0);
	assert_int_equal(in_use(one, REF), 0);
	assert_int_equal(grant_map(two, 1, REF, FREE, GNTMAP_host_map).handle, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(maps_and_unmaps, fresh),
		cmocka_unit_test_setup(read_only_stays_so, fresh),
		cmocka_unit_test_setup(own_grants_need_no_link, fresh),
		cmocka_unit_test_setup(no_link_no_grant, fresh),
		cmocka_unit_test_setup(hostile_maps_are_refused, fresh),
		cmocka_unit_test_setup(hostile_entries_are_refused, fresh),
		cmocka_unit_test_setup(mapped_pages_are_not_the_mappers_own, fresh),
		cmocka_unit_test_setup(handles_are_checked, fresh),
		cmocka_unit_test_setup(devices_have_mappings_of_their_own, fresh),
		cmocka_unit_test_setup(a_dead_granter_waits_for_devices, fresh),
		cmocka_unit_test_setup(caches_of_known_pages_are_flushed, fresh),
		cmocka_unit_test_setup(pages_are_known_as_long_as_mapped, fresh),
		cmocka_unit_test_setup(handles_run_out, fresh),
		cmocka_unit_test_setup(a_long_batch_comes_again, fresh),
		cmocka_unit_test_setup(copies_both_ways, fresh),
		cmocka_unit_test_setup(hostile_copies_are_refused, fresh),
		cmocka_unit_test_setup(no_table_page_changes_nothing, fresh),
		cmocka_unit_test_setup(a_dead_granter_leaves_a_scratch_page, fresh),
		cmocka_unit_test_setup(a_dying_granter_grants_nothing_more, fresh),
		cmocka_unit_test_setup(a_dead_mapper_lets_go, fresh),
		cmocka_unit_test_setup(both_dead_in_either_order, fresh),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
