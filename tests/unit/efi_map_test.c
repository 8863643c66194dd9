// SPDX-License-Identifier: Apache-2.0
/* The EFI stub's reading of the firmware's memory map: what is free, joined, bounded, whatever the map says. */
#include <stdlib.h>
#include <string.h>

#include "../../arch/efi/efi.h"
#include "../../arch/efi/handoff.h"
#include "unit.h"

#define LINE 48U /* longer than what we know, as firmware's are */

static uint8_t map[400 * LINE];
static size_t used;
static struct efi_range out[EFI_MAX_RANGES];

static int empty(void **state)
{
	(void)state;
	used = 0;
	memset(out, 0xff, sizeof(out));
	return 0;
}

static void line(uint32_t type, uint64_t base, uint64_t pages, uint64_t attributes)
{
	struct efi_memory m = {
		.type = type, .base = base, .pages = pages, .attributes = attributes
	};

	assert_true(used + LINE <= sizeof(map));
	memset(map + used, 0xee, LINE);
	memcpy(map + used, &m, sizeof(m));
	used += LINE;
}

static void free_line(uint64_t base, uint64_t pages)
{
	line(EFI_CONVENTIONAL, base, pages, EFI_ATTRIBUTE_WB);
}

static unsigned int ranges(void)
{
	return efi_free_ranges(map, used, LINE, out);
}

static void is_range(unsigned int i, uint64_t base, uint64_t bytes)
{
	assert_int_equal(out[i].base, base);
	assert_int_equal(out[i].bytes, bytes);
}

static void kinds(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < 20; type++) {
		line(type, 0x100000UL * (type + 1), 1, EFI_ATTRIBUTE_WB);
	}
	line(0x80000000U, 0x9000000, 1, EFI_ATTRIBUTE_WB);
	line(EFI_CONVENTIONAL, 0xa000000, 1, 0); /* it cannot be cached: no memory for us */
	assert_int_equal(ranges(), 5);
	is_range(0, 0x200000, 0x1000);
	is_range(1, 0x300000, 0x1000);
	is_range(2, 0x400000, 0x1000);
	is_range(3, 0x500000, 0x1000);
	is_range(4, 0x800000, 0x1000);
}

static void joined(void **state)
{
	(void)state;
	free_line(0x8000, 2);
	free_line(0x4000, 2);
	free_line(0x1000, 1);
	line(EFI_BOOT_DATA, 0x6000, 2, EFI_ATTRIBUTE_WB);
	free_line(0x7000, 4); /* over others */
	assert_int_equal(ranges(), 2);
	is_range(0, 0x1000, 0x1000);
	is_range(1, 0x4000, 0x7000);
}

static void nonsense(void **state)
{
	(void)state;
	free_line(0x1000, 0);
	free_line(0x1800, 1);
	free_line(UINT64_MAX - 0xfff, 2);
	free_line(0x1000, UINT64_MAX);
	assert_int_equal(ranges(), 0);
	free_line(0x5000, 1);
	assert_int_equal(efi_free_ranges(map, used - 1, LINE, out), 0); /* half a line is none */
	assert_int_equal(efi_free_ranges(map, used, 8, out), 0);
	assert_int_equal(efi_free_ranges(map, 0, LINE, out), 0);
	assert_int_equal(ranges(), 1);
}

/* More pieces than there is room for: the smallest go, the order stays. */
static void too_many(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 300; i++) {
		uint64_t n = (i * 77) % 300; /* in no order */

		free_line(0x10000000UL + n * 0x1000000, n + 1);
	}
	assert_int_equal(ranges(), EFI_MAX_RANGES);
	for (unsigned int i = 0; i < EFI_MAX_RANGES; i++) {
		uint64_t n = 300 - EFI_MAX_RANGES + i;

		is_range(i, 0x10000000UL + n * 0x1000000, (n + 1) * 0x1000);
	}
}

/* Any map at all: what comes out is free in it, in order, apart, and all of it where it fits. */
static void any(void **state)
{
	(void)state;
	srand(5);
	for (unsigned int round = 0; round < 2000; round++) {
		uint8_t pages[64] = { 0 };
		unsigned int n, runs = 0;

		used = 0;
		for (int i = 0; i < 12; i++) {
			unsigned int base = (unsigned int)rand() % 56,
				     len = (unsigned int)rand() % 8;

			free_line(base * 0x1000UL, len);
			memset(pages + base, 1, len);
		}
		n = ranges();
		for (unsigned int p = 0; p < 64; p++) {
			if (pages[p] && (p == 0 || !pages[p - 1])) {
				assert_int_equal(out[runs].base, p * 0x1000UL);
				runs++;
			}
			if (pages[p] && (p == 63 || !pages[p + 1])) {
				assert_int_equal(out[runs - 1].base + out[runs - 1].bytes,
						 (p + 1) * 0x1000UL);
			}
		}
		assert_int_equal(n, runs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(kinds, empty),	 cmocka_unit_test_setup(joined, empty),
		cmocka_unit_test_setup(nonsense, empty), cmocka_unit_test_setup(too_many, empty),
		cmocka_unit_test_setup(any, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
