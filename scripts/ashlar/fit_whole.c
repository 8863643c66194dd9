// SPDX-License-Identifier: Apache-2.0
/*
 * Every byte of an outer FIT: a configuration's signature leaves out padding, places of images, and what mkimage says of
 * itself. So the root, which is signed, has a digest of the whole file, taken with that digest and the signature's value as
 * zeroes. A signature of RSA (PKCS#1 v1.5) has one value only, so no byte is left that could differ.
 */
#include <hyp/fdt.h>
#include <libfdt.h>
#include <string.h>

#include "../../hypervisor/verify/fit.h"
#include "ashlar.h"

/* The bytes of a property in @fit become zeroes. */
static void blank(struct file *fit, const void *value, int len)
{
	memset(fit->data + ((const uint8_t *)value - fit->data), 0, (size_t)len);
}

static void blank_signatures(struct file *fit, int conf)
{
	int child, len;

	fdt_for_each_subnode(child, fit->data, conf) {
		const void *value = fdt_getprop(fit->data, child, "value", &len);

		if (value != NULL) {
			blank(fit, value, len);
		}
	}
}

int fit_whole_file(const struct file *fit, uint8_t out[SHA256_BYTES], const char **why)
{
	struct file copy = { xalloc(fit->size + 1), fit->size };
	uint8_t said[SHA256_BYTES];
	const void *whole = NULL;
	int conf, len = 0, is_same = -1;

	memcpy(copy.data, fit->data, fit->size);
	conf = fit_check_tree(copy.data, copy.size, why) == 0 ? fit_default_config(copy.data, why)
							      : -1;
	if (conf > 0) {
		whole = fdt_getprop(copy.data, 0, FIT_WHOLE_FILE, &len);
		*why = "no digest of the whole file in it";
	}
	if (whole != NULL && len == SHA256_BYTES) {
		memcpy(said, whole, sizeof(said));
		blank(&copy, whole, len);
		blank_signatures(&copy, conf);
		digest_sha256(copy.data, copy.size, out);
		is_same = memcmp(said, out, sizeof(said)) == 0;
		*why = is_same ? NULL : "a byte that the signature does not cover differs";
	}
	file_free(&copy);
	return is_same;
}
