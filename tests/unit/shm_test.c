// SPDX-License-Identifier: Apache-2.0
/* Memory that two domains share: the same for both, there after a restart as long as somebody has it. */
#include <unit.h>
#include <world.h>

#include <hyp/console.h>
#include <hyp/sched.h>
#include <hyp/verify.h>
#include <libfdt.h>

#define SHARED	     (HOST_RAM_BASE + 40 * MIB)
#define SHARED_BYTES (3 * 64 * KIB + 4 * KIB)
#define AT_ONE	     0x30000000UL
#define AT_TWO	     0x31000000UL

static struct domain *one, *two;

static void seal(struct plan_image *image)
{
	if (image->name != NULL) {
		digest_sha256(host_ram + (image->base - HOST_RAM_BASE), image->size, image->sha256);
	}
}

static int setup(void **state)
{
	(void)state;
	world_describe(2);
	world_plan.shms[0] = (struct plan_shm){ .id = "ring",
						.domid = 1,
						.role = PLAN_ROLE_OWNER,
						.has_host = true,
						.host = SHARED,
						.at = AT_ONE,
						.size = SHARED_BYTES,
						.node = -1 };
	world_plan.shms[1] = world_plan.shms[0];
	world_plan.shms[1].domid = 2;
	world_plan.shms[1].role = PLAN_ROLE_BORROWER;
	world_plan.shms[1].at = AT_TWO;
	world_plan.nr_shms = 2;
	world_plan.domains[0].nr_shms = 1;
	world_plan.domains[1].first_shm = 1;
	world_plan.domains[1].nr_shms = 1;
	for (unsigned int i = 0; i < 2; i++) {
		struct plan_domain *p = &world_plan.domains[i];

		p->life.on[PLAN_ON_CRASH] = PLAN_RESTART;
		p->life.restart_limit = 50;
		p->life.restart_window_s = 60;
		seal(&p->kernel);
		seal(&p->ramdisk);
	}
	world_plan.self = (struct plan_image){ .name = "plan", .base = WORLD_IMAGES, .size = 4096 };
	seal(&world_plan.self);
	console_early_init();
	assert_int_equal(console_init(&world_plan), 0);
	assert_int_equal(domains_build(&world_plan), 0);
	domains_start();
	one = domain_get(1);
	two = domain_get(2);
	return 0;
}

static uint64_t *word(struct domain *d, uint64_t offset)
{
	return (uint64_t *)((uint8_t *)world_ram(d, d == one ? AT_ONE : AT_TWO) + offset);
}

static void end(struct domain *d, uint32_t reason)
{
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		d->vcpus[i]->is_on_cpu = true;
	}
	domain_shutdown(d, reason);
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		vcpu_left_cpu(d->vcpus[i]);
	}
	world_bury(d);
	while (sched_next(d->vcpus[0]->cpu) == d->vcpus[0] && vcpu_has_work(d->vcpus[0])) {
		domain_work(d->vcpus[0]);
	}
}

static void is_one_memory_and_begins_empty(void **state)
{
	(void)state;
	for (uint64_t at = 0; at < SHARED_BYTES; at += 8) {
		assert_int_equal(*word(one, at), 0);
	}
	*word(one, 0) = 1;
	*word(two, SHARED_BYTES - 8) = 2;
	assert_int_equal(*word(two, 0), 1);
	assert_int_equal(*word(one, SHARED_BYTES - 8), 2);
}

static void tree_names_it(void **state)
{
	const void *fdt = world_ram(two, two->vcpus[0]->arch.arg);
	int node = fdt_path_offset(fdt, "/reserved-memory/xen-shmem@31000000");
	const fdt64_t *reg = fdt_getprop(fdt, node, "reg", NULL);

	(void)state;
	assert_true(node > 0);
	assert_int_equal(fdt_node_check_compatible(fdt, node, "xen,shared-memory-v1"), 0);
	assert_string_equal(fdt_getprop(fdt, node, "xen,id", NULL), "ring");
	assert_int_equal(fdt64_ld(&reg[0]), AT_TWO);
	assert_int_equal(fdt64_ld(&reg[1]), SHARED_BYTES);
	assert_int_equal(fdt_num_mem_rsv(fdt), 0);
}

/* The owner's end is no different. */
static void outlives_a_restart_of_either(void **state)
{
	(void)state;
	*word(one, 4096) = 7;
	end(one, SHUTDOWN_crash);
	assert_int_equal(one->state, DOMAIN_RUNNING);
	assert_int_equal(*word(two, 4096), 7);
	end(two, SHUTDOWN_crash);
	assert_int_equal(two->state, DOMAIN_RUNNING);
	assert_int_equal(*word(one, 4096), 7);
	*word(two, 8192) = 8;
	assert_int_equal(*word(one, 8192), 8);
}

/* The other one is down for good: what the last one comes back to is clean, to the last byte. */
static void is_cleared_when_nobody_else_has_it(void **state)
{
	(void)state;
	end(two, SHUTDOWN_poweroff);
	assert_int_equal(two->state, DOMAIN_DEAD);
	assert_int_equal(*word(one, 4096), 7);
	*word(one, SHARED_BYTES - 8) = 9;
	host_ram[SHARED + SHARED_BYTES - HOST_RAM_BASE] =
		0x77; /* whose this is, it is not shared */
	end(one, SHUTDOWN_crash);
	assert_int_equal(one->state, DOMAIN_RUNNING);
	for (uint64_t at = 0; at < SHARED_BYTES; at += 8) {
		assert_int_equal(*word(one, at), 0);
	}
	assert_int_equal(host_ram[SHARED + SHARED_BYTES - HOST_RAM_BASE], 0x77);
}

/* The plan keeps it for the one that is left, which is told nothing else. */
static void is_kept_where_the_plan_says_so(void **state)
{
	(void)state;
	world_plan.shms[0].is_kept = true;
	assert_int_equal(two->state, DOMAIN_DEAD);
	*word(one, 4096) = 11;
	end(one, SHUTDOWN_crash);
	assert_int_equal(one->state, DOMAIN_RUNNING);
	assert_int_equal(*word(one, 4096), 11);
	assert_int_equal(*word(one, SHARED_BYTES - 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_one_memory_and_begins_empty),
		cmocka_unit_test(tree_names_it),
		cmocka_unit_test(outlives_a_restart_of_either),
		cmocka_unit_test(is_cleared_when_nobody_else_has_it),
		cmocka_unit_test(is_kept_where_the_plan_says_so),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
