// SPDX-License-Identifier: Apache-2.0
/*
 * ashlar update: a RAUC bundle of a signed image (rauc_bundle.c). Whoever installs it holds it against the update key
 * first; what is inside is still verified by boot loader and hypervisor, with their own keys.
 * Format: RAUC 1.8, "verity" bundles.
 */
#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../hypervisor/verify/fit.h"
#include "ashlar.h"

static const char usage[] =
	"usage: ashlar update --key KEY.pem --board NAME [--system DISK] --output OUT.raucb IMAGE\n"
	"Make a RAUC bundle of ashlar.itb or ashlar.efi, signed by KEY.pem, whose certificate lies in it or beside it (.crt). Its version\n"
	"is the image's. --system: the read-only disk that goes with it. The time in the signature is SOURCE_DATE_EPOCH's.";

static char *folder;

static char *inside(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static void clear_folder(void)
{
	static const char *const names[] = {
		("in/" RAUC_MANIFEST), "in/ashlar.itb", "in/ashlar.efi",
		"in/system.img",       "data",		"manifest",
		"signature",	       "made.raucb"
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		unlink(inside(names[i]));
	}
	rmdir(inside("in"));
	rmdir(folder);
}

/* The counter in the configuration; of a PE file, in that of its bundle. */
static uint32_t version_of(const struct file *f, const char *path)
{
	struct file fit = efi_is_pe(f) ? efi_file_bundle(f) : *f;
	const char *why = "neither a FIT nor ashlar.efi";
	const void *value;
	int conf = -1, len = 0;

	if (fit.size > 0 && fit_check_tree(fit.data, fit.size, &why) == 0) {
		conf = fit_default_config(fit.data, &why);
	}
	if (conf < 0) {
		fail("%s: %s", path, why);
	}
	value = fdt_getprop(fit.data, conf, "ashlar,rollback", &len);
	return value != NULL && len == 4 ? fdt32_ld(value) : 0;
}

/* The name that the board's slots know it by. */
static const char *name_of(const struct file *f)
{
	return efi_is_pe(f) ? "ashlar.efi" : "ashlar.itb";
}

/* A file of the update, and its section of the manifest. */
static char *put_image(const char *section, const char *name, const struct file *f)
{
	char *path = xasprintf("%s/in/%s", folder, name), *digest, *text;

	file_write(path, f->data, f->size);
	digest = file_digest(path);
	text = xasprintf("\n[image.%s]\nfilename=%s\nsha256=%s\nsize=%zu\n", section, name, digest,
			 f->size);
	free(digest);
	free(path);
	return text;
}

/* The disk that goes with the image is no part of it: the image has its root hash. */
static char *put_system(const char *path)
{
	struct file f;
	char *text;

	if (path == NULL) {
		return xstrdup("");
	}
	f = file_read(path, "read-only disk");
	text = put_image("system", "system.img", &f);
	file_free(&f);
	return text;
}

/* rauc reads a certificate out of any PEM file that has one. */
static char *certificate_of(const char *key)
{
	struct file pem = file_read(key, "key");
	bool is_inside = strstr((const char *)pem.data, "-----BEGIN CERTIFICATE-----") != NULL;
	const char *dot = strrchr(key, '.');
	int stem = dot != NULL && strchr(dot, '/') == NULL ? (int)(dot - key) : (int)strlen(key);
	char *beside = xasprintf("%.*s.crt", stem, key);

	memset(pem.data, 0, pem.size);
	file_free(&pem);
	if (!is_inside && !file_is_there(beside)) {
		fail("%s: an update is signed with a certificate, and there is no %s; `ashlar keys` makes one",
		     key, beside);
	}
	return is_inside ? xstrdup(key) : beside;
}

static void make_folder(const char *out)
{
	folder = xasprintf("%s.XXXXXX", out);
	if (mkdtemp(folder) == NULL) {
		fail("%s cannot be made: %s", folder, strerror(errno));
	}
	atexit(clear_folder);
	umask(022); /* what is packed has the modes of files that all may read */
	if (mkdir(inside("in"), 0755) != 0) {
		fail("%s cannot be made: %s", inside("in"), strerror(errno));
	}
}

/* It gets its name once another program has taken it. */
static void hand_out(const struct rauc_bundle *b, const char *out)
{
	char *argv[] = { (char *)"rauc", (char *)"info", xasprintf("--keyring=%s", b->certificate),
			 (char *)b->out, NULL };
	struct file f;
	char *log;

	if (run(argv, &log) != 0) {
		fail("rauc, which is installed by apt-get install rauc, does not take the update:\n%s",
		     log);
	}
	f = file_read(b->out, "update");
	file_write(out, f.data, f.size);
	file_free(&f);
	free(log);
}

/* Without its manifest and output. */
static struct rauc_bundle bundle_of(const char *key)
{
	return (struct rauc_bundle){ .key = key,
				     .certificate = certificate_of(key),
				     .folder = inside("in"),
				     .data = inside("data"),
				     .manifest = inside("manifest"),
				     .signature = inside("signature"),
				     .out = inside("made.raucb") };
}

int cmd_update(int argc, char **argv)
{
	struct string_list rest = { 0 };
	const char *key = NULL, *board = NULL, *out = NULL, *system = NULL;
	const struct option_spec specs[] = { { .name = "key", .value = &key },
					     { .name = "board", .value = &board },
					     { .name = "output", .value = &out },
					     { .name = "system", .value = &system },
					     { 0 } };
	struct rauc_bundle b;
	struct file f;

	parse_options(argc, argv, specs, usage, &rest);
	if (key == NULL || board == NULL || out == NULL) {
		fail("--key, --board and --output are needed\n%s", usage);
	}
	need(rest.count == 1 ? &rest : NULL, "one image", usage);
	f = file_read(rest.items[0], "image");
	make_folder(out);
	b = bundle_of(key);
	b.head =
		xasprintf("[update]\ncompatible=ashlar-%s\nversion=%u\n\n[bundle]\nformat=verity\n",
			  board, version_of(&f, rest.items[0]));
	b.images = xasprintf("%s%s", put_image("ashlar", name_of(&f), &f), put_system(system));
	rauc_bundle(&b);
	hand_out(&b, out);
	file_free(&f);
	return EXIT_OK;
}
