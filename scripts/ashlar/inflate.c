// SPDX-License-Identifier: Apache-2.0
/*
 * A gzip member read back by zlib: the configuration that a kernel carries in itself is one.
 * Spec: RFC 1952 (gzip).
 */
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

#include "ashlar.h"

#define GZIP_ONLY (16 + MAX_WBITS) /* inflateInit2(): a gzip header and nothing else */

bool gunzip(const uint8_t *data, size_t bytes, size_t max, struct file *out)
{
	z_stream z = { .next_in = data, .avail_in = (uInt)bytes, .avail_out = (uInt)max };
	uint8_t *to;
	int rc;

	if (bytes > UINT32_MAX || max > UINT32_MAX || inflateInit2(&z, GZIP_ONLY) != Z_OK) {
		return false;
	}
	to = xalloc(max + 1);
	z.next_out = to;
	rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (rc != Z_STREAM_END) {
		free(to);
		return false;
	}
	to[z.total_out] = 0;
	*out = (struct file){ to, z.total_out };
	return true;
}
