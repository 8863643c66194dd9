// SPDX-License-Identifier: Apache-2.0
/* Numbers and paths as text. */
#include "text.h"

#include <string.h>

bool text_number(const char *text, uint32_t *value)
{
	uint64_t n = 0;

	if (*text == '\0') {
		return false;
	}
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9') {
			return false;
		}
		n = n * 10 + (uint64_t)(*text - '0');
		if (n > UINT32_MAX) {
			return false;
		}
	}
	*value = (uint32_t)n;
	return true;
}

size_t text_put_number(char *out, uint64_t value)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	for (size_t i = 0; i < n; i++) {
		out[i] = digits[n - 1 - i];
	}
	out[n] = '\0';
	return n;
}

size_t text_put(char *out, const char *text)
{
	size_t len = strlen(text);

	memcpy(out, text, len + 1);
	return len;
}

const char *text_starts(const char *text, const char *with)
{
	size_t len = strlen(with);

	return strncmp(text, with, len) == 0 ? text + len : NULL;
}
