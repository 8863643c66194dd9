// SPDX-License-Identifier: Apache-2.0
/*
 * U-Boot's control tree with the keys that every configuration must be signed by: /signature/key-<hint>, as its RSA
 * verifier reads them (U-Boot doc/usage/fit/signature.rst, "Public Key Storage"). All of them must have signed, or, where
 * required-mode says so, any one.
 */
#include <stdlib.h>
#include <string.h>

#include <hyp/fdt.h>

#include "ashlar.h"
#include "fdt_strings.h"

#define ROOM_BYTES (8 * 1024)

static void check(int error, const char *path)
{
	if (error < 0) {
		fail("%s cannot be given a key: %s", path, fdt_strerror(error));
	}
}

static int signature_node(void *fdt, const char *path)
{
	int node = fdt_subnode_offset(fdt, 0, "signature");

	if (node >= 0) {
		fail("%s has keys already", path);
	}
	node = fdt_add_subnode(fdt, 0, "signature");
	check(node, path);
	return node;
}

static uint64_t exponent_value(const struct verify_key *pub)
{
	uint64_t e = 0;
	size_t i;

	for (i = 0; i < pub->exponent_bytes; i++) {
		e = e << 8 | pub->exponent[i];
	}
	return e;
}

static void put_key(void *fdt, int parent, const struct key *k, const char *path)
{
	const struct verify_key *pub = key_public(k);
	char *name = xasprintf("key-%s", key_hint(k));
	char *algo = xasprintf("sha256,rsa%zu", pub->modulus_bytes * 8);
	int node = fdt_add_subnode(fdt, parent, name);
	uint8_t r_squared[512];
	uint32_t n0_inverse;

	check(node, path);
	key_montgomery(k, r_squared, &n0_inverse);
	check(set_string(fdt, node, "required", "conf"), path);
	check(set_string(fdt, node, "algo", algo), path);
	check(set_string(fdt, node, "key-name-hint", key_hint(k)), path);
	check(fdt_setprop_u32(fdt, node, "rsa,num-bits", (uint32_t)pub->modulus_bytes * 8), path);
	check(fdt_setprop_u32(fdt, node, "rsa,n0-inverse", n0_inverse), path);
	check(fdt_setprop_u64(fdt, node, "rsa,exponent", exponent_value(pub)), path);
	check(fdt_setprop(fdt, node, "rsa,modulus", pub->modulus, (int)pub->modulus_bytes), path);
	check(fdt_setprop(fdt, node, "rsa,r-squared", r_squared, (int)pub->modulus_bytes), path);
	free(algo);
	free(name);
}

struct file sign_control(const char *in, const struct keys *keys, bool any)
{
	struct file source = file_read(in, "control tree");
	struct file f = { NULL, source.size + ROOM_BYTES };
	int node;
	size_t i;

	if (!fdt_is_sound(source.data, source.size)) {
		fail("%s: not a device tree", in);
	}
	f.data = xalloc(f.size);
	check(fdt_open_into(source.data, f.data, (int)f.size), in);
	node = signature_node(f.data, in);
	if (any) {
		check(set_string(f.data, node, "required-mode", "any"), in);
	}
	for (i = keys->count; i > 0; i--) { /* each is put before the others */
		put_key(f.data, node, keys->key[i - 1], in);
	}
	check(fdt_pack(f.data), in);
	f.size = fdt_totalsize(f.data);
	file_free(&source);
	return f;
}
