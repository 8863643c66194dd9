// SPDX-License-Identifier: Apache-2.0
/* Findings about a plan, each on one line of stderr: `file:line: message`, a warning marked as such. */
#include <libfdt.h>
#include <stdarg.h>
#include <stdlib.h>

#include "ashlar.h"

#define PATH_LEN 1024

void findings_report(void *ctx, enum plan_severity sev, int node, const char *prop, const char *msg)
{
	struct findings *f = ctx;
	char path[PATH_LEN] = "/";
	const char *where;

	if (sev == PLAN_WARNING && f->only_errors) {
		return;
	}
	if (node >= 0 && fdt_get_path(f->fdt, node, path, sizeof(path)) != 0) {
		snprintf(path, sizeof(path), "/");
	}
	where = source_map_find(f->map, path, prop);
	if (sev == PLAN_ERROR) {
		f->errors++;
	} else {
		f->warnings++;
	}
	fflush(stdout);
	if (where != NULL) {
		fprintf(stderr, "%s: ", where);
	} else if (node < 0) {
		fprintf(stderr, "%s: ", f->plan_path);
	} else {
		fprintf(stderr, "%s: %s%s%s: ", f->plan_path, path, prop != NULL ? " " : "",
			prop != NULL ? prop : "");
	}
	fprintf(stderr, "%s%s\n", sev == PLAN_WARNING ? "warning: " : "", msg);
}

void finding(struct findings *f, int node, const char *prop, const char *fmt, ...)
{
	char *msg = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&msg, fmt, ap) < 0) {
		fail("no memory for a message");
	}
	va_end(ap);
	findings_report(f, PLAN_ERROR, node, prop, msg);
	free(msg);
}

int findings_status(const struct findings *f)
{
	if (f->errors == 0) {
		return EXIT_OK;
	}
	fprintf(stderr, "ashlar: %u error%s in the plan\n", f->errors, f->errors == 1 ? "" : "s");
	return EXIT_REFUSED;
}
