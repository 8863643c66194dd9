// SPDX-License-Identifier: Apache-2.0
/* Command lines of the sub-commands: long options, before or after the files. */
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"

void string_list_add(struct string_list *l, const char *s)
{
	const char **more = xalloc((l->count + 1) * sizeof(*more));

	if (l->count > 0) {
		memcpy(more, l->items, l->count * sizeof(*more));
	}
	more[l->count++] = s;
	free(l->items);
	l->items = more;
}

static const struct option_spec *find_option(const struct option_spec *specs, const char *arg,
					     size_t len)
{
	for (; specs->name != NULL; specs++) {
		if (strlen(specs->name) == len && strncmp(specs->name, arg, len) == 0) {
			return specs;
		}
	}
	return NULL;
}

static void set_option(const struct option_spec *spec, const char *value)
{
	if (spec->list != NULL) {
		string_list_add(spec->list, value);
	} else {
		*spec->value = value;
	}
}

/* One option at argv[i]; returns how many arguments it took. */
static int parse_one(int argc, char **argv, int i, const struct option_spec *specs,
		     const char *usage)
{
	const char *arg = argv[i] + 2;
	const char *equals = strchr(arg, '=');
	size_t len = equals != NULL ? (size_t)(equals - arg) : strlen(arg);
	const struct option_spec *spec = find_option(specs, arg, len);

	if (spec == NULL) {
		fail("unknown option %s\n%s", argv[i], usage);
	}
	if (spec->flag != NULL) {
		if (equals != NULL) {
			fail("option --%s takes no value\n%s", spec->name, usage);
		}
		*spec->flag = true;
		return 1;
	}
	if (equals != NULL) {
		set_option(spec, equals + 1);
		return 1;
	}
	if (i + 1 >= argc) {
		fail("option --%s needs a value\n%s", spec->name, usage);
	}
	set_option(spec, argv[i + 1]);
	return 2;
}

void parse_options(int argc, char **argv, const struct option_spec *specs, const char *usage,
		   struct string_list *rest)
{
	int i = 1;

	while (i < argc) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			puts(usage);
			finish(EXIT_OK);
		}
		if (strcmp(argv[i], "--version") == 0) {
			puts("ashlar " ASHLAR_VERSION);
			finish(EXIT_OK);
		}
		if (strncmp(argv[i], "--", 2) == 0) {
			i += parse_one(argc, argv, i, specs, usage);
		} else {
			string_list_add(rest, argv[i++]);
		}
	}
}

void need(const void *value, const char *what, const char *usage)
{
	if (value == NULL) {
		fail("%s is missing\n%s", what, usage);
	}
}
