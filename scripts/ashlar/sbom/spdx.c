// SPDX-License-Identifier: Apache-2.0
/*
 * A bill of material as SPDX 3.0.1 in its JSON-LD form: profiles Core, Software, SimpleLicensing. Elements are named
 * below one name space that follows from the manifest, so that nothing changes from build to build.
 */
#include <stdlib.h>
#include <string.h>

#include "sbom.h"

#define SPDX_CONTEXT "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"

struct spdx {
	struct json_out o;
	const struct sbom *s;
};

static char *element_id(const struct spdx *x, const char *kind, const char *name)
{
	char *id =
		xasprintf("urn:uuid:%s#%s%s%s", x->s->uuid, kind, *name != '\0' ? "-" : "", name);
	char *p;

	for (p = id; *p != '\0'; p++) {
		if (strchr(" '()", *p) != NULL) {
			*p = '-';
		}
	}
	return id;
}

/* In an array where @name is NULL. */
static void put_id(struct spdx *x, const char *name, const char *kind, const char *what)
{
	char *id = element_id(x, kind, what);

	json_string(&x->o, name, id);
	free(id);
}

static void open_element(struct spdx *x, const char *type, const char *kind, const char *what)
{
	json_open(&x->o, NULL, '{');
	json_string(&x->o, "type", type);
	put_id(x, "spdxId", kind, what);
	json_string(&x->o, "creationInfo", "_:creation");
}

static void put_creation(struct spdx *x)
{
	json_open(&x->o, NULL, '{');
	json_string(&x->o, "type", "CreationInfo");
	json_string(&x->o, "@id", "_:creation");
	json_string(&x->o, "specVersion", "3.0.1");
	json_string(&x->o, "created", x->s->date);
	json_open(&x->o, "createdBy", '[');
	put_id(x, NULL, "agent", "Ashlar");
	json_close(&x->o, ']');
	json_open(&x->o, "createdUsing", '[');
	put_id(x, NULL, "tool", "");
	json_close(&x->o, ']');
	json_close(&x->o, '}');
	open_element(x, "Tool", "tool", "");
	json_string(&x->o, "name", "ashlar " ASHLAR_VERSION);
	json_close(&x->o, '}');
}

/* Has one before @upto the same @member? Then its element stands already. */
static bool is_known(const struct spdx *x, const struct json *upto, const char *member)
{
	const char *text = json_text(upto, member);
	const struct json *c;

	for (c = sbom_components(x->s->manifest); c != upto; c = c->next) {
		const char *other = json_text(c, member);

		if (text != NULL && other != NULL && strcmp(other, text) == 0) {
			return true;
		}
	}
	return false;
}

static void put_agent(struct spdx *x, const char *name)
{
	open_element(x, "Organization", "agent", name);
	json_string(&x->o, "name", name);
	json_close(&x->o, '}');
}

static void put_agents(struct spdx *x)
{
	const struct json *c;

	put_agent(x, "Ashlar");
	for (c = sbom_components(x->s->manifest); c != NULL; c = c->next) {
		if (strcmp(sbom_need(c, "supplier"), "Ashlar") != 0 &&
		    !is_known(x, c, "supplier")) {
			put_agent(x, sbom_need(c, "supplier"));
		}
	}
}

static void put_root(struct spdx *x)
{
	const struct json *c;

	json_open(&x->o, "rootElement", '[');
	put_id(x, NULL, "image", "");
	json_close(&x->o, ']');
	json_open(&x->o, "element", '[');
	put_id(x, NULL, "image", "");
	for (c = sbom_components(x->s->manifest); c != NULL; c = c->next) {
		char *ref = sbom_ref(c);

		put_id(x, NULL, "package", ref);
		free(ref);
	}
	json_close(&x->o, ']');
}

static void put_document(struct spdx *x)
{
	static const char *const profiles[] = { "core", "software", "simpleLicensing" };
	size_t i;

	open_element(x, "SpdxDocument", "document", "");
	json_string(&x->o, "name", x->s->name);
	put_id(x, "dataLicense", "licence", "of-this-document");
	json_open(&x->o, "profileConformance", '[');
	for (i = 0; i < ARRAY_SIZE(profiles); i++) {
		json_string(&x->o, NULL, profiles[i]);
	}
	json_close(&x->o, ']');
	json_open(&x->o, "rootElement", '[');
	put_id(x, NULL, "sbom", "");
	json_close(&x->o, ']');
	json_close(&x->o, '}');
	open_element(x, "simplelicensing_LicenseExpression", "licence", "of-this-document");
	json_string(&x->o, "simplelicensing_licenseExpression", "CC0-1.0");
	json_close(&x->o, '}');
	open_element(x, "software_Sbom", "sbom", "");
	json_string(&x->o, "name", x->s->name);
	json_open(&x->o, "software_sbomType", '[');
	json_string(&x->o, NULL, "build");
	json_close(&x->o, ']');
	put_root(x);
	json_close(&x->o, '}');
}

static void put_hashes(struct spdx *x, const struct json *component)
{
	static const char *const kinds[] = { "sha256", "sha512" };
	size_t i;

	json_open(&x->o, "verifiedUsing", '[');
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		json_open(&x->o, NULL, '{');
		json_string(&x->o, "type", "Hash");
		json_string(&x->o, "algorithm", kinds[i]);
		json_string(&x->o, "hashValue", sbom_need(component, kinds[i]));
		json_close(&x->o, '}');
	}
	json_close(&x->o, ']');
}

static void put_package(struct spdx *x, const struct json *component, const char *ref)
{
	char *purl = sbom_purl(component);

	open_element(x, "software_Package", "package", ref);
	json_string(&x->o, "name", sbom_need(component, "name"));
	json_string(&x->o, "software_packageVersion", sbom_need(component, "version"));
	json_string(&x->o, "software_packageUrl", purl);
	put_id(x, "suppliedBy", "agent", sbom_need(component, "supplier"));
	put_hashes(x, component);
	json_close(&x->o, '}');
	free(purl);
}

/* A relationship's first half; the caller puts the ids of what it is to. */
static void open_relationship(struct spdx *x, const char *type, const char *kind, const char *what)
{
	open_element(x, "Relationship", type, what);
	json_string(&x->o, "relationshipType", type);
	put_id(x, "from", kind, what);
	json_open(&x->o, "to", '[');
}

static void close_relationship(struct spdx *x)
{
	json_close(&x->o, ']');
	json_close(&x->o, '}');
}

/* Licences are numbered by the component that names them first. */
static void put_licence_id(struct spdx *x, const char *name, const char *licence)
{
	uint8_t digest[SHA256_BYTES];
	char word[17];

	digest_sha256(licence, strlen(licence), digest);
	hex(word, digest, 8);
	put_id(x, name, "licence", word);
}

static void put_custom_ids(struct spdx *x, const char *licence)
{
	const char *at = licence;
	char ref[256];

	if (x->s->licences == NULL || !sbom_next_ref(&at, ref, sizeof(ref))) {
		return;
	}
	json_open(&x->o, "simplelicensing_customIdToUri", '[');
	do {
		json_open(&x->o, NULL, '{');
		json_string(&x->o, "type", "DictionaryEntry");
		json_string(&x->o, "key", ref);
		put_id(x, "value", "text", ref);
		json_close(&x->o, '}');
	} while (sbom_next_ref(&at, ref, sizeof(ref)));
	json_close(&x->o, ']');
}

static void put_licence(struct spdx *x, const char *licence)
{
	json_open(&x->o, NULL, '{');
	json_string(&x->o, "type", "simplelicensing_LicenseExpression");
	put_licence_id(x, "spdxId", licence);
	json_string(&x->o, "creationInfo", "_:creation");
	json_string(&x->o, "simplelicensing_licenseExpression", licence);
	put_custom_ids(x, licence);
	json_close(&x->o, '}');
}

static void put_component(struct spdx *x, const struct json *component)
{
	const char *licence = sbom_licence(component);
	char *ref = sbom_ref(component);

	put_package(x, component, ref);
	if (licence != NULL) {
		if (!is_known(x, component, "licence")) {
			put_licence(x, licence);
		}
		open_relationship(x, "hasDeclaredLicense", "package", ref);
		put_licence_id(x, NULL, licence);
		close_relationship(x);
	}
	free(ref);
}

static void put_image(struct spdx *x)
{
	const struct json *c;

	open_element(x, "software_Package", "image", "");
	json_string(&x->o, "name", x->s->name);
	json_string(&x->o, "software_packageVersion", sbom_need(x->s->manifest, "version"));
	json_string(&x->o, "software_primaryPurpose", "firmware");
	json_close(&x->o, '}');
	open_relationship(x, "contains", "image", "");
	for (c = sbom_components(x->s->manifest); c != NULL; c = c->next) {
		char *ref = sbom_ref(c);

		put_id(x, NULL, "package", ref);
		free(ref);
	}
	close_relationship(x);
}

static void put_texts(struct spdx *x)
{
	const struct json *text = x->s->licences != NULL ? x->s->licences->first : NULL;

	for (; text != NULL; text = text->next) {
		open_element(x, "simplelicensing_SimpleLicensingText", "text", text->name);
		json_string(&x->o, "simplelicensing_licenseText", text->text);
		json_close(&x->o, '}');
	}
}

void sbom_spdx(const struct sbom *s, FILE *out)
{
	struct spdx x = { .o = { .stream = out }, .s = s };
	const struct json *c;

	json_open(&x.o, NULL, '{');
	json_string(&x.o, "@context", SPDX_CONTEXT);
	json_open(&x.o, "@graph", '[');
	put_creation(&x);
	put_agents(&x);
	put_document(&x);
	put_image(&x);
	for (c = sbom_components(s->manifest); c != NULL; c = c->next) {
		put_component(&x, c);
	}
	put_texts(&x);
	json_close(&x.o, ']');
	json_close(&x.o, '}');
}
