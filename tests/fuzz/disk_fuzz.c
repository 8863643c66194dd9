// SPDX-License-Identifier: Apache-2.0
/*
 * A disk's image of any bytes as the host tool reads it: its table, then a FAT volume that is the input itself. Each file is
 * whole memory of the size that it is said to have, and there are as few as the reader promises.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../scripts/ashlar/ashlar.h"

#define MOST 4096

static unsigned int nr_files;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is shown is of no interest here. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return freopen("/dev/null", "w", stdout) != NULL ? 0 : 1;
}

static void found(void *ctx, const char *path, const struct file *f)
{
	volatile uint8_t sum = 0;

	(void)ctx;
	for (size_t i = 0; i < f->size; i++) {
		sum = (uint8_t)(sum + f->data[i]);
	}
	if (path[0] == '\0' || ++nr_files > MOST) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file f = { xalloc(size + 1), size };
	struct disk_show show = { .found = found };

	for (size_t i = 0; i < size; i++) {
		f.data[i] = data[i];
	}
	nr_files = 0;
	(void)fat_walk(f.data, f.size, found, NULL);
	nr_files = 0;
	(void)disk_show(&f, &show);
	file_free(&f);
	return 0;
}
