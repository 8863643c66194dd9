// SPDX-License-Identifier: Apache-2.0
/* A domain as the lines of its two files, domain.dtsi and Kconfig (import.h). */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "import.h"

/* scripts/build/paths.mk: what make would take for something else. */
#define ODD_IN_PATHS " :;%=&*?[]{}|<>'\"`\\$#()\t"

static char *vformat(const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0) {
		fail("no memory for a line");
	}
	return s;
}

static bool is_plain(char c)
{
	return isalnum((unsigned char)c) && (unsigned char)c < 0x80;
}

char *import_name(const char *name)
{
	char *ours = xalloc(strlen(name) + sizeof("domain-"));
	size_t n;

	while (*name != '\0' && !is_plain(*name)) {
		name++;
	}
	/* CONFIG_DOMAIN_SET and the like are the choice of a set. */
	if (strncasecmp(name, "set", 3) == 0 && !is_plain(name[3])) {
		memcpy(ours, "domain-", sizeof("domain-"));
	}
	for (n = strlen(ours); *name != '\0'; name++) {
		if (is_plain(*name) || (n > 0 && ours[n - 1] != '-')) {
			ours[n++] = is_plain(*name) ? (char)tolower((unsigned char)*name) : '-';
		}
	}
	while (n > 0 && ours[n - 1] == '-') {
		n--;
	}
	ours[n] = '\0';
	return ours;
}

static bool is_taken(const struct import *im, const char *name)
{
	size_t i;

	for (i = 0; i < im->nr_domains; i++) {
		if (strcmp(im->domains[i]->name, name) == 0) {
			return true;
		}
	}
	return false;
}

struct import_domain *import_domain(struct import *im, const char *name, unsigned int line)
{
	char *ours = import_name(name);
	struct import_domain *d;

	if (im->nr_domains == ARRAY_SIZE(im->domains)) {
		import_error(im, line, "more than %u domains", PLAN_MAX_DOMAINS);
	} else if (ours[0] == '\0' || strlen(ours) >= PLAN_NAME_LEN || is_taken(im, ours)) {
		import_error(im, line,
			     "name \"%s\": %s; a name has 1 to %u letters, digits and dashes here",
			     name,
			     is_taken(im, ours) ? "there is one already" : "it cannot be kept",
			     PLAN_NAME_LEN - 1);
	} else {
		if (strcmp(ours, name) != 0) {
			import_note(im, line,
				    "name \"%s\": it is \"%s\" here, as its folder and its switch",
				    name, ours);
		}
		d = xalloc(sizeof(*d));
		d->name = ours;
		d->line = line;
		im->domains[im->nr_domains++] = d;
		return d;
	}
	free(ours);
	return NULL;
}

void import_line(struct import_domain *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	string_list_add(&d->lines, vformat(fmt, ap));
	va_end(ap);
}

struct import_node *import_node(struct import *im, struct import_domain *d, unsigned int line,
				const char *fmt, ...)
{
	struct import_node *n = &d->nodes[d->nr_nodes];
	va_list ap;

	if (d->nr_nodes == ARRAY_SIZE(d->nodes)) {
		import_error(im, line, "domain \"%s\": more devices than %u are possible", d->name,
			     PLAN_MAX_LINKS);
		return NULL;
	}
	va_start(ap, fmt);
	n->name = vformat(fmt, ap);
	va_end(ap);
	d->nr_nodes++;
	return n;
}

void import_node_line(struct import_node *n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	string_list_add(&n->lines, vformat(fmt, ap));
	va_end(ap);
}

static char *symbol_of(const char *name)
{
	char *s = xasprintf("DOMAIN_%s", name), *p;

	for (p = s; *p != '\0'; p++) {
		*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	}
	return s;
}

void import_depends(struct import_domain *d, const char *name)
{
	char *symbol = symbol_of(name);
	size_t i;

	for (i = 0; i < d->depends.count; i++) {
		if (strcmp(d->depends.items[i], symbol) == 0) {
			free(symbol);
			return;
		}
	}
	string_list_add(&d->depends, symbol);
}

char *import_quoted(struct import *im, unsigned int line, const char *what, const char *s)
{
	char *out = xalloc(2 * strlen(s) + 3);
	size_t n = 0;

	out[n++] = '"';
	for (; *s != '\0'; s++) {
		if (*s < ' ' || *s > '~') {
			import_error(im, line,
				     "%s has the byte 0x%02x; only printable ASCII can be kept",
				     what, (unsigned int)(unsigned char)*s);
			free(out);
			return NULL;
		}
		if (*s == '"' || *s == '\\') {
			out[n++] = '\\';
		}
		out[n++] = *s;
	}
	out[n] = '"';
	return out;
}

void import_image(struct import *im, struct import_domain *d, unsigned int line, const char *kind,
		  const char *path, const char *bootargs)
{
	char *image = import_quoted(im, line, kind, path);
	char *args = bootargs != NULL ? import_quoted(im, line, "the command line", bootargs)
				      : NULL;
	struct import_node *n = NULL;

	if (path[0] == '\0' || strpbrk(path, ODD_IN_PATHS) != NULL) {
		import_error(
			im, line,
			"%s \"%s\": make cannot use such a path; give the file a name of letters, digits and . _ - +",
			kind, path);
	} else if (image != NULL) {
		if (path[0] != '/') {
			import_note(im, line,
				    "%s \"%s\": it is looked for from the top of the project", kind,
				    path);
		}
		n = import_node(im, d, line, "%s", kind);
	}
	if (n != NULL) {
		import_node_line(n, "compatible = \"multiboot,%s\", \"multiboot,module\";", kind);
		import_node_line(n, "ashlar,image = \"file:%s;", image + 1);
		if (args != NULL) {
			import_node_line(n, "bootargs = %s;", args);
		}
	}
	free(image);
	free(args);
}

void import_enhanced(struct import_domain *d)
{
	import_line(d, "#ifdef CONFIG_DOMAIN_STORE");
	import_line(d, "xen,enhanced;");
	import_line(d, "#else");
	import_line(d, "xen,enhanced = \"no-xenstore\";");
	import_line(d, "#endif");
}

bool import_number(const char *s, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(s, &end, 0);
	return isdigit((unsigned char)*s) && *end == '\0' && errno == 0;
}

static void put_lines(FILE *out, const struct string_list *lines, const char *indent)
{
	size_t i;

	for (i = 0; i < lines->count; i++) {
		fprintf(out, "%s%s\n", lines->items[i][0] == '#' ? "" : indent, lines->items[i]);
	}
}

static FILE *memory_open(char **text, size_t *bytes)
{
	FILE *out = open_memstream(text, bytes);

	if (out == NULL) {
		fail("no memory for a file");
	}
	return out;
}

static void memory_close(FILE *out)
{
	if (fclose(out) != 0) {
		fail("no memory for a file");
	}
}

char *import_dtsi(const struct import *im, const struct import_domain *d)
{
	size_t bytes, i;
	char *text;
	FILE *out = memory_open(&text, &bytes);

	fprintf(out, "/* %s: made by `ashlar import` of %s. */\n/ {\n\tchosen {\n\t\t%s {\n",
		d->name, import_file_name(im), d->name);
	fputs("\t\t\tcompatible = \"xen,domain\";\n\t\t\t#address-cells = <2>;\n\t\t\t#size-cells = <2>;\n",
	      out);
	put_lines(out, &d->lines, "\t\t\t");
	for (i = 0; i < d->nr_nodes; i++) {
		fprintf(out, "\n\t\t\t%s {\n", d->nodes[i].name);
		put_lines(out, &d->nodes[i].lines, "\t\t\t\t");
		fputs("\t\t\t};\n", out);
	}
	fputs("\t\t};\n\t};\n};\n", out);
	memory_close(out);
	return text;
}

char *import_kconfig(const struct import *im, const struct import_domain *d)
{
	char *symbol = symbol_of(d->name), *text;
	size_t bytes, i;
	FILE *out = memory_open(&text, &bytes);

	fprintf(out, "config %s\n\tbool \"%s: imported from %s\" if DOMAIN_SET_CUSTOM\n", symbol,
		d->name, import_file_name(im));
	for (i = 0; i < d->depends.count; i++) {
		fprintf(out, "\tdepends on %s\n", d->depends.items[i]);
	}
	fprintf(out,
		"\thelp\n\t  Put the domain %s into the image, as `ashlar import` made it of\n\t  %s.\n",
		d->name, import_file_name(im));
	memory_close(out);
	free(symbol);
	return text;
}
