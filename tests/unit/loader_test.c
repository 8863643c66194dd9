// SPDX-License-Identifier: Apache-2.0
/* What the loader's device tree is believed for: each number of it restricts, none can overflow or be skipped. */
#include <hyp/errno.h>
#include <hyp/loader.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>
#include <unit.h>

#define TREE_BYTES 8192
#define TREE_PA	   0x48000000UL

static uint64_t storage[TREE_BYTES / 8];
static void *const tree = storage;
static struct loader_facts facts;
static const char *why;

/* The tree under construction; what a test adds is added between begin() and finish(). */
static int new_node(int parent, const char *name)
{
	int node = fdt_add_subnode(tree, parent, name);

	assert_true(node > 0);
	return node;
}

static void add_reg(int node, uint64_t base, uint64_t size)
{
	assert_int_equal(fdt_appendprop_u64(tree, node, "reg", base), 0);
	assert_int_equal(fdt_appendprop_u64(tree, node, "reg", size), 0);
}

static void add_memory(const char *name, uint64_t base, uint64_t size)
{
	int node = new_node(0, name);

	assert_int_equal(fdt_setprop_string(tree, node, "device_type", "memory"), 0);
	add_reg(node, base, size);
}

static void add_reserved(const char *name, uint64_t base, uint64_t size)
{
	int parent = fdt_path_offset(tree, "/reserved-memory");

	if (parent < 0) {
		parent = new_node(0, "reserved-memory");
		assert_int_equal(fdt_setprop_u32(tree, parent, "#address-cells", 2), 0);
		assert_int_equal(fdt_setprop_u32(tree, parent, "#size-cells", 2), 0);
	}
	add_reg(new_node(parent, name), base, size);
}

static void set_initrd(uint64_t start, uint64_t end)
{
	int chosen = fdt_path_offset(tree, "/chosen");

	assert_int_equal(fdt_setprop_u64(tree, chosen, "linux,initrd-start", start), 0);
	assert_int_equal(fdt_setprop_u64(tree, chosen, "linux,initrd-end", end), 0);
}

static int begin(void **state)
{
	(void)state;
	assert_int_equal(fdt_create_empty_tree(tree, TREE_BYTES), 0);
	assert_int_equal(fdt_setprop_u32(tree, 0, "#address-cells", 2), 0);
	assert_int_equal(fdt_setprop_u32(tree, 0, "#size-cells", 2), 0);
	new_node(0, "chosen");
	set_initrd(0x50000000, 0x50345678);
	return 0;
}

static int read_tree(void)
{
	why = NULL;
	return loader_read(tree, TREE_BYTES, TREE_PA, &facts, &why);
}

static void is_refused(void)
{
	assert_int_equal(read_tree(), -EINVAL);
	assert_non_null(why);
}

static bool allows(uint64_t base, uint64_t size)
{
	struct plan_range clash;

	return loader_allows(&facts, base, size, &clash);
}

static void finds_memory_and_initrd(void **state)
{
	(void)state;
	add_memory("memory@40000000", 0x40000000, 0x40000000);
	assert_int_equal(read_tree(), 0);
	assert_int_equal(facts.nr_ram, 1);
	assert_int_equal(facts.initrd.base, 0x50000000);
	assert_int_equal(facts.initrd.size, 0x345678);
	assert_true(allows(0x40000000, 0x40000000));
	assert_false(allows(0x40000000, 0x40001000));
	assert_false(allows(0x3ffff000, 0x2000));
	assert_false(allows(0x80000000, 0x1000));
	assert_false(allows(0x40001000, UINT64_MAX));
	assert_false(allows(UINT64_MAX - 0xfff, 0x1000));
}

/* Two properties one after the other; what does not fit is left out. */
static void takes_the_firmwares_seed(void **state)
{
	uint8_t seed[LOADER_SEED_MAX];

	(void)state;
	memset(seed, 0x5a, sizeof(seed));
	add_memory("memory@40000000", 0x40000000, 0x40000000);
	assert_int_equal(read_tree(), 0);
	assert_int_equal(facts.seed_len, 0);
	fdt_setprop(tree, fdt_path_offset(tree, "/chosen"), "kaslr-seed", "12345678", 8);
	assert_int_equal(read_tree(), 0);
	assert_int_equal(facts.seed_len, 8);
	assert_memory_equal(facts.seed, "12345678", 8);
	fdt_setprop(tree, fdt_path_offset(tree, "/chosen"), "rng-seed", seed, sizeof(seed) - 4);
	assert_int_equal(read_tree(), 0);
	assert_int_equal(facts.seed_len, LOADER_SEED_MAX);
	assert_memory_equal(facts.seed, seed, sizeof(seed) - 4);
	assert_memory_equal(facts.seed + sizeof(seed) - 4, "1234", 4);
}

static void joins_adjacent_banks(void **state)
{
	(void)state;
	/* libfdt puts a new node before its siblings: the banks stand in falling order */
	add_memory("memory@40000000", 0x40000000, 0x10000000);
	add_memory("memory@50000000", 0x50000000, 0x10000000);
	add_memory("memory@70000000", 0x70000000, 0x10000000);
	assert_int_equal(read_tree(), 0);
	assert_true(allows(0x48000000, 0x18000000));
	assert_false(allows(0x48000000, 0x18001000));
	assert_false(allows(0x5ffff000, 0x10002000));
}

static void keeps_off_reserved_memory(void **state)
{
	struct plan_range clash;

	(void)state;
	add_memory("memory@40000000", 0x40000000, 0x40000000);
	add_reserved("a@60000800", 0x60000800, 0x10); /* part of a page takes the page */
	assert_int_equal(fdt_add_mem_rsv(tree, 0x61000000, 0x1001), 0);
	assert_int_equal(read_tree(), 0);
	assert_true(allows(0x5ffff000, 0x1000));
	assert_false(allows(0x60000000, 0x1000));
	assert_true(allows(0x60001000, 0x1000));
	assert_false(allows(0x61001000, 0x1000));
	assert_true(allows(0x61002000, 0x1000));
	assert_false(loader_allows(&facts, 0x40000000, 0x40000000, &clash));
	assert_true(clash.size > 0);
	assert_false(loader_allows(&facts, 0x90000000, 0x1000, &clash));
	assert_int_equal(clash.size, 0);
}

static void own_tree_and_initrd_are_free(void **state)
{
	(void)state;
	add_memory("memory@40000000", 0x40000000, 0x40000000);
	assert_int_equal(fdt_add_mem_rsv(tree, TREE_PA, TREE_BYTES), 0);
	assert_int_equal(fdt_add_mem_rsv(tree, 0x50000000, 0x345678), 0);
	assert_int_equal(read_tree(), 0);
	assert_true(allows(0x48000000, 0x10000));
	assert_true(allows(0x50000000, 0x400000));
}

static void more_than_the_initrd_stays_reserved(void **state)
{
	(void)state;
	add_memory("memory@40000000", 0x40000000, 0x40000000);
	assert_int_equal(fdt_add_mem_rsv(tree, 0x50000000, 0x400000), 0);
	assert_int_equal(read_tree(), 0);
	assert_false(allows(0x50000000, 0x1000));
	assert_false(allows(0x503ff000, 0x1000));
}

static void refuses_overflowing_ranges(void **state)
{
	(void)state;
	add_memory("memory@40000000", 0x40000000, 0x40000000);
	add_reserved("a@0", UINT64_MAX - 0xfff, 0x2000);
	is_refused();
	begin(NULL);
	add_memory("memory@40000000", 0x40000000, 0x40000000);
	add_reserved("a@0", UINT64_MAX - 0x1800, 0x1001); /* only its last page wraps */
	is_refused();
}

static void refuses_too_many_reservations(void **state)
{
	char name[16];

	(void)state;
	add_memory("memory@40000000", 0x40000000, 0x40000000);
	for (unsigned int i = 0; i <= LOADER_MAX_RANGES; i++) {
		uint64_t base = 0x70000000 + i * 0x10000UL;

		snprintf(name, sizeof(name), "r@%x", (unsigned int)base);
		add_reserved(name, base, 0x1000);
	}
	is_refused();
}

static void refuses_without_memory(void **state)
{
	(void)state;
	is_refused();
	add_memory("memory@40000800", 0x40000800, 0xfff); /* not one whole page */
	is_refused();
}

static void refuses_without_initrd(void **state)
{
	(void)state;
	add_memory("memory@40000000", 0x40000000, 0x40000000);
	set_initrd(0x50000000, 0x50000000);
	is_refused();
	set_initrd(0x50000000, 0x4fffffff);
	is_refused();
	assert_int_equal(fdt_delprop(tree, fdt_path_offset(tree, "/chosen"), "linux,initrd-end"),
			 0);
	is_refused();
}

static void refuses_a_broken_tree(void **state)
{
	(void)state;
	add_memory("memory@40000000", 0x40000000, 0x40000000);
	assert_int_equal(loader_read(tree, fdt_totalsize(tree) - 1, TREE_PA, &facts, &why),
			 -EINVAL);
	assert_int_equal(loader_read(tree, 3, TREE_PA, &facts, &why), -EINVAL);
	memset((char *)tree + fdt_off_dt_struct(tree), 0xff, 4);
	is_refused();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(finds_memory_and_initrd, begin),
		cmocka_unit_test_setup(takes_the_firmwares_seed, begin),
		cmocka_unit_test_setup(joins_adjacent_banks, begin),
		cmocka_unit_test_setup(keeps_off_reserved_memory, begin),
		cmocka_unit_test_setup(own_tree_and_initrd_are_free, begin),
		cmocka_unit_test_setup(more_than_the_initrd_stays_reserved, begin),
		cmocka_unit_test_setup(refuses_overflowing_ranges, begin),
		cmocka_unit_test_setup(refuses_too_many_reservations, begin),
		cmocka_unit_test_setup(refuses_without_memory, begin),
		cmocka_unit_test_setup(refuses_without_initrd, begin),
		cmocka_unit_test_setup(refuses_a_broken_tree, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
