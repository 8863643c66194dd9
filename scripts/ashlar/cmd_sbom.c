// SPDX-License-Identifier: Apache-2.0
/* Requirement: bill-of-material */
/* ashlar sbom: a bill of material of images/manifest.json. */
#include <stdlib.h>

#include "sbom/sbom.h"

static const char usage[] =
	"usage: ashlar sbom --cyclonedx|--spdx|--vex [--licences TEXTS.json] [--output FILE] MANIFEST.json\n"
	"Write the bill of material of the image that a manifest describes: CycloneDX 1.6 or SPDX 3.0.1, as JSON.\n"
	"--vex: a VEX document (CycloneDX 1.6) that belongs to it, with a statement to fill in for each component.\n"
	"--licences: the texts of licences that SPDX has no name for, as the build writes them.";

/* A version 8 UUID (RFC 9562 section 5.8), the same for the same manifest. */
static void make_uuid(char uuid[UUID_LEN], const char *path)
{
	struct file f = file_read(path, "manifest");
	uint8_t d[SHA256_BYTES];
	char all[33];

	digest_sha256(f.data, f.size, d);
	d[6] = (uint8_t)(0x80 | (d[6] & 0x0f));
	d[8] = (uint8_t)(0x80 | (d[8] & 0x3f));
	hex(all, d, 16);
	snprintf(uuid, UUID_LEN, "%.8s-%.4s-%.4s-%.4s-%.12s", all, all + 8, all + 12, all + 16,
		 all + 20);
	file_free(&f);
}

static void write_to(const char *path, const struct sbom *s,
		     void (*write)(const struct sbom *s, FILE *out))
{
	struct output *out;

	if (path == NULL) {
		write(s, stdout);
		return;
	}
	out = output_open(path);
	write(s, out->stream);
	output_commit(out);
}

int cmd_sbom(int argc, char **argv)
{
	struct string_list rest = { 0 };
	const char *out = NULL, *licences = NULL;
	bool cyclonedx = false, spdx = false, vex = false;
	const struct option_spec specs[] = {
		{ .name = "cyclonedx", .flag = &cyclonedx },
		{ .name = "spdx", .flag = &spdx },
		{ .name = "vex", .flag = &vex },
		{ .name = "licences", .value = &licences },
		{ .name = "output", .value = &out },
		{ 0 },
	};
	struct json *manifest, *texts = NULL;
	struct sbom s;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 1 ? rest.items[0] : NULL, "a manifest", usage);
	need(cyclonedx + spdx + vex == 1 ? usage : NULL, "one of --cyclonedx, --spdx and --vex",
	     usage);
	manifest = json_file(rest.items[0], "manifest");
	if (licences != NULL) {
		texts = json_file(licences, "licence texts");
	}
	s = (struct sbom){ .manifest = manifest, .licences = texts };
	s.name = xasprintf("ashlar-%s", sbom_need(manifest, "board"));
	make_uuid(s.uuid, rest.items[0]);
	iso_date(s.date);
	write_to(out, &s, cyclonedx ? sbom_cyclonedx : spdx ? sbom_spdx : sbom_vex);
	free(s.name);
	json_free(manifest);
	json_free(texts);
	return EXIT_OK;
}
