// SPDX-License-Identifier: Apache-2.0
/* The bundle is signed by ECDSA (fit.h). */
#include "fit.h"

bool signature_algo_matches(const char *algo, const struct verify_key *key)
{
	return ecdsa_algo_matches(algo, key);
}

int signature_verify(const struct verify_key *key, const uint8_t hash[SHA256_BYTES],
		     const uint8_t *sig, size_t len)
{
	return ecdsa_verify(key, hash, sig, len);
}
