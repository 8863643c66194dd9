// SPDX-License-Identifier: Apache-2.0
/* ashlar map: who owns which memory, CPUs, devices, interrupts and links. */
#include "map/map.h"

static const char usage[] = "usage: ashlar map [--json | --html] [--output FILE] PLAN.dtb\n"
			    "Show who owns what of the board, as a packed plan says it.\n"
			    "  --json         for programs: the same tables, addresses as numbers\n"
			    "  --html         one page with drawings that needs no other file\n"
			    "  --output FILE  write there, not to standard output";

static void read_packed(const char *path, struct file *f, struct plan *plan)
{
	*f = file_read(path, "plan");
	if (plan_read(f->data, f->size, true, plan, NULL, NULL) == 0) {
		return;
	}
	if (plan_read(f->data, f->size, false, plan, NULL, NULL) == 0) {
		fail("%s is not packed: nothing has its place yet; name images/plan.dtb", path);
	}
	fail("%s is not a plan", path);
}

int cmd_map(int argc, char **argv)
{
	struct string_list rest = { 0 };
	const char *path = NULL;
	bool is_json = false, is_html = false;
	const struct option_spec specs[] = {
		{ .name = "json", .flag = &is_json },
		{ .name = "html", .flag = &is_html },
		{ .name = "output", .value = &path },
		{ 0 },
	};
	static struct plan plan;
	struct output *output;
	struct file f;
	struct map m;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 1 ? &rest : NULL, "one plan", usage);
	need(is_json && is_html ? NULL : &rest, "a choice: --json or --html", usage);
	read_packed(rest.items[0], &f, &plan);
	map_make(&m, &plan);
	output = path != NULL ? output_open(path) : NULL;
	(is_json   ? map_json
	 : is_html ? map_page
		   : map_text)(&m, output != NULL ? output->stream : stdout);
	if (output != NULL) {
		output_commit(output);
	}
	file_free(&f);
	return EXIT_OK;
}
