// SPDX-License-Identifier: Apache-2.0
/*
 * The FIT reader on any bytes, with every signature taken for good: so that what comes after it is tried too.
 * Everything it reports about an image must lie inside the file and be reachable.
 */
#include <stdlib.h>
#include <string.h>

#include "../../hypervisor/verify/digest.h"
#include "../../hypervisor/verify/fit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t modulus[384] = { 0x80 };
static const uint8_t exponent[3] = { 1, 0, 1 };
static const struct verify_key key = { .modulus = modulus,
				       .modulus_bytes = sizeof(modulus),
				       .exponent = exponent,
				       .exponent_bytes = sizeof(exponent) };
static volatile uint8_t seen;

/* In place of mbedtls: reads every byte, so that a sanitizer sees each. */
void digest_begin(struct digest *d)
{
	(void)d;
}

void digest_add(struct digest *d, const void *data, size_t len)
{
	const uint8_t *p = data;

	(void)d;
	while (len-- > 0) {
		seen = (uint8_t)(seen ^ *p++);
	}
}

void digest_end(struct digest *d, uint8_t out[SHA256_BYTES])
{
	(void)d;
	memset(out, seen, SHA256_BYTES);
}

bool signature_algo_matches(const char *algo, const struct verify_key *k)
{
	return k == &key && algo != NULL && strcmp(algo, "sha256,rsa3072") == 0;
}

int signature_verify(const struct verify_key *k, const uint8_t hash[SHA256_BYTES],
		     const uint8_t *sig, size_t len)
{
	struct digest d;

	(void)k;
	digest_add(&d, hash, SHA256_BYTES);
	digest_add(&d, sig, len);
	return 0;
}

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static void read_images(const void *fit, size_t tree, size_t total, int conf)
{
	const char *why = NULL;
	struct fit_image image;
	int ret;

	for (unsigned int n = 0;; n++) {
		ret = fit_config_image(fit, tree, conf, n, &image, &why);
		if (ret != 0) {
			break;
		}
		must(image.name[0] != '\0' && image.offset >= tree && image.offset % 4096 == 0);
		must(image.size <= total && image.offset <= total - image.size);
		must(n < 4096);
	}
	must(ret < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t tree = 0, total = 0;
	const char *why = NULL;
	void *copy = NULL;
	bool is_whole;
	int conf;

	if (size < 2 || posix_memalign(&copy, 8, size) != 0) {
		return 0;
	}
	memcpy(copy, data, size);
	is_whole = fit_total_size(copy, size, &tree, &total) == 0;
	must(!is_whole || (tree <= total && total <= size));
	conf = fit_verify_config(copy, size, &key, &why);
	must(conf > 0 || (conf < 0 && why != NULL));
	if (conf > 0 && is_whole) {
		read_images(copy, tree, total, conf);
	}
	free(copy);
	return 0;
}
