// SPDX-License-Identifier: Apache-2.0
/*
 * A VEX document to fill in: a statement for each component of the bill of material, which says that nobody has looked yet.
 * Whoever ships the image puts a vulnerability's name and the outcome of looking in its place.
 *
 * Spec: CycloneDX 1.6 (ECMA-424), vulnerabilities; BOM-Link to the bill of material that --cyclonedx writes.
 */
#include <stdlib.h>

#include "sbom.h"

#define TRACKER "https://security-tracker.debian.org/tracker/"

static void put_source(struct json_out *o, const struct json *component)
{
	const struct json *origin = json_member(component, "origin");
	bool is_debian = origin != NULL && json_text(origin, "package") != NULL;

	json_open(o, "source", '{');
	json_string(o, "name",
		    is_debian ? "Debian security tracker" : "the project's own SECURITY.md");
	if (is_debian) {
		json_string(o, "url", TRACKER);
	}
	json_close(o, '}');
}

static void put_statement(struct json_out *o, const struct sbom *s, const struct json *component)
{
	char *ref = sbom_ref(component);
	char *own = xasprintf("vex-%s", ref), *link = xasprintf("urn:cdx:%s/1#%s", s->uuid, ref);

	json_open(o, NULL, '{');
	json_string(o, "bom-ref", own);
	json_string(o, "id", "none-known");
	put_source(o, component);
	json_string(o, "detail", sbom_need(component, "version"));
	json_open(o, "analysis", '{');
	json_string(o, "state", "in_triage");
	json_string(o, "detail", "a stub: nobody has looked yet");
	json_close(o, '}');
	json_open(o, "affects", '[');
	json_open(o, NULL, '{');
	json_string(o, "ref", link);
	json_close(o, '}');
	json_close(o, ']');
	json_close(o, '}');
	free(ref);
	free(own);
	free(link);
}

void sbom_vex(const struct sbom *s, FILE *out)
{
	struct json_out o = { .stream = out };
	const struct json *c;

	json_open(&o, NULL, '{');
	json_string(&o, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
	json_string(&o, "bomFormat", "CycloneDX");
	json_string(&o, "specVersion", "1.6");
	json_literal(&o, "version", "1");
	json_open(&o, "metadata", '{');
	json_string(&o, "timestamp", s->date);
	json_close(&o, '}');
	json_open(&o, "vulnerabilities", '[');
	for (c = sbom_components(s->manifest); c != NULL; c = c->next) {
		put_statement(&o, s, c);
	}
	json_close(&o, ']');
	json_close(&o, '}');
}
