/* SPDX-License-Identifier: Apache-2.0 */
/* The one seam for SHA-256: two builds of mbedtls's sha256.c behind one table (hyp/verify.h, digest_sha256()). */
#ifndef VERIFY_DIGEST_H
#define VERIFY_DIGEST_H

#include <hyp/verify.h>
#include <mbedtls/sha256.h>

/** struct digest_ops - one implementation; the context has the same layout in both. Functions return 0. */
struct digest_ops {
	const char *name;
	int (*starts)(mbedtls_sha256_context *ctx, int is224);
	int (*update)(mbedtls_sha256_context *ctx, const unsigned char *data, size_t len);
	int (*finish)(mbedtls_sha256_context *ctx, unsigned char *out);
};

/** digest_insn_ops() - the variant with the CPU's SHA instructions. Return: NULL where this CPU or build has none. */
const struct digest_ops *digest_insn_ops(void);

/** struct digest - a hash over several pieces. */
struct digest {
	const struct digest_ops *ops;
	mbedtls_sha256_context ctx;
};

/** digest_begin() / digest_add() / digest_end() - hash pieces in order. Context: as digest_sha256(). */
void digest_begin(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);
void digest_end(struct digest *d, uint8_t out[SHA256_BYTES]);

#endif
