/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second build of mbedtls's sha256.c: Armv8 SHA-2 instructions and nothing else, its symbols renamed
 * so that both variants stand in one binary. Which one runs is decided in hypervisor/verify/digest.c.
 */
#ifndef MBEDTLS_SHA_INSN_CONFIG_H
#define MBEDTLS_SHA_INSN_CONFIG_H

#include "mbedtls_target_config.h"

#define MBEDTLS_SHA256_USE_ARMV8_A_CRYPTO_ONLY

#define mbedtls_sha256			sha_insn_sha256
#define mbedtls_sha256_init		sha_insn_init
#define mbedtls_sha256_free		sha_insn_free
#define mbedtls_sha256_clone		sha_insn_clone
#define mbedtls_sha256_starts		sha_insn_starts
#define mbedtls_sha256_update		sha_insn_update
#define mbedtls_sha256_finish		sha_insn_finish
#define mbedtls_internal_sha256_process sha_insn_process

#endif
