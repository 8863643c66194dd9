// SPDX-License-Identifier: Apache-2.0
/*
 * Findings for programs, on standard output: one list of our own, or SARIF, which code hosts show beside the lines.
 * Spec: OASIS SARIF 2.1.0, 3.27 (result), 3.28-3.30 (locations).
 */
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"

#define SARIF_SCHEMA \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

/* "file:line" taken apart. Return: the line; 0: none is known, and all is the file's name. */
static unsigned long split_where(const char *where, char **file)
{
	const char *colon = strrchr(where, ':');
	unsigned long line = colon != NULL ? strtoul(colon + 1, NULL, 10) : 0;

	*file = xstrdup(where);
	if (line > 0) {
		(*file)[colon - where] = '\0';
	}
	return line;
}

void findings_open(const struct findings *f)
{
	if (f->form == FINDINGS_JSON) {
		fputs("{\n  \"findings\": [", stdout);
	} else if (f->form == FINDINGS_SARIF) {
		fputs("{\n  \"$schema\": \"" SARIF_SCHEMA "\",\n  \"version\": \"2.1.0\",\n"
		      "  \"runs\": [{\n    \"tool\": {\"driver\": {\"name\": \"ashlar check\", \"version\": \"" ASHLAR_VERSION
		      "\"}},\n    \"results\": [",
		      stdout);
	}
}

static void put_member(const char *name, const char *value)
{
	printf(", \"%s\": ", name);
	put_json(value, stdout);
}

static void put_own(const struct finding_place *p, const char *severity, const char *msg)
{
	char *file;
	unsigned long line = split_where(p->where, &file);

	printf("{\"severity\": \"%s\"", severity);
	put_member("file", file);
	if (line > 0) {
		printf(", \"line\": %lu", line);
	}
	put_member("node", p->path);
	if (p->prop != NULL) {
		put_member("property", p->prop);
	}
	put_member("message", msg);
	putchar('}');
	free(file);
}

/* A rule is what the finding is about: a property, or a node as a whole. */
static void put_sarif(const struct finding_place *p, const char *level, const char *msg)
{
	char *file;
	unsigned long line = split_where(p->where, &file);

	fputs("{\"ruleId\": ", stdout);
	put_json(p->prop != NULL ? p->prop : "node", stdout);
	put_member("level", level);
	fputs(", \"message\": {\"text\": ", stdout);
	put_json(msg, stdout);
	fputs("}, \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": ",
	      stdout);
	put_json(file, stdout);
	putchar('}');
	if (line > 0) {
		printf(", \"region\": {\"startLine\": %lu}", line);
	}
	fputs("}, \"logicalLocations\": [{\"fullyQualifiedName\": ", stdout);
	put_json(p->path, stdout);
	fputs("}]}]}", stdout);
	free(file);
}

void findings_put(const struct findings *f, const struct finding_place *p, enum plan_severity sev,
		  const char *msg)
{
	const char *severity = sev == PLAN_WARNING ? "warning" : "error";

	fputs(f->errors + f->warnings > 1 ? ",\n    " : "\n    ", stdout);
	if (f->form == FINDINGS_JSON) {
		put_own(p, severity, msg);
	} else {
		put_sarif(p, severity, msg);
	}
}

int findings_close(const struct findings *f)
{
	const char *end = f->errors + f->warnings > 0 ? "\n  ]" : "]";

	if (f->form == FINDINGS_TEXT) {
		return findings_status(f);
	}
	if (f->form == FINDINGS_JSON) {
		printf("%s,\n  \"errors\": %u,\n  \"warnings\": %u\n}\n", end, f->errors,
		       f->warnings);
	} else {
		printf("%s\n  }]\n}\n", end);
	}
	return f->errors == 0 ? EXIT_OK : EXIT_REFUSED;
}
