/* SPDX-License-Identifier: Apache-2.0 */
/* libfdt's macros for strings convert sizes silently, which our warnings do not let pass: the same as functions. */
#ifndef ASHLAR_FDT_STRINGS_H
#define ASHLAR_FDT_STRINGS_H

#include <libfdt.h>
#include <string.h>

/** put_string() - property of the node being written (sequential write). Return: 0 or a libfdt error. */
static inline int put_string(void *fdt, const char *name, const char *s)
{
	return fdt_property(fdt, name, s, (int)strlen(s) + 1);
}

/** set_string() / append_string() - property of a node in a tree. Return: 0 or a libfdt error. */
static inline int set_string(void *fdt, int node, const char *name, const char *s)
{
	return fdt_setprop(fdt, node, name, s, (int)strlen(s) + 1);
}

static inline int append_string(void *fdt, int node, const char *name, const char *s)
{
	return fdt_appendprop(fdt, node, name, s, (int)strlen(s) + 1);
}

#endif
