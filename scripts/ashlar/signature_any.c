// SPDX-License-Identifier: Apache-2.0
/* The tool verifies what any configuration of the hypervisor does: the key says of which kind it is. */
#include "../../hypervisor/verify/fit.h"

bool signature_algo_matches(const char *algo, const struct verify_key *key)
{
	return key->exponent_bytes > 0 ? rsa_algo_matches(algo, key)
				       : ecdsa_algo_matches(algo, key);
}

int signature_verify(const struct verify_key *key, const uint8_t hash[SHA256_BYTES],
		     const uint8_t *sig, size_t len)
{
	return key->exponent_bytes > 0 ? rsa_verify(key, hash, sig, len)
				       : ecdsa_verify(key, hash, sig, len);
}
