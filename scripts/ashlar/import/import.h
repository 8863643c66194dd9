/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `ashlar import` is made of: readers of other projects' configurations, each of which makes domains; what had to be
 * said of the user's lines; and the folders that are written.
 */
#ifndef ASHLAR_IMPORT_H
#define ASHLAR_IMPORT_H

#include "../ashlar.h"

#define IMPORT_MAX_BYTES  (1024 * 1024)
#define IMPORT_MAX_ERRORS 50U
#define IMPORT_MIB_MAX	  (1024 * 1024) /* of a domain; the plan's own limit is lower */

/** struct import_remark - one line about one of the user's. */
struct import_remark {
	unsigned int line; /* 0: it has none, as in a compiled tree */
	bool is_error;
	char *text;
};

/** struct import - a file being imported. */
struct import {
	const char *path;		  /* as the user wrote it */
	const struct string_list *disks;  /* TARGET=SOURCE of --disk */
	const struct string_list *images; /* DOMAIN/MODULE=FILE of --image */
	struct import_remark *remarks;
	size_t nr_remarks;
	unsigned int errors;
	struct import_domain *domains[PLAN_MAX_DOMAINS];
	size_t nr_domains;
};

/** import_error() - what cannot be imported as it stands: nothing will be written. */
void import_error(struct import *im, unsigned int line, const char *fmt, ...) __printf(3, 4);

/** import_note() - what has no counterpart, or another one than its user may think. */
void import_note(struct import *im, unsigned int line, const char *fmt, ...) __printf(3, 4);

/** import_say() - all remarks in the order of lines: errors on stderr, the others on standard output. */
void import_say(const struct import *im);

/** import_option() - the value of @key in a list of KEY=VALUE; NULL: it is not there. */
const char *import_option(const struct string_list *list, const char *key);

/** import_file_name() - the last part of its path, or "a file" where that could not stand in a comment. */
const char *import_file_name(const struct import *im);

/* ---- domain.c: a domain of ours, as the lines of its files ---- */

/** struct import_node - a child of the domain's node. */
struct import_node {
	char *name;
	struct string_list lines;
};

#define IMPORT_MAX_NODES (PLAN_MAX_LINKS + 8)

struct import_domain {
	char *name;
	unsigned int line; /* that names it */
	struct string_list lines;
	struct string_list depends;
	struct import_node nodes[IMPORT_MAX_NODES];
	size_t nr_nodes;
};

/** import_name() - @name as a folder, a node and a Kconfig symbol can have it; "" if nothing of it is left. */
char *import_name(const char *name);

/** import_domain() - one more. Return: NULL, reported: one domain too many, or no name for it. */
struct import_domain *import_domain(struct import *im, const char *name, unsigned int line);

/** import_line() - a line for the domain's node; one that begins with '#' is the preprocessor's. */
void import_line(struct import_domain *d, const char *fmt, ...) __printf(2, 3);

/** import_node() - a child of it. Return: NULL, reported: it has too many. */
struct import_node *import_node(struct import *im, struct import_domain *d, unsigned int line,
				const char *fmt, ...) __printf(4, 5);
void import_node_line(struct import_node *n, const char *fmt, ...) __printf(2, 3);

/** import_depends() - the domain needs the Kconfig symbol of the domain @name. */
void import_depends(struct import_domain *d, const char *name);

/** import_quoted() - @s as a string of a device tree's source. NULL, reported: it has characters that cannot stand there. */
char *import_quoted(struct import *im, unsigned int line, const char *what, const char *s);

/** import_image() - a module of @kind ("kernel", "ramdisk") whose image is the file @path. @bootargs: NULL: none. */
void import_image(struct import *im, struct import_domain *d, unsigned int line, const char *kind,
		  const char *path, const char *bootargs);

/** import_enhanced() - a xenstore and a PV console; the console alone in an image without the domain `store`. */
void import_enhanced(struct import_domain *d);

/** import_number() - decimal, 0x, or octal as in C, all of @s. */
bool import_number(const char *s, uint64_t *value);

/** import_dtsi() / import_kconfig() - the two files' text. */
char *import_dtsi(const struct import *im, const struct import_domain *d);
char *import_kconfig(const struct import *im, const struct import_domain *d);

/* ---- folders.c ---- */

/** import_write() - a folder in @out for each domain: all of them, or none and fail(). */
void import_write(const struct import *im, const char *out);

/* ---- import.c ---- */

/** import_any() - whatever @f is: domains of it, or errors. */
void import_any(struct import *im, const struct file *f);

/** import_free() - what was read and said. */
void import_free(struct import *im);

/* ---- the readers ---- */

/** import_xl() - an xl.cfg, @text with a NUL behind it. */
void import_xl(struct import *im, const char *text);

/** import_is_imagebuilder() - settings in its words? import_imagebuilder() - make domains of them. */
bool import_is_imagebuilder(const char *text);
void import_imagebuilder(struct import *im, const char *text);

/** import_dom0less() - a compiled device tree, 8-byte aligned. */
void import_dom0less(struct import *im, const void *fdt, size_t bytes);

#endif
