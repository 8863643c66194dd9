// SPDX-License-Identifier: Apache-2.0
/* The bounded arena under mbedtls: it gives zeroed, aligned memory, takes it back, and ends at its end. */
#include <hyp/arena.h>
#include <string.h>
#include <unit.h>

static int empty(void **state)
{
	(void)state;
	arena_reset();
	return 0;
}

static void gives_zeroed_aligned_blocks(void **state)
{
	uint8_t *last = NULL;

	(void)state;
	for (size_t size = 1; size < 200; size++) {
		uint8_t *p = arena_calloc(1, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < size; i++) {
			assert_int_equal(p[i], 0);
		}
		memset(p, 0xa5, size);
		if (last != NULL) {
			assert_true(p >= last + size - 1);
			assert_int_equal(last[size - 2], 0xa5);
		}
		last = p;
	}
}

static void used_again_after_free(void **state)
{
	uint8_t *a = arena_calloc(1, 100), *b = arena_calloc(1, 100), *c = arena_calloc(1, 100);

	(void)state;
	memset(c, 0xff, 100);
	arena_free(c);
	assert_ptr_equal(arena_calloc(1, 90), c);
	assert_int_equal(c[0], 0);
	arena_free(b); /* below the top: its bytes come back with the top's */
	arena_free(c);
	assert_ptr_equal(arena_calloc(1, 300), b);
	arena_free(b);
	arena_free(a);
	arena_free(NULL);
	assert_ptr_equal(arena_calloc(1, 1), a);
}

static void ends_at_its_end(void **state)
{
	size_t n = 0;

	(void)state;
	assert_null(arena_calloc(1, ARENA_BYTES));
	assert_null(arena_calloc(SIZE_MAX / 2, 3));
	assert_null(arena_calloc(1, SIZE_MAX - 8));
	assert_null(arena_calloc(0, 5));
	while (arena_calloc(1, 1000) != NULL) {
		n++;
	}
	assert_in_range(n, 30, 32);
	assert_in_range(arena_peak(), n * 1000, ARENA_BYTES);
	arena_reset();
	assert_non_null(arena_calloc(30, 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(gives_zeroed_aligned_blocks, empty),
		cmocka_unit_test_setup(used_again_after_free, empty),
		cmocka_unit_test_setup(ends_at_its_end, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
