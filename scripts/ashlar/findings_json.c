// SPDX-License-Identifier: Apache-2.0
/*
 * Findings for programs, on standard output: one list of our own, or SARIF or GitLab's code quality, which code hosts show
 * beside the lines.
 * Spec: OASIS SARIF 2.1.0, 3.27 (result), 3.28-3.30 (locations); GitLab, Code Quality, "Code Quality report format".
 */
#include <inttypes.h>
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
	} else if (f->form == FINDINGS_CODE_QUALITY) {
		putchar('[');
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

/* FNV-1a: the same finding has the same print in every run, which is how one that was there before is known. */
static uint64_t print_of(uint64_t hash, const char *text)
{
	const unsigned char *at;

	for (at = (const unsigned char *)text; *at != 0; at++) {
		hash = (hash ^ *at) * 0x100000001b3ULL;
	}
	return hash;
}

/* A finding without a line is about the file as a whole: its first one. */
static void put_code_quality(const struct finding_place *p, const char *severity, const char *msg)
{
	const char *rule = p->prop != NULL ? p->prop : "node";
	char *file;
	unsigned long line = split_where(p->where, &file);
	uint64_t print = print_of(print_of(0xcbf29ce484222325ULL, p->where), p->path);

	fputs("{\"description\": ", stdout);
	put_json(msg, stdout);
	put_member("check_name", rule);
	printf(", \"fingerprint\": \"%016" PRIx64 "\"", print_of(print_of(print, rule), msg));
	put_member("severity", severity);
	fputs(", \"location\": {\"path\": ", stdout);
	put_json(file, stdout);
	printf(", \"lines\": {\"begin\": %lu}}}", line > 0 ? line : 1);
	free(file);
}

void findings_put(const struct findings *f, const struct finding_place *p, enum plan_severity sev,
		  const char *msg)
{
	const char *severity = sev == PLAN_WARNING ? "warning" : "error";

	fputs(f->errors + f->warnings > 1 ? ",\n    " : "\n    ", stdout);
	if (f->form == FINDINGS_JSON) {
		put_own(p, severity, msg);
	} else if (f->form == FINDINGS_CODE_QUALITY) {
		put_code_quality(p, sev == PLAN_WARNING ? "minor" : "major", msg);
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
	} else if (f->form == FINDINGS_CODE_QUALITY) {
		printf("%s\n", end);
	} else {
		printf("%s\n  }]\n}\n", end);
	}
	return f->errors == 0 ? EXIT_OK : EXIT_REFUSED;
}
