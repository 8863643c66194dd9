/* SPDX-License-Identifier: Apache-2.0 */
/* Bills of material and provenance, made of images/manifest.json. What they share. */
#ifndef ASHLAR_SBOM_H
#define ASHLAR_SBOM_H

#include "../ashlar.h"
#include "../json.h"

#define UUID_LEN 37
#define DATE_LEN 21

/** struct sbom - what a bill of material is made of. */
struct sbom {
	const struct json *manifest;
	const struct json *licences; /* {"LicenseRef-...": text}; NULL: none */
	char uuid[UUID_LEN];	     /* follows from the manifest's bytes */
	char date[DATE_LEN];
	char *name; /* of what is described */
};

/** sbom_need() - a text that the manifest, or a part of it, has to have; else fail(). */
const char *sbom_need(const struct json *j, const char *name);

/** sbom_components() - the first component of the manifest, or fail(). */
const struct json *sbom_components(const struct json *manifest);

/** sbom_ref() - a component's name inside a document: no other component of it has the same. free() it. */
char *sbom_ref(const struct json *component);

/** sbom_purl() - a package URL, or NULL where the origin has none. free() it. Spec: package-url, type deb. */
char *sbom_purl(const struct json *component);

/** sbom_licence() - an SPDX expression; NULL where nobody says one. */
const char *sbom_licence(const struct json *component);

/** sbom_next_ref() - the next "LicenseRef-..." of an expression from *@at on, into @ref. Return: false at its end. */
bool sbom_next_ref(const char **at, char *ref, size_t bytes);

/** sbom_cyclonedx() / sbom_spdx() - write the document. Spec: CycloneDX 1.6 (ECMA-424); SPDX 3.0.1, JSON-LD. */
void sbom_cyclonedx(const struct sbom *s, FILE *out);
void sbom_spdx(const struct sbom *s, FILE *out);

/** sbom_vex() - write a VEX document with a statement to fill in for each component. */
void sbom_vex(const struct sbom *s, FILE *out);

/** iso_date() - SOURCE_DATE_EPOCH as 1970-01-01T00:00:00Z. */
void iso_date(char date[DATE_LEN]);

#endif
