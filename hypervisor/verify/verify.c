// SPDX-License-Identifier: Apache-2.0
/* Requirement: verified-start */
/*
 * Verification of a FIT (hyp/verify.h): its configuration's signature, then what its images say of themselves.
 * Format: U-Boot doc/usage/fit/signature.rst.
 */
#include <hyp/errno.h>
#include <libfdt.h>
#include <string.h>

#include "fit.h"

static int refuse(const char **why, int error, const char *reason)
{
	*why = reason;
	return error;
}

int fit_total_size(const void *fit, size_t avail, size_t *tree, size_t *total)
{
	uint64_t offset, size, end;
	const char *why;
	int images, image;

	if (fit_check_tree(fit, avail, &why) != 0) {
		return -EINVAL;
	}
	*tree = fdt_totalsize(fit);
	end = *tree;
	images = fdt_subnode_offset(fit, 0, "images");
	fdt_for_each_subnode(image, fit, images) {
		if (fit_image_range(fit, image, &offset, &size, &why) != 0) {
			return -EINVAL;
		}
		end = MAX(end, offset + size);
	}
	if (end > avail) {
		return -EINVAL;
	}
	*total = (size_t)end;
	return 0;
}

/* U-Boot's default, which may be named; PSS is not verified here. */
static bool padding_matches(const void *fit, int sig)
{
	const char *padding = fit_string(fit, sig, "padding");

	return fdt_getprop(fit, sig, "padding", NULL) == NULL ||
	       (padding != NULL && strcmp(padding, "pkcs-1.5") == 0);
}

static int verify_signature(const void *fit, int sig, const struct fit_nodes *nodes,
			    const struct verify_key *key, const char **why)
{
	uint8_t hash[SHA256_BYTES];
	const uint8_t *value;
	const fdt32_t *strings;
	int len;

	strings = fdt_getprop(fit, sig, "hashed-strings", &len);
	if (strings == NULL || len != 2 * (int)sizeof(*strings)) {
		return refuse(why, -EACCES, "the configuration is not signed");
	}
	value = fdt_getprop(fit, sig, "value", &len);
	if (value == NULL) {
		return refuse(why, -EACCES, "the configuration is not signed");
	}
	if (!signature_algo_matches(fit_string(fit, sig, "algo"), key) ||
	    !padding_matches(fit, sig)) {
		return refuse(why, -EACCES, "the signature is of another kind than the key");
	}
	if (fit_hash_signed(fit, nodes, fdt32_ld(&strings[1]), hash, why) != 0) {
		return -EINVAL;
	}
	if (signature_verify(key, hash, value, (size_t)len) != 0) {
		return refuse(why, -EACCES, "the signature does not verify with the built-in key");
	}
	return 0;
}

/* Any one signature by @key will do, as in U-Boot; a configuration may carry several. */
static int verify_any_signature(const void *fit, int conf, const struct fit_nodes *nodes,
				const struct verify_key *key, const char **why)
{
	int ret = refuse(why, -EACCES, "the configuration is not signed");
	unsigned int tried = 0;
	int child;

	fdt_for_each_subnode(child, fit, conf) {
		if (strncmp(fdt_get_name(fit, child, NULL), "signature", strlen("signature")) !=
		    0) {
			return refuse(why, -EINVAL,
				      "the configuration has a child that is not a signature");
		}
		if (++tried > FIT_MAX_SIGNATURES) {
			return refuse(why, -EINVAL, "the configuration has too many signatures");
		}
		ret = verify_signature(fit, child, nodes, key, why);
		if (ret == 0) {
			return 0;
		}
	}
	return ret;
}

static int check_overlaps(const void *fit, size_t len, int conf, unsigned int n,
			  const struct fit_image *img, const char **why)
{
	struct fit_image other;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (fit_config_image(fit, len, conf, i, &other, why) != 0) {
			return -EINVAL;
		}
		if (strcmp(other.name, img->name) != 0 && img->offset < other.offset + other.size &&
		    other.offset < img->offset + img->size) {
			return refuse(why, -EINVAL, "two images overlap");
		}
	}
	return 0;
}

static int check_images(const void *fit, size_t len, int conf, const char **why)
{
	struct fit_image img;
	unsigned int n;
	int ret;

	for (n = 0; (ret = fit_config_image(fit, len, conf, n, &img, why)) == 0; n++) {
		if (check_overlaps(fit, len, conf, n, &img, why) != 0) {
			return -EINVAL;
		}
	}
	return ret == -ENOENT ? 0 : ret;
}

int fit_verify_config(const void *fit, size_t len, const struct verify_key *key, const char **why)
{
	struct fit_nodes nodes;
	int conf, ret;

	*why = NULL;
	if (fit_check_tree(fit, len, why) != 0) {
		return -EINVAL;
	}
	conf = fit_default_config(fit, why);
	if (conf < 0) {
		return conf;
	}
	if (fit_signed_nodes(fit, conf, &nodes, why) != 0) {
		return -EINVAL;
	}
	ret = verify_any_signature(fit, conf, &nodes, key, why);
	if (ret == 0) {
		ret = check_images(fit, len, conf, why);
	}
	return ret == 0 ? conf : ret;
}

/* The digest of an image: the first hash node that is SHA-256. */
static int image_digest(const void *fit, int image, uint8_t out[SHA256_BYTES], const char **why)
{
	const char *algo;
	const void *value;
	int child, len;

	fdt_for_each_subnode(child, fit, image) {
		algo = fit_string(fit, child, "algo");
		value = fdt_getprop(fit, child, "value", &len);
		if (algo != NULL && strcmp(algo, "sha256") == 0) {
			if (value == NULL || len != SHA256_BYTES) {
				return refuse(why, -EINVAL,
					      "an image's digest has the wrong length");
			}
			memcpy(out, value, SHA256_BYTES);
			return 0;
		}
	}
	return refuse(why, -EINVAL, "an image has no SHA-256 digest");
}

int fit_config_image(const void *fit, size_t len, int conf, unsigned int n, struct fit_image *img,
		     const char **why)
{
	int image = fit_config_node(fit, conf, n, why);

	if (image < 0) {
		return image;
	}
	if (fdt_totalsize(fit) > len) {
		return refuse(why, -EINVAL, "the tree is longer than its buffer");
	}
	img->name = fdt_get_name(fit, image, NULL);
	if (fit_image_range(fit, image, &img->offset, &img->size, why) != 0) {
		return -EINVAL;
	}
	return image_digest(fit, image, img->sha256, why);
}
