// SPDX-License-Identifier: Apache-2.0
/* An image taken apart: scripts/ashlar/parts.h. Nothing is verified: `ashlar verify` does that. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "../../hypervisor/verify/fit.h"
#include "efi/efi_file.h"
#include "parts.h"

static void *grow(void *items, size_t count, size_t size)
{
	void *more = realloc(items, (count + 1) * size);

	if (more == NULL) {
		fail("no memory for the parts of an image");
	}
	return more;
}

static struct part *add_part(struct parts *p, char *name, const void *data, size_t size)
{
	struct part *part;

	p->items = grow(p->items, p->count, sizeof(*p->items));
	part = &p->items[p->count++];
	*part = (struct part){ .name = name, .data = { xalloc(size + 1), size } };
	memcpy(part->data.data, data, size);
	digest_sha256(part->data.data, size, part->sha256);
	return part;
}

static void add_fact(struct parts *p, char *fact)
{
	p->facts = grow(p->facts, p->nr_facts, sizeof(*p->facts));
	p->facts[p->nr_facts++] = fact;
}

static void add_number(struct parts *p, const void *fit, int conf, const char *prop,
		       const char *prefix)
{
	int len;
	const void *value = fdt_getprop(fit, conf, prop, &len);

	if (value != NULL && (len == 4 || len == 8)) {
		add_fact(p, xasprintf("%s%s = 0x%lx", prefix, prop,
				      len == 4 ? (uint64_t)fdt32_ld(value) : fdt64_ld(value)));
	}
}

/* The default one: what it says, and whose signatures it has. */
static void add_facts(struct parts *p, const void *fit, const char *prefix)
{
	const char *why;
	int conf = fit_default_config(fit, &why), sig;

	if (conf < 0) {
		add_fact(p, xasprintf("%sconfiguration: %s", prefix, why));
		return;
	}
	add_number(p, fit, conf, "ashlar,load", prefix);
	add_number(p, fit, conf, "ashlar,rollback", prefix);
	fdt_for_each_subnode(sig, fit, conf) {
		const char *algo = fit_string(fit, sig, "algo");
		const char *hint = fit_string(fit, sig, "key-name-hint");

		add_fact(p, xasprintf("%ssigned with %s by key %s", prefix,
				      algo != NULL ? algo : "?", hint != NULL ? hint : "?"));
	}
}

/* Return: false: it is no FIT. */
static bool add_fit(struct parts *p, const struct file *f, const char *prefix)
{
	const char *why;
	int images, node;

	if (f->size < FDT_V17_SIZE || fit_check_tree(f->data, f->size, &why) != 0) {
		return false;
	}
	images = fdt_subnode_offset(f->data, 0, "images");
	if (images < 0) {
		return false;
	}
	add_facts(p, f->data, prefix);
	fdt_for_each_subnode(node, f->data, images) {
		char *name = xasprintf("%s%s", prefix, fdt_get_name(f->data, node, NULL));
		uint64_t offset, size;
		struct file inner;

		if (fit_image_range(f->data, node, &offset, &size, &why) != 0 || offset > f->size ||
		    size > f->size - offset) {
			fail("image %s does not lie in the file", name);
		}
		inner = add_part(p, name, f->data + offset, size)->data;
		(void)add_fit(p, &inner, xasprintf("%s/", name));
	}
	return true;
}

/* Return: false: it is no ashlar.efi. */
static bool add_efi(struct parts *p, const struct file *f)
{
	struct efi_contents c;
	size_t signed_bytes;
	struct file inner;

	if (efi_parse(f, &c, &signed_bytes) != NULL) {
		return false;
	}
	add_fact(p, xasprintf("hypervisor at 0x%lx", c.hyp_base));
	add_fact(p, xasprintf("signature of %zu bytes", efi_signature(f, signed_bytes).size));
	(void)add_part(p, xstrdup("hypervisor"), c.hypervisor.data, c.hypervisor.size);
	inner = add_part(p, xstrdup("bundle"), c.bundle.data, c.bundle.size)->data;
	(void)add_fit(p, &inner, "bundle/");
	return true;
}

void parts_read(struct parts *p, const char *path)
{
	struct file f = file_read(path, "image");
	static struct plan plan;

	*p = (struct parts){ 0 };
	if (add_efi(p, &f) || add_fit(p, &f, "")) {
		file_free(&f);
		return;
	}
	if (plan_read(f.data, f.size, true, &plan, NULL, NULL) != 0 &&
	    plan_read(f.data, f.size, false, &plan, NULL, NULL) != 0) {
		fail("%s is neither a FIT nor a plan", path);
	}
	(void)add_part(p, xstrdup(BUNDLE_PLAN), f.data, f.size);
	file_free(&f);
}

const struct part *parts_find(const struct parts *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		if (strcmp(p->items[i].name, name) == 0) {
			return &p->items[i];
		}
	}
	return NULL;
}
