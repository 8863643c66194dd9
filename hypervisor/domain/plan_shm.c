// SPDX-License-Identifier: Apache-2.0
/*
 * Static shared memory in the plan: each domain that has it says where in its own space, by the id that all name.
 *
 *	one { shm { compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "ring"; role = "owner";
 *		    xen,shared-mem = <host guest size>; }; };		(two cells each; the host's may be left out)
 *
 * With ashlar,keep one domain may have it alone: then it is what that domain finds again after its own restart.
 * The role changes nothing: memory lives on whoever ends. But what is said must be true: one owner, and none borrows
 * from nobody.
 * Xen docs/misc/arm/device-tree/booting.txt, "Static Shared Memory".
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define SHM_ID_LEN 16U /* with its NUL: MAX_SHM_ID_LENGTH of Xen */

static const char *const roles[] = { "owner", "borrower", NULL };

static bool read_id(struct plan_reader *r, const struct plan_domain *d, struct plan_shm *s)
{
	const char *name = fdt_get_name(r->fdt, s->node, NULL);

	s->id = plan_string(r, s->node, "xen,shm-id");
	if (s->id == NULL) {
		if (fdt_getprop(r->fdt, s->node, "xen,shm-id", NULL) == NULL) {
			plan_error(
				r, s->node, NULL,
				"domain \"%s\": %s: xen,shm-id is missing; write the name that all who share it use",
				d->name, name);
		}
		return false;
	}
	if (strlen(s->id) >= SHM_ID_LEN) {
		plan_error(
			r, s->node, "xen,shm-id",
			"domain \"%s\": %s: xen,shm-id has %lu characters, at most %u are possible; shorten it",
			d->name, name, strlen(s->id), SHM_ID_LEN - 1);
		return false;
	}
	return true;
}

static bool read_place(struct plan_reader *r, const struct plan_domain *d, struct plan_shm *s)
{
	const char *name = fdt_get_name(r->fdt, s->node, NULL);
	struct plan_range at;
	int len = 0;
	const fdt64_t *p = fdt_getprop(r->fdt, s->node, "xen,shared-mem", &len);

	if (p == NULL || (len != 16 && len != 24)) {
		plan_error(
			r, s->node, p == NULL ? NULL : "xen,shared-mem",
			"domain \"%s\": %s: write xen,shared-mem = <host guest size>, two numbers each, or without the host's address",
			d->name, name);
		return false;
	}
	s->has_host = len == 24;
	s->host = s->has_host ? fdt64_ld(p++) : 0;
	s->at = fdt64_ld(p++);
	s->size = fdt64_ld(p);
	at = (struct plan_range){ s->at, s->size };
	if (!plan_is_page_range(r, s->node, "xen,shared-mem", &at)) {
		return false;
	}
	at.base = s->host;
	if (s->has_host && !plan_is_page_range(r, s->node, "xen,shared-mem", &at)) {
		return false;
	}
	if (r->packed && !s->has_host) {
		plan_error(
			r, s->node, "xen,shared-mem",
			"domain \"%s\": %s: the host's address is missing; pack the plan with `ashlar pack`",
			d->name, name);
	}
	return true;
}

/* Its guest takes physical addresses for machine ones. */
static void keep_direct(struct plan_reader *r, const struct plan_domain *d, struct plan_shm *s)
{
	if (!d->direct_map) {
		return;
	}
	if (s->has_host && s->host != s->at) {
		plan_error(
			r, s->node, "xen,shared-mem",
			"domain \"%s\": %s: with direct-map the guest's address (0x%lx) must be the host's (0x%lx)",
			d->name, fdt_get_name(r->fdt, s->node, NULL), s->at, s->host);
		return;
	}
	s->host = s->at;
	s->has_host = true;
}

static void read_role(struct plan_reader *r, const struct plan_domain *d, struct plan_shm *s)
{
	const char *role = plan_string(r, s->node, "role");

	if (role == NULL) {
		return;
	}
	if (strcmp(role, roles[0]) == 0) {
		s->role = PLAN_ROLE_OWNER;
	} else if (strcmp(role, roles[1]) == 0) {
		s->role = PLAN_ROLE_BORROWER;
	} else {
		plan_error(
			r, s->node, "role",
			"domain \"%s\": %s: role is \"%s\"; write \"owner\" or \"borrower\", or remove it",
			d->name, fdt_get_name(r->fdt, s->node, NULL), role);
	}
}

void plan_read_shm(struct plan_reader *r, struct plan_domain *d, int node)
{
	struct plan_shm *s = &r->plan->shms[r->plan->nr_shms];

	plan_check_props(r, node, PLAN_NODE_SHM, d->name);
	if (r->plan->nr_shms == PLAN_MAX_SHMS) {
		plan_error(
			r, node, NULL,
			"domain \"%s\": %s: more than %u views of shared memory in all; remove some",
			d->name, fdt_get_name(r->fdt, node, NULL), PLAN_MAX_SHMS);
		return;
	}
	*s = (struct plan_shm){ .domid = d->domid,
				.is_kept = fdt_getprop(r->fdt, node, "ashlar,keep", NULL) != NULL,
				.node = node };
	if (read_id(r, d, s) && read_place(r, d, s)) {
		keep_direct(r, d, s);
		read_role(r, d, s);
		r->plan->nr_shms++;
		d->nr_shms++;
	}
}

/* View @b against an earlier one of the same memory. */
static void check_pair(struct plan_reader *r, const struct plan_shm *a, const struct plan_shm *b)
{
	const char *first = r->plan->domains[a->domid - 1].name;
	const char *name = r->plan->domains[b->domid - 1].name;

	if (a->domid == b->domid) {
		plan_error(
			r, b->node, "xen,shm-id",
			"domain \"%s\": shared memory \"%s\" is named a second time; name it once, or give one another id",
			name, b->id);
		return;
	}
	if (a->size != b->size) {
		plan_error(
			r, b->node, "xen,shared-mem",
			"domain \"%s\": shared memory \"%s\" has 0x%lx bytes, \"%s\" says 0x%lx; make them equal",
			name, b->id, b->size, first, a->size);
	}
	if (a->has_host && b->has_host && a->host != b->host) {
		plan_error(
			r, b->node, "xen,shared-mem",
			"domain \"%s\": shared memory \"%s\" is at 0x%lx, \"%s\" says 0x%lx; make them equal, or name it in one place",
			name, b->id, b->host, first, a->host);
	}
	if (a->role == PLAN_ROLE_OWNER && b->role == PLAN_ROLE_OWNER) {
		plan_error(
			r, b->node, "role",
			"domain \"%s\": shared memory \"%s\" is \"%s\"'s; make one of them the borrower",
			name, b->id, first);
	}
}

/* All views of the memory whose first is @first: where one of them knows the place, all do. */
static void check_group(struct plan_reader *r, uint32_t first)
{
	struct plan *p = r->plan;
	const struct plan_shm *placed = NULL, *borrower = NULL;
	uint32_t i, others = 0;
	bool has_owner = false;

	for (i = first; i < p->nr_shms; i++) {
		struct plan_shm *s = &p->shms[i];

		if (plan_shm_first(p, i) != first) {
			continue;
		}
		others += i != first;
		placed = s->has_host ? s : placed;
		has_owner = has_owner || s->role == PLAN_ROLE_OWNER;
		borrower = s->role == PLAN_ROLE_BORROWER ? s : borrower;
	}
	if (borrower != NULL && !has_owner) {
		plan_error(
			r, borrower->node, "role",
			"domain \"%s\": shared memory \"%s\" is borrowed from nobody; make one domain its owner, or say no role anywhere",
			p->domains[borrower->domid - 1].name, borrower->id);
	}
	if (others == 0 && !p->shms[first].is_kept) {
		plan_warn(r, p->shms[first].node, "xen,shm-id",
			  "domain \"%s\": nobody else has shared memory \"%s\"",
			  p->domains[p->shms[first].domid - 1].name, p->shms[first].id);
	}
	for (i = first; placed != NULL && i < p->nr_shms; i++) {
		if (plan_shm_first(p, i) == first) {
			p->shms[i].host = placed->host;
			p->shms[i].has_host = true;
		}
	}
}

void plan_check_shms(struct plan_reader *r)
{
	const struct plan *p = r->plan;
	uint32_t i, k;

	for (i = 0; i < p->nr_shms; i++) {
		for (k = 0; k < i; k++) {
			if (strcmp(p->shms[k].id, p->shms[i].id) == 0) {
				check_pair(r, &p->shms[k], &p->shms[i]);
			}
		}
	}
	for (i = 0; i < p->nr_shms; i++) {
		if (plan_shm_first(p, i) == i) {
			check_group(r, i);
		}
	}
}
