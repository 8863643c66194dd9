// SPDX-License-Identifier: Apache-2.0
/* ashlar extract: one image out of a FIT, or out of a FIT inside it. */
#include "parts.h"

static const char usage[] =
	"usage: ashlar extract --output FILE NAME FIT\n"
	"Write one image of a FIT into a file. NAME is as `ashlar inspect` shows it, with the names of\n"
	"FITs around it before: \"bundle/plan\". Nothing is verified: use `ashlar verify`.";

int cmd_extract(int argc, char **argv)
{
	struct string_list rest = { 0 };
	const char *path = NULL;
	const struct option_spec specs[] = { { .name = "output", .value = &path }, { 0 } };
	const struct part *part;
	struct parts p;
	size_t i;

	parse_options(argc, argv, specs, usage, &rest);
	need(path, "--output", usage);
	need(rest.count == 2 ? &rest : NULL, "a name and a file", usage);
	parts_read(&p, rest.items[1]);
	part = parts_find(&p, rest.items[0]);
	if (part == NULL) {
		fprintf(stderr, "ashlar: %s has no image %s; it has:", rest.items[1],
			rest.items[0]);
		for (i = 0; i < p.count; i++) {
			fprintf(stderr, " %s", p.items[i].name);
		}
		fputc('\n', stderr);
		return EXIT_REFUSED;
	}
	file_write(path, part->data.data, part->data.size);
	return EXIT_OK;
}
