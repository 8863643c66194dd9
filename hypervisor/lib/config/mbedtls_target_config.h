/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mbedtls on the target: SHA-256, the verification of RSA PKCS#1 v1.5 signatures, HMAC_DRBG, nothing else.
 * Memory comes from a bounded arena (hyp/arena.h); no file system, no clock, no source of random numbers.
 */
#ifndef MBEDTLS_TARGET_CONFIG_H
#define MBEDTLS_TARGET_CONFIG_H

#include <hyp/arena.h>
#include <hyp/log.h>

#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO	arena_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO	arena_free
#define MBEDTLS_PLATFORM_SNPRINTF_MACRO hyp_snprintf

#define MBEDTLS_HAVE_ASM
#define MBEDTLS_NO_UDBL_DIVISION /* no 128-bit division without a compiler runtime */
#define MBEDTLS_SHA256_C
#define MBEDTLS_MD_C
#define MBEDTLS_HMAC_DRBG_C
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_MPI_MAX_SIZE 512 /* RSA-4096 */
#define MBEDTLS_OID_C
#define MBEDTLS_X509_REMOVE_INFO /* no texts beside the OIDs */
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V15

#endif
