// SPDX-License-Identifier: Apache-2.0
/* Requirement: import */
/* ashlar import: another project's configuration of guests becomes domain folders. Nothing in it is ever executed. */
#include "import/import.h"

static const char usage[] =
	"usage: ashlar import --output DIR [--disk TARGET=SOURCE]... [--image MODULE=FILE]... FILE\n"
	"Make domain folders (domain.dtsi, Kconfig) in DIR of an xl.cfg, an ImageBuilder config,\n"
	"or a compiled device tree with Xen's dom0less domains. Standard output says what has no\n"
	"counterpart here and why, by file and line. All folders are written, or none.\n"
	"  --output DIR          rootfs/domains, where the build looks for them\n"
	"  --disk TARGET=SOURCE  what a disk of an xl.cfg is here: /dev/vg/root=PARTLABEL=root\n"
	"  --image MODULE=FILE   what a module of a device tree is: domU1/module@4a000000=Image";

int cmd_import(int argc, char **argv)
{
	struct string_list rest = { 0 }, disks = { 0 }, images = { 0 };
	const char *out = NULL;
	const struct option_spec specs[] = {
		{ .name = "output", .value = &out },
		{ .name = "disk", .list = &disks },
		{ .name = "image", .list = &images },
		{ 0 },
	};
	static struct import im;
	struct file f;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 1 ? &rest : NULL, "one configuration", usage);
	need(out, "--output", usage);
	im.path = rest.items[0];
	im.disks = &disks;
	im.images = &images;
	f = file_read(im.path, "configuration");
	if (f.size > IMPORT_MAX_BYTES) {
		fail("%s has %zu bytes, at most %u are read", im.path, f.size, IMPORT_MAX_BYTES);
	}
	import_any(&im, &f);
	file_free(&f);
	import_say(&im);
	if (im.errors > 0) {
		fprintf(stderr, "ashlar: %u error%s; nothing was written\n", im.errors,
			im.errors == 1 ? "" : "s");
		return EXIT_REFUSED;
	}
	import_write(&im, out);
	return EXIT_OK;
}
