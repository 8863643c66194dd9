/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings the bundle up: finds it, verifies a private copy of its tree, moves it to its reserved
 * place, verifies every image there, and reads the plan.
 *
 * Order is everything: the tree is copied before it is verified (nobody changes our copy), digests
 * are taken of the bytes that stay, and nothing of an image is looked at before its digest. The
 * loader is believed only where that restricts us. Anything wrong ends the boot with the reason.
 */
#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/core.h>
#include <hyp/entropy.h>
#include <hyp/errno.h>
#include <hyp/loader.h>
#include <hyp/log.h>
#include <hyp/pool.h>
#include <hyp/rollback.h>
#include <hyp/verify.h>
#include <libfdt.h>
#include <string.h>

#define FDT_MAX	       (2 * MIB) /* of the loader: arm64 booting.rst sets the limit */
#define TREE_MAX       (64 * KIB)
#define TREE_MAX_ORDER 4

struct bundle {
	struct loader_facts facts;
	void *tree; /* our copy of the FIT's tree, verified */
	size_t tree_size;
	int conf;
	struct plan_range src; /* where the loader put it; byte exact */
	struct plan_range dst; /* where it stays; byte exact */
	const void *map;       /* read-only mapping of dst */
};

static const void *map_or_halt(uint64_t pa, size_t size, enum arch_map_type type, const char *what)
{
	void *va = arch_map(paddr(pa), size, type);

	if (va == NULL) {
		halt("refused: cannot map the %s (%zu bytes at 0x%lx)", what, size, pa);
	}
	return va;
}

static void read_loader(paddr_t at, struct loader_facts *facts)
{
	const char *why = "";
	const void *fdt;
	size_t size;

	if (at.v == 0 || !IS_ALIGNED(at.v, 8UL)) {
		halt("refused: the loader passed no device tree (x0 = 0x%lx)", at.v);
	}
	fdt = map_or_halt(at.v, sizeof(struct fdt_header), MAP_RO, "loader's device tree");
	size = fdt_magic(fdt) == FDT_MAGIC ? fdt_totalsize(fdt) : 0;
	arch_unmap((void *)(uintptr_t)fdt, sizeof(struct fdt_header));
	if (size < sizeof(struct fdt_header) || size > FDT_MAX) {
		halt("refused: no device tree at 0x%lx, where the loader says it is", at.v);
	}
	fdt = map_or_halt(at.v, size, MAP_RO, "loader's device tree");
	if (loader_read(fdt, size, at.v, facts, &why)) {
		halt("refused: %s", why);
	}
	rollback_read(fdt);
	arch_unmap((void *)(uintptr_t)fdt, size);
}

static void must_be_allowed(const struct loader_facts *facts, const char *what, uint64_t base,
			    uint64_t size)
{
	struct plan_range clash;

	if (loader_allows(facts, base, size, &clash)) {
		return;
	}
	if (clash.size != 0) {
		halt("refused: %s 0x%lx-0x%lx lies on memory reserved by the loader (0x%lx-0x%lx)",
		     what, base, base + size, clash.base, clash.base + clash.size);
	}
	halt("refused: %s 0x%lx-0x%lx is not in this board's memory", what, base, base + size);
}

static bool overlaps(struct plan_range a, struct plan_range b)
{
	return a.base < b.base + b.size && b.base < a.base + a.size;
}

static void verify_tree(struct bundle *b)
{
	const char *why = "";
	const void *fit = map_or_halt(b->src.base, b->src.size, MAP_RO, "bundle");
	size_t total = 0;

	if (fit_total_size(fit, b->src.size, &b->tree_size, &total)) {
		halt("refused: the bundle is not a FIT, is misaligned or cut short");
	}
	if (b->tree_size > TREE_MAX) {
		halt("refused: the bundle's tree has %zu bytes, the limit is %lu", b->tree_size,
		     TREE_MAX);
	}
	b->tree = page_alloc(TREE_MAX_ORDER);
	if (b->tree == NULL) {
		halt("refused: no memory for the bundle's tree");
	}
	memcpy(b->tree, fit, b->tree_size);
	arch_unmap((void *)(uintptr_t)fit, b->src.size);
	b->conf = fit_verify_config(b->tree, b->tree_size, &verify_builtin_key, &why);
	if (b->conf < 0) {
		halt("refused: bundle: %s", why);
	}
	b->src.size = total;
}

/* `ashlar,load` of the verified configuration, held against what may not be overwritten. */
static void find_destination(struct bundle *b)
{
	int len = 0;
	const fdt32_t *load = fdt_getprop(b->tree, b->conf, "ashlar,load", &len);

	if (load == NULL || len != 8) {
		halt("refused: bundle: its configuration has no ashlar,load");
	}
	b->dst.base = (uint64_t)fdt32_to_cpu(load[0]) << 32 | fdt32_to_cpu(load[1]);
	b->dst.size = b->src.size;
	if (!IS_ALIGNED(b->dst.base, PAGE_SIZE)) {
		halt("refused: bundle: ashlar,load 0x%lx is not page aligned", b->dst.base);
	}
	must_be_allowed(&b->facts, "bundle", b->dst.base, ALIGN_UP(b->dst.size, PAGE_SIZE));
	if (overlaps(b->dst, image_range())) {
		halt("refused: bundle: ashlar,load 0x%lx lies on the hypervisor", b->dst.base);
	}
}

/*
 * Source and destination may overlap in machine memory while their mappings do not: so it goes in pieces no longer than the
 * two are apart, from the end first where it goes up. Both begin at a multiple of 8 (checked); the tail rounds up within
 * the last page.
 */
static void move(struct bundle *b)
{
	bool is_up = b->dst.base > b->src.base;
	uint64_t apart = is_up ? b->dst.base - b->src.base : b->src.base - b->dst.base;
	size_t size = ALIGN_UP(b->src.size, 8UL), piece;
	const uint8_t *src;
	uint8_t *dst;

	if (apart == 0) {
		return;
	}
	src = map_or_halt(b->src.base, b->src.size, MAP_RO, "bundle");
	dst = (uint8_t *)(uintptr_t)map_or_halt(b->dst.base, b->dst.size, MAP_RW, "bundle's place");
	for (size_t left = size; left > 0; left -= piece) {
		size_t at;

		piece = MIN(left, apart);
		at = is_up ? left - piece : size - left;
		memcpy(dst + at, src + at, piece);
	}
	arch_unmap((void *)(uintptr_t)src, b->src.size);
	arch_unmap(dst, b->dst.size);
}

static void must_be_inside(const struct bundle *b, const struct fit_image *img)
{
	if (img->offset > b->dst.size || img->size > b->dst.size - img->offset) {
		halt("refused: bundle: image %s exceeds the bundle", img->name);
	}
}

static unsigned int verify_images(struct bundle *b)
{
	uint8_t sum[SHA256_BYTES];
	const char *why = "";
	struct fit_image img;
	unsigned int n = 0;
	int err;

	b->map = map_or_halt(b->dst.base, b->dst.size, MAP_RO, "bundle");
	while ((err = fit_config_image(b->tree, b->tree_size, b->conf, n, &img, &why)) == 0) {
		must_be_inside(b, &img);
		digest_sha256((const uint8_t *)b->map + img.offset, img.size, sum);
		if (memcmp(sum, img.sha256, sizeof(sum)) != 0) {
			halt("refused: bundle: image %s does not match its digest", img.name);
		}
		n++;
	}
	if (err != -ENOENT) {
		halt("refused: bundle: %s", why);
	}
	return n;
}

/* @ctx: the plan's tree. What is wrong is told by its place: see PLAN_IS_BRIEF in domain/plan_reader.h. */
static void report(void *ctx, enum plan_severity sev, int node, const char *prop, const char *msg)
{
	const char *name = node >= 0 ? fdt_get_name(ctx, node, NULL) : NULL;

	hyp_printf("plan: %s: %s%s%s: %s", sev == PLAN_ERROR ? "error" : "warning",
		   name != NULL && *name != '\0' ? name : "/", prop != NULL ? ": " : "",
		   prop != NULL ? prop : "", msg);
}

/* The first image of the configuration is the plan. */
static void read_plan(const struct bundle *b, struct plan *plan)
{
	const char *why = "";
	struct fit_image img;
	uint8_t *tree;

	if (fit_config_image(b->tree, b->tree_size, b->conf, 0, &img, &why) ||
	    strcmp(img.name, "plan") != 0) {
		halt("refused: bundle: no plan in it");
	}
	tree = (uint8_t *)b->map + img.offset;
	if (plan_read(tree, img.size, true, plan, report, tree)) {
		halt("refused: plan: not accepted");
	}
	plan->self = (struct plan_image){ .name = "plan",
					  .base = b->dst.base + img.offset,
					  .size = img.size };
	memcpy(plan->self.sha256, img.sha256, sizeof(plan->self.sha256));
}

/* Its digest stays with the plan, in our own memory, for a restart: the bundle may be hurt by then. */
static void keep_digest(const struct bundle *b, const struct plan_domain *d, struct plan_image *img)
{
	const char *why = "";
	struct fit_image in;
	unsigned int n = 0;

	while (fit_config_image(b->tree, b->tree_size, b->conf, n++, &in, &why) == 0) {
		if (b->dst.base + in.offset == img->base && in.size == img->size) {
			memcpy(img->sha256, in.sha256, sizeof(img->sha256));
			return;
		}
	}
	halt("refused: plan: %s: %s is no image of the bundle", d->name, img->name);
}

static void check_image(const struct bundle *b, const struct plan_domain *d, struct plan_image *img)
{
	struct plan_range r = { img->base, img->size };

	if (img->name == NULL) {
		return;
	}
	if (r.base < b->dst.base || r.size > b->dst.size ||
	    r.base - b->dst.base > b->dst.size - r.size) {
		halt("refused: plan: %s: image %s lies outside the bundle", d->name, img->name);
	}
	keep_digest(b, d, img);
}

/* plan_read() has checked the plan in itself; here it meets the machine. */
static void check_plan(const struct bundle *b, struct plan *plan)
{
	struct plan_range self = image_range();

	if (self.base < plan->hyp.base || self.base + self.size > plan->hyp.base + plan->hyp.size) {
		halt("refused: hypervisor was loaded at 0x%lx-0x%lx, the plan gives it 0x%lx-0x%lx",
		     self.base, self.base + self.size, plan->hyp.base,
		     plan->hyp.base + plan->hyp.size);
	}
	if (b->dst.base != plan->bundle.base || b->dst.size > plan->bundle.size) {
		halt("refused: bundle 0x%lx-0x%lx is not where the plan wants it (0x%lx-0x%lx)",
		     b->dst.base, b->dst.base + b->dst.size, plan->bundle.base,
		     plan->bundle.base + plan->bundle.size);
	}
	must_be_allowed(&b->facts, "hypervisor", plan->hyp.base, plan->hyp.size);
	must_be_allowed(&b->facts, "bundle", plan->bundle.base, plan->bundle.size);
	for (uint32_t i = 0; i < plan->nr_domains; i++) {
		struct plan_domain *d = &plan->domains[i];

		check_image(b, d, &d->kernel);
		check_image(b, d, &d->ramdisk);
		for (uint32_t m = 0; m < d->nr_mem; m++) {
			char what[PLAN_NAME_LEN + 16];

			(void)hyp_snprintf(what, sizeof(what), "%s: memory", d->name);
			must_be_allowed(&b->facts, what, d->mem[m].base, d->mem[m].size);
		}
	}
}

void bundle_bring_up(paddr_t loader_fdt, struct plan *plan)
{
	struct bundle b = { 0 };
	uint64_t started;
	unsigned int nr;

	read_loader(loader_fdt, &b.facts);
	entropy_add(b.facts.seed, b.facts.seed_len);
	b.src = b.facts.initrd;
	if (!IS_ALIGNED(b.src.base, 8UL)) {
		halt("refused: the loader put the bundle at 0x%lx, not a multiple of 8",
		     b.src.base);
	}
	must_be_allowed(&b.facts, "initrd", ALIGN_DOWN(b.src.base, PAGE_SIZE),
			ALIGN_UP(b.src.base + b.src.size, PAGE_SIZE) -
				ALIGN_DOWN(b.src.base, PAGE_SIZE));
	started = arch_now_ns();
	verify_tree(&b);
	rollback_check(b.tree, b.conf);
	find_destination(&b);
	move(&b);
	nr = verify_images(&b);
	hyp_printf("bundle verified: key %s%s, %u images, %lu KiB at 0x%lx (%s, %lu us)",
		   verify_builtin_key.id, verify_builtin_key.is_dev ? " (INSECURE DEV KEY)" : "",
		   nr, ALIGN_UP(b.dst.size, KIB) / KIB, b.dst.base, digest_backend(),
		   (unsigned long)((arch_now_ns() - started) / 1000));
	read_plan(&b, plan);
	check_plan(&b, plan);
}
