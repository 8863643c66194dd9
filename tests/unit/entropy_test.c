// SPDX-License-Identifier: Apache-2.0
/* Seeds: none without a source, and said once; then other ones each time, whatever the source. */
#include <unit.h>

#include <hyp/arch/cpu.h>
#include <hyp/arch/irq.h>
#include <hyp/arch/time.h>
#include <hyp/entropy.h>
#include <hyp/log.h>

#include <string.h>

static bool cpu_has_generator;
static unsigned int asked, said;

bool arch_random(uint64_t *value)
{
	asked++;
	*value = 7;
	return cpu_has_generator && asked % 3 != 0;
}

uint64_t arch_now_ns(void)
{
	return 1;
}

unsigned long arch_irq_save(void)
{
	return 0;
}

void arch_irq_restore(unsigned long flags)
{
	(void)flags;
}

void hyp_printf(const char *fmt, ...)
{
	said++;
	assert_non_null(strstr(fmt, "no source"));
}

int hyp_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	(void)buf;
	(void)size;
	(void)fmt;
	return -1;
}

/* Clock and generator always say the same here: only the secret that goes on makes two differ. */
static void two_differ(void)
{
	uint8_t a[72] = { 0 }, b[72] = { 0 };

	assert_true(entropy_fill(a, sizeof(a)));
	assert_true(entropy_fill(b, sizeof(b)));
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a, a + 36, 36);
}

static void without_a_source_none(void **state)
{
	uint8_t out[8];

	(void)state;
	assert_false(entropy_fill(out, sizeof(out)));
	assert_false(entropy_fill(out, sizeof(out)));
	entropy_add(out, 0);
	assert_false(entropy_fill(out, sizeof(out)));
	assert_int_equal(said, 1);
}

static void generator_that_pauses(void **state)
{
	(void)state;
	cpu_has_generator = true;
	two_differ();
}

static void firmware_seed_of_any_length(void **state)
{
	static const uint8_t seed[300] = { 1, 2, 3 };

	(void)state;
	cpu_has_generator = false;
	entropy_add(seed, 8);
	two_differ();
	entropy_add(seed, sizeof(seed));
	two_differ();
	assert_int_equal(said, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_source_none),
		cmocka_unit_test(generator_that_pauses),
		cmocka_unit_test(firmware_seed_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
