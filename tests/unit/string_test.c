// SPDX-License-Identifier: Apache-2.0
/*
 * The hypervisor's string functions against the C library's, at every alignment and around every step of the
 * word loops. They are compiled under other names (tests/unit/sources.mk), for the sanitizers need the library's.
 */
#include <string.h>
#include <unit.h>

void *hyp_memcpy(void *restrict dst, const void *restrict src, size_t n);
void *hyp_memmove(void *dst, const void *src, size_t n);
void *hyp_memset(void *dst, int c, size_t n);
int hyp_memcmp(const void *a, const void *b, size_t n);
void *hyp_memchr(const void *s, int c, size_t n);
size_t hyp_strlen(const char *s);
size_t hyp_strnlen(const char *s, size_t max);
int hyp_strcmp(const char *a, const char *b);
int hyp_strncmp(const char *a, const char *b, size_t n);
char *hyp_strchr(const char *s, int c);
char *hyp_strrchr(const char *s, int c);
char *hyp_strstr(const char *s, const char *what);

#define AREA	320
#define LONGEST 200
#define SHIFTS	17

static uint8_t mine[AREA], theirs[AREA], source[AREA];

static void fill(void)
{
	for (size_t i = 0; i < AREA; i++) {
		source[i] = (uint8_t)(i * 7 + 1);
		mine[i] = theirs[i] = (uint8_t)(255 - i);
	}
}

static void copies_any_alignment(void **state)
{
	(void)state;
	for (size_t to = 0; to < SHIFTS; to++) {
		for (size_t from = 0; from < SHIFTS; from++) {
			for (size_t n = 0; n < LONGEST; n++) {
				fill();
				assert_ptr_equal(hyp_memcpy(mine + to, source + from, n),
						 mine + to);
				memcpy(theirs + to, source + from, n);
				assert_memory_equal(mine, theirs, AREA);
			}
		}
	}
}

static void moves_over_itself(void **state)
{
	(void)state;
	for (size_t to = 0; to < 100; to++) {
		for (size_t from = 0; from < 100; from += 3) {
			for (size_t n = 0; n < LONGEST; n += 5) {
				fill();
				assert_ptr_equal(hyp_memmove(mine + to, mine + from, n), mine + to);
				memmove(theirs + to, theirs + from, n);
				assert_memory_equal(mine, theirs, AREA);
			}
		}
	}
}

static void sets_only_its_bytes(void **state)
{
	(void)state;
	for (size_t at = 0; at < SHIFTS; at++) {
		for (size_t n = 0; n < LONGEST; n++) {
			fill();
			assert_ptr_equal(hyp_memset(mine + at, 0x1a5, n), mine + at);
			memset(theirs + at, 0x1a5, n);
			assert_memory_equal(mine, theirs, AREA);
		}
	}
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void compares_as_unsigned(void **state)
{
	static const char *const words[] = { "",  "a",	  "ab",	  "abc",  "abd",
					     "b", "\x7f", "\x80", "\xff", "a\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++) {
			const char *a = words[i], *b = words[j];

			assert_int_equal(sign(hyp_strcmp(a, b)), sign(strcmp(a, b)));
			for (size_t n = 0; n < 5; n++) {
				assert_int_equal(sign(hyp_strncmp(a, b, n)),
						 sign(strncmp(a, b, n)));
			}
			for (size_t n = 0; n <= strlen(a) && n <= strlen(b); n++) {
				assert_int_equal(sign(hyp_memcmp(a, b, n)), sign(memcmp(a, b, n)));
			}
			assert_ptr_equal(hyp_strstr(a, b), strstr(a, b));
		}
	}
}

static void finds_characters(void **state)
{
	static const char text[] = "one two one";

	(void)state;
	for (int c = 0; c < 256; c++) {
		assert_ptr_equal(hyp_strchr(text, c), strchr(text, c));
		assert_ptr_equal(hyp_strrchr(text, c), strrchr(text, c));
		for (size_t n = 0; n <= sizeof(text); n++) {
			assert_ptr_equal(hyp_memchr(text, c, n > sizeof(text) ? sizeof(text) : n),
					 memchr(text, c, n));
		}
	}
	assert_ptr_equal(hyp_strstr(text, "one t"), text);
	assert_ptr_equal(hyp_strstr(text, "o one"), strstr(text, "o one"));
	assert_null(hyp_strstr(text, "one one"));
}

static void measures(void **state)
{
	(void)state;
	for (size_t n = 0; n < 40; n++) {
		char text[41];

		memset(text, 'x', sizeof(text));
		text[n] = '\0';
		assert_int_equal(hyp_strlen(text), n);
		for (size_t max = 0; max < 41; max++) {
			assert_int_equal(hyp_strnlen(text, max), max < n ? max : n);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_any_alignment), cmocka_unit_test(moves_over_itself),
		cmocka_unit_test(sets_only_its_bytes),	cmocka_unit_test(compares_as_unsigned),
		cmocka_unit_test(finds_characters),	cmocka_unit_test(measures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
