// SPDX-License-Identifier: Apache-2.0
/*
 * Which bytes of an image its signature leaves out, on the target: of a FIT what U-Boot and the hypervisor hash neither as a
 * part of the tree nor as an image, of ashlar.efi what Authenticode does. Worked out here once more, beside
 * hypervisor/verify/fit_regions.c; a test flips every byte of both kinds.
 */
#include <hyp/fdt.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "../../hypervisor/verify/fit.h"
#include "ashlar.h"

/** struct cover - a file, and a byte for each of its own: is it covered? */
struct cover {
	const struct file *f;
	uint8_t *map;
	struct fit_nodes nodes;
	int conf;
};

static void mark(struct cover *c, uint64_t at, uint64_t bytes)
{
	if (at <= c->f->size && bytes <= c->f->size - at) {
		memset(c->map + at, 1, bytes);
	}
}

static bool is_listed(const struct cover *c, int node)
{
	unsigned int i;

	for (i = 0; i < c->nodes.count; i++) {
		if (c->nodes.offset[i] == node) {
			return true;
		}
	}
	return false;
}

static bool is_place(const char *name)
{
	return strcmp(name, "data") == 0 || strcmp(name, "data-size") == 0 ||
	       strcmp(name, "data-position") == 0 || strcmp(name, "data-offset") == 0;
}

static bool is_signature_value(const struct cover *c, int node, const char *name)
{
	return fdt_parent_offset(c->f->data, node) == c->conf && strcmp(name, "value") == 0;
}

/* The tag at @at belongs to @node. A child of a listed node is covered in its tags, a listed one in all but its data's place. */
static bool is_covered(const struct cover *c, int node, uint32_t tag, int at)
{
	const void *fit = c->f->data;
	const char *name = NULL;

	if (is_listed(c, node)) {
		return tag != FDT_PROP ||
		       (fdt_getprop_by_offset(fit, at, &name, NULL) != NULL && !is_place(name));
	}
	if (tag == FDT_PROP) {
		return fdt_getprop_by_offset(fit, at, &name, NULL) != NULL &&
		       is_signature_value(c, node, name);
	}
	return tag != FDT_NOP && is_listed(c, fdt_parent_offset(fit, node));
}

static void mark_tree(struct cover *c)
{
	const void *fit = c->f->data;
	int stack[FIT_MAX_DEPTH + 1] = { 0 }, depth = 0, at = 0, next = 0;
	uint32_t tag;

	do {
		at = next;
		tag = fdt_next_tag(fit, at, &next);
		if (tag == FDT_BEGIN_NODE) {
			stack[++depth] = at;
		}
		if (tag == FDT_END || is_covered(c, stack[depth], tag, at)) {
			mark(c, fdt_off_dt_struct(fit) + (uint64_t)at, (uint64_t)(next - at));
		}
		depth -= tag == FDT_END_NODE;
	} while (tag != FDT_END);
}

static void mark_names(struct cover *c)
{
	const void *fit = c->f->data;
	int child, len;

	fdt_for_each_subnode(child, fit, c->conf) {
		const fdt32_t *strings = fdt_getprop(fit, child, "hashed-strings", &len);

		if (strings != NULL && len == 2 * (int)sizeof(*strings)) {
			mark(c, fdt_off_dt_strings(fit), fdt32_ld(&strings[1]));
		}
	}
}

static void mark_images(struct cover *c)
{
	struct fit_image img;
	const char *why;
	unsigned int n;

	for (n = 0; fit_config_image(c->f->data, c->f->size, c->conf, n, &img, &why) == 0; n++) {
		mark(c, img.offset, img.size);
	}
}

static bool cover_fit(struct cover *c)
{
	const char *why = NULL;

	if (fit_check_tree(c->f->data, c->f->size, &why) != 0) {
		return false;
	}
	c->conf = fit_default_config(c->f->data, &why);
	if (c->conf < 0 || fit_signed_nodes(c->f->data, c->conf, &c->nodes, &why) != 0) {
		return false;
	}
	mark_tree(c);
	mark_names(c);
	mark_images(c);
	return true;
}

static bool cover_efi(struct cover *c)
{
	size_t from[2], bytes[2], end;

	if (!efi_uncovered(c->f, from, bytes, &end)) {
		return false;
	}
	mark(c, 0, end);
	memset(c->map + from[0], 0, bytes[0]);
	memset(c->map + from[1], 0, bytes[1]);
	return true;
}

static const char *place_of(const struct cover *c, size_t at)
{
	const void *fit = c->f->data;

	if (efi_is_pe(c->f)) {
		return at < FDT_V17_SIZE * 64UL ? "header's checksum or place of the signature"
						: "signature";
	}
	if (at < FDT_V17_SIZE) {
		return "header";
	}
	if (at >= fdt_totalsize(fit)) {
		return "between or behind images";
	}
	if (at >= fdt_off_dt_struct(fit) && at < fdt_off_dt_struct(fit) + fdt_size_dt_struct(fit)) {
		return "properties that are not signed";
	}
	if (at >= fdt_off_dt_strings(fit) &&
	    at < fdt_off_dt_strings(fit) + fdt_size_dt_strings(fit)) {
		return "their names";
	}
	return "padding";
}

bool coverage_show(const struct file *f)
{
	struct cover c = { .f = f, .map = xalloc(f->size + 1) };
	bool is_good = efi_is_pe(f) ? cover_efi(&c) : cover_fit(&c);
	size_t at = 0, end, all = 0;

	for (at = 0; is_good && at < f->size; at = end) {
		for (end = at; end < f->size && c.map[end] == c.map[at]; end++) {
		}
		if (c.map[at] == 0) {
			printf("  not covered: 0x%08zx-0x%08zx  %8zu bytes  %s\n", at, end,
			       end - at, place_of(&c, at));
			all += end - at;
		}
	}
	if (is_good) {
		printf("  %zu of %zu bytes are not covered by the signature\n", all, f->size);
	}
	free(c.map);
	return is_good;
}
