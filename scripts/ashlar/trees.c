// SPDX-License-Identifier: Apache-2.0
/*
 * Partial device trees ("multiboot,device-tree"): each is read from its file, a source through dtc, and put into the
 * plan, whose reader does the rest (hypervisor/domain/plan_tree.c).
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ashlar.h"

#define ALIGN_ROOM 8 /* a property is 4-byte aligned, a tree 8 */

static void check(int error)
{
	if (error < 0) {
		fail("a partial device tree cannot be put into the plan: %s", fdt_strerror(error));
	}
}

/* A module of the plan, of whose file something is said. */
struct module {
	struct findings *f;
	int node;
	const char *domain;
};

static void say(const struct module *m, const char *path, const char *what)
{
	finding(m->f, m->node, "ashlar,image", "domain \"%s\": partial device tree %s: %s",
		m->domain, path, what);
}

/* dtc's output of @format; NULL, reported: it refuses the file. */
static char *compile(const char *path, const char *format, const struct module *m)
{
	const char *folder = getenv("TMPDIR");
	char *out = xasprintf("%s/ashlar-tree-XXXXXX", folder != NULL ? folder : "/tmp");
	char *annotate = strcmp(format, "dts") == 0 ? (char *)"-T" : NULL;
	char *argv[] = { (char *)"dtc", (char *)"-q", (char *)"-q",   (char *)"-I",
			 (char *)"dts", (char *)"-O", (char *)format, (char *)"-o",
			 out,		(char *)path, annotate,	      NULL };
	int fd = mkstemp(out);
	char *log;

	if (fd < 0) {
		fail("%s: a temporary file cannot be made there", out);
	}
	close(fd);
	if (run(argv, &log) != 0) {
		log[strcspn(log, "\n")] = '\0';
		say(m, path, log);
		unlink(out);
		free(out);
		out = NULL;
	}
	free(log);
	return out;
}

/* Version 17, its blocks in their usual order, nothing behind them. */
static void *normalize(const struct file *raw, const char *path, const struct module *m)
{
	void *fdt = NULL;
	char *why;

	if (raw->size < sizeof(struct fdt_header) || fdt_check_full(raw->data, raw->size) != 0) {
		say(m, path, "not a well-formed device tree; dtc makes one of its source");
		return NULL;
	}
	fdt = xalloc(raw->size + 64);
	check(fdt_open_into(raw->data, fdt, (int)raw->size + 64));
	check(fdt_pack(fdt));
	if (fdt_totalsize(fdt) > PLAN_TREE_BYTES) {
		why = xasprintf(
			"it has %u bytes, possible are %lu; leave out what the domain does not need",
			fdt_totalsize(fdt), PLAN_TREE_BYTES);
		say(m, path, why);
		free(why);
		free(fdt);
		fdt = NULL;
	}
	return fdt;
}

static void *read_binary(const char *path, const char *name, const struct module *m)
{
	struct file raw = file_read(path, "partial device tree");
	void *fdt = normalize(&raw, name, m);

	file_free(&raw);
	return fdt;
}

static void read_source(struct tree_file *tree, const struct module *m)
{
	const char *slash = strrchr(tree->name, '/');
	char *folder = slash != NULL ? xasprintf("%.*s", (int)(slash + 1 - tree->name), tree->name)
				     : xstrdup("");
	char *binary = compile(tree->name, "dtb", m);
	char *map = binary != NULL ? compile(tree->name, "dts", m) : NULL;

	if (map != NULL) {
		tree->fdt = read_binary(binary, tree->name, m);
		tree->map = source_map_read(map, folder);
		unlink(map);
		free(map);
	}
	if (binary != NULL) {
		unlink(binary);
		free(binary);
	}
	free(folder);
}

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);

	return n >= t && strcmp(s + n - t, tail) == 0;
}

/* Whatever else is wrong with the reference is the plan's reader's to say. */
static void read_tree(const void *plan, struct tree_file *tree, const struct module *m)
{
	const char *ref = fdt_stringlist_get(plan, m->node, "ashlar,image", 0, NULL);

	if (fdt_getprop(plan, m->node, "ashlar,tree", NULL) != NULL) {
		finding(m->f, m->node, "ashlar,tree",
			"domain \"%s\": ashlar,tree is made by `ashlar`; write ashlar,image = \"file:...\" in its place",
			m->domain);
		return;
	}
	if (ref == NULL || strncmp(ref, "file:", 5) != 0 ||
	    !(ends_with(ref, ".dts") || ends_with(ref, ".dtb"))) {
		return;
	}
	tree->name = xstrdup(ref + 5);
	if (!file_is_there(tree->name)) {
		say(m, tree->name, "there is no such file");
	} else if (ends_with(ref, ".dtb")) {
		tree->fdt = read_binary(tree->name, tree->name, m);
	} else {
		read_source(tree, m);
	}
}

static bool is_compatible(const void *fdt, int node, const char *what)
{
	return fdt_node_check_compatible(fdt, node, what) == 0;
}

/* The @n-th domain's first module of a partial tree; domids are as the plan's reader counts. */
static int module_of(const void *fdt, int domain)
{
	int node;

	fdt_for_each_subnode(node, fdt, domain) {
		if (is_compatible(fdt, node, "multiboot,device-tree")) {
			return node;
		}
	}
	return -1;
}

static int nth_domain(const void *fdt, uint32_t domid)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	int node;

	if (chosen < 0) {
		return -1;
	}
	fdt_for_each_subnode(node, fdt, chosen) {
		if (is_compatible(fdt, node, "xen,domain") && --domid == 0) {
			return node;
		}
	}
	return -1;
}

static struct file put_tree(struct file plan, uint32_t domid, const void *tree)
{
	/* A multiple of four: libfdt leaves what was there in what a property lacks to one. */
	size_t bytes = ALIGN_UP(fdt_totalsize(tree), 4U) + ALIGN_ROOM;
	size_t room = fdt_totalsize(plan.data) + bytes + 256;
	struct file f = { xalloc(room), room };
	void *value;
	int node;

	check(fdt_open_into(plan.data, f.data, (int)room));
	file_free(&plan);
	node = module_of(f.data, nth_domain(f.data, domid));
	check(fdt_setprop_placeholder(f.data, node, "ashlar,tree", (int)bytes, &value));
	memset(value, 0, bytes);
	memcpy(value, tree, fdt_totalsize(tree));
	return f;
}

struct file trees_embed(struct file source, struct trees *trees, struct findings *f)
{
	uint32_t domid;
	int domain, module;

	if (source.size < sizeof(struct fdt_header) ||
	    fdt_check_full(source.data, source.size) != 0) {
		return source; /* the plan's reader says so */
	}
	for (domid = 1; domid <= PLAN_MAX_DOMAINS; domid++) {
		domain = nth_domain(source.data, domid);
		module = domain >= 0 ? module_of(source.data, domain) : -1;
		if (module >= 0) {
			const struct module m = { f, module,
						  fdt_get_name(source.data, domain, NULL) };

			read_tree(source.data, &trees->of[domid], &m);
		}
	}
	for (domid = 1; domid <= PLAN_MAX_DOMAINS; domid++) {
		if (trees->of[domid].fdt != NULL) {
			source = put_tree(source, domid, trees->of[domid].fdt);
		}
	}
	trees_align(source.data);
	return source;
}

static void align_one(uint8_t *value, size_t len)
{
	size_t want = (size_t)(-(uintptr_t)value % 8), bytes;
	uint8_t *tree = value;

	if (len < sizeof(struct fdt_header) + ALIGN_ROOM) {
		return; /* the user's, and refused */
	}
	if (fdt_magic(tree) != FDT_MAGIC) {
		tree += 4;
	}
	bytes = fdt_totalsize(tree);
	if (fdt_magic(tree) != FDT_MAGIC || bytes > len - ALIGN_ROOM) {
		return;
	}
	memmove(value + want, tree, bytes);
	memset(value, 0, want);
	memset(value + want + bytes, 0, len - want - bytes);
}

void trees_align(void *fdt)
{
	int node, len;

	for (node = 0; node >= 0; node = fdt_next_node(fdt, node, NULL)) {
		uint8_t *value = fdt_getprop_w(fdt, node, "ashlar,tree", &len);

		if (value != NULL) {
			align_one(value, (size_t)len);
		}
	}
}

bool source_read(const char *path, struct plan *plan, struct findings *f)
{
	struct trees *trees = xalloc(sizeof(*trees));
	struct file source = file_read(path, "plan");
	unsigned int unread;

	f->fdt = source.data;
	f->plan_path = path;
	f->trees = trees;
	source = trees_embed(source, trees, f);
	unread = f->errors;
	f->fdt = source.data;
	return plan_read(source.data, source.size, false, plan, findings_report, f) == 0 &&
	       unread == 0;
}
