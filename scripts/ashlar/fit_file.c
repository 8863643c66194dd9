// SPDX-License-Identifier: Apache-2.0
/* A whole FIT in memory, verified as the target does it: signature, then every digest. */
#include "ashlar.h"
#include <errno.h>
#include <string.h>

bool fit_file_verify(const struct file *fit, const struct verify_key *k, const char **why)
{
	struct fit_image img;
	uint8_t digest[SHA256_BYTES];
	size_t tree, total;
	unsigned int n;
	int conf, ret;

	conf = fit_verify_config(fit->data, fit->size, k, why);
	if (conf < 0) {
		return false;
	}
	if (fit_total_size(fit->data, fit->size, &tree, &total) != 0) {
		*why = "the file is shorter than its images";
		return false;
	}
	for (n = 0; (ret = fit_config_image(fit->data, fit->size, conf, n, &img, why)) == 0; n++) {
		digest_sha256(fit->data + img.offset, img.size, digest);
		if (memcmp(digest, img.sha256, sizeof(digest)) != 0) {
			*why = xasprintf("image \"%s\" does not match its digest", img.name);
			return false;
		}
	}
	return ret == -ENOENT;
}
