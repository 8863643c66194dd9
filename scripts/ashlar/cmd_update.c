// SPDX-License-Identifier: Apache-2.0
/*
 * ashlar update: a RAUC bundle of a signed image, made by rauc itself. Whoever installs it holds it against the update key
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
	"usage: ashlar update --key KEY.pem --board NAME --output OUT.raucb IMAGE\n"
	"Make a RAUC bundle of ashlar.itb or ashlar.efi, signed by KEY.pem, whose certificate lies in it or beside it (.crt). Its version\n"
	"is the image's. rauc does it: apt-get install rauc squashfs-tools.";

static char *folder;

static char *inside(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static void clear_folder(void)
{
	static const char *const names[] = { "in/manifest.raucm", "in/ashlar.itb", "in/ashlar.efi",
					     "out.raucb" };
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

static void put_manifest(const struct file *f, const char *board, uint32_t version)
{
	char *text = xasprintf(
		"[update]\ncompatible=ashlar-%s\nversion=%u\n\n[bundle]\nformat=verity\n\n[image.ashlar]\nfilename=%s\n",
		board, version, name_of(f));

	file_write(inside("in/manifest.raucm"), text, strlen(text));
	free(text);
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

static void run_rauc(const char *key, const char *out)
{
	char *certificate = certificate_of(key), *made = inside("out.raucb"), *log;
	char *argv[] = { (char *)"rauc",
			 (char *)"bundle",
			 xasprintf("--cert=%s", certificate),
			 xasprintf("--key=%s", key),
			 inside("in"),
			 made,
			 NULL };
	struct file f;

	if (run(argv, &log) != 0) {
		fail("rauc cannot make the update; it is installed by: apt-get install rauc squashfs-tools\n%s",
		     log);
	}
	f = file_read(made, "update");
	file_write(out, f.data, f.size);
	file_free(&f);
	free(log);
}

int cmd_update(int argc, char **argv)
{
	struct string_list rest = { 0 };
	const char *key = NULL, *board = NULL, *out = NULL;
	const struct option_spec specs[] = { { .name = "key", .value = &key },
					     { .name = "board", .value = &board },
					     { .name = "output", .value = &out },
					     { 0 } };
	struct file f;

	parse_options(argc, argv, specs, usage, &rest);
	if (key == NULL || board == NULL || out == NULL) {
		fail("--key, --board and --output are needed\n%s", usage);
	}
	need(rest.count == 1 ? &rest : NULL, "one image", usage);
	f = file_read(rest.items[0], "image");
	folder = xasprintf("%s.XXXXXX", out);
	if (mkdtemp(folder) == NULL || mkdir(inside("in"), 0700) != 0) {
		fail("%s cannot be made: %s", folder, strerror(errno));
	}
	atexit(clear_folder);
	put_manifest(&f, board, version_of(&f, rest.items[0]));
	file_write(inside(xasprintf("in/%s", name_of(&f))), f.data, f.size);
	run_rauc(key, out);
	file_free(&f);
	return EXIT_OK;
}
