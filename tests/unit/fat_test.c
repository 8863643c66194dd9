// SPDX-License-Identifier: Apache-2.0
/* A FAT12 volume as `ashlar inspect` reads it: a file, a folder's file, and what no driver calls a file. */
#include <string.h>

#include "../../scripts/ashlar/ashlar.h"
#include <unit.h>

#define SECTOR 512u
#define TOTAL  16u
#define TABLE  SECTOR
#define ROOT   (2 * SECTOR)
#define DATA   (3 * SECTOR) /* the root has one sector: 16 entries */
#define FOLDER 0x10
#define LABEL  0x08

static uint8_t volume[TOTAL * SECTOR];
static char paths[1024];

static void found(void *ctx, const char *path, const struct file *f)
{
	size_t len = strlen(paths);

	(void)ctx;
	assert_in_range(snprintf(paths + len, sizeof(paths) - len, "%s=%.*s;", path, (int)f->size,
				 (const char *)f->data),
			1, sizeof(paths) - len - 1);
}

static void entry(uint32_t at, const char name[12], uint8_t attributes, uint8_t cluster,
		  uint8_t bytes)
{
	memcpy(volume + at, name, 11);
	volume[at + 11] = attributes;
	volume[at + 26] = cluster;
	volume[at + 28] = bytes;
}

static uint8_t *cluster(uint32_t number)
{
	return volume + DATA + (number - 2) * SECTOR;
}

static int make_volume(void **state)
{
	(void)state;
	memset(volume, 0, sizeof(volume));
	paths[0] = '\0';
	volume[11 + 1] = SECTOR >> 8;
	volume[13] = 1; /* sectors of a cluster, before the table, and tables */
	volume[14] = 1;
	volume[16] = 1;
	volume[17] = 16;
	volume[19] = TOTAL;
	volume[22] = 1;
	volume[510] = 0x55;
	volume[511] = 0xaa;
	/* Every chain is of one cluster. */
	memset(volume + TABLE, 0xff, 24);
	entry(ROOT, "BOOT    SCR", 0, 2, 5);
	memcpy(cluster(2), "hello", 5);
	entry(ROOT + 32, "DIR        ", FOLDER, 3, 0);
	memcpy(cluster(4), "in", 2);
	entry(DATA + SECTOR, "IN         ", 0, 4, 2);
	return 0;
}

static bool walk(void)
{
	return fat_walk(volume, sizeof(volume), found, NULL);
}

static void files_and_folders_are_found(void **state)
{
	(void)state;
	assert_true(walk());
	assert_string_equal(paths, "boot.scr=hello;dir/in=in;");
}

/* Spec: fatgen103, section 6.1: 0x20 is no first byte of a name. */
static void what_has_no_name_is_no_file(void **state)
{
	(void)state;
	entry(ROOT + 64, "           ", 0, 2, 5);
	entry(ROOT + 96, "        TXT", 0, 2, 5);
	entry(ROOT + 128,
	      "\xe5"
	      "OLD    TXT",
	      0, 2, 5);
	entry(ROOT + 160, "ASHLAR     ", LABEL, 0, 0);
	entry(ROOT + 192, "LAST       ", 0, 4, 2);
	assert_true(walk());
	assert_string_equal(paths, "boot.scr=hello;dir/in=in;last=in;");
}

static void a_folder_that_holds_itself_ends(void **state)
{
	(void)state;
	entry(DATA + SECTOR, "LOOP       ", FOLDER, 3, 0);
	entry(DATA + SECTOR + 32, "IN         ", 0, 4, 2);
	assert_true(walk());
	assert_non_null(strstr(paths, "boot.scr=hello;"));
	assert_non_null(strstr(paths, "dir/loop/loop/in=in;"));
}

static void a_volume_larger_than_it_is_is_none(void **state)
{
	(void)state;
	volume[19] = TOTAL + 1;
	assert_false(walk());
	make_volume(state);
	volume[511] = 0;
	assert_false(walk());
	assert_string_equal(paths, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(files_and_folders_are_found, make_volume),
		cmocka_unit_test_setup(what_has_no_name_is_no_file, make_volume),
		cmocka_unit_test_setup(a_folder_that_holds_itself_ends, make_volume),
		cmocka_unit_test_setup(a_volume_larger_than_it_is_is_none, make_volume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
