// SPDX-License-Identifier: Apache-2.0
/*
 * What a guest asks for while there is nothing left: each table page, each mapping and each page of the pool fails once,
 * the first, then the second, ..., until the call succeeds. Whenever it does not, nothing has changed and nothing is
 * lost: not in its domain, not in what it sees, not in what the machine counts.
 */
#include <unit.h>
#include <world.h>

#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/arch/trap.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/gnttab.h>
#include <hyp/reservation.h>
#include <stdlib.h>

#include "../../hypervisor/evtchn/internal.h"
#include "../../hypervisor/gnttab/internal.h"

#define GRANTED	   ((WORLD_SCRATCH >> 12) + 40)
#define REF	   9U
#define MANY	   20L
#define EVTCHNS	   (sizeof(struct evtchn_port) * CONFIG_EVTCHN_PORTS)
#define FIFO_BYTES (sizeof(struct evtchn_fifo) + 2 * sizeof(struct fifo_vcpu))
#define HOLE_GFN   (GUEST_GNTTAB_BASE >> 12)
#define RAM_GFN	   ((GUEST_RAM0_BASE + 8 * MIB) >> 12)
#define OTHER_RAM  ((GUEST_RAM0_BASE + 10 * MIB) >> 12)

static struct domain *one, *two;

/* All of a domain that is its own. */
struct image {
	struct domain domain;
	struct vcpu vcpus[2];
	struct gnttab gnttab;
	uint8_t shared[PAGE_SIZE];
	uint8_t evtchn[EVTCHNS];
	uint8_t fifo[FIFO_BYTES];
	uint8_t frames[4][PAGE_SIZE];
	uint8_t tracks[PAGE_SIZE];
	uint8_t pins[sizeof(struct pins) * GRANTS_PER_FRAME];
	unsigned int mapped;
	unsigned int allocated;
};

static struct image before[2], after[2];

static int setup(void **state)
{
	(void)state;
	world_describe(3);
	world_plan.domains[0].pv.backends = PLAN_DOMAIN_BIT(2);
	world_plan.domains[0].balloon = true;
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	domains_start();
	one = domain_get(1);
	two = domain_get(2);
	((struct grant_entry_v1 *)gnttab_frame(one, 0))[REF] =
		(struct grant_entry_v1){ GTF_permit_access, 2, (uint32_t)GRANTED };
	return 0;
}

static void take_image(struct domain *d, struct image *at)
{
	memset(at, 0, sizeof(*at));
	at->domain = *d;
	/* set by the test */
	at->domain.arch.tables_left = 0;
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		at->vcpus[i] = *d->vcpus[i];
	}
	at->gnttab = *d->gnttab;
	memcpy(at->shared, d->shared_info, PAGE_SIZE);
	memcpy(at->evtchn, d->evtchn, EVTCHNS);
	memcpy(at->fifo, d->fifo, sizeof(*d->fifo) + d->nr_vcpus * sizeof(struct fifo_vcpu));
	for (uint32_t i = 0; i < d->gnttab->nr_frames && i < 4; i++) {
		memcpy(at->frames[i], d->gnttab->frame[i].page, PAGE_SIZE);
	}
	memcpy(at->tracks, d->gnttab->track[0], PAGE_SIZE);
	memcpy(at->pins, d->gnttab->pins[0], sizeof(at->pins));
	at->mapped = host.mapped;
	at->allocated = host.allocated;
}

/* Locks were taken and given back: their tickets have moved on. */
static void forget_locks(struct image *at)
{
	assert_int_equal(at->domain.lock.next, at->domain.lock.owner);
	assert_int_equal(at->gnttab.lock.next, at->gnttab.lock.owner);
	assert_int_equal(at->gnttab.track_lock.next, at->gnttab.track_lock.owner);
	memset(&at->domain.lock, 0, sizeof(at->domain.lock));
	memset(&at->gnttab.lock, 0, sizeof(at->gnttab.lock));
	memset(&at->gnttab.track_lock, 0, sizeof(at->gnttab.track_lock));
}

static void take_both(struct image at[2])
{
	take_image(one, &at[0]);
	take_image(two, &at[1]);
	forget_locks(&at[0]);
	forget_locks(&at[1]);
}

/* Make @call with @n of everything left. Return: its result. */
static int64_t with_left(int64_t (*call)(void), long n)
{
	int64_t rc;

	one->arch.tables_left = (unsigned int)n;
	two->arch.tables_left = (unsigned int)n;
	host.maps_left = n;
	host.allocs_left = n;
	rc = call();
	host.maps_left = -1;
	host.allocs_left = -1;
	return rc;
}

/* Return: how often it failed first. */
static long until_it_succeeds(int64_t (*call)(void), int64_t error)
{
	long n;

	for (n = 0; n < MANY; n++) {
		int64_t rc;

		take_both(before);
		rc = with_left(call, n);
		if (rc == 0) {
			break;
		}
		assert_int_equal(rc, error);
		take_both(after);
		assert_memory_equal(&before[0], &after[0], sizeof(before[0]));
		assert_memory_equal(&before[1], &after[1], sizeof(before[1]));
	}
	assert_true(n < MANY);
	return n;
}

static int64_t add_page(uint32_t space, uint64_t idx, uint64_t gfn)
{
	struct xen_add_to_physmap x = {
		.domid = DOMID_SELF, .space = (uint16_t)space, .idx = idx, .gpfn = gfn
	};

	return world_call(one->vcpus[0], __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x,
			  sizeof(x));
}

static int64_t grant_frame_into_a_hole(void)
{
	return add_page(XENMAPSPACE_grant_table, 1, HOLE_GFN);
}

static int64_t shared_info_over_memory(void)
{
	return add_page(XENMAPSPACE_shared_info, 0, RAM_GFN);
}

static int64_t shared_info_beside_it(void)
{
	return add_page(XENMAPSPACE_shared_info, 0, RAM_GFN + 1);
}

static void pages_need_a_table_each(void **state)
{
	uint8_t *seen;

	(void)state;
	assert_int_equal(until_it_succeeds(grant_frame_into_a_hole, -ENOMEM), 1);
	memset(world_ram(one, RAM_GFN << 12), 0x77, 8);
	assert_int_equal(until_it_succeeds(shared_info_over_memory, -ENOMEM), 1);
	seen = world_ram(one, RAM_GFN << 12);
	assert_ptr_equal(seen, one->shared_info);
	assert_int_equal(until_it_succeeds(shared_info_beside_it, -ENOMEM),
			 0); /* the table is there */
}

static int64_t give_up_page(void)
{
	struct xen_memory_reservation m = { .nr_extents = 1, .domid = DOMID_SELF };
	const uint64_t gfn = OTHER_RAM + 9;
	const uint64_t args[5] = { XENMEM_decrease_reservation, WORLD_SCRATCH };

	m.extent_start.q = WORLD_SCRATCH + 512;
	memcpy(world_ram(one, WORLD_SCRATCH), &m, sizeof(m));
	memcpy(world_ram(one, WORLD_SCRATCH + 512), &gfn, sizeof(gfn));
	return trap_hypercall(one->vcpus[0], __HYPERVISOR_memory_op, args) == 1 ? 0 : -ENOMEM;
}

/* It says that nothing was done, and nothing was. */
static void a_page_given_up_needs_a_table(void **state)
{
	(void)state;
	assert_int_equal(until_it_succeeds(give_up_page, -ENOMEM), 1);
	assert_int_equal(reservation_pages(one), (WORLD_DOMAIN_BYTES >> 12) - 3);
}

static int64_t register_info(void)
{
	struct vcpu_register_vcpu_info info = { .mfn = OTHER_RAM };
	const uint64_t args[5] = { VCPUOP_register_vcpu_info, 0, WORLD_SCRATCH };

	memcpy(world_ram(one, WORLD_SCRATCH), &info, sizeof(info));
	return trap_hypercall(one->vcpus[0], __HYPERVISOR_vcpu_op, args);
}

static void a_vcpu_info_needs_a_mapping(void **state)
{
	(void)state;
	assert_int_equal(until_it_succeeds(register_info, -ENOMEM), 1);
	assert_true(one->vcpus[0]->has_own_info);
}

static int64_t init_control(void)
{
	struct evtchn_init_control c = { .control_gfn = OTHER_RAM + 1, .vcpu = 1 };

	return world_call(one->vcpus[0], __HYPERVISOR_event_channel_op, EVTCHNOP_init_control, &c,
			  sizeof(c));
}

static int64_t expand_array(void)
{
	struct evtchn_expand_array e = { .array_gfn = OTHER_RAM + 2 };

	return world_call(one->vcpus[0], __HYPERVISOR_event_channel_op, EVTCHNOP_expand_array, &e,
			  sizeof(e));
}

/* It is the 2-level ABI until there is a place for a control block. */
static void queues_need_a_mapping_each(void **state)
{
	(void)state;
	assert_int_equal(until_it_succeeds(init_control, -ENOMEM), 1);
	assert_true(one->fifo->is_on);
	assert_int_equal(until_it_succeeds(expand_array, -ENOMEM), 1);
	evtchn_reset(one);
}

static int64_t map_grant(void)
{
	struct gnttab_map_grant_ref m = {
		.host_addr = HOLE_GFN << 12, .flags = GNTMAP_host_map, .ref = REF, .dom = 1
	};

	assert_int_equal(world_call(two->vcpus[0], __HYPERVISOR_grant_table_op,
				    GNTTABOP_map_grant_ref, &m, sizeof(m)),
			 0);
	return m.status;
}

/* The grant is not pinned by a mapping that did not come about: it can be mapped, once, afterwards. */
static void a_mapped_grant_needs_a_table(void **state)
{
	(void)state;
	assert_int_equal(until_it_succeeds(map_grant, GNTST_no_space), 1);
	assert_ptr_equal(world_ram(two, HOLE_GFN << 12), world_ram(one, GRANTED << 12));
}

static int64_t bind_many(void)
{
	struct evtchn_bind_ipi ipi = { .vcpu = 0 };
	struct evtchn_send send;
	int64_t rc = world_call(one->vcpus[0], __HYPERVISOR_event_channel_op, EVTCHNOP_bind_ipi,
				&ipi, sizeof(ipi));

	send.port = ipi.port;
	return rc != 0 ? rc
		       : world_call(one->vcpus[0], __HYPERVISOR_event_channel_op, EVTCHNOP_send,
				    &send, sizeof(send));
}

/* Ports were all made when the domain was: they need nothing, and end with an error that changes nothing. */
static void ports_need_nothing_until_there_are_none(void **state)
{
	unsigned int nr = 0;
	int64_t rc;

	(void)state;
	while ((rc = with_left(bind_many, 0)) == 0) {
		nr++;
	}
	assert_int_equal(rc, -ENOSPC);
	assert_in_range(nr, CONFIG_EVTCHN_PORTS - 8, CONFIG_EVTCHN_PORTS);
	take_both(before);
	assert_int_equal(with_left(bind_many, 0), -ENOSPC);
	take_both(after);
	assert_memory_equal(before, after, sizeof(before));
	evtchn_reset(one);
	assert_int_equal(with_left(bind_many, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_need_a_table_each),
		cmocka_unit_test(a_page_given_up_needs_a_table),
		cmocka_unit_test(a_vcpu_info_needs_a_mapping),
		cmocka_unit_test(queues_need_a_mapping_each),
		cmocka_unit_test(a_mapped_grant_needs_a_table),
		cmocka_unit_test(ports_need_nothing_until_there_are_none),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
