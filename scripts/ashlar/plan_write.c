// SPDX-License-Identifier: Apache-2.0
/* Requirement: software-id */
/*
 * The packed plan: the user's tree with every computed place written in. Its size depends on the domains alone,
 * not on the values, so that it can be measured before anything has its place.
 */
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"
#include "fdt_strings.h"

#define ROOM_BYTES	    (16 * 1024)
#define MAX_BOOTARGS	    2047 /* as the plan's reader has it */
#define MAX_SOFTWARE_ID	    63
#define SOFTWARE_ID_WORD    "ashlar.swid="
#define SOFTWARE_ID_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/+-"

static void check(int error)
{
	if (error < 0) {
		fail("the packed plan cannot be written: %s", fdt_strerror(error));
	}
}

static void set_ranges(void *fdt, int node, const char *prop, const struct plan_range *ranges,
		       uint32_t n)
{
	fdt64_t cells[2 * PLAN_MAX_RANGES];
	uint32_t i;

	for (i = 0; i < n; i++) {
		fdt64_st(&cells[2 * i], ranges[i].base);
		fdt64_st(&cells[2 * i + 1], ranges[i].size);
	}
	check(fdt_setprop(fdt, node, prop, cells, (int)(n * 2 * sizeof(cells[0]))));
}

static int child(void *fdt, int parent, const char *name)
{
	int node = fdt_subnode_offset(fdt, parent, name);

	if (node == -FDT_ERR_NOTFOUND) {
		node = fdt_add_subnode(fdt, parent, name);
	}
	check(node);
	return node;
}

static int reserved_memory(void *fdt)
{
	int node = child(fdt, 0, "reserved-memory");

	check(fdt_setprop_u32(fdt, node, "#address-cells", 2));
	check(fdt_setprop_u32(fdt, node, "#size-cells", 2));
	check(fdt_setprop_empty(fdt, node, "ranges"));
	return node;
}

/* Names without addresses: their length must not depend on a place. */
static void add_reserved(void *fdt, const char *name, const char *compatible,
			 const struct plan_range *range)
{
	int node = child(fdt, reserved_memory(fdt), name);

	check(set_string(fdt, node, "compatible", compatible));
	check(fdt_setprop_empty(fdt, node, "no-map"));
	set_ranges(fdt, node, "reg", range, 1);
}

static void write_module(void *fdt, const void *source, const struct plan_image *img)
{
	struct plan_range at = { img->base, img->size };
	char path[256];
	int node;

	if (img->node == 0) {
		return;
	}
	check(fdt_get_path(source, img->node, path, sizeof(path)));
	node = fdt_path_offset(fdt, path);
	check(node);
	check(set_string(fdt, node, "ashlar,image", img->name));
	set_ranges(fdt, fdt_path_offset(fdt, path), "reg", &at, 1);
}

/* What the tree is from does not enter an image. */
static void write_tree(void *fdt, const void *source, const struct plan_tree *tree)
{
	char path[256];
	int node;

	if (tree->node == 0) {
		return;
	}
	check(fdt_get_path(source, tree->node, path, sizeof(path)));
	node = fdt_path_offset(fdt, path);
	check(node);
	check(fdt_delprop(fdt, node, "ashlar,image"));
}

static void write_shm(void *fdt, const void *source, const struct plan_shm *s)
{
	fdt64_t cells[3] = { cpu_to_fdt64(s->host), cpu_to_fdt64(s->at), cpu_to_fdt64(s->size) };
	char path[256];
	int node;

	check(fdt_get_path(source, s->node, path, sizeof(path)));
	node = fdt_path_offset(fdt, path);
	check(node);
	check(fdt_setprop(fdt, node, "xen,shared-mem", cells, sizeof(cells)));
}

static void write_disk(void *fdt, const void *source, const struct plan_link *l)
{
	char path[256];
	int node;

	check(fdt_get_path(source, l->node, path, sizeof(path)));
	node = fdt_path_offset(fdt, path);
	check(node);
	check(fdt_setprop_u32(fdt, node, PLAN_DISK_NUMBER, l->number));
}

static void write_ips(void *fdt, int node, const struct plan_net *net)
{
	uint8_t bytes[PLAN_MAX_IPS * (1 + sizeof(net->ips[0].bytes))], *at = bytes;
	uint32_t i;

	for (i = 0; i < net->nr_ips; i++) {
		*at++ = net->ips[i].len;
		memcpy(at, net->ips[i].bytes, sizeof(net->ips[i].bytes));
		at += sizeof(net->ips[i].bytes);
	}
	if (net->nr_ips > 0) {
		check(fdt_setprop(fdt, node, PLAN_NET_IPS, bytes, (int)(at - bytes)));
	}
}

/* What is not said, and what is said in words: domain/packed_link.c. */
static void write_net(void *fdt, const void *source, const struct plan_link *l)
{
	const struct plan_net *net = &l->net;
	fdt32_t port[] = { cpu_to_fdt32((uint32_t)(net->mac >> 32)),
			   cpu_to_fdt32((uint32_t)net->mac),
			   cpu_to_fdt32((uint32_t)(net->rate_bytes >> 32)),
			   cpu_to_fdt32((uint32_t)net->rate_bytes),
			   cpu_to_fdt32(net->rate_us),
			   cpu_to_fdt32(net->vlan),
			   cpu_to_fdt32(net->may_use_any_mac) };
	char path[256], text[48];
	int node;

	check(fdt_get_path(source, l->node, path, sizeof(path)));
	node = fdt_path_offset(fdt, path);
	check(node);
	check(set_string(fdt, node, "bridge", net->bridge));
	snprintf(text, sizeof(text), PLAN_MAC_FORMAT, PLAN_MAC_ARGS(net->mac));
	check(set_string(fdt, node, "mac", text));
	snprintf(text, sizeof(text), "vif%u.%u", l->front, l->number);
	check(set_string(fdt, node, "vifname", net->vifname != NULL ? net->vifname : text));
	if (net->rate_bytes > 0) {
		snprintf(text, sizeof(text), "%lu,%u", net->rate_bytes, net->rate_us);
		check(set_string(fdt, node, PLAN_NET_RATE, text));
	}
	write_ips(fdt, node, net);
	check(fdt_setprop(fdt, node, PLAN_NET_PORT, port, sizeof(port)));
}

static void write_domain(void *fdt, const void *source, const struct plan_domain *d)
{
	fdt32_t cpus[PLAN_MAX_VCPUS];
	char path[256];
	int node;
	uint32_t i;

	check(fdt_get_path(source, d->node, path, sizeof(path)));
	node = fdt_path_offset(fdt, path);
	check(node);
	for (i = 0; i < d->nr_vcpus; i++) {
		fdt32_st(&cpus[i], d->cpus[i]);
	}
	check(fdt_setprop(fdt, node, "ashlar,cpus", cpus, (int)(d->nr_vcpus * sizeof(cpus[0]))));
	set_ranges(fdt, node, "xen,static-mem", d->mem, d->nr_mem);
	write_module(fdt, source, &d->kernel);
	write_module(fdt, source, &d->ramdisk);
	write_tree(fdt, source, &d->tree);
}

/* The build's only clock: what a board without one starts from. */
static uint64_t build_time(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	return epoch != NULL ? strtoull(epoch, NULL, 10) : 0;
}

static char *with_software_id(const char *bootargs, const char *id)
{
	return xasprintf(SOFTWARE_ID_WORD "%s %s", id, bootargs);
}

void software_id_check(const struct plan *plan, const char *id, struct findings *f)
{
	size_t length = strlen(id);
	uint32_t i;

	if (length == 0 || length > MAX_SOFTWARE_ID || strspn(id, SOFTWARE_ID_LETTERS) != length) {
		fail("--swid %s: a software identification has 1 to %d letters, digits and . _ : / + -",
		     id, MAX_SOFTWARE_ID);
	}
	for (i = 0; i < plan->nr_domains; i++) {
		const struct plan_domain *d = &plan->domains[i];
		size_t all = strlen(SOFTWARE_ID_WORD) + length + 1 + strlen(d->bootargs);

		if (d->bootargs[0] != '\0' && all > MAX_BOOTARGS) {
			finding(f, d->kernel.node, "bootargs",
				"domain \"%s\": bootargs has %zu characters with the software identification before it, at most %d are possible; shorten it",
				d->name, all, MAX_BOOTARGS);
		}
	}
}

/* Linux leaves a word with a dot to a module that there is not; before all others, for behind "--" they are init's. */
static void write_software_id(void *fdt, const struct plan *plan, const char *id)
{
	uint32_t i;

	check(set_string(fdt, 0, "ashlar,software-id", id));
	for (i = 0; i < plan->nr_domains; i++) {
		const struct plan_domain *d = &plan->domains[i];
		char path[256], *text;
		int node;

		if (d->bootargs[0] == '\0') {
			continue;
		}
		text = with_software_id(d->bootargs, id);
		check(fdt_get_path(plan->fdt, d->kernel.node, path, sizeof(path)));
		node = fdt_path_offset(fdt, path);
		check(node);
		check(set_string(fdt, node, "bootargs", text));
		free(text);
	}
}

struct file plan_write(const struct plan *plan, const char *software_id)
{
	size_t room = fdt_totalsize(plan->fdt) + ROOM_BYTES +
		      plan->nr_domains * (sizeof(SOFTWARE_ID_WORD) + MAX_SOFTWARE_ID + 1) +
		      verity_room(plan);
	struct file f = { xalloc(room), 0 };
	uint32_t i;

	check(fdt_open_into(plan->fdt, f.data, (int)room));
	check(fdt_setprop_u64(f.data, 0, "ashlar,build-time", build_time()));
	add_reserved(f.data, "hypervisor", "ashlar,hypervisor-memory", &plan->hyp);
	add_reserved(f.data, "bundle", "ashlar,bundle", &plan->bundle);
	for (i = 0; i < plan->nr_domains; i++) {
		write_domain(f.data, plan->fdt, &plan->domains[i]);
	}
	for (i = 0; i < plan->nr_shms; i++) {
		write_shm(f.data, plan->fdt, &plan->shms[i]);
	}
	for (i = 0; i < plan->nr_links; i++) {
		if (plan->links[i].kind == PLAN_LINK_NET) {
			write_net(f.data, plan->fdt, &plan->links[i]);
		} else {
			write_disk(f.data, plan->fdt, &plan->links[i]);
		}
	}
	if (software_id != NULL) {
		write_software_id(f.data, plan, software_id);
	}
	verity_write(f.data, plan);
	check(fdt_pack(f.data));
	trees_align(f.data);
	f.size = fdt_totalsize(f.data);
	return f;
}
