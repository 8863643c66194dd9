// SPDX-License-Identifier: Apache-2.0
/*
 * The bundle: a FIT with external data, 4 KiB aligned. The tree has a fixed number of bytes from the start, with room
 * for the signature that `ashlar sign` adds, so that no image moves. The plan is the last image: its content names
 * the places of all others. U-Boot doc/usage/fit/source_file_format.rst.
 */
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"
#include "fdt_strings.h"

#define ALIGN_BYTES	4096
#define SIGNATURE_BYTES 1536 /* node of a 4096-bit signature with the names that it brings */
#define SIGNED_PATHS	64   /* its mention of one image and of its hash, without the name */
#define TREE_ROOM	(64 * 1024)

static void check(int error)
{
	if (error < 0) {
		fail("the bundle's tree cannot be made: %s", fdt_strerror(error));
	}
}

/* "debian:linux-6.12" to "debian-linux-6.12"; of a path only the last part, for no path enters an image. */
static char *image_name(const char *ref)
{
	const char *slash = strrchr(ref, '/');
	char *name, *c;

	name = slash != NULL ? xasprintf("file-%s", slash + 1) : xstrdup(ref);
	for (c = name; *c != '\0'; c++) {
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-",
			   *c) == NULL) {
			*c = '-';
		}
	}
	return name;
}

static bool has_name(const struct bundle *b, const char *name)
{
	size_t i;

	for (i = 0; i < b->count; i++) {
		if (strcmp(b->images[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

static char *unique_name(const struct bundle *b, const char *ref)
{
	char *base = image_name(ref);
	char *name = xstrdup(base);
	unsigned int n;

	for (n = 2; has_name(b, name); n++) {
		free(name);
		name = xasprintf("%s-%u", base, n);
	}
	free(base);
	return name;
}

static const struct bundle_image *find_digest(const struct bundle *b,
					      const uint8_t sha256[SHA256_BYTES])
{
	size_t i;

	for (i = 0; i < b->count; i++) {
		if (memcmp(b->images[i].sha256, sha256, SHA256_BYTES) == 0) {
			return &b->images[i];
		}
	}
	return NULL;
}

void bundle_collect(struct bundle *b, const struct image_refs *refs)
{
	size_t i;

	b->count = 0;
	b->images = xalloc((refs->count + 1) * sizeof(*b->images));
	for (i = 0; i < refs->count; i++) {
		struct bundle_image img = { .file = file_read(refs->ref[i].file, "image") };

		digest_sha256(img.file.data, img.file.size, img.sha256);
		if (find_digest(b, img.sha256) != NULL) {
			file_free(&img.file);
			continue;
		}
		img.name = unique_name(b, refs->ref[i].ref);
		b->images[b->count++] = img;
	}
}

const struct bundle_image *bundle_find(const struct bundle *b, const char *file)
{
	uint8_t sha256[SHA256_BYTES];
	struct file f = file_read(file, "image");

	digest_sha256(f.data, f.size, sha256);
	file_free(&f);
	return find_digest(b, sha256);
}

static void put_hash(void *fdt, const uint8_t sha256[SHA256_BYTES])
{
	check(fdt_begin_node(fdt, "hash-1"));
	check(put_string(fdt, "algo", "sha256"));
	check(fdt_property(fdt, "value", sha256, SHA256_BYTES));
	check(fdt_end_node(fdt));
}

static void put_image(void *fdt, const char *name, const char *type, uint64_t offset, size_t bytes,
		      const uint8_t sha256[SHA256_BYTES])
{
	check(fdt_begin_node(fdt, name));
	check(put_string(fdt, "description", name));
	check(put_string(fdt, "type", type));
	check(put_string(fdt, "arch", "arm64"));
	check(put_string(fdt, "compression", "none"));
	check(fdt_property_u32(fdt, "data-size", (uint32_t)bytes));
	check(fdt_property_u32(fdt, "data-position", (uint32_t)offset));
	put_hash(fdt, sha256);
	check(fdt_end_node(fdt));
}

static void put_loadables(void *fdt, const struct bundle *b)
{
	size_t bytes = 0, i;
	char *list, *p;

	for (i = 0; i < b->count; i++) {
		bytes += strlen(b->images[i].name) + 1;
	}
	list = p = xalloc(bytes);
	for (i = 0; i < b->count; i++) {
		p = stpcpy(p, b->images[i].name) + 1;
	}
	check(fdt_property(fdt, "loadables", list, (int)bytes));
	free(list);
}

static void put_configuration(void *fdt, const struct bundle *b, uint64_t load)
{
	check(fdt_begin_node(fdt, "configurations"));
	check(put_string(fdt, "default", "conf-1"));
	check(fdt_begin_node(fdt, "conf-1"));
	check(put_string(fdt, "description", "the plan and the images of its domains"));
	check(put_string(fdt, "fdt", BUNDLE_PLAN));
	put_loadables(fdt, b);
	check(fdt_property_u64(fdt, "ashlar,load", load));
	check(fdt_property_u32(fdt, "ashlar,rollback", b->rollback));
	check(fdt_end_node(fdt));
	check(fdt_end_node(fdt));
}

/* The tree; @plan: the last image. */
static void put_tree(void *fdt, const struct bundle *b, const struct bundle_image *plan,
		     uint64_t load)
{
	size_t i;

	check(fdt_create(fdt, TREE_ROOM));
	check(fdt_finish_reservemap(fdt));
	check(fdt_begin_node(fdt, ""));
	check(put_string(fdt, "description", "Ashlar bundle"));
	check(fdt_property_u32(fdt, "#address-cells", 1));
	check(fdt_property_u32(fdt, "timestamp", source_date()));
	check(fdt_begin_node(fdt, "images"));
	for (i = 0; i < b->count; i++) {
		put_image(fdt, b->images[i].name, "firmware", b->images[i].offset,
			  b->images[i].file.size, b->images[i].sha256);
	}
	put_image(fdt, BUNDLE_PLAN, "flat_dt", plan->offset, plan->file.size, plan->sha256);
	check(fdt_end_node(fdt));
	put_configuration(fdt, b, load);
	check(fdt_end_node(fdt));
	check(fdt_finish(fdt));
}

/* What `ashlar sign` will add to the tree for each key, at most. */
static size_t signature_room(const struct bundle *b)
{
	size_t bytes = SIGNATURE_BYTES + SIGNED_PATHS, i;

	for (i = 0; i < b->count; i++) {
		bytes += SIGNED_PATHS + 2 * strlen(b->images[i].name);
	}
	return bytes * MAX(b->signatures, 1U);
}

uint64_t bundle_layout(struct bundle *b, size_t plan_bytes)
{
	struct bundle_image plan = { .file = { NULL, plan_bytes } };
	void *fdt = xalloc(TREE_ROOM);
	uint64_t at;
	size_t i;

	put_tree(fdt, b, &plan, 0);
	b->tree_bytes = ALIGN_UP(fdt_totalsize(fdt) + signature_room(b), (size_t)ALIGN_BYTES);
	free(fdt);
	at = b->tree_bytes;
	for (i = 0; i < b->count; i++) {
		b->images[i].offset = at;
		at = ALIGN_UP(at + b->images[i].file.size, (uint64_t)ALIGN_BYTES);
	}
	at += plan_bytes;
	if (at > UINT32_MAX) {
		fail("the bundle would have %lu MiB, a FIT can have 4095",
		     (unsigned long)(at / MIB));
	}
	return at;
}

static void pad_to(struct output *out, uint64_t *at, uint64_t offset)
{
	static const uint8_t zeros[ALIGN_BYTES];

	while (*at < offset) {
		size_t n = MIN(offset - *at, sizeof(zeros));

		output_write(out, zeros, n);
		*at += n;
	}
}

static void put_data(struct output *out, uint64_t *at, const struct bundle_image *img)
{
	pad_to(out, at, img->offset);
	output_write(out, img->file.data, img->file.size);
	*at += img->file.size;
}

void bundle_write(const struct bundle *b, const struct file *plan, uint64_t load, const char *path)
{
	struct bundle_image last = { .file = *plan, .offset = b->tree_bytes };
	uint8_t *fdt = xalloc(TREE_ROOM);
	struct output *out;
	uint64_t at = 0;
	size_t i;

	digest_sha256(plan->data, plan->size, last.sha256);
	if (b->count > 0) {
		const struct bundle_image *before = &b->images[b->count - 1];

		last.offset = ALIGN_UP(before->offset + before->file.size, (uint64_t)ALIGN_BYTES);
	}
	put_tree(fdt, b, &last, load);
	fdt_set_totalsize(fdt, (uint32_t)b->tree_bytes);
	out = output_open(path);
	output_write(out, fdt, b->tree_bytes);
	at = b->tree_bytes;
	for (i = 0; i < b->count; i++) {
		put_data(out, &at, &b->images[i]);
	}
	put_data(out, &at, &last);
	output_commit(out);
	free(fdt);
}
