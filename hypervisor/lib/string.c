// SPDX-License-Identifier: Apache-2.0
/*
 * Memory and string functions for freestanding code (hypervisor/lib/include/string.h).
 *
 * Big copies go by 64-byte groups of words where both ends are aligned as word.h wants it. keep_loop() hides a loop from
 * the compiler's recognition of memcpy and memset, which would otherwise turn these functions into calls of themselves.
 */
#include "word.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define keep_loop() __asm__ volatile("")

static bool are_words(const void *a, const void *b)
{
	return (((uintptr_t)a | (uintptr_t)b) & (_Alignof(word_t) - 1)) == 0;
}

static size_t copy_words(void *dst, const void *src, size_t n)
{
	word_t *d = dst;
	const word_t *s = src;
	size_t done = 0;

	if (!are_words(dst, src)) {
		return 0;
	}
	for (; n - done >= 64; done += 64, d += 8, s += 8) {
		word_t a = s[0], b = s[1], c = s[2], e = s[3];

		d[0] = a;
		d[1] = b;
		d[2] = c;
		d[3] = e;
		a = s[4];
		b = s[5];
		c = s[6];
		e = s[7];
		d[4] = a;
		d[5] = b;
		d[6] = c;
		d[7] = e;
		keep_loop();
	}
	for (; n - done >= sizeof(word_t); done += sizeof(word_t)) {
		*d++ = *s++;
		keep_loop();
	}
	return done;
}

/* Right for any overlap with @d below @s too: each word is read before it is written over. */
static void copy_forward(uint8_t *d, const uint8_t *s, size_t n)
{
	size_t i;

	for (i = copy_words(d, s, n); i < n; i++) {
		d[i] = s[i];
		keep_loop();
	}
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	copy_forward(dst, src, n);
	return dst;
}

static void copy_backward(uint8_t *d, const uint8_t *s, size_t n)
{
	if (are_words(d + n, s + n)) {
		for (; n >= sizeof(word_t); n -= sizeof(word_t)) {
			*(word_t *)(void *)(d + n - sizeof(word_t)) =
				*(const word_t *)(const void *)(s + n - sizeof(word_t));
			keep_loop();
		}
	}
	while (n-- > 0) {
		d[n] = s[n];
		keep_loop();
	}
}

void *memmove(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst - (uintptr_t)src < n) {
		copy_backward(dst, src, n);
	} else {
		copy_forward(dst, src, n);
	}
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	uint8_t *d = dst;
	uint64_t pattern = (uint8_t)c * UINT64_C(0x0101010101010101);

	for (; n > 0 && ((uintptr_t)d & (sizeof(word_t) - 1)) != 0; n--) {
		*d++ = (uint8_t)c;
		keep_loop();
	}
	for (; n >= sizeof(word_t); n -= sizeof(word_t), d += sizeof(word_t)) {
		*(word_t *)(void *)d = pattern;
		keep_loop();
	}
	for (; n > 0; n--) {
		*d++ = (uint8_t)c;
		keep_loop();
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;
	size_t i;

	for (i = 0; i < n; i++) {
		if (x[i] != y[i]) {
			return x[i] - y[i];
		}
	}
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const uint8_t *p = s;

	for (; n > 0; n--, p++) {
		if (*p == (uint8_t)c) {
			return (void *)(uintptr_t)p;
		}
	}
	return NULL;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0') {
		n++;
		keep_loop();
	}
	return n;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0') {
		n++;
	}
	return n;
}

int strcmp(const char *a, const char *b)
{
	for (; *a != '\0' && *a == *b; a++, b++) {
	}
	return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0 && *a != '\0' && *a == *b; a++, b++, n--) {
	}
	return n == 0 ? 0 : (uint8_t)*a - (uint8_t)*b;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++) {
		if (*s == '\0') {
			return NULL;
		}
	}
	return (char *)(uintptr_t)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c) {
			last = s;
		}
		if (*s == '\0') {
			return (char *)(uintptr_t)last;
		}
	}
}

char *strstr(const char *s, const char *what)
{
	size_t n = strlen(what);

	for (;; s++) {
		if (strncmp(s, what, n) == 0) {
			return (char *)(uintptr_t)s;
		}
		if (*s == '\0') {
			return NULL;
		}
	}
}
