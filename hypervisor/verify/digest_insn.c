// SPDX-License-Identifier: Apache-2.0
/*
 * SHA-256 by Armv8 instructions: the table over the second build of mbedtls's sha256.c
 * (hypervisor/lib/config/mbedtls_sha_insn_config.h renames its symbols).
 */
#include <hyp/arch/cpu.h>

#include "digest.h"

int sha_insn_starts(mbedtls_sha256_context *ctx, int is224);
int sha_insn_update(mbedtls_sha256_context *ctx, const unsigned char *data, size_t len);
int sha_insn_finish(mbedtls_sha256_context *ctx, unsigned char *out);

static const struct digest_ops digest_insn = {
	.name = "sha-instructions",
	.starts = sha_insn_starts,
	.update = sha_insn_update,
	.finish = sha_insn_finish,
};

const struct digest_ops *digest_insn_ops(void)
{
	return arch_cpu_has_sha256() ? &digest_insn : NULL;
}
