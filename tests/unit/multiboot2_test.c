// SPDX-License-Identifier: Apache-2.0
/* What GRUB says, as it says it, then each way in which the list can be wrong. */
#include <unit.h>

#include <asm/multiboot2.h>
#include <hyp/errno.h>
#include <string.h>

#define AT 0x9000U

static uint8_t list[4096];
static uint32_t used;
static struct boot_info b;

static void put(uint32_t at, uint64_t value, size_t bytes)
{
	memcpy(list + at, &value, bytes);
}

static void begin(void)
{
	memset(list, 0, sizeof(list));
	memset(&b, 0, sizeof(b));
	used = 8;
}

static uint32_t tag(uint32_t type, uint32_t size)
{
	uint32_t at = used;

	put(at, type, 4);
	put(at + 4, size, 4);
	used += ALIGN_UP(size, 8U);
	return at;
}

static void add_memory(uint32_t at, unsigned int n, uint64_t base, uint64_t size, uint32_t type)
{
	put(at + 16 + n * 24, base, 8);
	put(at + 24 + n * 24, size, 8);
	put(at + 32 + n * 24, type, 4);
}

static uint32_t map_tag(unsigned int nr)
{
	uint32_t at = tag(6, 16 + nr * 24);

	put(at + 8, 24, 4);
	return at;
}

static uint32_t module(uint32_t start, uint32_t end)
{
	uint32_t at = tag(3, 24);

	put(at + 8, start, 4);
	put(at + 12, end, 4);
	memcpy(list + at + 16, "console", 8);
	return at;
}

static int finish(void)
{
	(void)tag(0, 8);
	put(0, used, 4);
	return multiboot2_read(list, used, AT, &b);
}

static void as_grub_says(void **state)
{
	uint32_t map, root;

	(void)state;
	begin();
	(void)tag(1, 8 + 30); /* a command line, of odd length */
	(void)module(0x100000, 0x1234567);
	(void)module(0x2000000, 0x2000010);
	map = map_tag(3);
	add_memory(map, 0, 0, 0x9f000, 1);
	add_memory(map, 1, 0xf0000, 0x10000, 2);
	add_memory(map, 2, 0x100000, 0x7ff00000, 1);
	root = tag(14, 8 + 20);
	assert_int_equal(finish(), 0);
	assert_int_equal(b.bundle.base, 0x100000);
	assert_int_equal(b.bundle.size, 0x1134567);
	assert_int_equal(b.nr_memory, 2);
	assert_int_equal(b.memory[0].size, 0x9f000);
	assert_int_equal(b.memory[1].base, 0x100000);
	assert_int_equal(b.memory[1].size, 0x7ff00000);
	assert_int_equal(b.rsdp, AT + root + 8);
}

/* The newer root counts, in whatever order they come. */
static void both_roots(void **state)
{
	uint32_t old, new;

	(void)state;
	begin();
	new = tag(15, 8 + 36);
	old = tag(14, 8 + 20);
	assert_int_equal(finish(), 0);
	assert_int_equal(b.rsdp, AT + new + 8);
	begin();
	old = tag(14, 8 + 20);
	new = tag(15, 8 + 36);
	assert_int_equal(finish(), 0);
	assert_int_equal(b.rsdp, AT + new + 8);
	assert_int_not_equal(old, new);
}

static void nothing_said(void **state)
{
	(void)state;
	begin();
	assert_int_equal(finish(), 0);
	assert_int_equal(b.bundle.size, 0);
	assert_int_equal(b.nr_memory, 0);
	assert_int_equal(b.rsdp, 0);
}

static void no_end(void **state)
{
	(void)state;
	begin();
	put(0, used, 4);
	assert_int_equal(multiboot2_read(list, used, AT, &b), -EINVAL);
	assert_int_equal(multiboot2_read(list, 4, AT, &b), -EINVAL);
	begin();
	(void)module(1, 2);
	put(0, used, 4);
	assert_int_equal(multiboot2_read(list, used, AT, &b), -EINVAL);
	/* the end lies behind what the list says is its own */
	begin();
	(void)module(1, 2);
	put(0, used, 4);
	(void)tag(0, 8);
	assert_int_equal(multiboot2_read(list, used, AT, &b), -EINVAL);
}

static void bad_sizes(void **state)
{
	(void)state;
	for (uint32_t size = 0; size < 8; size++) {
		begin();
		(void)tag(1, 8);
		put(12, size, 4);
		assert_int_equal(finish(), -EINVAL);
	}
	begin();
	(void)tag(1, 8);
	put(12, UINT32_MAX, 4);
	assert_int_equal(finish(), -EINVAL);
	begin();
	(void)tag(1, 8);
	put(12, 0xfffffff9U, 4); /* rounded up it would be none */
	assert_int_equal(finish(), -EINVAL);
}

static void bad_tags(void **state)
{
	uint32_t at;

	(void)state;
	begin();
	at = map_tag(1);
	add_memory(at, 0, 0x100000, 0x1000, 1);
	put(at + 8, 23, 4); /* entries smaller than one */
	(void)module(5, 5);
	(void)module(5, 4);
	(void)tag(3, 12); /* no room for where it is */
	(void)tag(6, 12);
	assert_int_equal(finish(), 0);
	assert_int_equal(b.nr_memory, 0);
	assert_int_equal(b.bundle.size, 0);
	/* an entry that the tag has the half of */
	begin();
	at = map_tag(2);
	add_memory(at, 0, 0x100000, 0x1000, 1);
	add_memory(at, 1, 0x200000, 0x1000, 1);
	put(at + 4, 16 + 40, 4);
	used = at + 16 + 40;
	assert_int_equal(finish(), 0);
	assert_int_equal(b.nr_memory, 1);
}

static void larger_entries(void **state)
{
	uint32_t at;

	(void)state;
	begin();
	at = tag(6, 16 + 2 * 32);
	put(at + 8, 32, 4);
	put(at + 16, 0x1000, 8);
	put(at + 24, 0x2000, 8);
	put(at + 32, 1, 4);
	put(at + 48, 0x8000, 8);
	put(at + 56, 0x3000, 8);
	put(at + 64, 1, 4);
	assert_int_equal(finish(), 0);
	assert_int_equal(b.nr_memory, 2);
	assert_int_equal(b.memory[1].base, 0x8000);
}

static void too_many(void **state)
{
	uint32_t at;

	(void)state;
	begin();
	at = map_tag(BOOT_MAX_MEMORY + 2);
	for (unsigned int i = 0; i < BOOT_MAX_MEMORY + 2; i++) {
		add_memory(at, i, i * 0x1000UL, 0x1000, 1);
	}
	assert_int_equal(finish(), 0);
	assert_int_equal(b.nr_memory, BOOT_MAX_MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_grub_says),	  cmocka_unit_test(both_roots),
		cmocka_unit_test(nothing_said),	  cmocka_unit_test(no_end),
		cmocka_unit_test(bad_sizes),	  cmocka_unit_test(bad_tags),
		cmocka_unit_test(larger_entries), cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
