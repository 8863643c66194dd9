// SPDX-License-Identifier: Apache-2.0
/* Memory that a guest gives up and takes back: one has a balloon, two has not, three has one and the machine's addresses. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/reservation.h>

#define LIST  (WORLD_SCRATCH + 1024)
#define A     ((GUEST_RAM0_BASE + 7 * MIB) >> 12)
#define HOLE  (GUEST_GNTTAB_BASE >> 12)
#define TOTAL (WORLD_DOMAIN_BYTES >> 12)

static struct domain *one, *two, *three;

static int setup(void **state)
{
	(void)state;
	world_describe(3);
	world_plan.domains[0].balloon = true;
	world_plan.domains[2].balloon = true;
	world_plan.domains[2].direct_map = true;
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	domains_start();
	one = domain_get(1);
	two = domain_get(2);
	three = domain_get(3);
	return 0;
}

/* Where @d's own memory for arguments is. */
static uint64_t scratch(const struct domain *d)
{
	return d == three ? three->ram[0].gpa + 6 * MIB : WORLD_SCRATCH;
}

static int64_t change(struct domain *d, uint64_t op, const uint64_t *gfns, uint64_t nr,
		      unsigned int order)
{
	struct xen_memory_reservation m = { .nr_extents = nr,
					    .extent_order = order,
					    .domid = DOMID_SELF };
	uint64_t args[5] = { op, scratch(d) };
	struct vcpu *v = d->vcpus[0];
	int64_t rc = -EINVAL;

	m.extent_start.q = scratch(d) + 1024;
	memcpy(world_ram(d, scratch(d)), &m, sizeof(m));
	for (uint64_t i = 0; gfns != NULL && i < nr; i++) {
		memcpy(world_ram(d, scratch(d) + 1024 + i * 8), &gfns[i], 8);
	}
	do {
		v->arch.agains = 0;
		rc = trap_hypercall(v, __HYPERVISOR_memory_op, args);
		memcpy(args, v->arch.again, sizeof(args));
	} while (v->arch.agains > 0);
	return rc;
}

static int64_t decrease(struct domain *d, uint64_t gfn)
{
	return change(d, XENMEM_decrease_reservation, &gfn, 1, 0);
}

static int64_t populate(struct domain *d, uint64_t gfn)
{
	return change(d, XENMEM_populate_physmap, &gfn, 1, 0);
}

static int64_t current(struct domain *d, uint64_t op)
{
	domid_t self = DOMID_SELF;
	const uint64_t args[5] = { op, scratch(d) };

	memcpy(world_ram(d, scratch(d)), &self, sizeof(self));
	return trap_hypercall(d->vcpus[0], __HYPERVISOR_memory_op, args);
}

static uint64_t behind(struct domain *d, uint64_t gfn)
{
	enum p2m_type type;
	paddr_t pa;

	return arch_p2m_lookup(d, gpa(gfn << 12), &pa, &type) == 0 ? pa.v : 0;
}

static int fresh(void **state)
{
	(void)state;
	one->arch.tables_left = 50;
	three->arch.tables_left = 50;
	assert_int_equal(current(one, XENMEM_current_reservation), TOTAL);
	assert_int_equal(current(three, XENMEM_current_reservation), TOTAL);
	return 0;
}

static void a_page_goes_and_comes_back(void **state)
{
	uint64_t was = behind(one, A);

	(void)state;
	assert_int_equal(decrease(one, A), 1);
	assert_int_equal(behind(one, A), 0);
	assert_int_equal(current(one, XENMEM_current_reservation), TOTAL - 1);
	assert_int_equal(current(one, XENMEM_maximum_reservation), TOTAL);
	assert_int_equal(decrease(one, A), 0); /* it is gone */
	assert_int_equal(populate(one, A), 1);
	assert_int_equal(behind(one, A), was);
	assert_int_equal(populate(one, A), 0); /* it is there */
	assert_int_equal(current(one, XENMEM_current_reservation), TOTAL);
}

/* It is the old page where that is out, else any: never one that is seen already. */
static void places_are_free_to_choose(void **state)
{
	uint64_t first = behind(one, A), second = behind(one, A + 9);

	(void)state;
	assert_int_equal(populate(one, HOLE), 0); /* nothing was given up */
	assert_int_equal(decrease(one, A), 1);
	assert_int_equal(decrease(one, A + 9), 1);
	assert_int_equal(populate(one, HOLE), 1);
	assert_int_equal(behind(one, HOLE), first);
	assert_int_equal(populate(one, A), 1);
	assert_int_equal(behind(one, A), second);
	assert_int_equal(populate(one, A + 9), 0);
	assert_int_equal(decrease(one, HOLE), 1);
	assert_int_equal(populate(one, A + 9), 1);
	assert_int_equal(decrease(one, A), 1);
	assert_int_equal(decrease(one, A + 9), 1);
	assert_int_equal(populate(one, A + 9), 1);
	assert_int_equal(populate(one, A), 1);
	assert_int_equal(behind(one, A), first);
	assert_int_equal(behind(one, A + 9), second);
}

static void many_pages_in_one_call(void **state)
{
	uint64_t gfns[300];

	(void)state;
	for (uint64_t i = 0; i < ARRAY_SIZE(gfns); i++) {
		gfns[i] = A + 256 + i;
	}
	assert_int_equal(change(one, XENMEM_decrease_reservation, gfns, 300, 0), 300);
	assert_int_equal(current(one, XENMEM_current_reservation), TOTAL - 300);
	assert_int_equal(change(one, XENMEM_populate_physmap, gfns, 300, 0), 300);
	/* the first that cannot be ends it */
	gfns[100] = HOLE;
	assert_int_equal(change(one, XENMEM_decrease_reservation, gfns, 300, 0), 100);
	assert_int_equal(change(one, XENMEM_populate_physmap, gfns, 100, 0), 100);
	/* larger extents go, and come back page by page */
	gfns[0] = A + 256;
	assert_int_equal(change(one, XENMEM_decrease_reservation, gfns, 1, 4), 1);
	assert_int_equal(current(one, XENMEM_current_reservation), TOTAL - 16);
	assert_int_equal(change(one, XENMEM_populate_physmap, gfns, 1, 4), 0);
	assert_int_equal(change(one, XENMEM_decrease_reservation, gfns, 1, 5), 0);
	assert_int_equal(change(one, XENMEM_decrease_reservation, gfns, 1, UINT32_MAX), 0);
	for (uint64_t i = 0; i < 16; i++) {
		assert_int_equal(populate(one, A + 256 + i), 1);
	}
}

static void what_is_not_a_guests_memory_stays(void **state)
{
	struct xen_memory_reservation m = { .nr_extents = 1, .domid = 2 };
	uint64_t gfn = A;

	(void)state;
	assert_int_equal(world_call(one->vcpus[0], __HYPERVISOR_memory_op,
				    XENMEM_decrease_reservation, &m, sizeof(m)),
			 -EPERM);
	assert_int_equal(decrease(one, UINT64_MAX), -EPERM);
	assert_int_equal(decrease(one, GUEST_PL011_BASE >> 12), 0);
	assert_int_equal(populate(one, GUEST_PL011_BASE >> 12), 0);
	assert_int_equal(populate(one, BIT(40) - 1), 0);
	assert_int_equal(change(one, XENMEM_decrease_reservation, &gfn, 0, 0), 0);
	assert_int_equal(change(one, XENMEM_increase_reservation, &gfn, 1, 0), 0);
	assert_int_equal(change(one, XENMEM_decrease_reservation | 5UL << 6, &gfn, 1, 0), 1);
	assert_int_equal(change(one, XENMEM_current_reservation | 5UL << 6, &gfn, 1, 0), -ENOSYS);
	assert_int_equal(current(one, XENMEM_current_reservation), TOTAL);
	/* no balloon in its plan */
	assert_int_equal(decrease(two, A), -EPERM);
	assert_int_equal(populate(two, HOLE), -EPERM);
	assert_int_equal(current(two, XENMEM_current_reservation), TOTAL);
}

/* With the machine's addresses a page has one place. */
static void direct_mapped_pages_have_one_place(void **state)
{
	uint64_t gfn = (three->ram[0].gpa >> 12) + 100;

	(void)state;
	assert_int_equal(behind(three, gfn), gfn << 12);
	assert_int_equal(decrease(three, gfn), 1);
	assert_int_equal(populate(three, 0x10000000UL >> 12), 0);
	assert_int_equal(populate(three, gfn), 1);
	assert_int_equal(behind(three, gfn), gfn << 12);
}

static int64_t add(uint64_t gfn)
{
	struct xen_add_to_physmap x = { .domid = DOMID_SELF,
					.space = XENMAPSPACE_shared_info,
					.gpfn = gfn };

	return world_call(one->vcpus[0], __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x,
			  sizeof(x));
}

/* What the shared info page took the place of comes back when that has moved on. */
static void shared_info_moves(void **state)
{
	uint64_t si = arch_virt_to_phys(one->shared_info).v, was = behind(one, A);
	struct xen_remove_from_physmap x = { .domid = DOMID_SELF, .gpfn = A + 3 };

	(void)state;
	assert_int_equal(add(A), 0);
	assert_int_equal(behind(one, A), si);
	assert_int_equal(current(one, XENMEM_current_reservation), TOTAL - 1);
	assert_int_equal(add(A), 0);
	assert_int_equal(behind(one, A), si);
	assert_int_equal(decrease(one, A), 0); /* ours */
	assert_int_equal(add(HOLE), 0);
	assert_int_equal(behind(one, HOLE), si);
	assert_int_equal(behind(one, A), 0);
	assert_int_equal(populate(one, A), 1);
	assert_int_equal(behind(one, A), was);
	/* gone from its place by another way: nothing else is taken away there when it moves */
	x.gpfn = HOLE;
	assert_int_equal(world_call(one->vcpus[0], __HYPERVISOR_memory_op,
				    XENMEM_remove_from_physmap, &x, sizeof(x)),
			 0);
	assert_int_equal(decrease(one, A), 1);
	assert_int_equal(populate(one, HOLE), 1);
	assert_int_equal(add(A + 5), 0);
	assert_int_not_equal(behind(one, HOLE), 0);
	assert_int_equal(decrease(one, HOLE), 1);
	x.gpfn = A + 5;
	assert_int_equal(world_call(one->vcpus[0], __HYPERVISOR_memory_op,
				    XENMEM_remove_from_physmap, &x, sizeof(x)),
			 0);
	assert_int_equal(populate(one, A), 1);
	assert_int_equal(populate(one, A + 5), 1);
	assert_int_equal(current(one, XENMEM_current_reservation), TOTAL);
}

/* No table is left: nothing changes. */
static void without_a_table_nothing_changes(void **state)
{
	uint64_t was = behind(one, A);

	(void)state;
	one->arch.tables_left = 0;
	assert_int_equal(decrease(one, (GUEST_RAM0_BASE + 3 * MIB) >> 12), 0);
	assert_int_equal(current(one, XENMEM_current_reservation), TOTAL);
	one->arch.tables_left = 1;
	assert_int_equal(decrease(one, A), 1);
	one->arch.tables_left = 0;
	assert_int_equal(populate(one, (GUEST_GNTTAB_BASE + 8 * MIB) >> 12), 0);
	assert_int_equal(current(one, XENMEM_current_reservation), TOTAL - 1);
	assert_int_equal(populate(one, A), 1);
	assert_int_equal(behind(one, A), was);
}

static void the_map_of_memory(void **state)
{
	struct {
		uint64_t base, size;
		uint32_t type;
	} __attribute__((packed)) entry;
	struct xen_memory_map m = { .nr_entries = 1 };

	(void)state;
	m.buffer.q = WORLD_SCRATCH + 256;
	assert_int_equal(world_call(two->vcpus[0], __HYPERVISOR_memory_op, XENMEM_memory_map, &m,
				    sizeof(m)),
			 0);
	memcpy(&entry, world_ram(two, WORLD_SCRATCH + 256), sizeof(entry));
	assert_int_equal(m.nr_entries, 1); /* two pieces of the machine, one for the guest */
	assert_int_equal(entry.base, GUEST_RAM0_BASE);
	assert_int_equal(entry.size, WORLD_DOMAIN_BYTES);
	assert_int_equal(entry.type, 1);
	m.nr_entries = 0;
	assert_int_equal(world_call(two->vcpus[0], __HYPERVISOR_memory_op, XENMEM_memory_map, &m,
				    sizeof(m)),
			 -EINVAL);
	m.nr_entries = 5;
	m.buffer.q = 0;
	assert_int_equal(world_call(two->vcpus[0], __HYPERVISOR_memory_op, XENMEM_memory_map, &m,
				    sizeof(m)),
			 -EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_page_goes_and_comes_back, fresh),
		cmocka_unit_test_setup(places_are_free_to_choose, fresh),
		cmocka_unit_test_setup(many_pages_in_one_call, fresh),
		cmocka_unit_test_setup(what_is_not_a_guests_memory_stays, fresh),
		cmocka_unit_test_setup(direct_mapped_pages_have_one_place, fresh),
		cmocka_unit_test_setup(shared_info_moves, fresh),
		cmocka_unit_test_setup(without_a_table_nothing_changes, fresh),
		cmocka_unit_test_setup(the_map_of_memory, fresh),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
