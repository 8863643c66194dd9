// SPDX-License-Identifier: Apache-2.0
/* The header of an arm64 Image (Linux Documentation/arch/arm64/booting.rst, section 4). */
#include <string.h>

#include "ashlar.h"

#define HEADER_BYTES 64
#define SIZE_AT	     16
#define MAGIC_AT     56

uint64_t arm64_image_size(const uint8_t *data, size_t bytes)
{
	uint64_t size = 0;
	int i;

	if (bytes < HEADER_BYTES || memcmp(data + MAGIC_AT, "ARM\x64", 4) != 0) {
		return 0;
	}
	for (i = 7; i >= 0; i--) {
		size = size << 8 | data[SIZE_AT + i];
	}
	return size > 0 ? size : bytes; /* 0: before Linux 3.17 */
}
