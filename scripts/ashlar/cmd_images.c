// SPDX-License-Identifier: Apache-2.0
/* ashlar images: which images a plan's domains name, for people or for make. */
#include "ashlar.h"

static const char usage[] =
	"usage: ashlar images [--make] PLAN.src.dtb\n"
	"List the distinct image references, one a line. --make: as make's variable plan-images.";

int cmd_images(int argc, char **argv)
{
	struct string_list rest = { 0 };
	struct image_refs refs;
	struct plan plan;
	struct file f;
	bool for_make = false;
	const struct option_spec specs[] = { { .name = "make", .flag = &for_make }, { 0 } };
	size_t i;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 1 ? &rest : NULL, "one plan", usage);
	f = file_read(rest.items[0], "plan");
	if (plan_read(f.data, f.size, false, &plan, NULL, NULL) != 0) {
		fail("%s has errors; `ashlar check` lists them", rest.items[0]);
	}
	refs_collect(&plan, &refs);
	fputs(for_make ? "plan-images :=" : "", stdout);
	for (i = 0; i < refs.count; i++) {
		printf(for_make ? " %s" : "%s\n", refs.ref[i].ref);
	}
	fputs(for_make ? "\n" : "", stdout);
	return EXIT_OK;
}
