// SPDX-License-Identifier: Apache-2.0
/* A guest's MultiProcessor table, read as a kernel does; and who is given one. */
#include <unit.h>

#include <asm/guest_mp.h>

#include <string.h>

#define POINTER 16U
#define HEADER	44U
#define CPU	20U

static uint8_t buf[GUEST_MP_BYTES];

static uint8_t sum(const uint8_t *at, size_t bytes)
{
	uint8_t s = 0;

	while (bytes-- > 0) {
		s = (uint8_t)(s + *at++);
	}
	return s;
}

static uint32_t get(size_t at, size_t bytes)
{
	uint32_t value = 0;

	memcpy(&value, buf + at, bytes);
	return value;
}

static void a_kernel_finds_its_cpus(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= GUEST_MP_MAX_CPUS; n++) {
		size_t length = HEADER + (size_t)n * CPU;

		memset(buf, 0, sizeof(buf));
		assert_int_equal(guest_mp_write(n, buf), POINTER + length);
		assert_memory_equal(buf, "_MP_", 4);
		assert_int_equal(get(4, 4), GUEST_MP_AT + POINTER);
		assert_int_equal(buf[8], 1);
		assert_int_equal(sum(buf, POINTER), 0);
		assert_memory_equal(buf + POINTER, "PCMP", 4);
		assert_int_equal(get(POINTER + 4, 2), length);
		assert_int_equal(sum(buf + POINTER, length), 0);
		assert_int_equal(get(POINTER + 34, 2), n);
		assert_int_equal(get(POINTER + 36, 4), 0xfee00000);
		for (unsigned int i = 0; i < n; i++) {
			size_t at = POINTER + HEADER + (size_t)i * CPU;

			assert_int_equal(buf[at], 0);
			assert_int_equal(buf[at + 1], i);
			assert_int_equal(buf[at + 3], i == 0 ? 3 : 1);
		}
	}
	assert_int_equal(guest_mp_write(GUEST_MP_MAX_CPUS + 1, buf), 0);
}

static void who_does_without_acpi_is_given_one(void **state)
{
	(void)state;
	assert_true(guest_mp_is_asked("acpi=off"));
	assert_true(guest_mp_is_asked("console=hvc0 acpi=off quiet"));
	assert_true(guest_mp_is_asked("xacpi=off acpi=off"));
	assert_false(guest_mp_is_asked(NULL));
	assert_false(guest_mp_is_asked(""));
	assert_false(guest_mp_is_asked("console=hvc0"));
	assert_false(guest_mp_is_asked("xacpi=off acpi=offx"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_finds_its_cpus),
		cmocka_unit_test(who_does_without_acpi_is_given_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
