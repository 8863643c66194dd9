// SPDX-License-Identifier: Apache-2.0
/*
 * RSA PKCS#1 v1.5 verification by mbedtls (RFC 8017 section 8.2.2), its memory in the bounded arena.
 *
 * A public key is complete as it is imported: mbedtls_rsa_complete(), which would bring all that deduces private keys
 * into the hypervisor, checks nothing of one that the verification does not check itself.
 */
#include <hyp/arena.h>
#include <hyp/errno.h>
#include <mbedtls/rsa.h>
#include <string.h>

#include "fit.h"

bool rsa_algo_matches(const char *algo, const struct verify_key *key)
{
	static const struct {
		const char *name;
		size_t bytes;
	} algos[] = {
		{ "sha256,rsa2048", 256 },
		{ "sha256,rsa3072", 384 },
		{ "sha256,rsa4096", 512 },
	};
	size_t i;

	for (i = 0; algo != NULL && i < ARRAY_SIZE(algos); i++) {
		if (strcmp(algo, algos[i].name) == 0) {
			return key->modulus_bytes == algos[i].bytes;
		}
	}
	return false;
}

int rsa_verify(const struct verify_key *key, const uint8_t hash[SHA256_BYTES], const uint8_t *sig,
	       size_t len)
{
	mbedtls_rsa_context rsa;
	int ret;

	if (len != key->modulus_bytes) {
		return -EACCES;
	}
	arena_reset();
	mbedtls_rsa_init(&rsa);
	ret = mbedtls_rsa_import_raw(&rsa, key->modulus, key->modulus_bytes, NULL, 0, NULL, 0, NULL,
				     0, key->exponent, key->exponent_bytes);
	if (ret == 0) {
		ret = mbedtls_rsa_pkcs1_verify(&rsa, MBEDTLS_MD_SHA256, SHA256_BYTES, hash, sig);
	}
	mbedtls_rsa_free(&rsa);
	return ret == 0 ? 0 : -EACCES;
}
