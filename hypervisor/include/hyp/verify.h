/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of a FIT: the signature of its configuration, then each image's digest.
 *
 * The same code verifies the bundle on the target and, in `ashlar verify`, what the build has just signed.
 * The format is U-Boot's (doc/usage/fit/signature.rst): the signed bytes are the regions of the tree that
 * the configuration names, and the list of nodes is computed here, never taken from `hashed-nodes`.
 */
#ifndef HYP_VERIFY_H
#define HYP_VERIFY_H

#include <hyp/types.h>

#define SHA256_BYTES 32

/**
 * struct verify_key - a public key of RSA; or of ECDSA: then @modulus is the point, x and then y, and there is no exponent.
 * @id: the first 8 bytes of SHA-256 over modulus then exponent
 */
struct verify_key {
	const uint8_t *modulus; /* big endian */
	size_t modulus_bytes;
	const uint8_t *exponent; /* big endian */
	size_t exponent_bytes;	 /* 0: a key of ECDSA */
	char id[17];		 /* hex */
	bool is_dev;		 /* the INSECURE DEV KEY */
};

/** The key built into this binary (generated at build time). */
extern const struct verify_key verify_builtin_key;

/**
 * digest_sha256() - hash, by SHA instructions where the CPU has them (the one digest seam).
 * Context: boot, before any guest's FP state is live.
 */
void digest_sha256(const void *data, size_t len, uint8_t out[SHA256_BYTES]);

/** struct sha256 - a digest of several pieces in progress; nothing of it lives in registers between two calls. */
struct sha256 {
	uint64_t words[16];
};

/** sha256_begin() / sha256_add() / sha256_end() - hash pieces in order. Context: no guest's FP state is live on this CPU. */
void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);
void sha256_end(struct sha256 *s, uint8_t out[SHA256_BYTES]);

/** digest_backend() - "sha-instructions" or "portable", for the boot log. */
const char *digest_backend(void);

/** struct fit_image - an image of a verified FIT; @offset is relative to the start of the whole FIT file. */
struct fit_image {
	const char *name;
	uint64_t offset;
	uint64_t size;
	uint8_t sha256[SHA256_BYTES];
};

/**
 * fit_total_size() - bytes of a FIT with its external data, before anything is verified.
 * @fit:   the FIT's start, 8-byte aligned
 * @avail: bytes that may be read
 * @tree:  set to the tree's own size, bytes
 * Return: 0; -EINVAL not a FIT, misaligned or longer than @avail. Trust nothing but bounds from it.
 */
int __must_check fit_total_size(const void *fit, size_t avail, size_t *tree, size_t *total);

/**
 * fit_verify_config() - verify the default configuration's signature over the tree.
 * @fit:  a private copy of the tree (or the whole FIT)
 * @len:  bytes readable at @fit (at least the tree)
 * @key:  the key that must have signed
 * @why:  on error set to a static sentence that says why
 * Return: offset of the configuration's node (> 0); -EINVAL malformed; -EACCES not signed by @key.
 */
int __must_check fit_verify_config(const void *fit, size_t len, const struct verify_key *key,
				   const char **why);

/**
 * fit_config_image() - the n-th image that a verified configuration names (kernel, fdt, ramdisk, loadables in order).
 * Return: 0; -ENOENT past the last; -EINVAL malformed (no digest, out of bounds, not 4 KiB aligned).
 */
int __must_check fit_config_image(const void *fit, size_t len, int conf, unsigned int n,
				  struct fit_image *img, const char **why);

#endif
