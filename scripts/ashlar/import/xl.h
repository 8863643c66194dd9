/* SPDX-License-Identifier: Apache-2.0 */
/* An xl.cfg as settings, before anything is made of them. */
#ifndef ASHLAR_IMPORT_XL_H
#define ASHLAR_IMPORT_XL_H

#include "import.h"

#define XL_MAX_DEPTH	8 /* of lists in lists */
#define XL_MAX_ITEMS	1024
#define XL_MAX_SETTINGS 1024

/** struct xl_item - a string or a number, as it was written but for quotes. */
struct xl_item {
	char *text;
	unsigned int line;
};

/** struct xl_setting - NAME = ITEM, or NAME = [ ITEM, ... ]. */
struct xl_setting {
	char *name;
	unsigned int line;
	bool is_list;
	bool adds; /* += */
	struct xl_item *items;
	size_t nr_items;
};

struct xl_config {
	struct xl_setting *settings;
	size_t count;
};

/** xl_read() - @text to its NUL; what is no setting is reported. What "+=" adds is added, of two of a name the last stays. */
void xl_read(struct import *im, const char *text, struct xl_config *c);
void xl_free(struct xl_config *c);

/** xl_find() - NULL: it is not set. */
const struct xl_setting *xl_find(const struct xl_config *c, const char *name);

/** struct xl_field - a part of a disk's or a network's string: KEY=VALUE, or one alone (@value NULL). */
struct xl_field {
	char *key;
	char *value;
};

/** xl_disk() / xl_net() - one of `disk` and `vif`; @n: how many of them were before it. */
void xl_disk(struct import *im, struct import_domain *d, const struct xl_item *item,
	     unsigned int n);
void xl_net(struct import *im, struct import_domain *d, const struct xl_item *item, unsigned int n);

/** xl_backend() - `backend=NAME` as a line, and what the domain needs to have it. @name: NULL: not said. */
void xl_backend(struct import_domain *d, struct import_node *n, const char *name);

/** xl_word() - a copy of @n characters of @s, without blanks around them. */
char *xl_word(const char *s, size_t n);

/** struct xl_reason - a setting of xl's without a counterpart. @why NULL: it is as it would be anyway, and not worth a word. */
struct xl_reason {
	const char *name;
	const char *why;
};

/** xl_reason() - NULL: xl.cfg's manual has no such setting, or it has a counterpart. */
const struct xl_reason *xl_reason(const char *name);

#endif
