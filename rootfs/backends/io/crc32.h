/* SPDX-License-Identifier: Apache-2.0 */
/* The checksum of GPT and of U-Boot's environment: polynomial 0xedb88320, begun with all ones and inverted in the end. */
#ifndef IO_CRC32_H
#define IO_CRC32_H

#include <stddef.h>
#include <stdint.h>

/** crc32_add() - @crc with @len bytes more; begin with UINT32_MAX, invert what comes of the last. */
uint32_t crc32_add(uint32_t crc, const uint8_t *data, size_t len);

#endif
