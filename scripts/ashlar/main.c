// SPDX-License-Identifier: Apache-2.0
/* The host tool `ashlar`: dispatch to the sub-commands, each in cmd_<name>.c. */
#include <string.h>

#include "ashlar.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "images", cmd_images, "list the images that a plan's domains name" },
	{ "check", cmd_check, "find every error of a plan, with file and line" },
	{ "pack", cmd_pack, "place everything; write the packed plan and the unsigned bundle" },
	{ "sign", cmd_sign,
	  "sign a bundle, make the outer image, or require a key in a control tree" },
	{ "verify", cmd_verify, "verify signature and digests of an image" },
	{ "inspect", cmd_inspect, "show what is in an image or a plan" },
	{ "extract", cmd_extract, "take one image out of a FIT" },
	{ "diff", cmd_diff, "show what differs between two images or plans" },
	{ "map", cmd_map, "show who owns which memory, CPUs, devices, interrupts, links" },
	{ "import", cmd_import,
	  "make domain folders of xl.cfg, ImageBuilder config, dom0less dtb" },
	{ "size", cmd_size, "show what every part costs, against another build or a budget" },
	{ "sbom", cmd_sbom, "write a bill of material: CycloneDX 1.6 or SPDX 3.0.1" },
	{ "provenance", cmd_provenance, "write how an image was made: in-toto, SLSA v1" },
	{ "update", cmd_update, "make a RAUC bundle of an image" },
	{ "keys", cmd_keys, "make a key for each role, with certificates" },
	{ "keyinfo", cmd_keyinfo, "show a key's id, or write it as C" },
	{ "devkey", cmd_devkey, "make this user's INSECURE DEV KEY once; print its path" },
};

static void usage(FILE *to)
{
	size_t i;

	fputs("usage: ashlar COMMAND [OPTION...] FILE...\n\n", to);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		fprintf(to, "  %-10s  %s\n", commands[i].name, commands[i].summary);
	}
	fputs("\n`ashlar COMMAND --help` says more. Exit status: 0 done, 1 refused, 2 trouble.\n",
	      to);
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		usage(stderr);
		return EXIT_TROUBLE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		usage(stdout);
		finish(EXIT_OK);
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("ashlar " ASHLAR_VERSION);
		finish(EXIT_OK);
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i].name) == 0) {
			finish(commands[i].run(argc - 1, argv + 1));
		}
	}
	fprintf(stderr, "ashlar: unknown command %s\n", argv[1]);
	usage(stderr);
	return EXIT_TROUBLE;
}
