// SPDX-License-Identifier: Apache-2.0
/* A bill of material as CycloneDX 1.6 (ECMA-424). Licences that SPDX has no name for have their text as evidence. */
#include <stdlib.h>
#include <string.h>

#include "sbom.h"

static const char *component_type(const struct json *component)
{
	const char *name = sbom_need(component, "name");

	if (strncmp(name, "linux-", 6) == 0) {
		return "operating-system";
	}
	if (strcmp(name, "hypervisor") == 0 || strcmp(name, "image") == 0 ||
	    strncmp(name, "u-boot", 6) == 0) {
		return "firmware";
	}
	if (strncmp(name, "plan", 4) == 0 || strstr(name, "device tree") != NULL) {
		return "data";
	}
	return strstr(name, "-src") != NULL || strncmp(name, "lib", 3) == 0 ? "library" : "file";
}

static void put_hashes(struct json_out *o, const struct json *component)
{
	static const char *const kinds[][2] = { { "sha256", "SHA-256" }, { "sha512", "SHA-512" } };
	size_t i;

	json_open(o, "hashes", '[');
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		json_open(o, NULL, '{');
		json_string(o, "alg", kinds[i][1]);
		json_string(o, "content", sbom_need(component, kinds[i][0]));
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_text(struct json_out *o, const char *name, const char *text)
{
	json_open(o, NULL, '{');
	json_open(o, "license", '{');
	json_string(o, "name", name);
	json_open(o, "text", '{');
	json_string(o, "contentType", "text/plain");
	json_string(o, "content", text);
	json_close(o, '}');
	json_close(o, '}');
	json_close(o, '}');
}

static void put_evidence(struct json_out *o, const struct sbom *s, const char *licence)
{
	const char *at = licence;
	char ref[256];

	if (s->licences == NULL || !sbom_next_ref(&at, ref, sizeof(ref))) {
		return;
	}
	json_open(o, "evidence", '{');
	json_open(o, "licenses", '[');
	do {
		put_text(o, ref, sbom_need(s->licences, ref));
	} while (sbom_next_ref(&at, ref, sizeof(ref)));
	json_close(o, ']');
	json_close(o, '}');
}

static void put_licence(struct json_out *o, const char *licence)
{
	json_open(o, "licenses", '[');
	json_open(o, NULL, '{');
	json_string(o, "expression", licence);
	json_close(o, '}');
	json_close(o, ']');
}

static void put_property(struct json_out *o, const char *name, const char *value)
{
	if (value != NULL) {
		json_open(o, NULL, '{');
		json_string(o, "name", name);
		json_string(o, "value", value);
		json_close(o, '}');
	}
}

static void put_properties(struct json_out *o, const struct json *component)
{
	const struct json *users = json_member(component, "used_by");
	const struct json *user;

	json_open(o, "properties", '[');
	put_property(o, "ashlar:size", sbom_need(component, "size"));
	put_property(o, "ashlar:load-address", json_text(component, "load_address"));
	put_property(o, "ashlar:file", json_text(component, "file"));
	put_property(o, "ashlar:archive", json_text(component, "archive"));
	for (user = users != NULL ? users->first : NULL; user != NULL; user = user->next) {
		put_property(o, "ashlar:used-by", user->text);
	}
	json_close(o, ']');
}

static void put_supplier(struct json_out *o, const char *name)
{
	json_open(o, "supplier", '{');
	json_string(o, "name", name);
	json_close(o, '}');
}

static void put_component(struct json_out *o, const struct sbom *s, const struct json *component)
{
	const char *licence = sbom_licence(component);
	char *ref = sbom_ref(component), *purl = sbom_purl(component);

	json_open(o, NULL, '{');
	json_string(o, "type", component_type(component));
	json_string(o, "bom-ref", ref);
	put_supplier(o, sbom_need(component, "supplier"));
	json_string(o, "name", sbom_need(component, "name"));
	json_string(o, "version", sbom_need(component, "version"));
	put_hashes(o, component);
	if (licence != NULL) {
		put_licence(o, licence);
	}
	json_string(o, "purl", purl);
	if (licence != NULL) {
		put_evidence(o, s, licence);
	}
	put_properties(o, component);
	json_close(o, '}');
	free(ref);
	free(purl);
}

static void put_metadata(struct json_out *o, const struct sbom *s)
{
	json_open(o, "metadata", '{');
	json_string(o, "timestamp", s->date);
	json_open(o, "tools", '{');
	json_open(o, "components", '[');
	json_open(o, NULL, '{');
	json_string(o, "type", "application");
	json_string(o, "name", "ashlar");
	json_string(o, "version", ASHLAR_VERSION);
	json_close(o, '}');
	json_close(o, ']');
	json_close(o, '}');
	json_open(o, "component", '{');
	json_string(o, "type", "firmware");
	json_string(o, "bom-ref", s->name);
	json_string(o, "name", s->name);
	json_string(o, "version", sbom_need(s->manifest, "version"));
	json_close(o, '}');
	json_close(o, '}');
}

/* The image is made of them all; what they are made of in turn is not known here. */
static void put_dependencies(struct json_out *o, const struct sbom *s)
{
	const struct json *c;

	json_open(o, "dependencies", '[');
	json_open(o, NULL, '{');
	json_string(o, "ref", s->name);
	json_open(o, "dependsOn", '[');
	for (c = sbom_components(s->manifest); c != NULL; c = c->next) {
		char *ref = sbom_ref(c);

		json_string(o, NULL, ref);
		free(ref);
	}
	json_close(o, ']');
	json_close(o, '}');
	json_close(o, ']');
}

void sbom_cyclonedx(const struct sbom *s, FILE *out)
{
	struct json_out o = { .stream = out };
	char serial[UUID_LEN + 16];
	const struct json *c;

	snprintf(serial, sizeof(serial), "urn:uuid:%s", s->uuid);
	json_open(&o, NULL, '{');
	json_string(&o, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
	json_string(&o, "bomFormat", "CycloneDX");
	json_string(&o, "specVersion", "1.6");
	json_string(&o, "serialNumber", serial);
	json_literal(&o, "version", "1");
	put_metadata(&o, s);
	json_open(&o, "components", '[');
	for (c = sbom_components(s->manifest); c != NULL; c = c->next) {
		put_component(&o, s, c);
	}
	json_close(&o, ']');
	put_dependencies(&o, s);
	json_close(&o, '}');
}
