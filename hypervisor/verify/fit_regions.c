// SPDX-License-Identifier: Apache-2.0
/*
 * Which bytes of a FIT's tree a configuration's signature covers.
 *
 * Format: U-Boot doc/usage/fit/signature.rst, "Signed configurations". Our list of nodes is computed from the
 * configuration; a property of the configuration that is neither an image nor known is refused, because an image
 * that it might name would go unsigned.
 */
#include <hyp/errno.h>
#include <libfdt.h>
#include <string.h>

#include "digest.h"
#include "fit.h"

static int refuse(const char **why, const char *reason)
{
	*why = reason;
	return -EINVAL;
}

static bool is_one_of(const char *name, const char *const list[], size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(name, list[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* Properties that say where data lies, or are the data; the digest in the hash node stands for them. */
static bool is_unsigned_prop(const char *name)
{
	static const char *const list[] = { "data", "data-size", "data-position", "data-offset" };

	return is_one_of(name, list, ARRAY_SIZE(list));
}

static int check_config_props(const void *fit, int conf, const char **why)
{
	static const char *const known[] = { "kernel",		"fdt",	       "ramdisk",
					     "loadables",	"description", "compatible",
					     "ashlar,rollback", "ashlar,load" };
	const char *name;
	int prop;

	fdt_for_each_property_offset(prop, fit, conf) {
		if (fdt_getprop_by_offset(fit, prop, &name, NULL) == NULL ||
		    !is_one_of(name, known, ARRAY_SIZE(known))) {
			return refuse(why, "the configuration has a property that is not known");
		}
	}
	return 0;
}

static int check_image_lists(const void *fit, int conf, const char **why)
{
	static const char *const lists[] = { "kernel", "fdt", "ramdisk", "loadables" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		int n = fdt_stringlist_count(fit, conf, lists[i]);

		if (n == 0 || (n < 0 && n != -FDT_ERR_NOTFOUND)) {
			return refuse(why, "the configuration's list of images is malformed");
		}
	}
	return 0;
}

static bool nodes_contain(const struct fit_nodes *nodes, int offset)
{
	unsigned int i;

	for (i = 0; i < nodes->count; i++) {
		if (nodes->offset[i] == offset) {
			return true;
		}
	}
	return false;
}

static int nodes_add(struct fit_nodes *nodes, int offset, const char **why)
{
	if (nodes_contain(nodes, offset)) {
		return 0;
	}
	if (nodes->count == FIT_MAX_SIGNED) {
		return refuse(why, "the configuration has too many images");
	}
	nodes->offset[nodes->count++] = offset;
	return 0;
}

static int add_image(const void *fit, int image, struct fit_nodes *nodes, const char **why)
{
	bool has_hash = false;
	int child;

	if (nodes_add(nodes, image, why) != 0) {
		return -EINVAL;
	}
	fdt_for_each_subnode(child, fit, image) {
		if (strncmp(fdt_get_name(fit, child, NULL), "hash", 4) != 0) {
			return refuse(why, "an image has a child that is not a hash");
		}
		has_hash = true;
		if (nodes_add(nodes, child, why) != 0) {
			return -EINVAL;
		}
	}
	return has_hash ? 0 : refuse(why, "an image has no hash");
}

int fit_signed_nodes(const void *fit, int conf, struct fit_nodes *nodes, const char **why)
{
	unsigned int n;
	int image;

	nodes->count = 0;
	if (check_config_props(fit, conf, why) != 0 || check_image_lists(fit, conf, why) != 0 ||
	    nodes_add(nodes, 0, why) != 0 || nodes_add(nodes, conf, why) != 0) {
		return -EINVAL;
	}
	for (n = 0; (image = fit_config_node(fit, conf, n, why)) >= 0; n++) {
		if (n == FIT_MAX_IMAGES) {
			return refuse(why, "the configuration has too many images");
		}
		if (add_image(fit, image, nodes, why) != 0) {
			return -EINVAL;
		}
	}
	if (image != -ENOENT) {
		return -EINVAL;
	}
	return n > 0 ? 0 : refuse(why, "the configuration names no image");
}

/* How much of a node is signed. */
enum cover {
	COVER_NONE,
	COVER_TAGS,
	COVER_ALL
};

/* One walk over the structure block. */
struct walk {
	const void *fit;
	const struct fit_nodes *nodes;
	uint32_t strings; /* bytes of the strings block that are signed */
	enum cover cover[FIT_MAX_DEPTH + 1];
	int depth; /* of the node we are in; 0: outside the root */
	struct digest digest;
};

static bool enter_node(struct walk *w, int offset)
{
	enum cover parent = w->cover[w->depth];

	w->depth++;
	if (nodes_contain(w->nodes, offset)) {
		w->cover[w->depth] = COVER_ALL;
	} else {
		w->cover[w->depth] = parent == COVER_ALL ? COVER_TAGS : COVER_NONE;
	}
	return w->cover[w->depth] != COVER_NONE;
}

/* A signed property's name must stand in the signed part of the strings block, or it could be renamed. */
static int property_is_signed(const struct walk *w, int offset, bool *is_signed, const char **why)
{
	const char *name;

	*is_signed = false;
	if (w->cover[w->depth] != COVER_ALL) {
		return 0;
	}
	if (fdt_getprop_by_offset(w->fit, offset, &name, NULL) == NULL) {
		return refuse(why, "a property of the tree cannot be read");
	}
	if (is_unsigned_prop(name)) {
		return 0;
	}
	if ((size_t)(name - fdt_string(w->fit, 0)) + strlen(name) + 1 > w->strings) {
		return refuse(why, "the name of a signed property is not signed");
	}
	*is_signed = true;
	return 0;
}

static int walk_tag(struct walk *w, uint32_t tag, int offset, bool *is_signed, const char **why)
{
	switch (tag) {
	case FDT_BEGIN_NODE:
		if (w->depth == FIT_MAX_DEPTH) {
			return refuse(why, "the tree is nested too deeply");
		}
		*is_signed = enter_node(w, offset);
		return 0;
	case FDT_END_NODE:
		if (w->depth == 0) {
			return refuse(why, "not a well-formed flattened device tree");
		}
		*is_signed = w->cover[w->depth--] != COVER_NONE;
		return 0;
	case FDT_PROP:
		return property_is_signed(w, offset, is_signed, why);
	case FDT_NOP:
		*is_signed = w->cover[w->depth] == COVER_ALL;
		return 0;
	default: /* FDT_END */
		*is_signed = true;
		return 0;
	}
}

static int walk_struct(struct walk *w, const char **why)
{
	const uint8_t *block = (const uint8_t *)w->fit + fdt_off_dt_struct(w->fit);
	uint32_t tag;
	int offset, next = 0;

	do {
		bool is_signed = false;

		offset = next;
		tag = fdt_next_tag(w->fit, offset, &next);
		if (next < 0 || walk_tag(w, tag, offset, &is_signed, why) != 0) {
			return *why != NULL ? -EINVAL : refuse(why, "the tree ends too early");
		}
		if (is_signed) {
			digest_add(&w->digest, block + offset, (size_t)(next - offset));
		}
	} while (tag != FDT_END);
	if (next != (int)fdt_size_dt_struct(w->fit) || w->depth != 0) {
		return refuse(why, "the tree goes on after its end");
	}
	return 0;
}

int fit_hash_signed(const void *fit, const struct fit_nodes *nodes, uint32_t strings,
		    uint8_t out[SHA256_BYTES], const char **why)
{
	struct walk w = { .fit = fit, .nodes = nodes, .strings = strings };

	*why = NULL;
	if (strings == 0 || strings > fdt_size_dt_strings(fit)) {
		return refuse(why, "the signed part of the strings block is out of bounds");
	}
	digest_begin(&w.digest);
	if (walk_struct(&w, why) != 0) {
		return -EINVAL;
	}
	digest_add(&w.digest, (const uint8_t *)fit + fdt_off_dt_strings(fit), strings);
	digest_end(&w.digest, out);
	return 0;
}
