// SPDX-License-Identifier: Apache-2.0
/* What both bills of material take from the manifest. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sbom.h"

const char *sbom_need(const struct json *j, const char *name)
{
	const char *text = json_text(j, name);

	if (text == NULL) {
		fail("the manifest has no \"%s\" where one is needed; it is made by `make`", name);
	}
	return text;
}

const struct json *sbom_components(const struct json *manifest)
{
	const struct json *list = json_member(manifest, "components");

	if (list == NULL || list->kind != JSON_ARRAY || list->first == NULL) {
		fail("the manifest has no components; it is made by `make`");
	}
	return list->first;
}

char *sbom_ref(const struct json *component)
{
	const char *digest = sbom_need(component, "sha256");
	char *ref = xasprintf("%s-%.16s", sbom_need(component, "name"), digest);
	char *p;

	for (p = ref; *p != '\0'; p++) {
		if (strchr(" :/#%", *p) != NULL) {
			*p = '-';
		}
	}
	return ref;
}

/* A purl's parts are percent-encoded but for these (package-url, section on character encoding). */
static char *percent_encoded(const char *s)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~";
	char *out = xalloc(3 * strlen(s) + 1), *to = out;

	for (; *s != '\0'; s++) {
		if (strchr(plain, *s) != NULL) {
			*to++ = *s;
		} else {
			to += sprintf(to, "%%%02X", (unsigned int)(unsigned char)*s);
		}
	}
	return out;
}

char *sbom_purl(const struct json *component)
{
	const struct json *origin = json_member(component, "origin");
	const char *package = json_text(origin, "package");
	char *name, *version, *purl;

	if (package == NULL) {
		return NULL;
	}
	name = percent_encoded(package);
	version = percent_encoded(sbom_need(origin, "version"));
	purl = xasprintf("pkg:deb/debian/%s@%s?arch=%s&distro=%s", name, version,
			 sbom_need(origin, "architecture"), sbom_need(origin, "suite"));
	free(name);
	free(version);
	return purl;
}

const char *sbom_licence(const struct json *component)
{
	const char *licence = json_text(component, "licence");

	return licence != NULL && strcmp(licence, "NOASSERTION") != 0 ? licence : NULL;
}

bool sbom_next_ref(const char **at, char *ref, size_t bytes)
{
	const char *begin = strstr(*at, "LicenseRef-");
	size_t n;

	if (begin == NULL) {
		return false;
	}
	n = strcspn(begin, " ()");
	snprintf(ref, bytes, "%.*s", (int)n, begin);
	*at = begin + n;
	return true;
}

void iso_date(char date[DATE_LEN])
{
	time_t when = source_date();
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(date, DATE_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
		fail("SOURCE_DATE_EPOCH is not a date");
	}
}
