// SPDX-License-Identifier: Apache-2.0
/* ashlar verify: an image as the target sees it: signature by the key, then every digest; a bundle inside alike. */
#include <libfdt.h>
#include <string.h>

#include "ashlar.h"

static const char usage[] =
	"usage: ashlar verify [--target] --key KEY.pem... [--bundle-key KEY.pem...] FILE...\n"
	"Verify the signature of each FIT's default configuration and the digests of its images; of a PE file, every\n"
	"byte. A bundle inside is verified too. KEY.pem may be a public key, with a certificate beside it for a PE file;\n"
	"of several, any one that signed will do.\n"
	"  --bundle-key KEY.pem  a bundle inside counts by these alone, and the image around it by the others\n"
	"  --target  no more than the target looks at: bytes that the signature leaves out may differ";

static struct keys bundle_keys; /* none: the others' */
static bool is_target;		/* bytes that are not covered may differ */

static bool verify_one(const struct file *fit, const struct keys *keys, const char *name);

static const struct keys *for_bundle(const struct keys *keys)
{
	return bundle_keys.count > 0 ? &bundle_keys : keys;
}

/* The ramdisk of an outer FIT is a FIT of its own. */
static bool verify_inner(const struct file *fit, const struct key *k, const struct keys *keys,
			 const char *name)
{
	struct fit_image img;
	const char *why;
	int conf = fit_verify_config(fit->data, fit->size, key_public(k), &why);
	unsigned int n;
	bool is_good = true;

	for (n = 0; conf > 0 && fit_config_image(fit->data, fit->size, conf, n, &img, &why) == 0;
	     n++) {
		struct file inner = { xalloc(img.size + 1), img.size };

		memcpy(inner.data, fit->data + img.offset, img.size);
		if (strcmp(img.name, "bundle") == 0 && fdt_magic(inner.data) == FDT_MAGIC) {
			char *inner_name = xasprintf("%s: bundle", name);

			is_good = verify_one(&inner, for_bundle(keys), inner_name);
		}
		file_free(&inner);
	}
	return is_good;
}

/* A PE file has one signer, of RSA: the reason said is of the last key that it could be. */
static const struct key *efi_signer(const struct file *f, const struct keys *keys, const char **why)
{
	size_t i;

	*why = "the key is not of RSA";
	for (i = 0; i < keys->count; i++) {
		if (!key_is_ec(keys->key[i]) && efi_file_verify(f, keys->key[i], why)) {
			return keys->key[i];
		}
	}
	return NULL;
}

static bool verify_efi(const struct file *f, const struct keys *keys, const char *name)
{
	char *inner_name = xasprintf("%s: bundle", name);
	struct file bundle;
	const char *why = NULL;
	const struct key *k = efi_signer(f, keys, &why);
	bool is_good;

	if (k == NULL) {
		fprintf(stderr, "%s: refused: %s\n", name, why);
		return false;
	}
	printf("%s: good signature by key %s%s%s, no other byte in it\n", name, key_public(k)->id,
	       key_subject(k)[0] != '\0' ? " " : "", key_subject(k));
	bundle = efi_file_bundle(f);
	is_good = bundle.size == 0 || verify_one(&bundle, for_bundle(keys), inner_name);
	file_free(&bundle);
	return is_good;
}

/* The key that signed, or NULL with the reason of the last one that did not. */
static const struct key *signer(const struct file *fit, const struct keys *keys, const char **why)
{
	size_t i;

	for (i = 0; i < keys->count; i++) {
		if (fit_file_verify(fit, key_public(keys->key[i]), why)) {
			return keys->key[i];
		}
	}
	return NULL;
}

static bool verify_one(const struct file *fit, const struct keys *keys, const char *name)
{
	uint8_t digest[SHA256_BYTES];
	const char *why = NULL;
	const struct key *k;
	int whole;

	if (efi_is_pe(fit)) {
		return verify_efi(fit, keys, name);
	}
	k = signer(fit, keys, &why);
	if (k == NULL) {
		fprintf(stderr, "%s: refused: %s\n", name, why);
		return false;
	}
	whole = is_target ? -1 : fit_whole_file(fit, digest, &why);
	if (whole == 0) {
		fprintf(stderr, "%s: refused: %s\n", name, why);
		return false;
	}
	printf("%s: good signature by key %s%s%s, digests match%s\n", name, key_public(k)->id,
	       key_subject(k)[0] != '\0' ? " " : "", key_subject(k),
	       whole > 0 ? ", no other byte in it" : "");
	return verify_inner(fit, k, keys, name);
}

static void read_keys(const struct string_list *paths, struct keys *keys)
{
	if (paths->count > MAX_KEYS) {
		fail("%zu keys, at most %d are tried", paths->count, MAX_KEYS);
	}
	for (; keys->count < paths->count; keys->count++) {
		keys->key[keys->count] = key_read(paths->items[keys->count], false);
	}
}

int cmd_verify(int argc, char **argv)
{
	struct string_list rest = { 0 }, paths = { 0 }, bundle_paths = { 0 };
	const struct option_spec specs[] = { { .name = "key", .list = &paths },
					     { .name = "bundle-key", .list = &bundle_paths },
					     { .name = "target", .flag = &is_target },
					     { 0 } };
	struct keys keys = { 0 };
	bool is_good = true;
	size_t i;

	parse_options(argc, argv, specs, usage, &rest);
	need(paths.count > 0 ? &paths : NULL, "--key", usage);
	need(rest.count > 0 ? &rest : NULL, "a file", usage);
	read_keys(&paths, &keys);
	read_keys(&bundle_paths, &bundle_keys);
	for (i = 0; i < rest.count; i++) {
		struct file f = file_read(rest.items[i], "image");

		is_good &= verify_one(&f, &keys, rest.items[i]);
		file_free(&f);
	}
	for (i = 0; i < keys.count; i++) {
		key_free(keys.key[i]);
	}
	for (i = 0; i < bundle_keys.count; i++) {
		key_free(bundle_keys.key[i]);
	}
	return is_good ? EXIT_OK : EXIT_REFUSED;
}
