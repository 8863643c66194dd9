// SPDX-License-Identifier: Apache-2.0
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

/* Node offsets move with every property added, so the list is made on the way and again at the end. */
static int put_signature_node(void *fdt, int conf, const struct key *k, const char *path)
{
	const struct verify_key *pub = key_public(k);
	static const char images[] = "fdt\0loadables";
	uint8_t empty[512] = { 0 };
	fdt32_t strings[2] = { 0, 0 };
	char algo[32];
	int sig = fdt_add_subnode(fdt, conf, "signature-1");

	check(sig, path);
	snprintf(algo, sizeof(algo), "sha256,rsa%zu", pub->modulus_bytes * 8);
	check(set_string(fdt, sig, "algo", algo), path);
	check(set_string(fdt, sig, "key-name-hint", key_hint(k)), path);
	check(fdt_setprop(fdt, sig, "sign-images", images, sizeof(images)), path);
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

/* All properties stand: what is left are the numbers that depend on the tree's bytes. */
static void put_value(void *fdt, int conf, struct key *k, const char *path)
{
	uint8_t hash[SHA256_BYTES], value[512];
	struct fit_nodes nodes;
	const char *why = NULL;
	fdt32_t strings[2] = { 0, cpu_to_fdt32(fdt_size_dt_strings(fdt)) };
	int sig = fdt_subnode_offset(fdt, conf, "signature-1");

	check(fdt_setprop_inplace(fdt, sig, "hashed-strings", strings, sizeof(strings)), path);
	signed_nodes(fdt, conf, &nodes, path);
	if (fit_hash_signed(fdt, &nodes, fdt_size_dt_strings(fdt), hash, &why) != 0) {
		fail("%s cannot be signed: %s", path, why);
	}
	key_sign(k, hash, value);
	check(fdt_setprop_inplace(fdt, sig, "value", value, (int)key_public(k)->modulus_bytes),
	      path);
}

void sign_bundle(struct file *fit, struct key *k, const char *path)
{
	size_t tree = fdt_is_sound(fit->data, fit->size) ? fdt_totalsize(fit->data) : 0;
	struct fit_nodes nodes;
	uint8_t *fdt;
	int conf, sig;

	if (tree == 0) {
		fail("%s: not a FIT", path);
	}
	fdt = xalloc(tree);
	check(fdt_open_into(fit->data, fdt, (int)tree), path);
	conf = default_config(fdt, path);
	if (fdt_subnode_offset(fdt, conf, "signature-1") >= 0) {
		fail("%s: signed already", path);
	}
	signed_nodes(fdt, conf, &nodes, path);
	sig = put_signature_node(fdt, conf, k, path);
	signed_nodes(fdt, conf, &nodes, path);
	put_hashed_nodes(fdt, sig, &nodes, path);
	put_value(fdt, conf, k, path);
	memcpy(fit->data, fdt, tree);
	free(fdt);
}
