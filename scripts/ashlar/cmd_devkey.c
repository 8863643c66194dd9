// SPDX-License-Identifier: Apache-2.0
/*
 * ashlar devkey: the key for trying things out, made once for each user by openssl and never deleted by us.
 * One file holds key and certificate; it is made in a folder beside and linked into place, so two builds at a time
 * agree on one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ashlar.h"

static const char usage[] = "usage: ashlar devkey [--ecdsa]\n"
			    "Make this user's " DEV_KEY_SUBJECT
			    " once (RSA-3072, in ${XDG_DATA_HOME:-~/.local/share}/ashlar) and\n"
			    "print its path. --ecdsa: one on P-256, beside it.";

#define CANNOT \
	"%s cannot be made: %s; let XDG_DATA_HOME name another folder, or CONFIG_SIGN_KEY a key of yours"

static char *key_folder(void)
{
	const char *data = getenv("XDG_DATA_HOME");
	const char *home = getenv("HOME");

	if (data != NULL && data[0] == '/') {
		return xasprintf("%s/ashlar", data);
	}
	if (home == NULL || home[0] != '/') {
		fail("neither XDG_DATA_HOME nor HOME says where the dev key should be; set CONFIG_SIGN_KEY");
	}
	return xasprintf("%s/.local/share/ashlar", home);
}

static void make_folders(const char *path)
{
	char *copy = xstrdup(path);
	char *slash;

	for (slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0755) != 0 && errno != EEXIST) {
			fail(CANNOT, copy, strerror(errno));
		}
		*slash = '/';
	}
	if (mkdir(copy, 0700) != 0 && errno != EEXIST) {
		fail(CANNOT, path, strerror(errno));
	}
	free(copy);
}

/* The folder in which a key is being made; it goes, with what is in it, when the program ends. */
struct workshop {
	char *folder, *key, *crt;
};

static struct workshop shop;

static void shop_close(void)
{
	unlink(shop.key);
	unlink(shop.crt);
	rmdir(shop.folder);
}

static void shop_open(const char *beside)
{
	shop.folder = xasprintf("%s/new.XXXXXX", beside);
	if (mkdtemp(shop.folder) == NULL) {
		fail(CANNOT, beside, strerror(errno));
	}
	shop.key = xasprintf("%s/dev.key", shop.folder);
	shop.crt = xasprintf("%s/dev.crt", shop.folder);
	atexit(shop_close);
}

static void join_files(const char *key, const char *crt)
{
	struct file c = file_read(crt, "certificate");
	FILE *out = fopen(key, "ab");

	if (out == NULL || fwrite(c.data, 1, c.size, out) != c.size || fclose(out) != 0) {
		fail("%s cannot be written: %s", key, strerror(errno));
	}
	file_free(&c);
}

static void make_key(const char *folder, const char *key, bool is_ec)
{
	make_folders(folder);
	umask(077);
	shop_open(folder);
	key_make(shop.key, shop.crt, is_ec, DEV_KEY_SUBJECT);
	join_files(shop.key, shop.crt);
	if (link(shop.key, key) != 0 && errno != EEXIST) {
		fail(CANNOT, key, strerror(errno));
	}
	fprintf(stderr, "ashlar: made the " DEV_KEY_SUBJECT " of this user\n");
}

int cmd_devkey(int argc, char **argv)
{
	struct string_list rest = { 0 };
	bool is_ec = false;
	const struct option_spec specs[] = { { .name = "ecdsa", .flag = &is_ec }, { 0 } };
	char *folder, *key;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 0 ? &rest : NULL, "nothing else but", usage);
	folder = key_folder();
	key = xasprintf("%s/%s", folder, is_ec ? "dev-ecdsa.key" : "dev.key");
	if (!file_is_there(key)) {
		make_key(folder, key, is_ec);
	}
	puts(key);
	return EXIT_OK;
}
