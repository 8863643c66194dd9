// SPDX-License-Identifier: Apache-2.0
/*
 * Static event channels in the plan: each end is a child of its domain, and names its own port and the other end.
 *
 *	one { ring1: evtchn-1 { compatible = "xen,evtchn-v1"; xen,evtchn = <10 &ring2>; }; };
 *	two { ring2: evtchn-2 { compatible = "xen,evtchn-v1"; xen,evtchn = <11 &ring1>; }; };
 *
 * Both ends may be in one domain. Nothing of them enters a guest's device tree: guests are told their ports by
 * their own configuration, as with upstream.
 * Xen docs/misc/arm/device-tree/booting.txt, "Static Event Channel".
 */
#include <libfdt.h>

#include "plan_reader.h"

/* Port and phandle of one end; false: there is no such property, or it has another length. */
static bool get_link(const struct plan_reader *r, int node, uint32_t *port, uint32_t *phandle)
{
	int len;
	const fdt32_t *p = fdt_getprop(r->fdt, node, "xen,evtchn", &len);

	if (p == NULL || len != 2 * (int)sizeof(*p)) {
		return false;
	}
	*port = fdt32_ld(&p[0]);
	*phandle = fdt32_ld(&p[1]);
	return true;
}

static bool is_good_port(struct plan_reader *r, const struct plan_domain *d, int node,
			 uint32_t port)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);
	uint32_t i;

	if (port == 0 || port >= CONFIG_EVTCHN_PORTS) {
		plan_error(r, node, "xen,evtchn",
			   "domain \"%s\": %s: port is %u, possible are 1 to %u", d->name, name,
			   port, CONFIG_EVTCHN_PORTS - 1);
		return false;
	}
	for (i = 0; i < d->nr_evtchns; i++) {
		if (d->evtchns[i].port == port) {
			plan_error(
				r, node, "xen,evtchn",
				"domain \"%s\": %s: port %u is %s's already; give each channel a port of its own",
				d->name, name, port,
				fdt_get_name(r->fdt, d->evtchns[i].node, NULL));
			return false;
		}
	}
	return true;
}

void plan_read_evtchn(struct plan_reader *r, struct plan_domain *d, int node)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);
	uint32_t port, phandle;

	plan_check_props(r, node, PLAN_NODE_EVTCHN, d->name);
	if (!get_link(r, node, &port, &phandle)) {
		plan_error(
			r, node,
			fdt_getprop(r->fdt, node, "xen,evtchn", NULL) != NULL ? "xen,evtchn" : NULL,
			"domain \"%s\": %s: write xen,evtchn = <port &other>, the own port and the label of the other end",
			d->name, name);
		return;
	}
	if (d->nr_evtchns == PLAN_MAX_EVTCHNS) {
		plan_error(r, node, NULL,
			   "domain \"%s\": %s: more than %u event channels; remove some", d->name,
			   name, PLAN_MAX_EVTCHNS);
		return;
	}
	if (is_good_port(r, d, node, port)) {
		d->evtchns[d->nr_evtchns++] = (struct plan_evtchn){ .port = port, .node = node };
	}
}

/* The domain in which @node is one end of a channel; NULL: it is none. */
static const struct plan_domain *owner_of(const struct plan *p, int node)
{
	uint32_t d, i;

	for (d = 0; d < p->nr_domains; d++) {
		for (i = 0; i < p->domains[d].nr_evtchns; i++) {
			if (p->domains[d].evtchns[i].node == node) {
				return &p->domains[d];
			}
		}
	}
	return NULL;
}

/* The node at the other end; negative, and reported, if it cannot be one. */
static int other_end(struct plan_reader *r, const struct plan_domain *d, int node, uint32_t phandle)
{
	const char *name = fdt_get_name(r->fdt, node, NULL);
	int other = fdt_node_offset_by_phandle(r->fdt, phandle);

	if (other < 0) {
		plan_error(
			r, node, "xen,evtchn",
			"domain \"%s\": %s: no node has phandle 0x%x; write xen,evtchn = <port &other>, the label of the other end",
			d->name, name, phandle);
	} else if (other == node) {
		plan_error(r, node, "xen,evtchn",
			   "domain \"%s\": %s: its other end is itself; a channel has two ends",
			   d->name, name);
		other = -1;
	} else if (!plan_is_compatible(r, other, "xen,evtchn-v1")) {
		plan_error(
			r, node, "xen,evtchn",
			"domain \"%s\": %s: its other end, %s, is not compatible with \"xen,evtchn-v1\"",
			d->name, name, fdt_get_name(r->fdt, other, NULL));
		other = -1;
	}
	return other;
}

/* @other is no domain's channel: it stands elsewhere, or is one that was reported already. */
static void report_stray(struct plan_reader *r, const struct plan_domain *d, int node, int other)
{
	int parent = fdt_parent_offset(r->fdt, other);

	if (parent < 0 || !plan_is_compatible(r, parent, "xen,domain")) {
		plan_error(
			r, node, "xen,evtchn",
			"domain \"%s\": %s: its other end, %s, is in no domain; move that one into its domain",
			d->name, fdt_get_name(r->fdt, node, NULL),
			fdt_get_name(r->fdt, other, NULL));
	}
}

static void link_one(struct plan_reader *r, const struct plan_domain *d, struct plan_evtchn *e)
{
	const struct plan_domain *peer;
	uint32_t phandle, back;
	int other;

	if (!get_link(r, e->node, &e->port, &phandle)) {
		return;
	}
	other = other_end(r, d, e->node, phandle);
	if (other < 0 || !get_link(r, other, &e->peer_port, &back)) {
		return; /* reported already */
	}
	peer = owner_of(r->plan, other);
	if (peer == NULL) {
		report_stray(r, d, e->node, other);
		return;
	}
	if (fdt_node_offset_by_phandle(r->fdt, back) != e->node) {
		plan_error(
			r, e->node, "xen,evtchn",
			"domain \"%s\": %s: its other end, %s of \"%s\", does not name it; make them name each other",
			d->name, fdt_get_name(r->fdt, e->node, NULL),
			fdt_get_name(r->fdt, other, NULL), peer->name);
		return;
	}
	e->peer = peer->domid;
}

void plan_check_evtchns(struct plan_reader *r)
{
	uint32_t d, i;

	for (d = 0; d < r->plan->nr_domains; d++) {
		struct plan_domain *dom = &r->plan->domains[d];

		for (i = 0; i < dom->nr_evtchns; i++) {
			link_one(r, dom, &dom->evtchns[i]);
		}
	}
}
