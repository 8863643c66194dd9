// SPDX-License-Identifier: Apache-2.0
/* Without CONFIG_SCRUB_AT_BOOT: what was there is there at a cold boot, and gone at a restart. unit/build has the rest. */
#include <unit.h>
#include <world.h>

#include <hyp/verify.h>

#define LEFT_THERE 0xa5 /* world_describe() */

static struct domain *one;

static void seal(struct plan_image *image)
{
	digest_sha256(host_ram + (image->base - HOST_RAM_BASE), image->size, image->sha256);
}

static int setup(void **state)
{
	struct plan_domain *p = &world_plan.domains[0];

	(void)state;
	world_setup(1);
	one = domain_get(1);
	p->life.on[PLAN_ON_REBOOT] = PLAN_RESTART;
	p->life.restart_limit = 1;
	p->life.restart_window_s = 60;
	world_plan.self = (struct plan_image){ .name = "plan",
					       .base = WORLD_IMAGES + 2 * MIB,
					       .size = PAGE_SIZE };
	seal(&p->kernel);
	seal(&p->ramdisk);
	seal(&world_plan.self);
	return 0;
}

static void assert_all(uint8_t value)
{
	for (uint64_t at = 5 * MIB; at < 9 * MIB; at++) {
		assert_int_equal(*(uint8_t *)world_ram(one, GUEST_RAM0_BASE + at), value);
	}
}

static void a_cold_boot_leaves_what_is_there(void **state)
{
	(void)state;
	assert_all(LEFT_THERE);
	assert_true(host.cleaned >= WORLD_DOMAIN_BYTES); /* of caches all the same */
}

static void a_restart_clears_it(void **state)
{
	(void)state;
	domain_shutdown(one, SHUTDOWN_reboot);
	world_bury(one);
	while (one->state == DOMAIN_RESTARTING) {
		domain_work(one->vcpus[0]);
	}
	assert_int_equal(one->state, DOMAIN_RUNNING);
	assert_all(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cold_boot_leaves_what_is_there),
		cmocka_unit_test(a_restart_clears_it),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
