// SPDX-License-Identifier: Apache-2.0
/*
 * The plan's reader on every plan of tests/golden, before it is packed: what is accepted there is accepted here, and
 * what is refused is refused in words that stand in the stored text, if they are the reader's at all (the host tool
 * places and resolves, and refuses too).
 */
#include <dirent.h>
#include <hyp/plan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unit.h>

#define ROOM	  (64 * 1024)
#define MANY	  15U /* accepted plans, at least */
#define MANY_MORE 60U /* plans that the reader itself refuses, at least */

struct heard {
	const char *text; /* of tests/golden */
	const char *name;
	unsigned int errors;
};

static struct plan plan; /* large */
static uint8_t tree[ROOM] __aligned(8);
static char text[ROOM];

static void hear(void *ctx, enum plan_severity sev, int node, const char *prop, const char *msg)
{
	struct heard *h = ctx;

	(void)node;
	(void)prop;
	h->errors += sev == PLAN_ERROR;
	if (sev == PLAN_ERROR && strstr(h->text, msg) == NULL) {
		fail_msg("%s: not in its text: %s", h->name, msg);
	}
}

static bool read_file(void *to, const char *format, const char *folder, const char *name)
{
	char path[4096];
	size_t n;
	FILE *in;

	snprintf(path, sizeof(path), format, folder, (int)strcspn(name, "."), name);
	in = fopen(path, "rb");
	if (in == NULL) {
		return false;
	}
	n = fread(to, 1, ROOM - 1, in);
	fclose(in);
	((char *)to)[n] = '\0';
	return n < ROOM - 1;
}

/* Return: errors that the reader found in one of them; -1: it is none. */
static int read_one(const char *folder, const char *name)
{
	struct heard heard = { .text = text, .name = name };
	int ret;

	if (strstr(name, ".dtb") == NULL ||
	    !read_file(text, "tests/golden/%s/%.*s.txt", folder, name)) {
		return -1;
	}
	assert_true(read_file(tree, DATA "/golden/%s/%.*s.dtb", folder, name));
	ret = plan_read(tree, ROOM, false, &plan, hear, &heard);
	assert_int_equal(ret == 0, heard.errors == 0);
	return (int)heard.errors;
}

/* Return: how many there are; with @errors, of them those that the reader refused. */
static unsigned int read_all(const char *folder, unsigned int *refused)
{
	char path[4096];
	unsigned int n = 0;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/golden/%s", DATA, folder);
	dir = opendir(path);
	assert_non_null(dir);
	*refused = 0;
	while ((e = readdir(dir)) != NULL) {
		int errors = read_one(folder, e->d_name);

		n += errors >= 0;
		*refused += errors > 0;
	}
	closedir(dir);
	return n;
}

static void accepts_the_accepted(void **state)
{
	unsigned int refused;

	(void)state;
	assert_in_range(read_all("accepted", &refused), MANY, 10000);
	assert_int_equal(refused, 0);
}

static void refuses_the_refused_in_the_same_words(void **state)
{
	unsigned int refused, n;

	(void)state;
	n = read_all("refused", &refused);
	print_message("%u of %u are refused by the reader\n", refused, n);
	assert_in_range(refused, MANY_MORE, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_the_accepted),
		cmocka_unit_test(refuses_the_refused_in_the_same_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
