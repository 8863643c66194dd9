// SPDX-License-Identifier: Apache-2.0
/*
 * The tool's reader of JSON on any bytes. What it takes, written again, is taken again, and is the same when written a
 * second time; what it refuses has a reason and a line.
 */
#include <stdlib.h>
#include <string.h>

#include "../../scripts/ashlar/ashlar.h"
#include "../../scripts/ashlar/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static char *written(const struct json *j, size_t *size)
{
	char *text = NULL;
	struct json_out o = { .stream = open_memstream(&text, size) };

	must(o.stream != NULL);
	json_open(&o, NULL, '[');
	json_copy(&o, NULL, j);
	json_close(&o, ']');
	must(fclose(o.stream) == 0);
	return text;
}

static void check_copy(const struct json *j)
{
	const char *why = NULL;
	unsigned long line;
	size_t n, m;
	char *one = written(j, &n), *two;
	struct json *again = json_read(one, n, &why, &line);

	/* One level more than it was: only that may be too much. */
	if (again == NULL) {
		must(strcmp(why, "too many levels") == 0);
	} else {
		must(again->kind == JSON_ARRAY && again->first != NULL);
		two = written(again->first, &m);
		must(n == m && memcmp(one, two, n) == 0);
		free(two);
	}
	json_free(again);
	free(one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	unsigned long line = 0;
	struct json *j = json_read((const char *)data, size, &why, &line);

	if (j != NULL) {
		must(json_member(j, "a") == NULL || j->kind == JSON_OBJECT);
		check_copy(j);
	} else {
		must(why != NULL && line >= 1);
	}
	json_free(j);
	return 0;
}
