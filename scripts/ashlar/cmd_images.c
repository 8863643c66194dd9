// SPDX-License-Identifier: Apache-2.0
/* ashlar images: which images a plan's domains name, for people or for make. */
#include "ashlar.h"

static const char usage[] =
	"usage: ashlar images [--make] PLAN.src.dtb\n"
	"List the distinct image references, one a line, and the partial device trees.\n"
	"--make: as make's variables plan-images and plan-trees.";

static void print_ref(const char *ref, bool for_make)
{
	printf("%s%s%s", for_make ? " " : "", ref, for_make ? "" : "\n");
}

static void print_trees(const struct plan *plan, bool for_make)
{
	for (uint32_t i = 0; i < plan->nr_domains; i++) {
		if (plan->domains[i].tree.name != NULL) {
			print_ref(plan->domains[i].tree.name, for_make);
		}
	}
}

int cmd_images(int argc, char **argv)
{
	struct findings findings = { .is_silent = true };
	struct string_list rest = { 0 };
	struct image_refs refs;
	struct plan plan;
	bool for_make = false;
	const struct option_spec specs[] = { { .name = "make", .flag = &for_make }, { 0 } };
	size_t i;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 1 ? &rest : NULL, "one plan", usage);
	if (!source_read(rest.items[0], &plan, &findings)) {
		fail("%s has errors; `ashlar check` lists them", rest.items[0]);
	}
	refs_collect(&plan, &refs);
	fputs(for_make ? "plan-images :=" : "", stdout);
	for (i = 0; i < refs.count; i++) {
		print_ref(refs.ref[i].ref, for_make);
	}
	fputs(for_make ? "\nplan-trees :=" : "", stdout);
	print_trees(&plan, for_make);
	fputs(for_make ? "\n" : "", stdout);
	return EXIT_OK;
}
