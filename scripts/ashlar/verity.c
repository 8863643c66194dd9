// SPDX-License-Identifier: Apache-2.0
/* Requirement: verity */
/*
 * Disks that their front end verifies: what the plan says of one (ashlar,verity) goes before its domain's command line, in the
 * words in which Linux makes a dm-verity device of it. The command line is signed with the plan, and so is the root hash in it.
 * Spec: Linux Documentation/admin-guide/device-mapper/dm-init.rst, verity.rst; veritysetup's superblock is one block.
 */
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"
#include "fdt_strings.h"

#define MAX_BOOTARGS 2047 /* as the plan's reader has it */
#define BLOCK	     4096U
#define SECTORS	     8UL /* in a block */

static bool is_of(const struct plan_link *l, const struct plan_domain *d)
{
	return l->kind == PLAN_LINK_DISK && l->disk.verity != NULL && l->disk.target != NULL &&
	       l->front == d->domid;
}

/* One device: its name, no UUID and no number of its own, read only, and its one target. */
static char *device_words(const char *before, const struct plan_disk *disk)
{
	unsigned long blocks = strtoul(disk->verity, NULL, 10);
	const char *hashes = strchr(disk->verity, ' ') + 1;

	return xasprintf(
		"%s%s%s-verity,,,ro,0 %lu verity 1 /dev/%s /dev/%s %u %u %lu %lu sha256 %s", before,
		*before != '\0' ? ";" : "", disk->target, blocks * SECTORS, disk->target,
		disk->target, BLOCK, BLOCK, blocks, blocks + 1, hashes);
}

/* Return: what goes before the command line of @d; NULL: nothing, it has no such disk. */
static char *words_of(const struct plan *plan, const struct plan_domain *d)
{
	char *words = NULL;
	uint32_t i;

	for (i = 0; i < plan->nr_links; i++) {
		if (is_of(&plan->links[i], d)) {
			char *more = device_words(words != NULL ? words : "", &plan->links[i].disk);

			free(words);
			words = more;
		}
	}
	return words;
}

static char *command_line(const char *words, const char *bootargs)
{
	return xasprintf("dm-mod.create=\"%s\"%s%s", words, *bootargs != '\0' ? " " : "", bootargs);
}

size_t verity_room(const struct plan *plan)
{
	size_t room = 0;
	uint32_t i;

	for (i = 0; i < plan->nr_domains; i++) {
		char *words = words_of(plan, &plan->domains[i]);

		room += words != NULL ? strlen(words) + MAX_BOOTARGS : 0;
		free(words);
	}
	return room;
}

void verity_check(const struct plan *plan, struct findings *f)
{
	uint32_t i;

	for (i = 0; i < plan->nr_domains; i++) {
		const struct plan_domain *d = &plan->domains[i];
		char *words = words_of(plan, d), *text = NULL;

		if (words != NULL) {
			text = command_line(words, d->bootargs);
		}
		if (text != NULL && strlen(text) > MAX_BOOTARGS) {
			finding(f, d->kernel.node, "bootargs",
				"domain \"%s\": bootargs has %zu characters with its verified disks before it, at most %d are possible; shorten it, or verify fewer disks",
				d->name, strlen(text), MAX_BOOTARGS);
		}
		free(text);
		free(words);
	}
}

static void check(int error)
{
	if (error < 0) {
		fail("the packed plan cannot be written: %s", fdt_strerror(error));
	}
}

static void write_line(void *fdt, const struct plan *plan, const struct plan_domain *d,
		       const char *words)
{
	const char *bootargs;
	char path[256], *text;
	int node;

	check(fdt_get_path(plan->fdt, d->kernel.node, path, sizeof(path)));
	node = fdt_path_offset(fdt, path);
	check(node);
	bootargs = fdt_getprop(fdt, node, "bootargs", NULL);
	text = command_line(words, bootargs != NULL ? bootargs : "");
	check(set_string(fdt, node, "bootargs", text));
	free(text);
}

void verity_write(void *fdt, const struct plan *plan)
{
	uint32_t i;

	for (i = 0; i < plan->nr_domains; i++) {
		char *words = words_of(plan, &plan->domains[i]);

		if (words != NULL) {
			write_line(fdt, plan, &plan->domains[i], words);
		}
		free(words);
	}
}
