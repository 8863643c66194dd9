/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of a FIT's tree, private to hypervisor/verify and the signing half in the host tool.
 *
 * What is read here is not yet verified: every offset and length is checked before use.
 */
#ifndef VERIFY_FIT_H
#define VERIFY_FIT_H

#include <hyp/verify.h>

#define FIT_IMAGE_ALIGN	   4096
#define FIT_MAX_DEPTH	   4   /* root, /images, an image, its hash */
#define FIT_MAX_PROPS	   64  /* a node */
#define FIT_MAX_CHILDREN   128 /* a node */
#define FIT_MAX_IMAGES	   64  /* a configuration */
#define FIT_MAX_SIGNATURES 4   /* a configuration */
#define FIT_MAX_SIGNED	   (2 + 4 * FIT_MAX_IMAGES)

/** struct fit_nodes - offsets of the nodes whose properties are signed. */
struct fit_nodes {
	int offset[FIT_MAX_SIGNED];
	unsigned int count;
};

/**
 * fit_check_tree() - is this a tree that can be read without surprise?
 * libfdt's full check, then ours: depth, number of properties and children, no name twice, no '@' in a node's
 * name (libfdt finds "kernel@1" when asked for "kernel"; U-Boot refuses it for the same reason).
 * Return: 0; -EINVAL with *why set.
 */
int __must_check fit_check_tree(const void *fit, size_t len, const char **why);

/** fit_default_config() - node of the configuration that /configurations names as default. Return: > 0; -EINVAL with *why set. */
int __must_check fit_default_config(const void *fit, const char **why);

/**
 * fit_config_node() - node of the n-th image that a configuration names: kernel, fdt, ramdisk, loadables in order.
 * Return: > 0; -ENOENT past the last; -EINVAL with *why set: it names an image that is not there.
 */
int __must_check fit_config_node(const void *fit, int conf, unsigned int n, const char **why);

/** fit_image_range() - an image's external data, relative to the FIT's start. Return: 0; -EINVAL with *why set. */
int __must_check fit_image_range(const void *fit, int image, uint64_t *offset, uint64_t *size,
				 const char **why);

/**
 * fit_signed_nodes() - the nodes that a signature of @conf covers: root, the configuration, its images, their
 * hash nodes. The list in the file (`hashed-nodes`) is never used.
 * Return: 0; -EINVAL with *why set.
 */
int __must_check fit_signed_nodes(const void *fit, int conf, struct fit_nodes *nodes,
				  const char **why);

/**
 * fit_hash_signed() - SHA-256 over the signed bytes: of each listed node all but the properties that place the data,
 * of their children the tags only, the end tag, then the first @strings bytes of the strings block.
 * Return: 0; -EINVAL with *why set.
 */
int __must_check fit_hash_signed(const void *fit, const struct fit_nodes *nodes, uint32_t strings,
				 uint8_t out[SHA256_BYTES], const char **why);

/** fit_string() - property that must be one non-empty string. Return: NULL if it is not there or is something else. */
const char *fit_string(const void *fit, int node, const char *name);

/**
 * signature_algo_matches() / signature_verify() - of the kind that is linked: signature_rsa.c or signature_ecdsa.c; the
 * host tool knows both. @algo: a signature's own word, or NULL.
 * Return: of signature_verify() 0; -EACCES.
 */
bool signature_algo_matches(const char *algo, const struct verify_key *key);
int __must_check signature_verify(const struct verify_key *key, const uint8_t hash[SHA256_BYTES],
				  const uint8_t *sig, size_t len);

/** rsa_verify() - PKCS#1 v1.5 with SHA-256 over @hash. Return: 0; -EACCES. */
bool rsa_algo_matches(const char *algo, const struct verify_key *key);
int __must_check rsa_verify(const struct verify_key *key, const uint8_t hash[SHA256_BYTES],
			    const uint8_t *sig, size_t len);

/** ecdsa_verify() - on P-256 or P-384, @sig is r, then s, as long as a coordinate each. Return: 0; -EACCES. */
bool ecdsa_algo_matches(const char *algo, const struct verify_key *key);
int __must_check ecdsa_verify(const struct verify_key *key, const uint8_t hash[SHA256_BYTES],
			      const uint8_t *sig, size_t len);

#endif
