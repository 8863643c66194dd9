// SPDX-License-Identifier: Apache-2.0
/*
 * Hypercalls of 32-bit code: each structure that differs is written as 32-bit words, as a compiler for i386 lays it out, and does what
 * the same call of 64-bit code does. Long calls come again with registers that 32-bit code has.
 */
#include <compat_fake.h>
#include <unit.h>

#include <hyp/arch/p2m.h>
#include <hyp/console.h>
#include <hyp/errno.h>
#include <hyp/evtchn.h>
#include <hyp/gnttab.h>
#include <hyp/lifecycle.h>

#define SCRATCH	 ((uint32_t)WORLD_SCRATCH)
#define LIST	 (SCRATCH + 0x1000)
#define ERRORS	 (SCRATCH + 0x2000)
#define PAGES	 (SCRATCH + 0x10000) /* of data */
#define FREE_GFN ((uint32_t)(GUEST_GNTTAB_BASE >> 12))

static struct domain *d;
static struct vcpu *v;
static bool again;
static uint32_t regs[5];

static uint32_t *at(uint32_t address)
{
	return world_ram(d, address);
}

static void put(uint32_t address, const uint32_t *words, size_t n)
{
	memcpy(at(address), words, n * sizeof(words[0]));
}

static int64_t call(uint32_t nr, uint32_t a, uint32_t b, uint32_t c)
{
	const uint32_t args[5] = { a, b, c, 0, 0 };

	memcpy(regs, args, sizeof(regs));
	compat_fake_begin(v);
	return compat_hypercall(v, nr, regs, &again);
}

static int64_t call_to_the_end(uint32_t nr, uint32_t a, uint32_t b, uint32_t c, unsigned int times)
{
	int64_t rc = call(nr, a, b, c);

	for (; again && times > 1; times--) {
		rc = call(nr, regs[0], regs[1], regs[2]);
	}
	assert_int_equal(times, 1);
	assert_false(again);
	return rc;
}

static void *where(uint32_t gfn)
{
	enum p2m_type type;
	paddr_t pa;

	return arch_p2m_lookup(d, gpa((uint64_t)gfn << 12), &pa, &type) == 0 ? (void *)pa.v : NULL;
}

static int setup(void **state)
{
	(void)state;
	world_describe(2);
	world_plan.domains[0].balloon = true;
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	domains_start();
	d = domain_get(1);
	v = d->vcpus[0];
	return 0;
}

static void a_page_is_added(void **state)
{
	const uint32_t add[4] = { DOMID_SELF, XENMAPSPACE_shared_info, 0, FREE_GFN };
	const uint32_t remove[2] = { DOMID_SELF, FREE_GFN };

	(void)state;
	put(SCRATCH, add, 4);
	assert_int_equal(call(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, SCRATCH, 0), 0);
	assert_ptr_equal(where(FREE_GFN), d->shared_info);
	put(SCRATCH, remove, 2);
	assert_int_equal(call(__HYPERVISOR_memory_op, XENMEM_remove_from_physmap, SCRATCH, 0), 0);
	assert_null(where(FREE_GFN));
	assert_int_equal(call(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, 0xfffffff8, 0),
			 -EFAULT);
}

/* More than are done at once; one of them cannot be. */
static void pages_are_added(void **state)
{
	const uint32_t batch[5] = { DOMID_SELF | XENMAPSPACE_grant_table << 16, 20, LIST,
				    LIST + 0x100, ERRORS };

	(void)state;
	put(SCRATCH, batch, 5);
	for (uint32_t i = 0; i < 20; i++) {
		at(LIST)[i] = i == 17 ? 4000 : i % 2;
		at(LIST + 0x100)[i] = FREE_GFN + 8 + i;
	}
	memset(at(ERRORS), 0xff, 21 * 4);
	assert_int_equal(call_to_the_end(__HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch,
					 SCRATCH, 0, 2),
			 0);
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal((int32_t)at(ERRORS)[i], i == 17 ? -EINVAL : 0);
	}
	assert_int_equal(at(ERRORS)[20], UINT32_MAX);
	assert_ptr_equal(where(FREE_GFN + 8 + 19), gnttab_frame(d, 1));
	assert_ptr_equal(where(FREE_GFN + 8 + 18), gnttab_frame(d, 0));
}

static void memory_is_given_up_and_taken_back(void **state)
{
	const uint32_t gfn = PAGES >> 12;
	const uint32_t reservation[5] = { LIST, 40, 0, 0, DOMID_SELF };

	(void)state;
	put(SCRATCH, reservation, 5);
	for (uint32_t i = 0; i < 40; i++) {
		at(LIST)[i] = gfn + i;
	}
	assert_int_equal(call_to_the_end(__HYPERVISOR_memory_op, XENMEM_decrease_reservation,
					 SCRATCH, 0, 3),
			 40);
	assert_null(where(gfn));
	assert_null(where(gfn + 39));
	assert_non_null(where(gfn + 40));
	assert_int_equal(call_to_the_end(__HYPERVISOR_memory_op, XENMEM_populate_physmap, SCRATCH,
					 0, 3),
			 40);
	assert_non_null(where(gfn + 39));
	at(SCRATCH)[1] = UINT32_MAX; /* more than a register can count on with */
	assert_int_equal(call(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, SCRATCH, 0), 0);
	assert_non_null(where(gfn));
}

static void the_memory_map(void **state)
{
	const uint32_t map[2] = { 8, LIST };

	(void)state;
	put(SCRATCH, map, 2);
	assert_int_equal(call(__HYPERVISOR_memory_op, XENMEM_memory_map, SCRATCH, 0), 0);
	assert_int_equal(at(SCRATCH)[0], 1);
	assert_int_equal(at(SCRATCH)[1], LIST);
	assert_int_equal(at(LIST)[0], d->ram[0].gpa);
	assert_int_equal(at(LIST)[2], d->ram[0].size);
	assert_int_equal(at(LIST)[4], 1);
}

static void the_grant_table_is_set_up(void **state)
{
	const uint32_t add[4] = { DOMID_SELF, XENMAPSPACE_grant_table, 1, FREE_GFN + 5 };
	const uint32_t table[4] = { DOMID_SELF, 2, 0xffff, LIST };

	(void)state;
	put(SCRATCH, add, 4);
	assert_int_equal(call(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, SCRATCH, 0), 0);
	put(SCRATCH, table, 4);
	at(LIST)[2] = 0x12345678;
	assert_int_equal(call(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table, SCRATCH, 1), 0);
	assert_int_equal((int16_t)at(SCRATCH)[2], GNTST_okay);
	assert_int_equal(at(LIST)[1], FREE_GFN + 5);
	assert_int_equal(at(LIST)[2], 0x12345678);
	at(SCRATCH)[1] = 4000;
	assert_int_equal(call(__HYPERVISOR_grant_table_op, GNTTABOP_setup_table, SCRATCH, 1), 0);
	assert_int_equal((int16_t)at(SCRATCH)[2], GNTST_general_error);
}

/* From one page of its own to another, a word at a time, more than are done at once; one reaches beyond its page. */
static void copies(void **state)
{
	const uint32_t nr = 20, bad = 18;

	(void)state;
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t op[6] = { PAGES >> 12,
				   DOMID_SELF | (4 * i) << 16,
				   (PAGES >> 12) + 1,
				   DOMID_SELF | (8 * i) << 16,
				   4,
				   0x7777 };

		at(PAGES)[i] = 0xc0de0000 + i;
		op[3] = i == bad ? DOMID_SELF | 4094U << 16 : op[3];
		put(LIST + 24 * i, op, 6);
	}
	assert_int_equal(call_to_the_end(__HYPERVISOR_grant_table_op, GNTTABOP_copy, LIST, nr, 2),
			 0);
	for (uint32_t i = 0; i < nr; i++) {
		int16_t status = (int16_t)at(LIST + 24 * i)[5];

		if (i == bad) {
			assert_true(status < 0);
		} else {
			assert_int_equal(status, GNTST_okay);
			assert_int_equal(at(PAGES + 0x1000)[2 * i], 0xc0de0000 + i);
		}
	}
	assert_int_equal(call(__HYPERVISOR_grant_table_op, GNTTABOP_copy, LIST, UINT32_MAX),
			 -EINVAL);
	assert_int_equal(call(__HYPERVISOR_grant_table_op, GNTTABOP_copy, 0x100, 1), -EFAULT);
}

static void waits_for_a_port(void **state)
{
	const uint32_t poll[4] = { LIST, 1, 5, 0 };
	evtchn_port_t port;

	(void)state;
	assert_int_equal(evtchn_bind_ipi(d, 0, &port), 0);
	assert_int_equal(evtchn_send(d, port), 0);
	at(LIST)[0] = port;
	put(SCRATCH, poll, 4);
	assert_int_equal(call(__HYPERVISOR_sched_op, SCHEDOP_poll, SCRATCH, 0), 0);
	at(LIST)[0] = 0;
	assert_int_equal(call(__HYPERVISOR_sched_op, SCHEDOP_poll, SCRATCH, 0), -EINVAL);
	assert_int_equal(evtchn_close(d, port), 0);
}

static void timers_and_runstate(void **state)
{
	const uint32_t once[3] = { 1, 0, VCPU_SSHOTTMR_future };
	const uint32_t late[3] = { 1, 1, VCPU_SSHOTTMR_future };

	(void)state;
	host.now_ns = 1000;
	put(SCRATCH, once, 3);
	assert_int_equal(call(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, SCRATCH),
			 -ETIME);
	put(SCRATCH, late, 3);
	assert_int_equal(call(__HYPERVISOR_vcpu_op, VCPUOP_set_singleshot_timer, 0, SCRATCH), 0);
	assert_int_equal(v->once.soft.deadline_ns, 0x100000001UL);
	at(SCRATCH)[11] = 0x12345678;
	host.now_ns = 0x500000002UL;
	v->runstate.since_ns = host.now_ns;
	v->runstate.time_ns[1] = 0x600000003UL;
	assert_int_equal(call(__HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, 0, SCRATCH), 0);
	assert_int_equal(at(SCRATCH)[0], v->runstate.state);
	assert_int_equal(at(SCRATCH)[1], 2);
	assert_int_equal(at(SCRATCH)[2], 5);
	assert_int_equal(at(SCRATCH)[5], 3);
	assert_int_equal(at(SCRATCH)[6], 6);
	assert_int_equal(at(SCRATCH)[11], 0x12345678);
}

/* Eleven words: the state, when it was entered, and the times. */
static void is_kept_at(uint32_t area)
{
	memset(at(area) - 1, 0xa5, 13 * 4);
	v->runstate.time_ns[3] = 0x900000008UL;
	host.now_ns = 0x700000006UL;
	vcpu_runstate_enter(v, RUNSTATE_running, host.now_ns);
	assert_int_equal(at(area)[-1], 0xa5a5a5a5);
	assert_int_equal(at(area)[0], RUNSTATE_running);
	assert_int_equal(at(area)[1], 6);
	assert_int_equal(at(area)[2], 7);
	assert_int_equal(at(area)[9], 8);
	assert_int_equal(at(area)[10], 9);
	assert_int_equal(at(area)[11], 0xa5a5a5a5);
}

static int64_t put_runstate_at(uint32_t op, uint32_t vcpu, uint32_t area, uint32_t high)
{
	const uint32_t arg[2] = { area, high };

	put(SCRATCH, arg, 2);
	return call(__HYPERVISOR_vcpu_op, op, vcpu, SCRATCH);
}

static void runstate_areas(void **state)
{
	const uint32_t virt = VCPUOP_register_runstate_memory_area;
	const uint32_t phys = VCPUOP_register_runstate_phys_area;

	(void)state;
	/* a pointer is one word: what lies behind it is not looked at; across a page at each word of it */
	for (uint32_t words = 0; words <= 11; words++) {
		assert_int_equal(put_runstate_at(virt, 0, LIST + 0x1000 - 4 * words, 0xffff), 0);
		is_kept_at(LIST + 0x1000 - 4 * words);
	}
	assert_int_equal(put_runstate_at(phys, 0, LIST + 0x100, 0), 0);
	is_kept_at(LIST + 0x100);
	/* where it is not */
	assert_int_equal(put_runstate_at(virt, 0, LIST + 2, 0), -EINVAL);
	assert_int_equal(put_runstate_at(virt, 2, LIST, 0), -ENOENT);
	assert_int_equal(put_runstate_at(virt, 0, 0xfffffff8, 0), -EFAULT);
	assert_int_equal(put_runstate_at(phys, 0, LIST, 1), -EFAULT);
	assert_int_equal(put_runstate_at(phys, 0, 0xfffffffc, 0xffffffff), -EFAULT);
	assert_int_equal(call(__HYPERVISOR_vcpu_op, virt, 0, 0xfffffffc), -EFAULT);
	is_kept_at(LIST + 0x100);
}

static void a_word_of_the_version(void **state)
{
	(void)state;
	at(SCRATCH)[0] = at(SCRATCH)[1] = 0x12345678;
	assert_int_equal(call(__HYPERVISOR_xen_version, XENVER_platform_parameters, SCRATCH, 0), 0);
	assert_int_equal(at(SCRATCH)[0], 0);
	assert_int_equal(at(SCRATCH)[1], 0x12345678);
	assert_int_equal(call(99, 0, 0, 0), -ENOSYS);
}

/* A text goes on where it is, without a structure. */
static void a_long_text(void **state)
{
	(void)state;
	memset(at(LIST), 'x', 300);
	assert_int_equal(call(__HYPERVISOR_console_io, CONSOLEIO_write, 300, LIST), 0);
	assert_true(again);
	assert_int_equal(regs[0], CONSOLEIO_write);
	assert_int_equal(regs[1], 300 - 128);
	assert_int_equal(regs[2], LIST + 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_added),
		cmocka_unit_test(pages_are_added),
		cmocka_unit_test(memory_is_given_up_and_taken_back),
		cmocka_unit_test(the_memory_map),
		cmocka_unit_test(the_grant_table_is_set_up),
		cmocka_unit_test(copies),
		cmocka_unit_test(waits_for_a_port),
		cmocka_unit_test(timers_and_runstate),
		cmocka_unit_test(runstate_areas),
		cmocka_unit_test(a_word_of_the_version),
		cmocka_unit_test(a_long_text),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
