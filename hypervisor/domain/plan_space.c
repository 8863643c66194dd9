// SPDX-License-Identifier: Apache-2.0
/*
 * What lies where in a domain's physical space: its memory, the devices that the hypervisor makes, those of the board
 * that it has. With `direct-map` and devices these are the machine's addresses, and may meet.
 *
 * The hypervisor's own stay where Xen's guests have them, direct-map or not: there is nothing in them that depends on
 * the machine.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

#define GUEST_SPACE BIT(40)
#define FREE_BASE   (4 * GIB) /* on Arm between the two banks of memory, if nothing else is there */
#define FREE_SIZE   (4 * GIB)

/* One thing in the space, and in whose words to speak of it. */
struct piece {
	struct plan_range range;
	uint64_t offset; /* of a device: from the guest's address to the machine's */
	const char *what;
	const char *prop; /* NULL: none of the user's */
	int node;
};

/* Memory: with direct-map where the machine has it, else in the two banks. */
static bool memory_piece(const struct plan_domain *d, uint32_t n, struct piece *out)
{
	uint64_t low = MIN(d->memory_bytes, plan_guest_banks[0].size);

	out->what = "its memory";
	out->prop = d->direct_map ? "xen,static-mem" : "memory";
	if (d->direct_map) {
		out->range = n < d->nr_mem ? d->mem[n] : (struct plan_range){ 0, 0 };
		return n < d->nr_mem;
	}
	out->range =
		n == 0 ? (struct plan_range){ plan_guest_banks[0].base, low }
		       : (struct plan_range){ plan_guest_banks[1].base, d->memory_bytes - low };
	return n < 2;
}

static bool device_piece(const struct plan *p, const struct plan_domain *d, uint32_t n,
			 struct piece *out, const struct plan_reader *r)
{
	for (uint32_t i = d->first_device; i < d->first_device + d->nr_devices; i++) {
		const struct plan_device *dev = &p->devices[i];

		if (n < dev->nr_maps) {
			const struct plan_map *map = &dev->maps[n];
			struct plan_range at = { map->at, map->machine.size };

			out->range = plan_pages(&at);
			out->offset = map->machine.base - map->at;
			out->what = fdt_get_name(r->fdt, dev->node, NULL);
			out->node = plan_said_at(r, dev);
			out->prop = dev->tree_node != 0 ? "xen,reg" : "ashlar,devices";
			return true;
		}
		n -= dev->nr_maps;
	}
	return false;
}

static bool shm_piece(const struct plan *p, const struct plan_domain *d, uint32_t n,
		      struct piece *out)
{
	const struct plan_shm *s = &p->shms[d->first_shm + n];

	if (n >= d->nr_shms) {
		return false;
	}
	*out = (struct piece){ { s->at, s->size }, 0, s->id, "xen,shared-mem", s->node };
	return true;
}

/*
 * Everything in @d's space, in the order in which it may stay. @kind: 0 the hypervisor's, 1 memory, 2 devices,
 * 3 shared memory.
 */
static bool piece_get(const struct plan_reader *r, const struct plan_domain *d, uint32_t n,
		      struct piece *out, uint32_t *kind)
{
	uint32_t i = 0;

	*out = (struct piece){ .node = d->node };
	for (*kind = 0; plan_guest_window(d, i, &out->range, &out->what); i++) {
		if (n-- == 0) {
			return true;
		}
	}
	*kind = 1;
	for (i = 0; memory_piece(d, i, out); i++) {
		if (n-- == 0) {
			return true;
		}
	}
	*kind = 2;
	for (i = 0; device_piece(r->plan, d, i, out, r); i++) {
		if (n-- == 0) {
			return true;
		}
	}
	*kind = 3;
	out->node = d->node;
	return shm_piece(r->plan, d, n, out);
}

static const char *way_out(const struct plan_domain *d, uint32_t kind, uint32_t other_kind)
{
	if (kind == 3 || (kind == 2 && d->tree.node != 0)) {
		return "choose another guest address";
	}
	if (kind == 2 && other_kind == 0) {
		return "a device at that address cannot be given";
	}
	return kind == 2 && !d->direct_map
		       ? "add direct-map, so that its memory is where the machine has it"
		       : "choose other memory";
}

/* Devices may have registers in one page; then it is the same one of the machine too. */
static bool may_meet(const struct piece *a, uint32_t kind, const struct piece *b, uint32_t kind_b)
{
	return kind == 2 && kind_b == 2 && a->offset == b->offset;
}

static void check_piece(struct plan_reader *r, const struct plan_domain *d, const struct piece *c,
			uint32_t kind, uint32_t before)
{
	struct piece other;
	uint32_t i, other_kind;

	if (c->range.size > 0 && c->prop != NULL &&
	    (c->range.base >= GUEST_SPACE || c->range.size > GUEST_SPACE - c->range.base)) {
		plan_error(r, c->node, c->prop,
			   "domain \"%s\": %s at 0x%lx is beyond what a domain can address (0x%lx)",
			   d->name, c->what, c->range.base, GUEST_SPACE);
		return;
	}
	for (i = 0; i < before && piece_get(r, d, i, &other, &other_kind); i++) {
		if (plan_overlap(&c->range, &other.range) &&
		    !may_meet(c, kind, &other, other_kind)) {
			plan_error(
				r, c->node, c->prop,
				"domain \"%s\": %s (0x%lx-0x%lx) meets %s (0x%lx-0x%lx) in its physical space; %s",
				d->name, c->what, c->range.base, c->range.base + c->range.size,
				other.what, other.range.base, other.range.base + other.range.size,
				way_out(d, kind, other_kind));
		}
	}
}

void plan_check_space(struct plan_reader *r)
{
	for (uint32_t i = 0; i < r->plan->nr_domains; i++) {
		const struct plan_domain *d = &r->plan->domains[i];
		struct piece c;
		uint32_t n, kind;

		for (n = 0; piece_get(r, d, n, &c, &kind); n++) {
			check_piece(r, d, &c, kind, n);
		}
	}
}

/* The first thing that lies in @range: @d's own, or any memory of the machine where bus addresses could name it. */
static bool find_obstacle(const struct plan_reader *r, const struct plan_domain *d,
			  const struct plan_range *range, struct plan_range *out)
{
	struct piece c;
	uint32_t n, kind;

	for (n = 0; piece_get(r, d, n, &c, &kind); n++) {
		if (plan_overlap(&c.range, range)) {
			*out = c.range;
			return true;
		}
	}
	for (n = 0; d->direct_map && n < r->plan->nr_ram; n++) {
		if (plan_overlap(&r->plan->ram[n], range)) {
			*out = r->plan->ram[n];
			return true;
		}
	}
	return false;
}

void plan_find_free(const struct plan_reader *r, const struct plan_domain *d,
		    struct plan_range *out)
{
	struct plan_range obstacle;

	*out = (struct plan_range){ FREE_BASE, FREE_SIZE };
	while (out->size > 0 && find_obstacle(r, d, out, &obstacle)) {
		out->base = ALIGN_UP(obstacle.base + obstacle.size, GIB);
		if (out->base < FREE_BASE || out->base > GUEST_SPACE - FREE_SIZE) {
			*out = (struct plan_range){ 0, 0 };
		}
	}
}
