// SPDX-License-Identifier: Apache-2.0
/* A configuration of any kind that is known, told by what it begins with (import.h). */
#include <stdlib.h>
#include <string.h>

#include "import.h"

static bool is_text(struct import *im, const uint8_t *data, size_t bytes)
{
	unsigned int line = 1;
	size_t i;

	for (i = 0; i < bytes; i++) {
		uint8_t c = data[i];

		line += c == '\n';
		if ((c < ' ' && c != '\n' && c != '\t' && c != '\r') || c == 0x7f) {
			import_error(im, line,
				     "a byte 0x%02x: it is no text; is it a configuration?", c);
			return false;
		}
	}
	return true;
}

static bool is_tree(const uint8_t *data, size_t bytes)
{
	static const uint8_t magic[] = { 0xd0, 0x0d, 0xfe, 0xed };

	return bytes > sizeof(magic) && memcmp(data, magic, sizeof(magic)) == 0;
}

void import_any(struct import *im, const struct file *f)
{
	const char *text = (const char *)f->data;

	if (is_tree(f->data, f->size)) {
		import_dom0less(im, f->data, f->size);
	} else if (!is_text(im, f->data, f->size)) {
		return;
	} else if (strstr(text, "/dts-v1/") != NULL) {
		import_error(im, 1, "a device tree's source; import what dtc makes of it");
	} else if (import_is_imagebuilder(text)) {
		import_imagebuilder(im, text);
	} else {
		import_xl(im, text);
	}
}

static void free_list(struct string_list *l)
{
	while (l->count > 0) {
		free((void *)l->items[--l->count]);
	}
	free(l->items);
}

static void free_domain(struct import_domain *d)
{
	while (d->nr_nodes > 0) {
		d->nr_nodes--;
		free_list(&d->nodes[d->nr_nodes].lines);
		free(d->nodes[d->nr_nodes].name);
	}
	free_list(&d->lines);
	free_list(&d->depends);
	free(d->name);
	free(d);
}

void import_free(struct import *im)
{
	while (im->nr_domains > 0) {
		free_domain(im->domains[--im->nr_domains]);
	}
	while (im->nr_remarks > 0) {
		free(im->remarks[--im->nr_remarks].text);
	}
	free(im->remarks);
	im->remarks = NULL;
}
