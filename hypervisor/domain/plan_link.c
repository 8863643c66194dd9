// SPDX-License-Identifier: Apache-2.0
/*
 * PV devices: children of a domain that say what it has of another.
 *
 *	ashlar,disk { source = "PARTLABEL=data"; target = "xvda"; mode = "w"; ashlar,backend = "disk-dom"; };
 *
 * All kinds make one list, in which each has a front end and a back end; what is particular to a kind is read in a file
 * of its own. Each implies exactly its link: both ends are clients of the store, the back end may use what the front end
 * grants, and each may make channels with the other.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define BACKEND "ashlar,backend"

/* A kind: the name of its nodes, its properties, its reader. */
struct kind {
	const char *name;
	enum plan_node_kind props;
	void (*read)(struct plan_reader *r, struct plan_link *l);
};

static const struct kind kinds[] = {
	[PLAN_LINK_DISK] = { "ashlar,disk", PLAN_NODE_DISK, plan_read_disk },
	[PLAN_LINK_NET] = { "ashlar,net", PLAN_NODE_NET, plan_read_net },
};

/* "name" or "name@unit". */
static bool has_name(const struct plan_reader *r, int node, const char *name)
{
	const char *is = fdt_get_name(r->fdt, node, NULL);
	size_t len = strlen(name);

	return strncmp(is, name, len) == 0 && (is[len] == '\0' || is[len] == '@');
}

static void add_link(struct plan_reader *r, struct plan_domain *d, int node, uint32_t kind)
{
	struct plan *p = r->plan;
	struct plan_link *l = &p->links[p->nr_links];

	if (p->nr_links == PLAN_MAX_LINKS) {
		plan_error(r, node, NULL,
			   "domain \"%s\": %s: more than %u PV devices in the plan; remove some",
			   d->name, kinds[kind].name, PLAN_MAX_LINKS);
		return;
	}
	p->nr_links++;
	*l = (struct plan_link){ .kind = (enum plan_link_kind)kind,
				 .front = d->domid,
				 .node = node };
	plan_check_props(r, node, kinds[kind].props, d->name);
	kinds[kind].read(r, l);
}

bool plan_read_link(struct plan_reader *r, struct plan_domain *d, int node)
{
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (has_name(r, node, kinds[i].name)) {
			add_link(r, d, node, i);
			return true;
		}
	}
	return false;
}

const char *plan_link_what(const struct plan_reader *r, const struct plan_link *l)
{
	return fdt_get_name(r->fdt, l->node, NULL);
}

/* The one io domain; a second is reported. */
static struct plan_domain *find_io(struct plan_reader *r)
{
	struct plan_domain *io = NULL;
	uint32_t i;

	for (i = 0; i < r->plan->nr_domains; i++) {
		struct plan_domain *d = &r->plan->domains[i];

		if (d->pv.is_io && io != NULL) {
			plan_error(
				r, d->node, "ashlar,io",
				"domain \"%s\": ashlar,io: \"%s\" is the back end already; remove one",
				d->name, io->name);
		} else if (d->pv.is_io) {
			io = d;
		}
	}
	return io;
}

/* NULL, reported: nobody. */
static struct plan_domain *find_back(struct plan_reader *r, const struct plan_link *l,
				     const struct plan_domain *front, struct plan_domain *io)
{
	const char *name = plan_string(r, l->node, BACKEND);
	struct plan_domain *back = name != NULL ? plan_find_domain(r->plan, name) : io;

	if (name != NULL && back == NULL) {
		plan_report_no_domain(r, front, l->node, BACKEND, name);
	} else if (back == NULL) {
		plan_error(
			r, l->node, NULL,
			"domain \"%s\": %s: no domain serves it; write ashlar,io in one, or name one by " BACKEND,
			front->name, plan_link_what(r, l));
	} else if (back == front) {
		plan_error(r, l->node, name != NULL ? BACKEND : NULL,
			   "domain \"%s\": %s: it would serve itself; name another by " BACKEND,
			   front->name, plan_link_what(r, l));
		return NULL;
	}
	return back;
}

static void want_store(struct plan_reader *r, const struct plan_link *l, struct plan_domain *d)
{
	if (d->pv.refuses_store) {
		plan_error(
			r, l->node, NULL,
			"domain \"%s\": %s needs a xenstore, and \"%s\" wants none; write xen,enhanced there",
			r->plan->domains[l->front - 1].name, plan_link_what(r, l), d->name);
	} else if (!d->pv.is_store) {
		d->pv.has_store = true;
	}
}

static void make_link(struct plan_reader *r, struct plan_link *l, struct plan_domain *io)
{
	struct plan_domain *front = &r->plan->domains[l->front - 1];
	struct plan_domain *back = find_back(r, l, front, io);

	if (back == NULL) {
		return;
	}
	l->back = back->domid;
	front->pv.backends |= PLAN_DOMAIN_BIT(back->domid);
	want_store(r, l, front);
	want_store(r, l, back);
}

void plan_check_links(struct plan_reader *r)
{
	struct plan_domain *io = find_io(r);
	uint32_t i;

	for (i = 0; i < r->plan->nr_links; i++) {
		make_link(r, &r->plan->links[i], io);
	}
	plan_check_disks(r);
	plan_check_nets(r);
	if (io != NULL) {
		plan_check_io(r, io);
	}
}
