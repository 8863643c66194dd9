// SPDX-License-Identifier: Apache-2.0
/*
 * The files of a FAT volume, as a board's boot partition is one: read only, short names only, every number of it bounded by
 * the volume. Spec: Microsoft's FAT specification (fatgen103), sections 3 to 6.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"

#define BOOT_BYTES  512
#define ENTRY_BYTES 32
#define SHORT_NAME  11
#define ATTR_DIR    0x10
#define ATTR_LABEL  0x08 /* a volume's label, and long names */
#define IS_DELETED  0xe5
#define MAX_DEPTH   8
#define MAX_ENTRIES 4096 /* of all folders: a damaged one may lead back to itself */
#define PATH_BYTES  (MAX_DEPTH * 13 + 1)

struct fat {
	const uint8_t *volume;
	uint64_t bytes;
	uint64_t table, root, data; /* where they begin */
	uint64_t root_bytes;	    /* 0: the root is a chain of clusters */
	uint32_t root_cluster;
	uint32_t cluster_bytes;
	uint32_t nr_clusters;
	unsigned int bits; /* of an entry of the table */
	unsigned int left; /* entries that may still be looked at */
	fat_file_fn *found;
	void *ctx;
};

static uint32_t little(const uint8_t *p, unsigned int bytes)
{
	uint32_t value = 0;

	while (bytes-- > 0) {
		value = value << 8 | p[bytes];
	}
	return value;
}

/* Return: false: it is no FAT volume, or says that it is larger than it is. */
static bool fat_open(struct fat *f)
{
	const uint8_t *b = f->volume;
	uint32_t sector, spc, reserved, tables, entries, table, total;
	uint64_t first;

	if (f->bytes < BOOT_BYTES || b[510] != 0x55 || b[511] != 0xaa) {
		return false;
	}
	sector = little(b + 11, 2);
	spc = b[13];
	reserved = little(b + 14, 2);
	tables = b[16];
	entries = little(b + 17, 2);
	total = little(b + 19, 2) != 0 ? little(b + 19, 2) : little(b + 32, 4);
	table = little(b + 22, 2) != 0 ? little(b + 22, 2) : little(b + 36, 4);
	if (sector < 512 || sector > 4096 || spc == 0 || reserved == 0 || tables == 0 ||
	    table == 0 || (uint64_t)total * sector > f->bytes) {
		return false;
	}
	first = reserved + (uint64_t)tables * table +
		((uint64_t)entries * ENTRY_BYTES + sector - 1) / sector;
	if (first >= total) {
		return false;
	}
	f->table = (uint64_t)reserved * sector;
	f->root = (reserved + (uint64_t)tables * table) * sector;
	f->root_bytes = (uint64_t)entries * ENTRY_BYTES;
	f->data = first * sector;
	f->cluster_bytes = spc * sector;
	f->nr_clusters = (uint32_t)((total - first) / spc);
	f->bits = f->nr_clusters < 4085 ? 12 : f->nr_clusters < 65525 ? 16 : 32;
	f->root_cluster = f->bits == 32 ? little(b + 44, 4) : 0;
	return true;
}

/* Clusters are counted from 2. Return: 0: the chain ends here. */
static uint32_t next_cluster(const struct fat *f, uint32_t cluster)
{
	uint64_t at = f->table + (uint64_t)cluster * f->bits / 8;
	uint32_t value;

	if (at + 4 > f->root || cluster - 2 >= f->nr_clusters) {
		return 0;
	}
	value = little(f->volume + at, f->bits == 32 ? 4 : 2);
	if (f->bits == 12) {
		value = (cluster & 1) != 0 ? value >> 4 : value & 0xfff;
	}
	value &= 0x0fffffff;
	return value >= 2 && value - 2 < f->nr_clusters ? value : 0;
}

/* The first @most bytes of a chain. */
static struct file read_chain(const struct fat *f, uint32_t cluster, uint64_t most)
{
	struct file out = { NULL, 0 };
	uint64_t whole = MIN(most, (uint64_t)f->nr_clusters * f->cluster_bytes);

	out.data = xalloc((size_t)whole + 1);
	while (cluster >= 2 && cluster - 2 < f->nr_clusters && out.size < whole) {
		size_t n = (size_t)MIN(whole - out.size, (uint64_t)f->cluster_bytes);

		memcpy(out.data + out.size,
		       f->volume + f->data + (uint64_t)(cluster - 2) * f->cluster_bytes, n);
		out.size += n;
		cluster = next_cluster(f, cluster);
	}
	return out;
}

/* "BOOT    SCR" as "boot.scr". */
static void short_name(const uint8_t *entry, char name[13])
{
	size_t n = 0, i;

	for (i = 0; i < SHORT_NAME; i++) {
		if (i == 8 && entry[i] != ' ') {
			name[n++] = '.';
		}
		if (entry[i] != ' ') {
			name[n++] = isprint(entry[i]) ? (char)tolower(entry[i]) : '?';
		}
	}
	name[n] = '\0';
}

static void walk(struct fat *f, const uint8_t *dir, uint64_t bytes, const char *path, int depth);

static void visit(struct fat *f, const uint8_t *entry, const char *path, int depth)
{
	uint32_t cluster = little(entry + 26, 2) |
			   (f->bits == 32 ? little(entry + 20, 2) << 16 : 0);
	char name[13], whole[PATH_BYTES];
	struct file content;

	short_name(entry, name);
	snprintf(whole, sizeof(whole), "%s%s%s", path, path[0] != '\0' ? "/" : "", name);
	if ((entry[11] & ATTR_DIR) == 0) {
		content = read_chain(f, cluster, little(entry + 28, 4));
		f->found(f->ctx, whole, &content);
	} else {
		content = read_chain(f, cluster, (uint64_t)f->left * ENTRY_BYTES);
		walk(f, content.data, content.size, whole, depth + 1);
	}
	file_free(&content);
}

static void walk(struct fat *f, const uint8_t *dir, uint64_t bytes, const char *path, int depth)
{
	uint64_t at;

	for (at = 0; at + ENTRY_BYTES <= bytes && dir[at] != 0 && depth < MAX_DEPTH;
	     at += ENTRY_BYTES) {
		const uint8_t *entry = dir + at;

		if (f->left == 0) {
			return;
		}
		f->left--;
		/* A name does not begin with a space (section 6.1): there would be nothing to call the file by. */
		if (entry[0] != IS_DELETED && entry[0] != '.' && entry[0] != ' ' &&
		    (entry[11] & ATTR_LABEL) == 0) {
			visit(f, entry, path, depth);
		}
	}
}

bool fat_walk(const uint8_t *volume, uint64_t bytes, fat_file_fn *found, void *ctx)
{
	struct fat f = {
		.volume = volume, .bytes = bytes, .left = MAX_ENTRIES, .found = found, .ctx = ctx
	};
	struct file root;

	if (!fat_open(&f)) {
		return false;
	}
	if (f.bits != 32) {
		walk(&f, volume + f.root, f.root_bytes, "", 0);
		return true;
	}
	root = read_chain(&f, f.root_cluster, MAX_ENTRIES * ENTRY_BYTES);
	walk(&f, root.data, root.size, "", 0);
	file_free(&root);
	return true;
}
