// SPDX-License-Identifier: Apache-2.0
/* ashlar import: another project's configuration of guests becomes domain folders. Nothing in it is ever executed. */
#include <string.h>

#include "import/import.h"

static const char usage[] =
	"usage: ashlar import --output DIR [--disk TARGET=SOURCE]... FILE\n"
	"Make domain folders (domain.dtsi, Kconfig) in DIR of an xl.cfg. Standard output says\n"
	"what has no counterpart here and why, by file and line. All folders are written, or none.\n"
	"  --output DIR          rootfs/domains, where the build looks for them\n"
	"  --disk TARGET=SOURCE  what a disk of the file is here, such as /dev/vg/root=PARTLABEL=root";

static void check_text(struct import *im, const struct file *f)
{
	unsigned int line = 1;
	size_t i;

	if (f->size > IMPORT_MAX_BYTES) {
		fail("%s has %zu bytes, at most %u are read", im->path, f->size, IMPORT_MAX_BYTES);
	}
	for (i = 0; i < f->size; i++) {
		uint8_t c = f->data[i];

		line += c == '\n';
		if ((c < ' ' && c != '\n' && c != '\t' && c != '\r') || c == 0x7f) {
			import_error(im, line,
				     "a byte 0x%02x: it is no text; is it a configuration?", c);
			return;
		}
	}
}

int cmd_import(int argc, char **argv)
{
	struct string_list rest = { 0 }, disks = { 0 };
	const char *out = NULL;
	const struct option_spec specs[] = {
		{ .name = "output", .value = &out },
		{ .name = "disk", .list = &disks },
		{ 0 },
	};
	static struct import im;
	struct file f;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 1 ? &rest : NULL, "one configuration", usage);
	need(out, "--output", usage);
	im.path = rest.items[0];
	im.disks = &disks;
	f = file_read(im.path, "configuration");
	check_text(&im, &f);
	if (im.errors == 0) {
		import_xl(&im, (const char *)f.data);
	}
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
