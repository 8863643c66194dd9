// SPDX-License-Identifier: Apache-2.0
/* The page pool itself, on a piece of memory of the test's own: everything given out is apart, aligned and zero. */
#include <unit.h>

#include <hyp/arch/irq.h>
#include <hyp/core.h>
#include <hyp/log.h>
#include <hyp/pool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES 64U /* tests/unit/sources.mk says where __pool_end is */

/* Starts at an odd page on purpose: what is aligned is the address, not the index. */
uint8_t pool_memory[(PAGES + 2) * PAGE_SIZE] __aligned(2 * PAGE_SIZE);
extern uint8_t __pool_start[], __pool_end[];

static jmp_buf panicked;
static unsigned int masked;

unsigned long arch_irq_save(void)
{
	return masked++;
}

void arch_irq_restore(unsigned long flags)
{
	masked = (unsigned int)flags;
}

void panic(const char *fmt, ...)
{
	(void)fmt;
	longjmp(panicked, 1);
}

/* What was given out is filled, so that giving it out twice is found. */
static void *take(unsigned int order)
{
	uint8_t *p = page_alloc(order);

	if (p == NULL) {
		return NULL;
	}
	assert_int_equal((uintptr_t)p % (PAGE_SIZE << order), 0);
	assert_true(p >= __pool_start && p + (PAGE_SIZE << order) <= __pool_end);
	for (size_t i = 0; i < PAGE_SIZE << order; i++) {
		assert_int_equal(p[i], 0);
	}
	memset(p, 0x5a, PAGE_SIZE << order);
	return p;
}

static int setup(void **state)
{
	(void)state;
	memset(pool_memory, 0xa5, sizeof(pool_memory));
	pool_init();
	return 0;
}

static void all_of_it_can_be_had(void **state)
{
	void *page[PAGES];

	(void)state;
	assert_int_equal(pool_total_pages(), PAGES);
	for (size_t i = 0; i < PAGES; i++) {
		assert_int_equal(pool_free_pages(), PAGES - i);
		page[i] = take(0);
		assert_non_null(page[i]);
	}
	assert_null(take(0));
	assert_null(pool_alloc(1));
	for (size_t i = 0; i < PAGES; i++) {
		page_free(page[(i * 37) % PAGES], 0);
	}
	assert_int_equal(pool_free_pages(), PAGES);
	assert_int_equal(masked, 0);
	assert_int_equal(pool_memory[0], 0xa5); /* before its start and behind its end */
	assert_int_equal(__pool_end[0], 0xa5);
}

static void big_pieces_are_aligned(void **state)
{
	void *one = take(0), *four = take(2), *two = take(1), *sixteen = take(4);

	(void)state;
	assert_non_null(one);
	assert_non_null(two);
	assert_non_null(four);
	assert_non_null(sixteen);
	assert_int_equal(pool_free_pages(), PAGES - 23);
	assert_null(take(6)); /* as many, but not in one aligned piece */
	page_free(four, 2);
	assert_ptr_equal(take(2), four);
	page_free(one, 0);
	page_free(two, 1);
	page_free(four, 2);
	page_free(sixteen, 4);
	assert_int_equal(pool_free_pages(), PAGES);
}

static void what_was_never_given_is_not_taken_back(void **state)
{
	void *volatile one = take(0);
	void *const wrong[] = { (uint8_t *)one + PAGE_SIZE, pool_memory, __pool_end };
	unsigned int caught = 0;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (setjmp(panicked) == 0) {
			page_free(wrong[i], 0);
			fail();
		}
	}
	page_free(one, 0);
	if (setjmp(panicked) == 0) {
		page_free(one, 0); /* twice */
	} else {
		caught = 1;
	}
	assert_int_equal(caught, 1);
}

/* Never given back: the last test. */
static void small_ones_share_a_page(void **state)
{
	uint8_t *a = pool_alloc(1), *b = pool_alloc(17), *c = pool_alloc(2000), *big;
	size_t left = pool_free_pages();

	(void)state;
	assert_int_equal(b - a, 16);
	assert_int_equal(c - b, 32);
	assert_int_equal((uintptr_t)a % 16, 0);
	assert_int_equal(left, PAGES - 1);
	memset(a, 1, 1);
	memset(b, 2, 17);
	memset(c, 3, 2000);
	big = pool_alloc(3 * PAGE_SIZE);
	assert_non_null(big);
	assert_int_equal(big[0] | big[3 * PAGE_SIZE - 1], 0);
	assert_int_equal(pool_free_pages(), left - 4);
	assert_non_null(pool_alloc(2040)); /* the page's end */
	assert_int_equal(pool_free_pages(), left - 4);
	assert_non_null(pool_alloc(2040));
	assert_int_equal(pool_free_pages(), left - 5);
	assert_int_equal(a[0] + b[16] + c[1999], 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_can_be_had),
		cmocka_unit_test(big_pieces_are_aligned),
		cmocka_unit_test(what_was_never_given_is_not_taken_back),
		cmocka_unit_test(small_ones_share_a_page),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
