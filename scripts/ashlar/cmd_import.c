// SPDX-License-Identifier: Apache-2.0
/* ashlar import: another project's configuration of guests becomes domain folders. Nothing in it is ever executed. */
#include <string.h>

#include "import/import.h"

static const char usage[] =
	"usage: ashlar import --output DIR [--disk TARGET=SOURCE]... [--image MODULE=FILE]... FILE\n"
	"Make domain folders (domain.dtsi, Kconfig) in DIR of an xl.cfg, an ImageBuilder config,\n"
	"or a compiled device tree with Xen's dom0less domains. Standard output says what has no\n"
	"counterpart here and why, by file and line. All folders are written, or none.\n"
	"  --output DIR          rootfs/domains, where the build looks for them\n"
	"  --disk TARGET=SOURCE  what a disk of an xl.cfg is here: /dev/vg/root=PARTLABEL=root\n"
	"  --image MODULE=FILE   what a module of a device tree is: domU1/module@4a000000=Image";

static void check_text(struct import *im, const struct file *f)
{
	unsigned int line = 1;
	size_t i;

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

static void import_text(struct import *im, const char *text)
{
	if (strstr(text, "/dts-v1/") != NULL) {
		import_error(im, 1, "a device tree's source; import what dtc makes of it");
	} else if (import_is_imagebuilder(text)) {
		import_imagebuilder(im, text);
	} else {
		import_xl(im, text);
	}
}

static bool is_tree(const struct file *f)
{
	static const uint8_t magic[] = { 0xd0, 0x0d, 0xfe, 0xed };

	return f->size > sizeof(magic) && memcmp(f->data, magic, sizeof(magic)) == 0;
}

static void import_any(struct import *im, const struct file *f)
{
	if (f->size > IMPORT_MAX_BYTES) {
		fail("%s has %zu bytes, at most %u are read", im->path, f->size, IMPORT_MAX_BYTES);
	}
	if (is_tree(f)) {
		import_dom0less(im, f->data, f->size);
		return;
	}
	check_text(im, f);
	if (im->errors == 0) {
		import_text(im, (const char *)f->data);
	}
}

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
