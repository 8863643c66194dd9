// SPDX-License-Identifier: Apache-2.0
/* Requirement: size-budget */
/* ashlar size: what every part of an image costs, what changed since another build, what is over its budget. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sbom/sbom.h"

static const char usage[] =
	"usage: ashlar size [--base MANIFEST.json] [--budget PART=KIB]... [--slots FILE [--slot-budget KIB]]\n"
	"                   [--json] [--output FILE] MANIFEST.json\n"
	"List the parts of the image that a manifest describes, the largest first.\n"
	"Exit status: 0 all fits, 1 a part is over its budget, 2 trouble.\n"
	"  --base MANIFEST.json  another build's: what grew, what shrank, what is new or gone\n"
	"  --budget PART=KIB     what a part may cost at most; the head-room is shown; 0: no matter\n"
	"  --slots FILE          the disk's slots, \"name bytes room\" on each line: what is left in each\n"
	"  --slot-budget KIB     what the files of a slot may have at most; 0: all its room\n"
	"  --json                for programs: bytes\n"
	"  --output FILE         write there, not to standard output";

#define MAX_PARTS 256

/** struct part - one that is in the image, or was (@is_gone). */
struct part {
	const char *name;
	uint64_t size;
	uint64_t base;
	uint64_t budget; /* 0: none */
	bool is_new;
	bool is_gone;
};

struct parts {
	struct part part[MAX_PARTS];
	size_t count;
	bool has_base;
};

static uint64_t number(const char *text, const char *what)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || *text == '-') {
		fail("%s: \"%s\" is not a number", what, text);
	}
	return n;
}

static struct part *find(struct parts *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		if (strcmp(p->part[i].name, name) == 0) {
			return &p->part[i];
		}
	}
	return NULL;
}

static struct part *add(struct parts *p, const char *name)
{
	if (p->count == MAX_PARTS) {
		fail("the manifest has more than %d components", MAX_PARTS);
	}
	p->part[p->count].name = name;
	return &p->part[p->count++];
}

/* Sources are in no image: what was compiled of them is. */
static bool is_in_image(const struct json *component)
{
	return json_member(component, "archive") == NULL;
}

static void collect(struct parts *p, const struct json *manifest)
{
	const struct json *c;

	for (c = sbom_components(manifest); c != NULL; c = c->next) {
		if (is_in_image(c)) {
			add(p, sbom_need(c, "name"))->size = number(sbom_need(c, "size"), "size");
		}
	}
}

static void compare(struct parts *p, const struct json *base)
{
	const struct json *c;
	size_t i;

	p->has_base = true;
	for (i = 0; i < p->count; i++) {
		p->part[i].is_new = true;
	}
	for (c = sbom_components(base); c != NULL; c = c->next) {
		const char *name = sbom_need(c, "name");
		struct part *part = is_in_image(c) ? find(p, name) : NULL;

		if (!is_in_image(c)) {
			continue;
		}
		if (part == NULL) {
			part = add(p, name);
			part->is_gone = true;
		}
		part->is_new = false;
		part->base = number(sbom_need(c, "size"), "size");
	}
}

static void set_budget(struct parts *p, const char *text)
{
	const char *equals = strrchr(text, '=');
	char *name = equals != NULL ? xasprintf("%.*s", (int)(equals - text), text) : NULL;
	struct part *part = name != NULL ? find(p, name) : NULL;

	if (equals == NULL) {
		fail("--budget %s: it must be PART=KIB\n%s", text, usage);
	}
	if (part == NULL) {
		fail("--budget %s: the image has no part \"%s\"", text, name);
	}
	part->budget = number(equals + 1, "--budget") * KIB;
	free(name);
}

/* Each slot is a part whose budget is its room, or less. */
static void add_slots(struct parts *p, const char *path, uint64_t budget)
{
	struct file f = file_read(path, "list of slots");
	char *line = (char *)f.data, *save = NULL;

	for (line = strtok_r(line, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		char *words = NULL, *name = strtok_r(line, " ", &words);
		const char *bytes = strtok_r(NULL, " ", &words),
			   *room = strtok_r(NULL, " ", &words);
		struct part *part;

		if (room == NULL) {
			fail("list of slots %s: each line must be \"name bytes room\"", path);
		}
		part = add(p, xasprintf("slot %s", name));
		part->size = number(bytes, "bytes of a slot");
		part->budget = number(room, "room of a slot");
		if (budget > 0 && budget < part->budget) {
			part->budget = budget;
		}
	}
	file_free(&f);
}

static int larger_first(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->size != y->size) {
		return x->size < y->size ? 1 : -1;
	}
	return strcmp(x->name, y->name);
}

static void put_change(const struct part *part, FILE *out)
{
	int64_t change = (int64_t)part->size - (int64_t)part->base;

	if (part->is_gone) {
		fprintf(out, "  gone, was %.1f KiB", (double)part->base / KIB);
	} else if (part->is_new) {
		fputs("  new", out);
	} else if (change != 0) {
		fprintf(out, "  %+ld bytes (%+.1f %%)", change,
			part->base > 0 ? 100.0 * (double)change / (double)part->base : 0.0);
	}
}

static void put_text(const struct parts *p, FILE *out)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		const struct part *part = &p->part[i];

		fprintf(out, "%12.1f KiB  %s", (double)part->size / KIB, part->name);
		if (p->has_base && strncmp(part->name, "slot ", 5) != 0) {
			put_change(part, out);
		}
		if (part->budget >= part->size && part->budget > 0) {
			fprintf(out, "  %.1f KiB of %lu left",
				(double)(part->budget - part->size) / KIB, part->budget / KIB);
		}
		fputc('\n', out);
	}
}

static void put_bytes(struct json_out *o, const char *name, uint64_t bytes)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", bytes);
	json_literal(o, name, text);
}

static void put_all_json(const struct parts *p, FILE *out)
{
	struct json_out o = { .stream = out };
	size_t i;

	json_open(&o, NULL, '{');
	json_open(&o, "parts", '[');
	for (i = 0; i < p->count; i++) {
		const struct part *part = &p->part[i];

		json_open(&o, NULL, '{');
		json_string(&o, "name", part->name);
		put_bytes(&o, "size", part->size);
		if (p->has_base && !part->is_new && part->base > 0) {
			put_bytes(&o, "base", part->base);
		}
		if (part->budget > 0) {
			put_bytes(&o, "budget", part->budget);
		}
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
}

static int over_budget(const struct parts *p)
{
	int status = EXIT_OK;
	size_t i;

	for (i = 0; i < p->count; i++) {
		const struct part *part = &p->part[i];

		if (part->budget > 0 && part->size > part->budget) {
			fprintf(stderr,
				"ashlar: \"%s\" has %lu bytes, %lu over its budget of %lu KiB; make it smaller, or raise the budget\n",
				part->name, part->size, part->size - part->budget,
				part->budget / KIB);
			status = EXIT_REFUSED;
		}
	}
	return status;
}

static void write_out(const char *path, const struct parts *p,
		      void (*write)(const struct parts *p, FILE *out))
{
	struct output *out = path != NULL ? output_open(path) : NULL;

	write(p, out != NULL ? out->stream : stdout);
	if (out != NULL) {
		output_commit(out);
	}
}

int cmd_size(int argc, char **argv)
{
	struct string_list rest = { 0 }, budgets = { 0 };
	const char *out = NULL, *base_path = NULL, *slots = NULL, *slot_budget = NULL;
	bool as_json = false;
	const struct option_spec specs[] = {
		{ .name = "base", .value = &base_path },
		{ .name = "budget", .list = &budgets },
		{ .name = "slots", .value = &slots },
		{ .name = "slot-budget", .value = &slot_budget },
		{ .name = "json", .flag = &as_json },
		{ .name = "output", .value = &out },
		{ 0 },
	};
	struct json *manifest, *base = NULL;
	struct parts *p = xalloc(sizeof(*p));
	int status;
	size_t i;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 1 ? rest.items[0] : NULL, "a manifest", usage);
	manifest = json_file(rest.items[0], "manifest");
	collect(p, manifest);
	for (i = 0; i < budgets.count; i++) {
		set_budget(p, budgets.items[i]);
	}
	if (base_path != NULL) {
		base = json_file(base_path, "manifest");
		compare(p, base);
	}
	if (slots != NULL) {
		add_slots(p, slots,
			  slot_budget != NULL ? number(slot_budget, "--slot-budget") * KIB : 0);
	}
	qsort(p->part, p->count, sizeof(p->part[0]), larger_first);
	status = over_budget(p);
	if (status == EXIT_OK || out == NULL) {
		write_out(out, p, as_json ? put_all_json : put_text);
	}
	json_free(manifest);
	json_free(base);
	free(p);
	return status;
}
