// SPDX-License-Identifier: Apache-2.0
/*
 * `ashlar import` on any bytes: an xl.cfg, an ImageBuilder config, a device tree. What it makes of them must be what its
 * words say, however they are spelt: a device tree's source whose strings end where they began, whose braces close, and
 * in which nothing is the preprocessor's or dtc's that the tool did not write itself.
 */
#include <stdlib.h>
#include <string.h>

#include "../../scripts/ashlar/import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

/* The end of a string that begins at @s: of its property, or another string comes. */
static const char *behind_string(const char *s)
{
	for (s++; *s != '"'; s++) {
		must(*s >= ' ' && *s <= '~');
		s += *s == '\\';
	}
	must(s[1] == ';' || s[1] == ',');
	return s + 1;
}

static void check_directive(const char *s)
{
	static const char *const known[] = { "#ifdef CONFIG_DOMAIN_STORE\n",
					     "#ifdef CONFIG_SHARE_CPUS\n",
					     "#ifdef CONFIG_GNTTAB_V2\n", "#else\n", "#endif\n" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (strncmp(s, known[i], strlen(known[i])) == 0) {
			return;
		}
	}
	abort();
}

static void check_dtsi(const char *s)
{
	unsigned int depth = 0;

	while (*s != '\0') {
		if (*s == '"') {
			s = behind_string(s);
			continue;
		}
		if (strncmp(s, "/*", 2) == 0) {
			s = strstr(s, "*/");
			must(s != NULL);
			s += 2;
			continue;
		}
		must(strncmp(s, "/include/", 9) != 0 && strncmp(s, "/delete", 7) != 0);
		must(*s != '{' || ++depth <= 4);
		must(*s != '}' || depth-- > 0);
		if (*s == '\n' && s[1] == '#') {
			check_directive(s + 1);
		}
		must(*s == '\n' || *s == '\t' || (*s >= ' ' && *s <= '~'));
		s++;
	}
	must(depth == 0);
}

static void check_kconfig(const char *s)
{
	must(strncmp(s, "config DOMAIN_", 14) == 0);
	for (; *s != '\0'; s++) {
		must(*s == '\n' || *s == '\t' || (*s >= ' ' && *s <= '~'));
		must(*s != '$');
	}
}

static void check_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	must(n > 0 && n < PLAN_NAME_LEN && name[n] == '\0');
	must(strcmp(name, "set") != 0 && strncmp(name, "set-", 4) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *disks_said[] = { "/dev/a=RAM=1" };
	static const char *images_said[] = { "a/kernel=/k" };
	const struct string_list disks = { disks_said, 1 }, images = { images_said, 1 };
	struct import im = { .path = "fuzz.cfg", .disks = &disks, .images = &images };
	struct file f = { xalloc(size + 1), size };
	size_t i;

	memcpy(f.data, data, size);
	import_any(&im, &f);
	for (i = 0; im.errors == 0 && i < im.nr_domains; i++) {
		char *dtsi = import_dtsi(&im, im.domains[i]);
		char *kconfig = import_kconfig(&im, im.domains[i]);

		check_name(im.domains[i]->name);
		check_dtsi(dtsi);
		check_kconfig(kconfig);
		free(dtsi);
		free(kconfig);
	}
	must(im.errors > 0 || im.nr_domains > 0);
	import_free(&im);
	file_free(&f);
	return 0;
}
