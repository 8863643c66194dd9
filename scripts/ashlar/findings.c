// SPDX-License-Identifier: Apache-2.0
/* Findings about a plan, each on one line of stderr: `file:line: message`, a warning marked as such. */
#include <libfdt.h>
#include <stdarg.h>
#include <stdlib.h>

#include "ashlar.h"

#define PATH_LEN 1024

/* The tree that @node is in: the plan, or a domain's partial one. */
struct text {
	const void *fdt;
	const char *name;
	const struct source_map *map;
	int node;
};

static struct text text_of(const struct findings *f, int node)
{
	struct text t = { f->fdt, f->plan_path, f->map, node };
	int domid = PLAN_TREE_DOMID(node);

	if (f->trees != NULL && domid > 0 && domid <= PLAN_MAX_DOMAINS &&
	    f->trees->of[domid].fdt != NULL) {
		const struct tree_file *tree = &f->trees->of[domid];

		t = (struct text){ tree->fdt, tree->name, tree->map, PLAN_TREE_OFFSET(node) };
	}
	return t;
}

void findings_report(void *ctx, enum plan_severity sev, int node, const char *prop, const char *msg)
{
	struct findings *f = ctx;
	struct text t = text_of(f, node);
	char path[PATH_LEN] = "/";
	const char *where;

	if (sev == PLAN_WARNING && f->only_errors) {
		return;
	}
	if (t.node >= 0 && fdt_get_path(t.fdt, t.node, path, sizeof(path)) != 0) {
		snprintf(path, sizeof(path), "/");
	}
	where = source_map_find(t.map, path, prop);
	if (sev == PLAN_ERROR) {
		f->errors++;
	} else {
		f->warnings++;
	}
	if (f->is_silent) {
		return;
	}
	if (f->form != FINDINGS_TEXT) {
		struct finding_place place = { where != NULL ? where : t.name, path, prop };

		findings_put(f, &place, sev, msg);
		return;
	}
	fflush(stdout);
	if (where != NULL) {
		fprintf(stderr, "%s: ", where);
	} else if (t.node < 0) {
		fprintf(stderr, "%s: ", t.name);
	} else {
		fprintf(stderr, "%s: %s%s%s: ", t.name, path, prop != NULL ? " " : "",
			prop != NULL ? prop : "");
	}
	fprintf(stderr, "%s%s\n", sev == PLAN_WARNING ? "warning: " : "", msg);
}

static void report_words(struct findings *f, enum plan_severity sev, int node, const char *prop,
			 const char *fmt, va_list ap)
{
	char *msg = NULL;

	if (vasprintf(&msg, fmt, ap) < 0) {
		fail("no memory for a message");
	}
	findings_report(f, sev, node, prop, msg);
	free(msg);
}

void finding(struct findings *f, int node, const char *prop, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_words(f, PLAN_ERROR, node, prop, fmt, ap);
	va_end(ap);
}

void finding_warning(struct findings *f, int node, const char *prop, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_words(f, PLAN_WARNING, node, prop, fmt, ap);
	va_end(ap);
}

int findings_status(const struct findings *f)
{
	if (f->errors == 0) {
		return EXIT_OK;
	}
	fprintf(stderr, "ashlar: %u error%s in the plan\n", f->errors, f->errors == 1 ? "" : "s");
	return EXIT_REFUSED;
}
