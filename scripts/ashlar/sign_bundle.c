// SPDX-License-Identifier: Apache-2.0
/* Requirement: signing */
/*
 * Signing a bundle: U-Boot's format (doc/usage/fit/signature.rst), our own bytes by mbedtls, so that the same input
 * gives the same output. The tree keeps its size; `ashlar pack` left room.
 */
#include <stdlib.h>
#include <string.h>

#include <hyp/fdt.h>

#include "../../hypervisor/verify/fit.h"
#include "ashlar.h"
#include "fdt_strings.h"

static void check(int error, const char *path)
{
	if (error < 0) {
		fail("%s cannot be signed: %s", path, fdt_strerror(error));
	}
}

/* The list that older verifiers of this format read; ours computes its own. */
static void put_hashed_nodes(void *fdt, int sig, const struct fit_nodes *nodes, const char *path)
{
	char name[256];
	unsigned int i;

	for (i = 0; i < nodes->count; i++) {
		check(fdt_get_path(fdt, nodes->offset[i], name, sizeof(name)), path);
		check(append_string(fdt, sig, "hashed-nodes", name), path);
	}
}

static void put_sign_images(void *fdt, int conf, int sig, const char *path)
{
	static const char *const lists[] = { "kernel", "fdt", "ramdisk", "loadables" };
	bool has[ARRAY_SIZE(lists)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		has[i] = fdt_getprop(fdt, conf, lists[i], NULL) != NULL;
	}
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		if (has[i]) {
			check(append_string(fdt, sig, "sign-images", lists[i]), path);
		}
	}
}

/* Node offsets move with every property added, so the list is made on the way and again at the end. */
static int put_signature_node(void *fdt, int conf, const struct key *k, size_t n, const char *path)
{
	const struct verify_key *pub = key_public(k);
	uint8_t empty[512] = { 0 };
	fdt32_t strings[2] = { 0, 0 };
	char name[16];
	int sig;

	snprintf(name, sizeof(name), "signature-%zu", n + 1);
	sig = fdt_add_subnode(fdt, conf, name);
	check(sig, path);
	check(set_string(fdt, sig, "algo", key_algo(k)), path);
	check(set_string(fdt, sig, "key-name-hint", key_hint(k)), path);
	put_sign_images(fdt, conf, sig, path);
	check(fdt_setprop(fdt, sig, "hashed-strings", strings, sizeof(strings)), path);
	check(set_string(fdt, sig, "signer-name", "ashlar"), path);
	check(fdt_setprop(fdt, sig, "value", empty, (int)pub->modulus_bytes), path);
	return sig;
}

static int default_config(const void *fdt, const char *path)
{
	const char *why = NULL;
	int conf;

	if (fit_check_tree(fdt, fdt_totalsize(fdt), &why) != 0 ||
	    (conf = fit_default_config(fdt, &why)) < 0) {
		fail("%s cannot be signed: %s", path, why);
	}
	return conf;
}

static void signed_nodes(const void *fdt, int conf, struct fit_nodes *nodes, const char *path)
{
	const char *why = NULL;

	if (fit_signed_nodes(fdt, conf, nodes, &why) != 0) {
		fail("%s cannot be signed: %s", path, why);
	}
}

static int signature_node(const void *fdt, size_t n)
{
	const char *why = NULL;
	char name[32];

	snprintf(name, sizeof(name), "signature-%zu", n + 1);
	return fdt_subnode_offset(fdt, fit_default_config(fdt, &why), name);
}

/* All properties stand: what is left are the numbers that depend on the tree's bytes. They are the same for all keys. */
static void hash_tree(void *fdt, size_t count, uint8_t hash[SHA256_BYTES], const char *path)
{
	struct fit_nodes nodes;
	const char *why = NULL;
	fdt32_t strings[2] = { 0, cpu_to_fdt32(fdt_size_dt_strings(fdt)) };
	size_t i;

	for (i = 0; i < count; i++) {
		check(fdt_setprop_inplace(fdt, signature_node(fdt, i), "hashed-strings", strings,
					  sizeof(strings)),
		      path);
	}
	signed_nodes(fdt, default_config(fdt, path), &nodes, path);
	if (fit_hash_signed(fdt, &nodes, fdt_size_dt_strings(fdt), hash, &why) != 0) {
		fail("%s cannot be signed: %s", path, why);
	}
}

static void add_signature(void *fdt, const struct key *k, size_t n, const char *path)
{
	int conf = default_config(fdt, path), sig;
	struct fit_nodes nodes;

	sig = put_signature_node(fdt, conf, k, n, path);
	signed_nodes(fdt, conf, &nodes, path);
	put_hashed_nodes(fdt, sig, &nodes, path);
}

/*
 * Signatures that lack only their values. All are there before the first is made, for the names of the configuration's
 * children are signed: one cannot be added later.
 */
static void add_signatures(void *fdt, const struct keys *keys, const char *path)
{
	size_t i;

	if (fdt_first_subnode(fdt, default_config(fdt, path)) >= 0) {
		fail("%s: signed already", path);
	}
	for (i = 0; i < keys->count; i++) {
		add_signature(fdt, keys->key[i], i, path);
	}
}

static void *open_tree(const struct file *fit, const char *path)
{
	size_t tree = fdt_is_sound(fit->data, fit->size) ? fdt_totalsize(fit->data) : 0;
	uint8_t *fdt;

	if (tree == 0) {
		fail("%s: not a FIT", path);
	}
	fdt = xalloc(tree);
	check(fdt_open_into(fit->data, fdt, (int)tree), path);
	return fdt;
}

void sign_digest(const struct file *fit, const struct keys *keys, const char *path,
		 uint8_t hash[SHA256_BYTES])
{
	void *fdt = open_tree(fit, path);

	add_signatures(fdt, keys, path);
	hash_tree(fdt, keys->count, hash, path);
	free(fdt);
}

static void put_value(void *fdt, const struct keys *keys, size_t n, const uint8_t *hash,
		      const char *path)
{
	struct key *k = keys->key[n];
	uint8_t value[512];

	if (keys->signature[n] != NULL) {
		key_read_signature(k, keys->signature[n], value);
	} else {
		key_sign(k, hash, value);
	}
	check(fdt_setprop_inplace(fdt, signature_node(fdt, n), "value", value,
				  (int)key_public(k)->modulus_bytes),
	      path);
}

void sign_bundle(struct file *fit, const struct keys *keys, const char *path)
{
	uint8_t hash[SHA256_BYTES];
	void *fdt = open_tree(fit, path);
	size_t i;

	add_signatures(fdt, keys, path);
	hash_tree(fdt, keys->count, hash, path);
	for (i = 0; i < keys->count; i++) {
		put_value(fdt, keys, i, hash, path);
	}
	memcpy(fit->data, fdt, fdt_totalsize(fit->data));
	free(fdt);
}

/* What is behind the tree's blocks was something else before. */
static void clear_tail(void *fdt)
{
	size_t end = fdt_off_dt_strings(fdt) + fdt_size_dt_strings(fdt);

	memset((uint8_t *)fdt + end, 0, fdt_totalsize(fdt) - end);
}

/* The digest of the whole file, in which the signatures' values are zeroes still. */
static void put_whole(void *fdt, struct file *fit, const char *path)
{
	uint8_t whole[SHA256_BYTES];
	const char *why = NULL;

	check(fdt_pack(fdt), path);
	fdt_set_totalsize(fdt, fdt_totalsize(fit->data));
	clear_tail(fdt);
	memcpy(fit->data, fdt, fdt_totalsize(fdt));
	if (fit_whole_file(fit, whole, &why) < 0) {
		fail("%s cannot be signed: %s", path, why);
	}
	check(fdt_setprop_inplace(fdt, 0, FIT_WHOLE_FILE, whole, sizeof(whole)), path);
}

void sign_whole(struct file *fit, const struct keys *keys, const char *path, uint8_t *only_hash)
{
	uint8_t hash[SHA256_BYTES];
	void *fdt = open_tree(fit, path);
	size_t i;

	check(fdt_delprop(fdt, 0, FIT_ROOM), path);
	add_signatures(fdt, keys, path);
	hash_tree(fdt, keys->count, hash, path); /* for what it writes into the tree */
	put_whole(fdt, fit, path);
	hash_tree(fdt, keys->count, hash, path);
	for (i = 0; only_hash == NULL && i < keys->count; i++) {
		put_value(fdt, keys, i, hash, path);
	}
	if (only_hash != NULL) {
		memcpy(only_hash, hash, sizeof(hash));
	}
	memcpy(fit->data, fdt, fdt_totalsize(fit->data));
	free(fdt);
}
