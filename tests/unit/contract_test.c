// SPDX-License-Identifier: Apache-2.0
/* The arch contract held against the fake machine; and against one that breaks it, which is found. */
#include <unit.h>
#include <world.h>

#include <hyp/arch/cpu.h>
#include <hyp/arch/time.h>
#include <hyp/contract.h>
#include <hyp/log.h>
#include <hyp/pool.h>

#include <stdio.h>

#define READING_NS 1000U

static uint64_t random_word;

/* What the fake machine leaves to a test. */

size_t pool_free_pages(void)
{
	return 100000 - host.allocated;
}

bool arch_random(uint64_t *value)
{
	*value = random_word++;
	return true;
}

bool arch_cpu_has_sha256(void)
{
	return false;
}

static unsigned int broken(void)
{
	unsigned int tried = 0, wrong = 0;
	const char *last;

	contract_try();
	last = strstr(host.log, " assertions, ");
	assert_non_null(last);
	while (last > host.log && last[-1] != '\n') {
		last--;
	}
	assert_int_equal(sscanf(strstr(last, "contract: "), "contract: %u assertions, %u broken",
				&tried, &wrong),
			 2);
	assert_true(tried > 0);
	return wrong;
}

static int fresh(void **state)
{
	(void)state;
	world_describe(1);
	host.step_ns = READING_NS;
	return 0;
}

static void test_kept(void **state)
{
	(void)state;
	assert_int_equal(broken(), 0);
	assert_null(strstr(host.log, "contract: broken"));
	assert_int_equal(host.mapped, 0);
}

static void test_no_mappings(void **state)
{
	(void)state;
	host.maps_left = 0;
	assert_true(broken() >= 3);
	assert_non_null(strstr(host.log, "contract: broken at hypervisor/contract/memory.c:"));
}

static void test_no_pages(void **state)
{
	(void)state;
	host.allocs_left = 0;
	assert_true(broken() >= 2);
}

static void test_no_tables(void **state)
{
	(void)state;
	host.allocs_left = 1; /* the pages of its memory; none is left for the space's tables */
	assert_int_not_equal(broken(), 0);
	assert_non_null(strstr(host.log, "contract: broken at hypervisor/contract/space.c:"));
}

static void test_no_other_boot_cpu(void **state)
{
	(void)state;
	host.cpu = 1;
	assert_int_equal(broken(), 1);
	assert_non_null(strstr(host.log, "self->id == 0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_kept, fresh),
		cmocka_unit_test_setup(test_no_mappings, fresh),
		cmocka_unit_test_setup(test_no_pages, fresh),
		cmocka_unit_test_setup(test_no_tables, fresh),
		cmocka_unit_test_setup(test_no_other_boot_cpu, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
