// SPDX-License-Identifier: Apache-2.0
/*
 * ECDSA verification by mbedtls (FIPS 186-5 section 6.4.2) on P-256 and P-384, its memory in the bounded arena. Nothing
 * here is secret, so nothing is blinded and no random number is wanted.
 */
#include <hyp/arena.h>
#include <hyp/errno.h>
#include <mbedtls/ecdsa.h>
#include <string.h>

#include "fit.h"

#define MAX_POINT (2 * 48)

static const struct curve {
	const char *algo;
	size_t point_bytes;
	mbedtls_ecp_group_id id;
} curves[] = {
	{ "sha256,ecdsa256", 64, MBEDTLS_ECP_DP_SECP256R1 },
	{ "sha256,ecdsa384", 96, MBEDTLS_ECP_DP_SECP384R1 },
};

static const struct curve *curve_of(const struct verify_key *key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		if (key->exponent_bytes == 0 && key->modulus_bytes == curves[i].point_bytes) {
			return &curves[i];
		}
	}
	return NULL;
}

bool ecdsa_algo_matches(const char *algo, const struct verify_key *key)
{
	const struct curve *c = curve_of(key);

	return algo != NULL && c != NULL && strcmp(algo, c->algo) == 0;
}

/* The uncompressed form, which mbedtls reads: SEC 1 section 2.3.4. */
static int read_point(const struct verify_key *key, mbedtls_ecp_group *grp, mbedtls_ecp_point *q)
{
	uint8_t form[1 + MAX_POINT] = { 0x04 };
	int ret;

	memcpy(form + 1, key->modulus, key->modulus_bytes);
	ret = mbedtls_ecp_point_read_binary(grp, q, form, 1 + key->modulus_bytes);
	return ret == 0 ? mbedtls_ecp_check_pubkey(grp, q) : ret;
}

static int check_signature(mbedtls_ecp_group *grp, const mbedtls_ecp_point *q,
			   const uint8_t hash[SHA256_BYTES], const uint8_t *sig, size_t half)
{
	mbedtls_mpi r, s;
	int ret;

	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	ret = mbedtls_mpi_read_binary(&r, sig, half);
	if (ret == 0) {
		ret = mbedtls_mpi_read_binary(&s, sig + half, half);
	}
	if (ret == 0) {
		ret = mbedtls_ecdsa_verify(grp, hash, SHA256_BYTES, q, &r, &s);
	}
	mbedtls_mpi_free(&s);
	mbedtls_mpi_free(&r);
	return ret;
}

int ecdsa_verify(const struct verify_key *key, const uint8_t hash[SHA256_BYTES], const uint8_t *sig,
		 size_t len)
{
	const struct curve *c = curve_of(key);
	mbedtls_ecp_group grp;
	mbedtls_ecp_point q;
	int ret;

	if (c == NULL || len != c->point_bytes) {
		return -EACCES;
	}
	arena_reset();
	mbedtls_ecp_group_init(&grp);
	mbedtls_ecp_point_init(&q);
	ret = mbedtls_ecp_group_load(&grp, c->id);
	if (ret == 0) {
		ret = read_point(key, &grp, &q);
	}
	if (ret == 0) {
		ret = check_signature(&grp, &q, hash, sig, len / 2);
	}
	mbedtls_ecp_point_free(&q);
	mbedtls_ecp_group_free(&grp);
	return ret == 0 ? 0 : -EACCES;
}
