// SPDX-License-Identifier: Apache-2.0
/* ashlar provenance: how an image was made. Spec: in-toto Statement v1, SLSA Provenance v1. */
#include <stdlib.h>
#include <string.h>

#include "sbom/sbom.h"

static const char usage[] =
	"usage: ashlar provenance [--config AUTO.conf] [--subject FILE]... [--output FILE] MANIFEST.json\n"
	"Write an in-toto statement with SLSA's provenance v1: what was made (--subject), of which archives and\n"
	"configuration, by which tools. It is not signed.";

#define BUILD_TYPE "urn:ashlar:build:make:1"

static void put_digest(struct json_out *o, const char *sha256)
{
	json_open(o, "digest", '{');
	json_string(o, "sha256", sha256);
	json_close(o, '}');
}

static void put_subject(struct json_out *o, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct file f = file_read(path, "subject");
	uint8_t digest[SHA256_BYTES];
	char text[2 * SHA256_BYTES + 1];

	digest_sha256(f.data, f.size, digest);
	hex(text, digest, SHA256_BYTES);
	file_free(&f);
	json_open(o, NULL, '{');
	json_string(o, "name", slash != NULL ? slash + 1 : path);
	put_digest(o, text);
	json_close(o, '}');
}

/* Lines "CONFIG_X=value"; the place of the builder's key is left out. */
static void put_config(struct json_out *o, const char *path)
{
	struct file f = file_read(path, "configuration");
	char *line, *rest = NULL;

	json_open(o, "configuration", '{');
	for (line = strtok_r((char *)f.data, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *equals = strchr(line, '=');

		if (strncmp(line, "CONFIG_", 7) != 0 || equals == NULL) {
			continue;
		}
		*equals = '\0';
		if (strcmp(line, "CONFIG_SIGN_KEY") != 0 &&
		    strcmp(line, "CONFIG_BUNDLE_KEY") != 0) {
			json_string(o, line, equals + 1);
		}
	}
	json_close(o, '}');
	file_free(&f);
}

/* What came from elsewhere: a component with a package behind it. */
static void put_dependencies(struct json_out *o, const struct json *manifest)
{
	const struct json *c;

	json_open(o, "resolvedDependencies", '[');
	for (c = sbom_components(manifest); c != NULL; c = c->next) {
		char *purl = sbom_purl(c);

		if (purl != NULL) {
			json_open(o, NULL, '{');
			json_string(o, "name", sbom_need(c, "name"));
			json_string(o, "uri", purl);
			put_digest(o, sbom_need(c, "sha256"));
			json_close(o, '}');
		}
		free(purl);
	}
	json_close(o, ']');
}

static void put_definition(struct json_out *o, const struct json *manifest, const char *config)
{
	const struct json *tools = json_member(manifest, "toolchain");

	json_open(o, "buildDefinition", '{');
	json_string(o, "buildType", BUILD_TYPE);
	json_open(o, "externalParameters", '{');
	json_string(o, "board", sbom_need(manifest, "board"));
	json_string(o, "version", sbom_need(manifest, "version"));
	json_string(o, "keyId", sbom_need(manifest, "key_id"));
	json_literal(o, "sourceDateEpoch", sbom_need(manifest, "source_date_epoch"));
	if (config != NULL) {
		put_config(o, config);
	}
	json_close(o, '}');
	if (tools != NULL) {
		json_open(o, "internalParameters", '{');
		json_copy(o, "toolchain", tools);
		json_close(o, '}');
	}
	put_dependencies(o, manifest);
	json_close(o, '}');
}

static void put_statement(FILE *out, const struct json *manifest,
			  const struct string_list *subjects, const char *config)
{
	struct json_out o = { .stream = out };
	size_t i;

	json_open(&o, NULL, '{');
	json_string(&o, "_type", "https://in-toto.io/Statement/v1");
	json_open(&o, "subject", '[');
	for (i = 0; i < subjects->count; i++) {
		put_subject(&o, subjects->items[i]);
	}
	json_close(&o, ']');
	json_string(&o, "predicateType", "https://slsa.dev/provenance/v1");
	json_open(&o, "predicate", '{');
	put_definition(&o, manifest, config);
	json_open(&o, "runDetails", '{');
	json_open(&o, "builder", '{');
	json_string(&o, "id", BUILD_TYPE);
	json_open(&o, "version", '{');
	json_string(&o, "ashlar", ASHLAR_VERSION);
	json_close(&o, '}');
	json_close(&o, '}');
	json_close(&o, '}');
	json_close(&o, '}');
	json_close(&o, '}');
}

int cmd_provenance(int argc, char **argv)
{
	struct string_list rest = { 0 }, subjects = { 0 };
	const char *out = NULL, *config = NULL;
	const struct option_spec specs[] = {
		{ .name = "config", .value = &config },
		{ .name = "subject", .list = &subjects },
		{ .name = "output", .value = &out },
		{ 0 },
	};
	struct json *manifest;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 1 ? rest.items[0] : NULL, "a manifest", usage);
	manifest = json_file(rest.items[0], "manifest");
	if (out != NULL) {
		struct output *o = output_open(out);

		put_statement(o->stream, manifest, &subjects, config);
		output_commit(o);
	} else {
		put_statement(stdout, manifest, &subjects, config);
	}
	json_free(manifest);
	return EXIT_OK;
}
