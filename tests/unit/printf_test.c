// SPDX-License-Identifier: Apache-2.0
/* The log's formats against the C library's: same text, same length, never a byte past the buffer. */
#include <hyp/log.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unit.h>

#define ROOM 200

static char mine[ROOM], theirs[ROOM];

/* One format and its arguments, with every size of buffer from none to enough. */
#define same(...)                                                                      \
	do {                                                                           \
		int want = snprintf(theirs, ROOM, __VA_ARGS__);                        \
                                                                                       \
		for (size_t room = 0; room <= (size_t)want + 2; room++) {              \
			memset(mine, 0x5a, ROOM);                                      \
			assert_int_equal(hyp_snprintf(mine, room, __VA_ARGS__), want); \
			assert_int_equal(mine[room], 0x5a);                            \
			snprintf(theirs, room, __VA_ARGS__);                           \
			if (room > 0) {                                                \
				assert_string_equal(mine, theirs);                     \
			}                                                              \
			snprintf(theirs, ROOM, __VA_ARGS__);                           \
		}                                                                      \
	} while (0)

static void prints_numbers(void **state)
{
	static const long values[] = {
		0, 1, -1, 9, 10, 4096, INT_MAX, INT_MIN, LONG_MAX, LONG_MIN
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		long v = values[i];
		int n = (int)v;

		same("%d|%i|%ld|%lld", n, n, v, (long long)v);
		same("%u|%x|%lu|%lx|%llx", (unsigned int)n, (unsigned int)n, (unsigned long)v,
		     (unsigned long)v, (unsigned long long)v);
		same("%zu|%zx", (size_t)v, (size_t)v);
		same("%8d|%-8d|%08d|%3d", n, n, n, n);
		same("%016lx|%-20lx|%20lx", (unsigned long)v, (unsigned long)v, (unsigned long)v);
	}
	same("%p", (void *)(uintptr_t)0xffff800012345678);
}

static void prints_text(void **state)
{
	(void)state;
	same("%s", "");
	same("<%s> <%10s> <%-10s> <%2s>", "one", "two", "three", "four");
	same("<%.*s> <%.*s> <%.*s>", 2, "cut", 9, "whole", -1, "all");
	same("%c%c%5c%-5c%%", 'a', 'b', 'c', 'd');
	same("no formats at all");
}

static void ends_at_an_unknown_format(void **state)
{
	const char *unknown = "100%"; /* through variables: compilers refuse them as literals */
	const char *volatile nothing = NULL;
	char text[16];

	(void)state;
	assert_int_equal(hyp_snprintf(text, sizeof(text), "%s", nothing), 6);
	assert_string_equal(text, "(null)");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
	assert_int_equal(hyp_snprintf(text, sizeof(text), unknown), 3);
#pragma GCC diagnostic pop
	assert_string_equal(text, "100");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_numbers),
		cmocka_unit_test(prints_text),
		cmocka_unit_test(ends_at_an_unknown_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
