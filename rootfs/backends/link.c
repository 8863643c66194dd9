// SPDX-License-Identifier: Apache-2.0
/*
 * A link to a client: first its page is mapped, then the channel is bound, so that it is whole or not at all.
 *
 * When the client dies, its end of the channel goes and ours is unbound; the page shows nothing of it any more. When it
 * is back, all numbers are the same.
 */
#include "backend.h"

#include <libfdt.h>
#include <string.h>
#include <xen_guest.h>

#define PAGE 4096u

bool link_up(struct link *l)
{
	uint64_t addr = (uintptr_t)l->page;

	if (!xen_grant_map(l->domid, l->grant, addr, &l->handle)) {
		return false;
	}
	l->port = xen_event_bind(l->domid, l->remote_port);
	if (l->port == 0) {
		xen_grant_unmap(addr, l->handle);
	}
	return l->port != 0;
}

bool link_is_alive(const struct link *l)
{
	return xen_event_is_bound(l->port);
}

void link_down(struct link *l)
{
	xen_event_close(l->port);
	xen_grant_unmap((uintptr_t)l->page, l->handle);
	l->port = 0;
}

static bool read_cell(const void *fdt, int node, const char *name, uint32_t *value)
{
	int len;
	const fdt32_t *cell = fdt_getprop(fdt, node, name, &len);

	if (cell == NULL || len != (int)sizeof(*cell)) {
		return false;
	}
	*value = fdt32_to_cpu(*cell);
	return true;
}

static const char *read_client(const void *fdt, int node, uint64_t grants, struct plan *p)
{
	struct link *l = &p->link[p->nr_clients];
	const char *name = fdt_getprop(fdt, node, "name", NULL);
	uint32_t domid;

	if (!read_cell(fdt, node, "reg", &domid) || name == NULL ||
	    !read_cell(fdt, node, "port", &l->remote_port) ||
	    !read_cell(fdt, node, "grant", &l->grant) ||
	    !read_cell(fdt, node, "stop-port", &l->stop_port)) {
		return "a client's number, name, ports or grant";
	}
	l->domid = (uint16_t)domid;
	l->page = (void *)(uintptr_t)(grants + (uint64_t)p->nr_clients * PAGE);
	memcpy(p->name[p->nr_clients], name, strnlen(name, STORE_NAME_LEN - 1));
	p->nr_clients++;
	return NULL;
}

static const char *add_client(const void *fdt, int node, uint64_t grants, struct plan *p)
{
	return p->nr_clients == STORE_MAX_CLIENTS ? "fewer clients"
						  : read_client(fdt, node, grants, p);
}

static bool read_pairs(const void *fdt, int node, const char *name, struct store_pairs *p)
{
	int len;
	const char *text = fdt_getprop(fdt, node, name, &len);

	if (text == NULL || (size_t)len > sizeof(p->text)) {
		return false;
	}
	memcpy(p->text, text, (size_t)len);
	p->len = (size_t)len;
	return true;
}

bool device_read(const void *fdt, int node, struct store_device *d)
{
	const char *kind = fdt_getprop(fdt, node, "kind", NULL);
	uint32_t front, back;

	memset(d, 0, sizeof(*d));
	if (kind == NULL || strlen(kind) >= sizeof(d->kind) ||
	    !read_cell(fdt, node, "front", &front) || !read_cell(fdt, node, "back", &back) ||
	    !read_cell(fdt, node, "number", &d->number)) {
		return false;
	}
	memcpy(d->kind, kind, strlen(kind));
	d->front = (uint16_t)front;
	d->back = (uint16_t)back;
	return read_pairs(fdt, node, "frontend", &d->front_values) &&
	       read_pairs(fdt, node, "backend", &d->back_values);
}

static const char *add_device(const void *fdt, int node, struct plan *p)
{
	if (p->nr_devices == STORE_MAX_DEVICES) {
		return "fewer PV devices";
	}
	return device_read(fdt, node, &p->device[p->nr_devices++])
		       ? NULL
		       : "the ends, number or values of a PV device";
}

const char *plan_read(const void *fdt, uint64_t grants, struct plan *p)
{
	int node, store = fdt_node_offset_by_compatible(fdt, -1, "ashlar,store");
	const char *missing = NULL;

	if (store < 0) {
		return "the node of a store: the plan gives this domain no part";
	}
	(void)shared_memory_find(fdt, STORE_KEPT_ID, &p->kept,
				 &p->kept_size); /* our restart leaves it as it is */
	fdt_for_each_subnode(node, fdt, store) {
		if (missing != NULL) {
			break;
		}
		missing = fdt_getprop(fdt, node, "kind", NULL) != NULL
				  ? add_device(fdt, node, p)
				  : add_client(fdt, node, grants, p);
	}
	return missing;
}
