// SPDX-License-Identifier: Apache-2.0
/* Image references (`ashlar,image`) of a plan, the files behind them, and what can be wrong with those. */
#include <string.h>

#include "ashlar.h"

static void add_ref(struct image_refs *refs, const struct plan_domain *d,
		    const struct plan_image *img, bool is_kernel)
{
	size_t i;

	if (img->name == NULL) {
		return;
	}
	for (i = 0; i < refs->count; i++) {
		if (strcmp(refs->ref[i].ref, img->name) == 0) {
			refs->ref[i].is_kernel |= is_kernel;
			return;
		}
	}
	refs->ref[refs->count++] = (struct image_ref){
		.ref = img->name, .domain = d->name, .node = img->node, .is_kernel = is_kernel
	};
}

void refs_collect(const struct plan *plan, struct image_refs *refs)
{
	uint32_t i;

	refs->count = 0;
	for (i = 0; i < plan->nr_domains; i++) {
		add_ref(refs, &plan->domains[i], &plan->domains[i].kernel, true);
		add_ref(refs, &plan->domains[i], &plan->domains[i].ramdisk, false);
	}
}

static const char *file_of(const char *ref, const struct string_list *images)
{
	size_t n = strlen(ref), i;

	for (i = 0; i < images->count; i++) {
		if (strncmp(images->items[i], ref, n) == 0 && images->items[i][n] == '=') {
			return images->items[i][n + 1] != '\0' ? &images->items[i][n + 1] : NULL;
		}
	}
	return strncmp(ref, "file:", 5) == 0 ? ref + 5 : NULL;
}

void refs_bind(struct image_refs *refs, const struct string_list *images)
{
	size_t i;

	for (i = 0; i < refs->count; i++) {
		refs->ref[i].file = file_of(refs->ref[i].ref, images);
	}
}

const char *ref_file(const struct image_refs *refs, const char *ref)
{
	size_t i;

	for (i = 0; ref != NULL && i < refs->count; i++) {
		if (strcmp(refs->ref[i].ref, ref) == 0) {
			return refs->ref[i].file;
		}
	}
	return NULL;
}

static bool list_has(const struct string_list *l, const char *s)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		if (strcmp(l->items[i], s) == 0) {
			return true;
		}
	}
	return false;
}

static void check_known(const struct image_ref *ref, const struct string_list *known,
			struct findings *f)
{
	const char *names[256] = { NULL };
	const char *near;

	if (known->count == 0 || strncmp(ref->ref, "file:", 5) == 0 || list_has(known, ref->ref)) {
		return;
	}
	memcpy(names, known->items, MIN(known->count, ARRAY_SIZE(names) - 1) * sizeof(names[0]));
	near = plan_nearest(ref->ref, names);
	finding(f, ref->node, "ashlar,image", "domain \"%s\": there is no image \"%s\"%s%s%s",
		ref->domain, ref->ref, near != NULL ? "; did you mean \"" : "",
		near != NULL ? near : "", near != NULL ? "\"?" : "");
}

static void check_kernel(const struct plan_domain *d, const struct file *file, struct findings *f)
{
	uint64_t needs = kernel_image_size(file->data, file->size);

	if (d->memory_bytes > 0 && needs > d->memory_bytes) {
		finding(f, d->node, "memory",
			"domain \"%s\": memory is %lu KiB, its kernel alone needs %lu KiB; give it more",
			d->name, d->memory_bytes / KIB, (needs + KIB - 1) / KIB);
	}
}

static void check_sizes(const struct image_ref *ref, const struct plan *plan,
			const struct file *file, struct findings *f)
{
	uint32_t i;

	for (i = 0; i < plan->nr_domains; i++) {
		const struct plan_domain *d = &plan->domains[i];

		if (d->kernel.name != NULL && strcmp(d->kernel.name, ref->ref) == 0) {
			check_kernel(d, file, f);
		}
		if (d->ramdisk.name != NULL && strcmp(d->ramdisk.name, ref->ref) == 0 &&
		    d->memory_bytes > 0 && file->size > d->memory_bytes) {
			finding(f, d->node, "memory",
				"domain \"%s\": memory is %lu KiB, its ramdisk alone has %lu KiB; give it more",
				d->name, d->memory_bytes / KIB, (file->size + KIB - 1) / KIB);
		}
	}
}

static void check_whole(const struct image_ref *ref, const struct file *file, struct findings *f)
{
	uint64_t bytes = ref->is_kernel ? kernel_image_bytes(file->data, file->size) : 0;

	if (bytes > file->size) {
		finding(f, ref->node, "ashlar,image",
			"domain \"%s\": image \"%s\" has %zu bytes, its header says %lu: it was cut short; copy it again",
			ref->domain, ref->ref, file->size, bytes);
	}
}

static uint64_t room_of(const struct image_refs *refs, const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < refs->count; i++) {
		if (strcmp(refs->ref[i].ref, name) == 0) {
			return refs->ref[i].room;
		}
	}
	return 0;
}

/* What fits alone may not fit beside the other. */
static void check_both(const struct plan_domain *d, const struct image_refs *refs,
		       struct findings *f)
{
	uint64_t kernel = room_of(refs, d->kernel.name);
	uint64_t ramdisk = room_of(refs, d->ramdisk.name);

	if (ramdisk > 0 && kernel <= d->memory_bytes && ramdisk <= d->memory_bytes &&
	    ramdisk > d->memory_bytes - kernel) {
		finding(f, d->node, "memory",
			"domain \"%s\": memory is %lu KiB, its kernel needs %lu KiB and its ramdisk has %lu KiB; give it more",
			d->name, d->memory_bytes / KIB, (kernel + KIB - 1) / KIB,
			(ramdisk + KIB - 1) / KIB);
	}
}

static void check_file(struct image_ref *ref, const struct plan *plan, struct findings *f)
{
	struct file file;

	if (!file_is_there(ref->file)) {
		finding(f, ref->node, "ashlar,image",
			"domain \"%s\": image \"%s\": there is no file %s", ref->domain, ref->ref,
			ref->file);
		return;
	}
	file = file_read(ref->file, "image");
	if (file.size == 0) {
		finding(f, ref->node, "ashlar,image",
			"domain \"%s\": image \"%s\": the file is empty", ref->domain, ref->ref);
	} else if (ref->is_kernel && kernel_image_size(file.data, file.size) == 0) {
		finding(f, ref->node, "ashlar,image", "domain \"%s\": image \"%s\" is not %s%s",
			ref->domain, ref->ref, kernel_image_kind(),
			kernel_image_why_not(file.data, file.size));
	} else {
		ref->room = ref->is_kernel ? kernel_image_size(file.data, file.size) : file.size;
		check_whole(ref, &file, f);
		check_sizes(ref, plan, &file, f);
	}
	file_free(&file);
}

void refs_check(struct image_refs *refs, const struct plan *plan, const struct string_list *known,
		struct findings *f)
{
	size_t i;

	for (i = 0; i < refs->count; i++) {
		check_known(&refs->ref[i], known, f);
		if (refs->ref[i].file != NULL) {
			check_file(&refs->ref[i], plan, f);
		}
	}
	for (i = 0; i < plan->nr_domains; i++) {
		check_both(&plan->domains[i], refs, f);
	}
}
