// SPDX-License-Identifier: Apache-2.0
/* ashlar.efi made of its parts and signed; and the way back, which accepts exactly what the first would make. */
#include <stdlib.h>
#include <string.h>

#include "../../../hypervisor/verify/fit.h"
#include "efi_file.h"

static void sign_with(void *ctx, const uint8_t hash[SHA256_BYTES], uint8_t *sig)
{
	key_sign(ctx, hash, sig);
}

static struct plan_range hypervisor_range(const char *path)
{
	struct file f = file_read(path, "plan");
	struct plan *plan = xalloc(sizeof(*plan));
	struct plan_range r;

	if (plan_read(f.data, f.size, true, plan, NULL, NULL) != 0) {
		fail("%s: not a packed plan", path);
	}
	r = plan->hyp;
	free(plan);
	file_free(&f);
	return r;
}

/* One with a certificate, which is all that a firmware knows a key by. */
static struct file require_certificate(const struct key *k)
{
	struct file c = key_certificate(k);

	if (c.size == 0) {
		fail(NO_CERTIFICATE);
	}
	return c;
}

static struct file make(const struct efi_contents *c, struct key *k)
{
	struct file certificate = require_certificate(k), bare = efi_compose(c), signature, out;
	uint8_t digest[SHA256_BYTES];

	efi_digest(&bare, digest);
	signature = authenticode(digest, &certificate, key_public(k)->modulus_bytes, sign_with, k);
	out = efi_join(&bare, &signature);
	file_free(&bare);
	file_free(&signature);
	return out;
}

struct file sign_efi(const struct outer *o, struct key *k)
{
	struct file stub = file_read(o->stub, "EFI stub"), bundle = file_read(o->bundle, "bundle");
	struct file hyp = file_read(o->hypervisor, "hypervisor");
	struct plan_range at = hypervisor_range(o->plan);
	struct efi_contents c = { .bundle = { bundle.data, bundle.size } };
	struct file flat, out;

	efi_stub_read(&stub, &c);
	c.hyp_base = at.base;
	c.version = bundle_rollback(o->bundle);
	flat = hypervisor_in_memory(&hyp, at.base, &c.hyp_room, &c.hyp_entry);
	c.hypervisor = (struct efi_bytes){ flat.data, flat.size };
	out = make(&c, k);
	file_free(&flat);
	file_free(&hyp);
	file_free(&bundle);
	file_free(&stub);
	return out;
}

struct file sign_efi_alone(const char *program, struct key *k)
{
	struct file elf = file_read(program, "EFI program"), out;
	struct efi_contents c = { .bundle = { elf.data, 0 }, .hypervisor = { elf.data, 0 } };

	efi_stub_read(&elf, &c);
	out = make(&c, k);
	file_free(&elf);
	return out;
}

struct given {
	const struct key *key;
	const uint8_t *sig;
	bool is_good;
};

/* Instead of signing: the signature that is there, once it has been verified. */
static void take_given(void *ctx, const uint8_t hash[SHA256_BYTES], uint8_t *sig)
{
	struct given *g = ctx;
	size_t bytes = key_public(g->key)->modulus_bytes;

	g->is_good = rsa_verify(key_public(g->key), hash, g->sig, bytes) == 0;
	memcpy(sig, g->sig, bytes);
}

static bool is_same(const struct file *a, const struct file *b)
{
	return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

bool efi_file_verify(const struct file *f, const struct key *k, const char **why)
{
	struct efi_contents c;
	size_t signed_bytes = 0;
	struct efi_bytes der;
	struct given g = { .key = k };
	struct file certificate = key_certificate(k), bare, signature, again;
	uint8_t digest[SHA256_BYTES];
	bool same;

	*why = efi_parse(f, &c, &signed_bytes);
	if (*why != NULL) {
		return false;
	}
	der = efi_signature(f, signed_bytes);
	if (der.size <= key_public(k)->modulus_bytes) {
		*why = "it is not signed";
		return false;
	}
	if (certificate.size == 0) {
		*why = "the key has no certificate beside it to compare with";
		return false;
	}
	/* the signature's own value is the last thing in it */
	g.sig = der.data + der.size - key_public(k)->modulus_bytes;
	bare = efi_compose(&c);
	efi_digest(&bare, digest);
	signature =
		authenticode(digest, &certificate, key_public(k)->modulus_bytes, take_given, &g);
	again = efi_join(&bare, &signature);
	same = is_same(&again, f);
	*why = !g.is_good ? "signature is not by this key, or of another file"
			  : "bytes that its parts and its signature do not account for";
	file_free(&bare);
	file_free(&signature);
	file_free(&again);
	return g.is_good && same;
}

struct file efi_file_bundle(const struct file *f)
{
	struct file bundle = { NULL, 0 };
	struct efi_contents c;
	size_t signed_bytes;

	if (efi_parse(f, &c, &signed_bytes) == NULL) {
		bundle.size = c.bundle.size;
		bundle.data = xalloc(bundle.size + 1);
		memcpy(bundle.data, c.bundle.data, bundle.size);
	}
	return bundle;
}
