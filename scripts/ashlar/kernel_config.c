// SPDX-License-Identifier: Apache-2.0
/* Requirement: kernel-config */
/*
 * What a Linux kernel was built with, held against what the plan wants of its domain: a front end that is not there would
 * show on the board only, as a disk that never comes. The configuration is the file that lies beside a packaged kernel, else
 * what the kernel carries in itself (CONFIG_IKCONFIG): a gzip member between two marks of eight letters.
 */
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"

#define MARK	   "IKCFG_ST"
#define MARK_BYTES 8
#define MAX_CONFIG (4 * MIB)

/** struct kernel_need - a symbol that a role wants; as a module where @may_be_module. */
struct kernel_need {
	const char *symbol;
	const char *role;
	bool may_be_module;
};

static const struct kernel_need xen = { "CONFIG_XEN", "a PV console or xenstore", false };
static const struct kernel_need disk_front = { "CONFIG_XEN_BLKDEV_FRONTEND", "ashlar,disk", true };
static const struct kernel_need net_front = { "CONFIG_XEN_NETDEV_FRONTEND", "ashlar,net", true };
static const struct kernel_need disk_back = { "CONFIG_XEN_BLKDEV_BACKEND", "a back end of disks",
					      true };
static const struct kernel_need net_back = { "CONFIG_XEN_NETDEV_BACKEND", "a back end of networks",
					     true };
static const struct kernel_need balloon = { "CONFIG_XEN_BALLOON", "ashlar,balloon", false };

/* "CONFIG_X=y" on a line of its own. Return: 'y', 'm', or 'n' where it is not set. */
static char value_of(const struct file *config, const char *symbol)
{
	const char *line = (const char *)config->data;
	size_t n = strlen(symbol);

	while (line != NULL && *line != '\0') {
		if (strncmp(line, symbol, n) == 0 && line[n] == '=') {
			return line[n + 1] == 'y' || line[n + 1] == 'm' ? line[n + 1] : 'n';
		}
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	return 'n';
}

static void check_need(const struct plan_domain *d, const struct file *config,
		       const struct kernel_need *need, struct findings *f)
{
	char value = value_of(config, need->symbol);

	if (value == 'y' || (value == 'm' && need->may_be_module)) {
		return;
	}
	finding(f, d->node, NULL,
		"domain \"%s\": its kernel %s is built with %s=%c, and %s takes y%s; build it so, or take another",
		d->name, d->kernel.name, need->symbol, value, need->role,
		need->may_be_module ? " or m" : "");
}

/* Both ends of each link; a back end that is `ashlar,io` is no Linux. */
static void check_links(const struct plan *plan, const struct plan_domain *d,
			const struct file *config, struct findings *f)
{
	bool has[2][2] = { { false } }; /* kind, is the back end */
	uint32_t i;

	for (i = 0; i < plan->nr_links; i++) {
		const struct plan_link *l = &plan->links[i];

		has[l->kind == PLAN_LINK_NET][0] |= l->front == d->domid;
		has[l->kind == PLAN_LINK_NET][1] |= l->back == d->domid && !d->pv.is_io;
	}
	if (has[0][0]) {
		check_need(d, config, &disk_front, f);
	}
	if (has[1][0]) {
		check_need(d, config, &net_front, f);
	}
	if (has[0][1]) {
		check_need(d, config, &disk_back, f);
	}
	if (has[1][1]) {
		check_need(d, config, &net_back, f);
	}
}

static void check_domain(const struct plan *plan, const struct plan_domain *d,
			 const struct file *config, struct findings *f)
{
	if (d->pv.has_store || d->pv.has_console) {
		check_need(d, config, &xen, f);
	}
	if (d->balloon) {
		check_need(d, config, &balloon, f);
	}
	check_links(plan, d, config, f);
}

static void check_domains(const struct plan *plan, const char *ref, const struct file *config,
			  struct findings *f)
{
	uint32_t d;

	for (d = 0; d < plan->nr_domains; d++) {
		const char *name = plan->domains[d].kernel.name;

		if (name != NULL && strcmp(name, ref) == 0) {
			check_domain(plan, &plan->domains[d], config, f);
		}
	}
}

/* Return: the file of "REF=FILE" in @configs; NULL: there is none. */
static const char *packaged(const struct string_list *configs, const char *ref)
{
	size_t n = strlen(ref), i;

	for (i = 0; i < configs->count; i++) {
		if (strncmp(configs->items[i], ref, n) == 0 && configs->items[i][n] == '=') {
			return configs->items[i] + n + 1;
		}
	}
	return NULL;
}

/* Return: true with it in *config; false: @kernel carries none, or, reported, none that can be read. */
static bool embedded(const struct file *kernel, const struct image_ref *ref, struct file *config,
		     struct findings *f)
{
	const uint8_t *begin = memmem(kernel->data, kernel->size, MARK, MARK_BYTES);
	const uint8_t *gzip;

	if (begin == NULL) {
		return false;
	}
	gzip = begin + MARK_BYTES;
	if (!gunzip(gzip, (size_t)(kernel->data + kernel->size - gzip), MAX_CONFIG, config)) {
		finding(f, ref->node, "ashlar,image",
			"domain \"%s\": image \"%s\": the configuration that it carries (CONFIG_IKCONFIG) cannot be read; the file is damaged, copy it again",
			ref->domain, ref->ref);
		return false;
	}
	return true;
}

static void check_kernel(const struct plan *plan, const struct image_ref *ref,
			 const struct string_list *configs, struct findings *f)
{
	const char *path = packaged(configs, ref->ref);
	struct file kernel = { NULL, 0 }, config = { NULL, 0 };
	bool has_config = true;

	if (path != NULL) {
		config = file_read(path, "kernel's configuration");
	} else if (ref->file != NULL && file_is_there(ref->file)) {
		kernel = file_read(ref->file, "image");
		has_config = embedded(&kernel, ref, &config, f);
	}
	if (has_config && config.data != NULL) {
		check_domains(plan, ref->ref, &config, f);
	}
	file_free(&config);
	file_free(&kernel);
}

void kernel_config_check(const struct plan *plan, const struct image_refs *refs,
			 const struct string_list *configs, struct findings *f)
{
	size_t i;

	for (i = 0; i < configs->count; i++) {
		if (strchr(configs->items[i], '=') == NULL) {
			fail("--kernel-config %s: it must be REF=FILE", configs->items[i]);
		}
	}
	for (i = 0; i < refs->count; i++) {
		if (refs->ref[i].is_kernel) {
			check_kernel(plan, &refs->ref[i], configs, f);
		}
	}
}
