// SPDX-License-Identifier: Apache-2.0
/* ashlar pack: from the user's plan and files to the packed plan and the unsigned bundle. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"

static const char usage[] =
	"usage: ashlar pack [--map MAP] --hypervisor FILE --image REF=FILE... [--rollback N] [--signatures N] [--swid ID]\n"
	"                   [--kernel-config REF=FILE]... [--xen-tree OUT] --plan OUT --bundle OUT PLAN.src.dtb\n"
	"  --hypervisor FILE  its image: says how much memory it takes\n"
	"  --image REF=FILE   the file behind each image reference of the plan\n"
	"  --rollback N       the bundle's version counter, 0 if not given\n"
	"  --signatures N     leave room for so many, 1 if not given\n"
	"  --swid ID          the software's identification: in the plan, and before each command line\n"
	"  --kernel-config REF=FILE  as `ashlar check` takes it\n"
	"  --xen-tree OUT     the hypervisor is upstream Xen: the tree that it takes\n"
	"  --plan OUT         the plan with every place computed\n"
	"  --bundle OUT       the bundle, to be signed by `ashlar sign`";

static struct plan_range hypervisor_place(const char *path)
{
	struct file f = file_read(path, "hypervisor");
	struct plan_range place;

	place.size = hypervisor_image(f.data, f.size, &place.base);
	if (place.size == 0) {
		fail("hypervisor %s: not %s", path, kernel_image_kind());
	}
	file_free(&f);
	return place;
}

static uint32_t parse_number(const char *option, const char *s, uint32_t most)
{
	unsigned long n;
	char *end;

	if (s == NULL) {
		return 0;
	}
	errno = 0;
	n = strtoul(s, &end, 10);
	if (errno != 0 || end == s || *end != '\0' || n > most) {
		fail("--%s %s: not a number from 0 to %u", option, s, most);
	}
	return (uint32_t)n;
}

static void require_files(const struct image_refs *refs, struct findings *f)
{
	size_t i;

	for (i = 0; i < refs->count; i++) {
		if (refs->ref[i].file == NULL) {
			finding(f, refs->ref[i].node, "ashlar,image",
				"domain \"%s\": no file was given for image \"%s\"; name one by --image",
				refs->ref[i].domain, refs->ref[i].ref);
		}
	}
}

/* What the packed plan says of an image: its name in the bundle, and where it lies after the move. */
static void locate_image(struct plan_image *img, const struct bundle *b,
			 const struct image_refs *refs, uint64_t load)
{
	const struct bundle_image *found;

	if (img->node == 0) {
		return;
	}
	found = bundle_find(b, ref_file(refs, img->name));
	img->name = found->name;
	img->base = load + found->offset;
	img->size = found->file.size;
}

static void locate_images(struct plan *p, const struct bundle *b, const struct image_refs *refs,
			  uint64_t load)
{
	uint32_t i;

	for (i = 0; i < p->nr_domains; i++) {
		locate_image(&p->domains[i].kernel, b, refs, load);
		locate_image(&p->domains[i].ramdisk, b, refs, load);
	}
}

/* The size of the packed plan, from a trial with everything anywhere. */
static size_t measure_plan(const struct plan *plan, const struct bundle *b,
			   const struct image_refs *refs, const char *swid)
{
	struct plan *trial = xalloc(sizeof(*trial));
	struct file f;
	size_t bytes;
	uint32_t i;

	*trial = *plan;
	for (i = 0; i < trial->nr_domains; i++) {
		trial->domains[i].nr_mem = MAX(trial->domains[i].nr_mem, 1U);
	}
	locate_images(trial, b, refs, 0);
	f = plan_write(trial, swid);
	bytes = f.size;
	file_free(&f);
	free(trial);
	return bytes;
}

/* The reader that the target uses must accept what was packed. */
static void read_back(const struct file *packed, const char *source)
{
	struct findings f = { .fdt = packed->data, .plan_path = source, .only_errors = true };
	struct plan *plan = xalloc(sizeof(*plan));

	if (plan_read(packed->data, packed->size, true, plan, findings_report, &f) != 0) {
		fail("%s: the packed plan is not accepted; this is an error of ashlar", source);
	}
	free(plan);
}

/* What pack() makes; @xen: NULL unless upstream Xen is the hypervisor. */
struct outputs {
	const char *plan;
	const char *bundle;
	const char *xen;
};

static int pack(struct plan *plan, const struct image_refs *refs, struct plan_range hyp,
		struct bundle b, const char *swid, const struct outputs *out, struct findings *f)
{
	struct file packed;
	uint64_t bytes;

	bundle_collect(&b, refs);
	/* Room for domains that end in pieces: each piece is named in the plan. */
	bytes = bundle_layout(&b, measure_plan(plan, &b, refs, swid) +
					  plan->nr_domains * sizeof(plan->domains[0].mem));
	if (!place_all(plan, &hyp, bytes, out->xen != NULL, f)) {
		return findings_status(f);
	}
	locate_images(plan, &b, refs, plan->bundle.base);
	packed = plan_write(plan, swid);
	read_back(&packed, f->plan_path);
	bundle_write(&b, &packed, plan->bundle.base, out->bundle);
	file_write(out->plan, packed.data, packed.size);
	if (out->xen != NULL) {
		struct file tree = xen_tree(&packed);

		file_write(out->xen, tree.data, tree.size);
		file_free(&tree);
	}
	return EXIT_OK;
}

int cmd_pack(int argc, char **argv)
{
	struct string_list rest = { 0 }, images = { 0 }, known = { 0 }, configs = { 0 };
	const char *map = NULL, *hyp = NULL;
	struct outputs out = { 0 };
	const char *rollback = NULL, *signatures = NULL, *swid = NULL;
	const struct option_spec specs[] = {
		{ .name = "map", .value = &map },
		{ .name = "hypervisor", .value = &hyp },
		{ .name = "image", .list = &images },
		{ .name = "kernel-config", .list = &configs },
		{ .name = "rollback", .value = &rollback },
		{ .name = "signatures", .value = &signatures },
		{ .name = "swid", .value = &swid },
		{ .name = "plan", .value = &out.plan },
		{ .name = "bundle", .value = &out.bundle },
		{ .name = "xen-tree", .value = &out.xen },
		{ 0 },
	};
	struct findings f = { .only_errors = true };
	struct image_refs refs;
	struct bundle b = { 0 };
	struct plan plan;

	parse_options(argc, argv, specs, usage, &rest);
	need(rest.count == 1 ? &rest : NULL, "one plan", usage);
	need(hyp, "--hypervisor", usage);
	need(out.plan, "--plan", usage);
	need(out.bundle, "--bundle", usage);
	b.rollback = parse_number("rollback", rollback, UINT32_MAX);
	b.signatures = parse_number("signatures", signatures, MAX_KEYS);
	f.map = map != NULL ? source_map_read(map, "") : NULL;
	if (source_read(rest.items[0], &plan, &f)) {
		refs_collect(&plan, &refs);
		refs_bind(&refs, &images);
		require_files(&refs, &f);
		refs_check(&refs, &plan, &known, &f);
		if (swid != NULL) {
			software_id_check(&plan, swid, &f);
		}
		verity_check(&plan, &f);
		kernel_config_check(&plan, &refs, &configs, &f);
		if (out.xen != NULL) {
			xen_check(&plan, &f);
		}
	}
	if (f.errors > 0) {
		return findings_status(&f);
	}
	return pack(&plan, &refs, hypervisor_place(hyp), b, swid, &out, &f);
}
