// SPDX-License-Identifier: Apache-2.0
/*
 * What a Linux kernel was built with, held against what the plan wants of its domain: a front end that is not there would
 * show on the board only, as a disk that never comes. The configuration is the file that lies beside a packaged kernel.
 */
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"

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

void kernel_config_check(const struct plan *plan, const struct string_list *configs,
			 struct findings *f)
{
	uint32_t d;
	size_t i;

	for (i = 0; i < configs->count; i++) {
		const char *equals = strchr(configs->items[i], '=');
		struct file config;

		if (equals == NULL) {
			fail("--kernel-config %s: it must be REF=FILE", configs->items[i]);
		}
		config = file_read(equals + 1, "kernel's configuration");
		for (d = 0; d < plan->nr_domains; d++) {
			const char *name = plan->domains[d].kernel.name;
			size_t n = (size_t)(equals - configs->items[i]);

			if (name != NULL && strlen(name) == n &&
			    strncmp(name, configs->items[i], n) == 0) {
				check_domain(plan, &plan->domains[d], &config, f);
			}
		}
		file_free(&config);
	}
}
