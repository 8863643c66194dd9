// SPDX-License-Identifier: Apache-2.0
#include "crc32.h"

uint32_t crc32_add(uint32_t crc, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++) {
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
		}
	}
	return crc;
}
