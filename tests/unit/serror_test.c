// SPDX-License-Identifier: Apache-2.0
/* What an SError's syndrome says. */
#include <unit.h>

#include <asm/serror.h>

#define AET(n) (SERROR_CLASS | (uint64_t)(n) << 10 | 0x11)

static void severities(void **state)
{
	(void)state;
	assert_string_equal(serror_name(AET(0)), "uncontained");
	assert_string_equal(serror_name(AET(3)), "contained, recoverable");
	assert_string_equal(serror_name(AET(6)), "corrected");
	assert_string_equal(serror_name(AET(5)), "severity not known");
	for (unsigned int n = 0; n < 8; n++) {
		assert_int_equal(serror_is_corrected(AET(n)), n == 6);
	}
}

/* Bits that look like a severity are none without the code that says so, or in a syndrome of the CPU's own. */
static void no_severity(void **state)
{
	(void)state;
	assert_string_equal(serror_name(SERROR_CLASS), "no syndrome");
	assert_string_equal(serror_name(SERROR_CLASS | 6UL << 10), "no syndrome");
	assert_false(serror_is_corrected(SERROR_CLASS | 6UL << 10));
	assert_string_equal(serror_name(AET(6) | 1UL << 24), "syndrome of this CPU's own");
	assert_false(serror_is_corrected(AET(6) | 1UL << 24));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(severities),
		cmocka_unit_test(no_severity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
