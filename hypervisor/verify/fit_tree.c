// SPDX-License-Identifier: Apache-2.0
/*
 * Structure of a FIT: refuse every tree in which a name could mean two things, then find configuration and images.
 * Format: U-Boot doc/usage/fit/source_file_format.rst; Devicetree Specification v0.4 chapter 5.
 */
#include <hyp/errno.h>
#include <hyp/fdt.h>
#include <libfdt.h>
#include <string.h>

#include "fit.h"

static int refuse(const char **why, const char *reason)
{
	*why = reason;
	return -EINVAL;
}

static int check_props(const void *fit, int node, const char **why)
{
	const char *seen[FIT_MAX_PROPS];
	unsigned int n = 0, i;
	int prop;

	fdt_for_each_property_offset(prop, fit, node) {
		const char *name;

		if (n == FIT_MAX_PROPS) {
			return refuse(why, "a node of the tree has too many properties");
		}
		if (fdt_getprop_by_offset(fit, prop, &name, NULL) == NULL || name == NULL) {
			return refuse(why, "a property of the tree cannot be read");
		}
		for (i = 0; i < n; i++) {
			if (strcmp(seen[i], name) == 0) {
				return refuse(why, "a property stands twice in one node");
			}
		}
		seen[n++] = name;
	}
	return 0;
}

static int check_children(const void *fit, int node, const char **why)
{
	const char *seen[FIT_MAX_CHILDREN];
	unsigned int n = 0, i;
	int child;

	fdt_for_each_subnode(child, fit, node) {
		const char *name = fdt_get_name(fit, child, NULL);

		if (n == FIT_MAX_CHILDREN) {
			return refuse(why, "a node of the tree has too many children");
		}
		if (name == NULL || strchr(name, '@') != NULL) {
			return refuse(why, "a node's name contains '@'");
		}
		for (i = 0; i < n; i++) {
			if (strcmp(seen[i], name) == 0) {
				return refuse(why, "two nodes have the same name");
			}
		}
		seen[n++] = name;
	}
	return 0;
}

int fit_check_tree(const void *fit, size_t len, const char **why)
{
	int node, depth = 0;

	if (!IS_ALIGNED((uintptr_t)fit, 8)) {
		return refuse(why, "the tree is not 8-byte aligned");
	}
	if (!fdt_is_sound(fit, len)) {
		return refuse(why, "not a well-formed flattened device tree");
	}
	for (node = 0; node >= 0; node = fdt_next_node(fit, node, &depth)) {
		if (depth < 0) {
			break; /* past the root */
		}
		if (depth >= FIT_MAX_DEPTH) {
			return refuse(why, "the tree is nested too deeply");
		}
		if (check_props(fit, node, why) != 0 || check_children(fit, node, why) != 0) {
			return -EINVAL;
		}
	}
	return 0;
}

const char *fit_string(const void *fit, int node, const char *name)
{
	int len;
	const char *s = fdt_getprop(fit, node, name, &len);

	if (s == NULL || len < 2 || memchr(s, '\0', (size_t)len) != s + len - 1) {
		return NULL;
	}
	return s;
}

int fit_default_config(const void *fit, const char **why)
{
	int confs = fdt_subnode_offset(fit, 0, "configurations");
	const char *name;
	int conf;

	if (confs < 0) {
		return refuse(why, "no /configurations in the tree");
	}
	name = fit_string(fit, confs, "default");
	if (name == NULL) {
		return refuse(why, "/configurations names no default");
	}
	conf = fdt_subnode_offset(fit, confs, name);
	if (conf < 0) {
		return refuse(why, "the default configuration is not there");
	}
	return conf;
}

/* The n-th string over all image properties of a configuration; NULL past the last. */
static const char *config_image_name(const void *fit, int conf, unsigned int n)
{
	static const char *const props[] = { "kernel", "fdt", "ramdisk", "loadables" };
	unsigned int p;

	for (p = 0; p < ARRAY_SIZE(props); p++) {
		int count = fdt_stringlist_count(fit, conf, props[p]);

		if (count <= 0) {
			continue;
		}
		if (n < (unsigned int)count) {
			return fdt_stringlist_get(fit, conf, props[p], (int)n, NULL);
		}
		n -= (unsigned int)count;
	}
	return NULL;
}

int fit_config_node(const void *fit, int conf, unsigned int n, const char **why)
{
	const char *name = config_image_name(fit, conf, n);
	int images, node;

	if (name == NULL) {
		return -ENOENT;
	}
	images = fdt_subnode_offset(fit, 0, "images");
	node = images < 0 ? images : fdt_subnode_offset(fit, images, name);
	if (node < 0) {
		return refuse(why, "the configuration names an image that is not there");
	}
	return node;
}

static bool read_u32(const void *fit, int node, const char *name, uint32_t *value)
{
	int len;
	const fdt32_t *p = fdt_getprop(fit, node, name, &len);

	if (p == NULL || len != (int)sizeof(*p)) {
		return false;
	}
	*value = fdt32_ld(p);
	return true;
}

int fit_image_range(const void *fit, int image, uint64_t *offset, uint64_t *size, const char **why)
{
	uint32_t tree = fdt_totalsize(fit);
	uint32_t bytes, at;
	bool has_offset = fdt_getprop(fit, image, "data-offset", NULL) != NULL;
	bool has_position = fdt_getprop(fit, image, "data-position", NULL) != NULL;

	if (fdt_getprop(fit, image, "data", NULL) != NULL || has_offset == has_position) {
		return refuse(why, "an image's data is not external, or its place is given twice");
	}
	if (!read_u32(fit, image, "data-size", &bytes) || bytes == 0) {
		return refuse(why, "an image has no size");
	}
	if (!read_u32(fit, image, has_offset ? "data-offset" : "data-position", &at)) {
		return refuse(why, "an image has no place");
	}
	*size = bytes;
	*offset = has_offset ? ALIGN_UP((uint64_t)tree, 4) + at : at;
	if (*offset < tree) {
		return refuse(why, "an image lies inside the tree");
	}
	if (!IS_ALIGNED(*offset, FIT_IMAGE_ALIGN)) {
		return refuse(why, "an image is not 4 KiB aligned");
	}
	return 0;
}
