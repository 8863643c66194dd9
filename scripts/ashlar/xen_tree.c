// SPDX-License-Identifier: Apache-2.0
/*
 * Upstream Xen in our hypervisor's place: what a plan asks for that it cannot do, and the packed plan as it takes it: the
 * same tree without what is Ashlar's own. Domains' images stay where they are in the bundle, which the loader puts at the
 * plan's place; memory and CPUs of domains are Xen's own to choose.
 *
 * Spec: Xen 4.20, docs/misc/arm/device-tree/booting.txt; Debian's build of it has no CONFIG_STATIC_MEMORY, no CONFIG_STATIC_SHM.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"
#include "fdt_strings.h"

#define OWN	 "ashlar,"
#define WAY_OUT	 "remove it, or take our hypervisor (CONFIG_HYPERVISOR_XEN=n)"
#define BOOTARGS "console=dtuart bootscrub=0"
#define ROOM	 256

/* Xen's own words that Debian's Xen, or a Xen without a domain 0, does not take. */
static const struct {
	const char *name;
	const char *why;
} foreign[] = {
	{ "xen,static-mem", "it is built without CONFIG_STATIC_MEMORY" },
	{ "direct-map", "that takes xen,static-mem, which it is built without" },
	{ "xen,shared-mem", "it is built without CONFIG_STATIC_SHM" },
};

static bool is_own(const char *name)
{
	return strncmp(name, OWN, strlen(OWN)) == 0;
}

static bool is_string(const void *value, int len, const char *wanted)
{
	return len == (int)strlen(wanted) + 1 && memcmp(value, wanted, (size_t)len) == 0;
}

/* Where images are; vCPUs that share a CPU, as Xen's always may; what the partial tree's module says for itself. */
static bool is_taken_care_of(const char *name, const void *value, int len)
{
	return strcmp(name, "ashlar,image") == 0 || strcmp(name, "ashlar,tree") == 0 ||
	       (strcmp(name, "ashlar,scheduler") == 0 && is_string(value, len, "fair-share"));
}

/* Why Xen cannot do what a property asks; NULL: it can. */
static const char *why_not(const char *name, const void *value, int len)
{
	size_t i;

	if (is_own(name)) {
		return is_taken_care_of(name, value, len) ? NULL : "that is Ashlar's own";
	}
	if (strcmp(name, "xen,enhanced") == 0 && !is_string(value, len, "no-xenstore")) {
		return "without a domain 0 it has no xenstore but with \"no-xenstore\"";
	}
	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		if (strcmp(name, foreign[i].name) == 0) {
			return foreign[i].why;
		}
	}
	return NULL;
}

static void check_properties(const void *fdt, int node, const char *whose, struct findings *f)
{
	int at;

	fdt_for_each_property_offset(at, fdt, node) {
		const char *name;
		int len;
		const void *value = fdt_getprop_by_offset(fdt, at, &name, &len);
		const char *why = value != NULL ? why_not(name, value, len) : NULL;

		if (why != NULL) {
			finding(f, node, name, "%s: upstream Xen cannot do %s: %s; " WAY_OUT, whose,
				name, why);
		}
	}
}

/* A disk, a network, a partial tree: nothing in it is of use then. */
static bool check_whole(const void *fdt, int node, const char *whose, struct findings *f)
{
	const char *name = fdt_get_name(fdt, node, NULL);

	if (is_own(name)) {
		finding(f, node, NULL,
			"%s: %s: upstream Xen serves no such device: that is Ashlar's own; " WAY_OUT,
			whose, name);
		return true;
	}
	if (fdt_node_check_compatible(fdt, node, "multiboot,device-tree") == 0) {
		finding(f, node, NULL,
			"%s: %s: a partial device tree is not handed over to upstream Xen; " WAY_OUT,
			whose, name);
		return true;
	}
	return false;
}

void xen_check(const struct plan *plan, struct findings *f)
{
	const void *fdt = plan->fdt;
	int chosen = fdt_path_offset(fdt, "/chosen"), child, part;

	if (chosen < 0) {
		return;
	}
	check_properties(fdt, chosen, "/chosen", f);
	fdt_for_each_subnode(child, fdt, chosen) {
		char *whose = xasprintf("domain \"%s\"", fdt_get_name(fdt, child, NULL));

		check_properties(fdt, child, whose, f);
		fdt_for_each_subnode(part, fdt, child) {
			if (!check_whole(fdt, part, whose, f)) {
				check_properties(fdt, part, whose, f);
			}
		}
		free(whose);
	}
}

static void check(int error)
{
	if (error < 0) {
		fail("the tree for Xen cannot be written: %s", fdt_strerror(error));
	}
}

static const char *first_unwanted(const void *fdt, int node)
{
	int at;

	fdt_for_each_property_offset(at, fdt, node) {
		const char *name = NULL;

		if (fdt_getprop_by_offset(fdt, at, &name, NULL) != NULL &&
		    (is_own(name) || strcmp(name, "xen,static-mem") == 0)) {
			return name;
		}
	}
	return NULL;
}

/* Offsets move with each deletion behind them, and this one's stays. */
static void strip(void *fdt, int node)
{
	const char *name;
	int child;

	while ((name = first_unwanted(fdt, node)) != NULL) {
		check(fdt_delprop(fdt, node, name));
	}
	fdt_for_each_subnode(child, fdt, node) {
		strip(fdt, child);
	}
}

static void remove_reserved(void *fdt, const char *path)
{
	int node = fdt_path_offset(fdt, path);

	check(node);
	check(fdt_del_node(fdt, node));
}

struct file xen_tree(const struct file *packed)
{
	size_t room = packed->size + ROOM;
	struct file f = { xalloc(room), 0 };
	int root;

	check(fdt_open_into(packed->data, f.data, (int)room));
	remove_reserved(f.data, "/reserved-memory/hypervisor");
	remove_reserved(f.data, "/reserved-memory/bundle");
	root = fdt_path_offset(f.data, "/");
	(void)fdt_delprop(f.data, root, "ashlar,build-time");
	strip(f.data, fdt_path_offset(f.data, "/chosen"));
	check(set_string(f.data, fdt_path_offset(f.data, "/chosen"), "xen,xen-bootargs", BOOTARGS));
	check(fdt_pack(f.data));
	f.size = fdt_totalsize(f.data);
	return f;
}
