// SPDX-License-Identifier: Apache-2.0
/* A checksum, eight bytes at a time: all changed bytes of a turn are summed at its end, so it must be cheap. */
#include "journal.h"

#include <string.h>

#define FACTOR 0x9e3779b97f4a7c15u /* odd, bits spread: 2^64 by the golden ratio */

static uint64_t mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * FACTOR;
	return sum ^ sum >> 32;
}

uint64_t kept_sum(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *at = data;
	uint64_t word;

	for (; len >= sizeof(word); len -= sizeof(word), at += sizeof(word)) {
		__builtin_memcpy(&word, at, sizeof(word));
		sum = mix(sum, word);
	}
	word = len;
	memcpy(&word, at, len);
	return mix(sum, word);
}
