// SPDX-License-Identifier: Apache-2.0
/*
 * Back ends of the user's own, such as a Linux with xen-blkback and xen-netback: what the plan asks of them by
 * ashlar,backend and they cannot give, for only the store's nodes tell them of it.
 *
 * Spec: Xen docs/misc/xenstore-paths.pandoc; Linux drivers/block/xen-blkback, drivers/net/xen-netback for their pages.
 */
#include <libfdt.h>
#include <string.h>

#include "ashlar.h"

#define BACKEND	    "ashlar,backend"
#define TRACKS	    256U  /* mappings in a frame of them: hypervisor/gnttab */
#define DISK_TRACKS 1060U /* 1056 pages that xen-blkback keeps mapped, and a ring of up to four */
#define NET_TRACKS  258U  /* 256 packets that xen-netback passes on, and two rings */
#define VBD	    "xen-blkback"
#define VIF	    "xen-netback"

static const char *name_of(const struct plan *plan, uint16_t domid)
{
	return plan->domains[domid - 1].name;
}

static const char *what(const struct plan *plan, const struct plan_link *l)
{
	return fdt_get_name(plan->fdt, l->node, NULL);
}

static void check_store(const struct plan *plan, const struct plan_link *l, struct findings *f)
{
	if (plan->domains[l->back - 1].pv.is_store) {
		finding(f, l->node, BACKEND,
			"domain \"%s\": %s: \"%s\" is the store, which serves no devices; name another domain",
			name_of(plan, l->front), what(plan, l), name_of(plan, l->back));
	}
}

/* These are not among the store's nodes. */
static void check_net_words(const struct plan *plan, const struct plan_link *l, struct findings *f)
{
	static const char *const words[] = { "ashlar,vlan", "ashlar,trunk", "ashlar,any-mac" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (fdt_getprop(plan->fdt, l->node, words[i], NULL) != NULL) {
			finding(f, l->node, words[i],
				"domain \"%s\": %s: only a back end with ashlar,io knows %s, \"%s\" is none; remove it",
				name_of(plan, l->front), what(plan, l), words[i],
				name_of(plan, l->back));
		}
	}
	if (fdt_getprop(plan->fdt, l->node, "ip", NULL) != NULL) {
		finding_warning(
			f, l->node, "ip",
			"domain \"%s\": %s: its addresses are for the scripts in \"%s\" to enforce; only ashlar,io does it by itself",
			name_of(plan, l->front), what(plan, l), name_of(plan, l->back));
	}
}

/* Linux's back ends fail their front ends' requests when no mapping is left. */
static void check_tracks(const struct plan *plan, uint16_t back, struct findings *f)
{
	const struct plan_domain *d = &plan->domains[back - 1];
	uint32_t need = 0, frames, i;

	for (i = 0; i < plan->nr_links; i++) {
		if (plan->links[i].back == back) {
			need += plan->links[i].kind == PLAN_LINK_DISK ? DISK_TRACKS : NET_TRACKS;
		}
	}
	frames = (need + TRACKS - 1) / TRACKS;
	if (frames > d->pv.maptrack_frames) {
		finding_warning(
			f, d->node, "max_maptrack_frames",
			"domain \"%s\": " VBD " and " VIF
			" map up to %u pages for what it serves, its %u maptrack frames hold %u; write max_maptrack_frames = <%u>",
			d->name, need, d->pv.maptrack_frames, d->pv.maptrack_frames * TRACKS,
			frames);
	}
}

/* A bridge of Linux's learns whatever is said to it. */
static void check_macs(const struct plan *plan, uint16_t back, struct findings *f)
{
	const struct plan_domain *d = &plan->domains[back - 1];
	uint32_t nr = 0, i;

	for (i = 0; i < plan->nr_links; i++) {
		nr += plan->links[i].back == back && plan->links[i].kind == PLAN_LINK_NET;
	}
	if (nr != 0) {
		finding_warning(
			f, d->node, NULL,
			"domain \"%s\": %u network%s it serves may use any MAC address, for its scripts to see to; only ashlar,io does so by itself",
			d->name, nr, nr == 1 ? " that" : "s that");
	}
}

void drivers_check(const struct plan *plan, struct findings *f)
{
	uint32_t backs = 0, i;

	for (i = 0; i < plan->nr_links; i++) {
		const struct plan_link *l = &plan->links[i];

		if (l->back == 0 || plan->domains[l->back - 1].pv.is_io) {
			continue;
		}
		backs |= PLAN_DOMAIN_BIT(l->back);
		check_store(plan, l, f);
		if (l->kind == PLAN_LINK_NET) {
			check_net_words(plan, l, f);
		}
	}
	for (i = 1; i <= plan->nr_domains; i++) {
		if ((backs & PLAN_DOMAIN_BIT(i)) != 0 && !plan->domains[i - 1].pv.is_store) {
			check_tracks(plan, (uint16_t)i, f);
			check_macs(plan, (uint16_t)i, f);
		}
	}
}
