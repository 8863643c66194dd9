// SPDX-License-Identifier: Apache-2.0
/* ashlar sign: bundle, outer FIT, or control tree. What was signed is verified before it gets its name. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ashlar.h"

static const char usage[] =
	"usage: ashlar sign --key KEY.pem... --output OUT BUNDLE\n"
	"       ashlar sign --key KEY.pem --digest --output DIGEST BUNDLE\n"
	"       ashlar sign --key KEY.pem --signature FILE --output OUT BUNDLE\n"
	"       ashlar sign --key KEY.pem... [--digest] [--signature FILE...] --output OUT --plan PLAN.dtb --hypervisor FILE\n"
	"                   --fdt FILE --bundle FILE [--xen]\n"
	"       ashlar sign --key KEY.pem --output OUT.efi --plan PLAN.dtb --hypervisor FILE --stub FILE --bundle FILE\n"
	"       ashlar sign --key KEY.pem --output OUT.efi --stub FILE\n"
	"       ashlar sign --key KEY.pem... [--any] --output OUT.dtb --control IN.dtb\n"
	"Sign a bundle made by `ashlar pack`, by up to four keys of RSA or ECDSA, all at once; make and sign the outer\n"
	"image (a FIT by mkimage, or a PE file for UEFI firmware); or an EFI program alone, which chooses between two of\n"
	"those; or make a control tree for U-Boot that requires the key. What was signed is verified before it gets its name.\n"
	"  --xen             the hypervisor is upstream Xen: the boot loader puts the bundle where the plan has it\n"
	"  --any             U-Boot is content with any one of the keys; else all must have signed\n"
	"  --release         refuse an " DEV_KEY_SUBJECT "\n"
	"  --digest          write the SHA-256 to be signed elsewhere, 32 bytes; public keys will do\n"
	"  --signature FILE  take the signature that was made over it: one for each key, in their order";

static void require_good(const struct file *fit, const struct key *k, const char *name)
{
	const char *why = NULL;

	if (!fit_file_verify(fit, key_public(k), &why)) {
		fail("%s: signed, but does not verify by key %s: %s", name, key_public(k)->id, why);
	}
}

static void do_bundle(const char *in, const struct keys *keys, const char *out)
{
	struct file fit = file_read(in, "bundle");
	size_t i;

	sign_bundle(&fit, keys, in);
	for (i = 0; i < keys->count; i++) {
		require_good(&fit, keys->key[i], in);
	}
	file_write(out, fit.data, fit.size);
	file_free(&fit);
}

static void do_digest(const char *in, const struct keys *keys, const char *out)
{
	struct file fit = file_read(in, "bundle");
	uint8_t hash[SHA256_BYTES];

	sign_digest(&fit, keys, in, hash);
	file_write(out, hash, sizeof(hash));
	file_free(&fit);
}

/* U-Boot verifies RSA only. */
static void require_rsa(const struct keys *keys, const struct string_list *paths)
{
	size_t i;

	for (i = 0; i < keys->count; i++) {
		if (key_is_ec(keys->key[i])) {
			fail("key %s: not an RSA key; U-Boot verifies no other kind",
			     paths->items[i]);
		}
	}
}

/* A PE file has one key. */
static struct key *one_rsa_key(const struct keys *keys, const struct string_list *paths)
{
	if (keys->count != 1) {
		fail("what a UEFI firmware verifies is signed by one key\n%s", usage);
	}
	require_rsa(keys, paths);
	return keys->key[0];
}

static void do_outer(const struct outer *o, const struct keys *keys, bool only_digest,
		     const char *out)
{
	struct output *made = output_open(out);
	uint8_t hash[SHA256_BYTES];
	struct file fit = sign_outer(o, keys, made->temp, only_digest ? hash : NULL);
	size_t i;

	output_discard(made);
	for (i = 0; !only_digest && i < keys->count; i++) {
		require_good(&fit, keys->key[i], out);
	}
	file_write(out, only_digest ? hash : fit.data, only_digest ? sizeof(hash) : fit.size);
	file_free(&fit);
}

/* Not an image that lacks something: nothing of one was named. */
static bool is_alone(const struct outer *o)
{
	return o->stub != NULL && o->plan == NULL && o->hypervisor == NULL && o->bundle == NULL;
}

static void do_efi(const struct outer *o, struct key *k, const char *out)
{
	struct file f = is_alone(o) ? sign_efi_alone(o->stub, k) : sign_efi(o, k);
	const char *why = "";

	if (!efi_file_verify(&f, k, &why)) {
		fail("%s: signed, but does not verify: %s", out, why);
	}
	file_write(out, f.data, f.size);
	file_free(&f);
}

/* The keys, and for each its signature if there are any. */
static void read_keys(struct keys *keys, const struct string_list *paths,
		      const struct string_list *signatures, bool needs_private, bool is_release)
{
	size_t i;

	need(paths->count > 0 ? paths : NULL, "--key", usage);
	if (paths->count > MAX_KEYS) {
		fail("%zu keys, a bundle has at most %d signatures", paths->count, MAX_KEYS);
	}
	if (signatures->count > 0 && signatures->count != paths->count) {
		fail("%zu signatures for %zu keys; give one for each", signatures->count,
		     paths->count);
	}
	for (i = 0; i < paths->count; i++) {
		keys->key[i] = key_read(paths->items[i], needs_private);
		keys->signature[i] = signatures->count > 0 ? signatures->items[i] : NULL;
		if (is_release && key_public(keys->key[i])->is_dev) {
			fail("key %s: an " DEV_KEY_SUBJECT
			     " cannot sign a release; let CONFIG_SIGN_KEY and CONFIG_BUNDLE_KEY name keys of yours, or set CONFIG_RELEASE=n",
			     paths->items[i]);
		}
	}
	keys->count = paths->count;
}

int cmd_sign(int argc, char **argv)
{
	struct string_list rest = { 0 }, paths = { 0 }, signatures = { 0 };
	const char *out = NULL, *control = NULL;
	struct keys keys = { 0 };
	struct outer o = { 0 };
	bool is_release = false, only_digest = false, any_key = false;
	const struct option_spec specs[] = {
		{ .name = "key", .list = &paths },
		{ .name = "output", .value = &out },
		{ .name = "control", .value = &control },
		{ .name = "any", .flag = &any_key },
		{ .name = "release", .flag = &is_release },
		{ .name = "digest", .flag = &only_digest },
		{ .name = "signature", .list = &signatures },
		{ .name = "plan", .value = &o.plan },
		{ .name = "hypervisor", .value = &o.hypervisor },
		{ .name = "fdt", .value = &o.fdt },
		{ .name = "stub", .value = &o.stub },
		{ .name = "bundle", .value = &o.bundle },
		{ .name = "xen", .flag = &o.for_xen },
		{ 0 },
	};
	size_t i;

	parse_options(argc, argv, specs, usage, &rest);
	need(out, "--output", usage);
	read_keys(&keys, &paths, &signatures, !only_digest && signatures.count == 0, is_release);
	if (control != NULL) {
		struct file f;

		require_rsa(&keys, &paths);
		f = sign_control(control, &keys, any_key);
		file_write(out, f.data, f.size);
	} else if (rest.count == 1) {
		(only_digest ? do_digest : do_bundle)(rest.items[0], &keys, out);
	} else if (is_alone(&o)) {
		do_efi(&o, one_rsa_key(&keys, &paths), out);
	} else {
		need(o.plan, "a bundle, or --plan,", usage);
		need(o.hypervisor, "--hypervisor", usage);
		need(o.bundle, "--bundle", usage);
		if (o.stub != NULL) {
			do_efi(&o, one_rsa_key(&keys, &paths), out);
		} else {
			need(o.fdt, "--fdt", usage);
			require_rsa(&keys, &paths);
			do_outer(&o, &keys, only_digest, out);
		}
	}
	for (i = 0; i < keys.count; i++) {
		key_free(keys.key[i]);
	}
	return EXIT_OK;
}
