// SPDX-License-Identifier: Apache-2.0
/* ashlar keys: a key for each role, so that a signature counts for one thing only. */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "ashlar.h"

static const char usage[] =
	"usage: ashlar keys [--name NAME] --output DIR [ROLE...]\n"
	"Make DIR/ROLE.key and DIR/ROLE.crt (RSA-3072) for each role: root (Trusted Firmware), board (what U-Boot verifies),\n"
	"bundle (what the hypervisor verifies), efi (db of a UEFI firmware), update (update files); all of them if none is named.\n"
	"Nothing that is there is replaced.\n"
	"  --name NAME  in the certificates' subjects: \"NAME board\"; \"Ashlar\" if not given";

static const char *const roles[] = { "root", "board", "bundle", "efi", "update" };

static void require_role(const char *role)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(roles); i++) {
		if (strcmp(roles[i], role) == 0) {
			return;
		}
	}
	fail("%s is no role of a key\n%s", role, usage);
}

/* In openssl's subject these would mean something. */
static void require_plain(const char *name)
{
	for (; *name != '\0'; name++) {
		if (!isalnum((unsigned char)*name) && strchr(" ._-", *name) == NULL) {
			fail("--name: letters, digits, blanks, '.', '_' and '-' only");
		}
	}
}

static void require_free(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0) {
		fail("%s is there already; no key is replaced", path);
	}
}

static void make_role(const char *folder, const char *name, const char *role)
{
	char *key = xasprintf("%s/%s.key", folder, role);
	char *crt = xasprintf("%s/%s.crt", folder, role);
	struct key *k;

	require_free(key);
	require_free(crt);
	key_make(key, crt, false, xasprintf("%s %s", name, role));
	k = key_read(key, true);
	printf("%s: key %s: %s, %s\n", key, key_public(k)->id, key_kind(k), key_subject(k));
	key_free(k);
}

int cmd_keys(int argc, char **argv)
{
	struct string_list rest = { 0 };
	const char *folder = NULL, *name = "Ashlar";
	const struct option_spec specs[] = { { .name = "output", .value = &folder },
					     { .name = "name", .value = &name },
					     { 0 } };
	bool all;
	size_t i;

	parse_options(argc, argv, specs, usage, &rest);
	need(folder, "--output", usage);
	require_plain(name);
	for (i = 0; i < rest.count; i++) {
		require_role(rest.items[i]);
	}
	all = rest.count == 0;
	for (i = 0; all && i < ARRAY_SIZE(roles); i++) {
		string_list_add(&rest, roles[i]);
	}
	umask(077);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		fail("%s cannot be made: %s", folder, strerror(errno));
	}
	for (i = 0; i < rest.count; i++) {
		make_role(folder, name, rest.items[i]);
	}
	return EXIT_OK;
}
