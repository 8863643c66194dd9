// SPDX-License-Identifier: Apache-2.0
/*
 * Names that the plan knows. A property that nobody reads would be a wish silently dropped, so it is an error:
 * misspelt (the nearest name is suggested), or part of Xen's binding and not offered here.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define NAME_MAX_LEN 40

static const char *const domain_props[] = {
	"compatible",
	"#address-cells",
	"#size-cells",
	"memory",
	"cpus",
	"vpl011",
	"direct-map",
	"xen,static-mem",
	"ashlar,balloon",
	"ashlar,bridges",
	"ashlar,cpus",
	"ashlar,devices",
	"ashlar,dma-without-iommu",
	"ashlar,io",
	"ashlar,no-reset",
	"ashlar,on-backend-loss",
	"ashlar,on-crash",
	"ashlar,on-poweroff",
	"ashlar,on-reboot",
	"ashlar,on-watchdog",
	"ashlar,ready",
	"ashlar,ready-after-ms",
	"ashlar,ready-text",
	"ashlar,restart-backoff-max-ms",
	"ashlar,restart-backoff-ms",
	"ashlar,restart-limit",
	"ashlar,start-after",
	"ashlar,stop-text",
	"ashlar,stop-within-ms",
	"ashlar,store",
	"ashlar,tsc-frequency",
	PLAN_UPLINK,
	PLAN_UPLINK_TRUNK,
	PLAN_VOUCHES,
	"ashlar,weight",
	"ashlar,windows",
	"max_grant_frames",
	"max_grant_version",
	"max_maptrack_frames",
	"xen,enhanced",
	"phandle",
	NULL,
};

static const char *const module_props[] = {
	"compatible", "reg", "bootargs", "ashlar,image", "phandle", NULL,
};

static const char *const evtchn_props[] = { "compatible", "xen,evtchn", "phandle", NULL };

static const char *const shm_props[] = {
	"compatible", "xen,shm-id", "xen,shared-mem", "role", "ashlar,keep", "phandle", NULL,
};

static const char *const disk_props[] = {
	PLAN_DISK_NUMBER, PLAN_DISK_VERITY, "source",  "target",
	"mode",		  "ashlar,backend", "phandle", NULL,
};

static const char *const net_props[] = {
	PLAN_NET_IPS,  PLAN_NET_PORT,  PLAN_NET_RATE,	 "bridge",
	"mac",	       "ip",	       "rate",		 "vifname",
	"ashlar,vlan", "ashlar,trunk", "ashlar,any-mac", "ashlar,backend",
	"phandle",     NULL,
};

static const char *const tree_props[] = {
	"compatible", "ashlar,image", "ashlar,tree", "reg", "phandle", NULL,
};

static const char *const *const known_props[] = {
	[PLAN_NODE_DOMAIN] = domain_props, [PLAN_NODE_MODULE] = module_props,
	[PLAN_NODE_EVTCHN] = evtchn_props, [PLAN_NODE_SHM] = shm_props,
	[PLAN_NODE_DISK] = disk_props,	   [PLAN_NODE_NET] = net_props,
	[PLAN_NODE_TREE] = tree_props,
};

/* Xen's binding has them for a domain; a file that relies on one must not boot without it. */
static const char *const xen_only_props[] = {
	"capabilities",
	"domain-cpupool",
	"grant_frames",
	"iommu",
	"llc-colors",
	"mem-paging",
	"nr_spis",
	"passthrough",
	"sve",
	"vpl011-backend",
	"xen,domain-p2m-mem-mb",
	"xen,passthrough",
	"xen,reg",
	NULL,
};

static size_t min3(size_t a, size_t b, size_t c)
{
	return MIN(MIN(a, b), c);
}

/* Levenshtein's distance, one row at a time. Both names shorter than NAME_MAX_LEN. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1];
	size_t la = strlen(a), lb = strlen(b);
	size_t i, j;

	for (j = 0; j <= lb; j++) {
		row[j] = j;
	}
	for (i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= lb; j++) {
			size_t above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[lb];
}

const char *plan_nearest(const char *name, const char *const list[])
{
	const char *best = NULL;
	size_t best_distance = MAX(strlen(name) / 3, 2U) + 1;
	size_t i;

	if (strlen(name) >= NAME_MAX_LEN) {
		return NULL;
	}
	for (i = 0; list[i] != NULL; i++) {
		const char *tail = strchr(list[i], ',');
		size_t distance = edit_distance(name, list[i]);

		if (tail != NULL && strcmp(name, tail + 1) == 0) {
			return list[i]; /* the prefix was forgotten */
		}
		if (distance < best_distance) {
			best = list[i];
			best_distance = distance;
		}
	}
	return best;
}

static bool list_has(const char *const list[], const char *name)
{
	for (; *list != NULL; list++) {
		if (strcmp(*list, name) == 0) {
			return true;
		}
	}
	return false;
}

static void report_unknown(struct plan_reader *r, int node, const char *name,
			   const char *const known[], const char *object)
{
	const char *near = plan_nearest(name, known);

	if (list_has(xen_only_props, name)) {
		plan_error(r, node, name,
			   "domain \"%s\": %s is in Xen's binding but not offered here; remove it",
			   object, name);
	} else if (near != NULL) {
		plan_error(r, node, name, "domain \"%s\": unknown property %s; did you mean %s?",
			   object, name, near);
	} else {
		plan_error(r, node, name, "domain \"%s\": unknown property %s; remove it", object,
			   name);
	}
}

void plan_check_props(struct plan_reader *r, int node, enum plan_node_kind kind, const char *object)
{
	const char *const *known = known_props[kind];
	const char *name;
	int prop;

	fdt_for_each_property_offset(prop, r->fdt, node) {
		if (fdt_getprop_by_offset(r->fdt, prop, &name, NULL) != NULL &&
		    !list_has(known, name)) {
			report_unknown(r, node, name, known, object);
		}
	}
}
