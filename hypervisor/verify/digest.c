// SPDX-License-Identifier: Apache-2.0
/*
 * The digest seam (hyp/verify.h): picks SHA instructions or portable code once per hash.
 * mbedtls's own choice at run time asks an operating system, which there is none of; hence the table.
 */
#include <string.h>

#include "digest.h"

static const struct digest_ops digest_portable = {
	.name = "portable",
	.starts = mbedtls_sha256_starts,
	.update = mbedtls_sha256_update,
	.finish = mbedtls_sha256_finish,
};

static const struct digest_ops *digest_ops(void)
{
	const struct digest_ops *insn = digest_insn_ops();

	return insn != NULL ? insn : &digest_portable;
}

void digest_begin(struct digest *d)
{
	memset(d, 0, sizeof(*d));
	d->ops = digest_ops();
	(void)d->ops->starts(&d->ctx, 0); /* fails for a bad second argument only */
}

void digest_add(struct digest *d, const void *data, size_t len)
{
	(void)d->ops->update(&d->ctx, data, len); /* cannot fail: no memory, no hardware queue */
}

void digest_end(struct digest *d, uint8_t out[SHA256_BYTES])
{
	(void)d->ops->finish(&d->ctx, out);
}

void digest_sha256(const void *data, size_t len, uint8_t out[SHA256_BYTES])
{
	struct digest d;

	digest_begin(&d);
	digest_add(&d, data, len);
	digest_end(&d, out);
}

_Static_assert(sizeof(struct digest) <= sizeof(struct sha256), "struct sha256 is too small");

void sha256_begin(struct sha256 *s)
{
	digest_begin((struct digest *)s);
}

void sha256_add(struct sha256 *s, const void *data, size_t len)
{
	digest_add((struct digest *)s, data, len);
}

void sha256_end(struct sha256 *s, uint8_t out[SHA256_BYTES])
{
	digest_end((struct digest *)s, out);
}

const char *digest_backend(void)
{
	return digest_ops()->name;
}
