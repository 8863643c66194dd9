// SPDX-License-Identifier: Apache-2.0
/* Requirement: static-memory */
/*
 * Places: the hypervisor low, the bundle high, the domains between, largest first.
 *
 * What the user fixed (xen,static-mem, ashlar,cpus) stays. Domains start on 2 MiB, or on 1 GiB if they are that
 * large, so that stage 2 maps them in the largest blocks (Arm ARM D8.2, 4 KiB granule). A domain that fits
 * nowhere in one piece is split.
 */
#include <string.h>

#include "ashlar.h"

#define BLOCK	   (2 * MIB)
#define MAX_HOLES  256
#define LOADER_LOW BLOCK /* the start of memory is where loaders put themselves and their tree */

struct holes {
	struct plan_range hole[MAX_HOLES]; /* sorted, not touching */
	size_t count;
};

static void holes_insert(struct holes *h, size_t at, struct plan_range range)
{
	if (h->count == MAX_HOLES) {
		fail("the board's memory is in more than %d pieces", MAX_HOLES);
	}
	memmove(&h->hole[at + 1], &h->hole[at], (h->count - at) * sizeof(h->hole[0]));
	h->hole[at] = range;
	h->count++;
}

static void holes_add(struct holes *h, struct plan_range range)
{
	size_t at = 0;

	while (at < h->count && h->hole[at].base < range.base) {
		at++;
	}
	holes_insert(h, at, range);
}

static void holes_remove(struct holes *h, size_t at)
{
	h->count--;
	memmove(&h->hole[at], &h->hole[at + 1], (h->count - at) * sizeof(h->hole[0]));
}

static void holes_take(struct holes *h, struct plan_range taken)
{
	uint64_t taken_end = taken.base + taken.size;
	size_t i = 0;

	while (i < h->count) {
		struct plan_range hole = h->hole[i];
		uint64_t end = hole.base + hole.size;

		if (!(taken.base < end && hole.base < taken_end)) {
			i++;
			continue;
		}
		holes_remove(h, i);
		if (taken_end < end) {
			holes_insert(h, i, (struct plan_range){ taken_end, end - taken_end });
		}
		if (hole.base < taken.base) {
			holes_insert(h, i++,
				     (struct plan_range){ hole.base, taken.base - hole.base });
		}
	}
}

static bool find_low(const struct holes *h, uint64_t bytes, uint64_t align, uint64_t from,
		     uint64_t *base)
{
	size_t i;

	for (i = 0; i < h->count; i++) {
		uint64_t at = ALIGN_UP(MAX(h->hole[i].base, from), align);
		uint64_t end = h->hole[i].base + h->hole[i].size;

		if (at < end && end - at >= bytes) {
			*base = at;
			return true;
		}
	}
	return false;
}

static bool find_high(const struct holes *h, uint64_t bytes, uint64_t align, uint64_t *base)
{
	size_t i;

	for (i = h->count; i-- > 0;) {
		const struct plan_range *hole = &h->hole[i];

		if (hole->size >= bytes) {
			*base = ALIGN_DOWN(hole->base + hole->size - bytes, align);
			if (*base >= hole->base) {
				return true;
			}
		}
	}
	return false;
}

static uint64_t all_holes(const struct holes *h)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < h->count; i++) {
		bytes += h->hole[i].size;
	}
	return bytes;
}

static uint64_t largest_hole(const struct holes *h)
{
	uint64_t largest = 0;
	size_t i;

	for (i = 0; i < h->count; i++) {
		largest = MAX(largest, h->hole[i].size);
	}
	return largest;
}

/* Memory as it is before anything is placed: what the user fixed is out. */
static void holes_init(struct holes *h, const struct plan *p)
{
	uint32_t d, i;

	h->count = 0;
	for (i = 0; i < p->nr_ram; i++) {
		holes_add(h, p->ram[i]);
	}
	for (i = 0; i < p->nr_reserved; i++) {
		holes_take(h, p->reserved[i]);
	}
	for (d = 0; d < p->nr_domains; d++) {
		for (i = 0; i < p->domains[d].nr_mem; i++) {
			holes_take(h, p->domains[d].mem[i]);
		}
	}
	for (i = 0; i < p->nr_shms; i++) {
		if (p->shms[i].has_host) {
			holes_take(h, (struct plan_range){ p->shms[i].host, p->shms[i].size });
		}
	}
}

/* Low, before the domains: what is shared is small. */
static bool place_shm(struct plan *p, struct holes *h, uint32_t first, struct findings *f)
{
	const struct plan_shm *s = &p->shms[first];
	uint64_t align = s->size >= BLOCK ? BLOCK : PAGE_SIZE;
	uint64_t base;
	uint32_t i;

	if (!find_low(h, s->size, align, p->ram[0].base + LOADER_LOW, &base)) {
		finding(f, s->node, "xen,shared-mem",
			"shared memory \"%s\": no room for %lu KiB, the largest free piece of memory has %lu KiB",
			s->id, s->size / KIB, largest_hole(h) / KIB);
		return false;
	}
	holes_take(h, (struct plan_range){ base, s->size });
	for (i = first; i < p->nr_shms; i++) {
		if (plan_shm_first(p, i) == first) {
			p->shms[i].host = base;
			p->shms[i].has_host = true;
		}
	}
	return true;
}

static bool place_shms(struct plan *p, struct holes *h, struct findings *f)
{
	bool is_good = true;
	uint32_t i;

	for (i = 0; is_good && i < p->nr_shms; i++) {
		is_good = p->shms[i].has_host || place_shm(p, h, i, f);
	}
	return is_good;
}

/* Where it has to be, if that is said; else as low as it can. */
static bool place_hypervisor(struct plan *p, struct holes *h, const struct plan_range *hyp,
			     struct findings *f)
{
	uint64_t lowest = hyp->base != 0 ? hyp->base : p->ram[0].base + LOADER_LOW;

	p->hyp.size = ALIGN_UP(hyp->size, BLOCK);
	if (!find_low(h, p->hyp.size, BLOCK, lowest, &p->hyp.base)) {
		finding(f, -1, NULL,
			"no room for the hypervisor's %lu MiB, the largest free piece of memory has %lu MiB",
			p->hyp.size / MIB, largest_hole(h) / MIB);
		return false;
	}
	if (hyp->base != 0 && p->hyp.base != hyp->base) {
		finding(f, -1, NULL,
			"the hypervisor is made for 0x%lx-0x%lx, which is not free in the board's memory",
			hyp->base, hyp->base + p->hyp.size);
		return false;
	}
	holes_take(h, p->hyp);
	return true;
}

static bool place_bundle(struct plan *p, struct holes *h, uint64_t bundle_bytes, bool is_low,
			 struct findings *f)
{
	bool is_placed;

	bundle_bytes = ALIGN_UP(bundle_bytes, PAGE_SIZE);
	is_placed = is_low ? find_low(h, bundle_bytes, BLOCK, p->hyp.base, &p->bundle.base)
			   : find_high(h, bundle_bytes, BLOCK, &p->bundle.base);
	if (!is_placed) {
		finding(f, -1, NULL,
			"no room for the bundle's %lu KiB, the largest free piece of memory has %lu KiB",
			bundle_bytes / KIB, largest_hole(h) / KIB);
		return false;
	}
	p->bundle.size = bundle_bytes;
	holes_take(h, (struct plan_range){ p->bundle.base, ALIGN_UP(p->bundle.size, BLOCK) });
	return true;
}

/* The largest piece of at most @bytes that one hole offers, in whole blocks. */
static bool take_piece(struct holes *h, uint64_t bytes, struct plan_range *piece)
{
	uint64_t best = 0;
	size_t i;

	for (i = 0; i < h->count; i++) {
		uint64_t base = ALIGN_UP(h->hole[i].base, BLOCK);
		uint64_t end = h->hole[i].base + h->hole[i].size;
		uint64_t size = base < end ? MIN(end - base, bytes) : 0;

		size = size == bytes ? size : ALIGN_DOWN(size, BLOCK);
		if (size > best) {
			best = size;
			*piece = (struct plan_range){ base, size };
		}
	}
	if (best > 0) {
		holes_take(h, *piece);
	}
	return best > 0;
}

static bool place_in_pieces(struct plan_domain *d, struct holes *h)
{
	uint64_t left = d->memory_bytes;

	while (left > 0 && d->nr_mem < PLAN_MAX_RANGES && take_piece(h, left, &d->mem[d->nr_mem])) {
		left -= d->mem[d->nr_mem++].size;
	}
	return left == 0;
}

static void avoid_device(const struct plan_device *dev, struct holes *h)
{
	for (uint32_t i = 0; i < dev->nr_maps; i++) {
		holes_take(h, (struct plan_range){ dev->maps[i].at, dev->maps[i].machine.size });
	}
}

/* What a directly mapped domain cannot use: at those addresses it has something else. */
static void avoid_windows(const struct plan *p, const struct plan_domain *d, struct holes *h)
{
	struct plan_range window;
	const char *what;
	uint32_t i;

	for (i = 0; d->direct_map && plan_guest_window(d, i, &window, &what); i++) {
		holes_take(h, window);
	}
	for (i = 0; d->direct_map && i < d->nr_shms; i++) {
		const struct plan_shm *s = &p->shms[d->first_shm + i];

		holes_take(h, (struct plan_range){ s->at, s->size });
	}
	for (i = d->first_device; d->direct_map && i < d->first_device + d->nr_devices; i++) {
		avoid_device(&p->devices[i], h);
	}
}

static bool find_place(struct plan_domain *d, struct holes *h)
{
	uint64_t base;

	if ((d->memory_bytes >= GIB && find_low(h, d->memory_bytes, GIB, 0, &base)) ||
	    find_low(h, d->memory_bytes, BLOCK, 0, &base)) {
		d->mem[0] = (struct plan_range){ base, d->memory_bytes };
		d->nr_mem = 1;
		return true;
	}
	return place_in_pieces(d, h);
}

static bool place_domain(const struct plan *p, struct plan_domain *d, struct holes *h,
			 struct findings *f)
{
	struct holes usable = *h;
	uint64_t free_bytes;
	uint32_t i;

	if (d->nr_mem > 0) {
		return true;
	}
	avoid_windows(p, d, &usable);
	free_bytes = all_holes(&usable);
	if (find_place(d, &usable)) {
		for (i = 0; i < d->nr_mem; i++) {
			holes_take(h, d->mem[i]);
		}
		return true;
	}
	finding(f, d->node, "memory",
		"domain \"%s\": memory is %lu MiB, %lu MiB are left beside the hypervisor, the bundle and larger domains; give it less",
		d->name, d->memory_bytes / MIB, free_bytes / MIB);
	return false;
}

/* Largest first; equal ones in the plan's order. */
static struct plan_domain *next_largest(struct plan *p, const bool *is_placed)
{
	struct plan_domain *best = NULL;
	uint32_t i;

	for (i = 0; i < p->nr_domains; i++) {
		if (!is_placed[i] &&
		    (best == NULL || p->domains[i].memory_bytes > best->memory_bytes)) {
			best = &p->domains[i];
		}
	}
	return best;
}

static bool place_memory(struct plan *p, const struct plan_range *hyp, uint64_t bundle_bytes,
			 bool bundle_low, struct findings *f)
{
	bool is_placed[PLAN_MAX_DOMAINS] = { false };
	struct plan_domain *d;
	struct holes holes;
	bool is_good;

	holes_init(&holes, p);
	is_good = place_hypervisor(p, &holes, hyp, f) &&
		  place_bundle(p, &holes, bundle_bytes, bundle_low, f) && place_shms(p, &holes, f);
	while (is_good && (d = next_largest(p, is_placed)) != NULL) {
		is_placed[d - p->domains] = true;
		is_good = place_domain(p, d, &holes, f);
	}
	return is_good;
}

/* The CPU with the fewest vCPUs; the first of equals. */
static uint32_t least_used(const struct plan *p, const uint32_t users[])
{
	uint32_t best = 0, cpu;

	for (cpu = 1; cpu < p->nr_cpus; cpu++) {
		if (users[cpu] < users[best]) {
			best = cpu;
		}
	}
	return best;
}

/* Those that the user put somewhere first. Without a scheduler there is a free one: plan_read() counted them. */
static void place_vcpus(struct plan *p)
{
	uint32_t users[PLAN_MAX_CPUS] = { 0 };
	uint32_t d, v;

	for (d = 0; d < p->nr_domains; d++) {
		for (v = 0; v < p->domains[d].nr_vcpus; v++) {
			if (p->domains[d].cpus[v] != PLAN_NO_CPU) {
				users[p->domains[d].cpus[v]]++;
			}
		}
	}
	for (d = 0; d < p->nr_domains; d++) {
		for (v = 0; v < p->domains[d].nr_vcpus; v++) {
			if (p->domains[d].cpus[v] == PLAN_NO_CPU) {
				p->domains[d].cpus[v] = least_used(p, users);
				users[p->domains[d].cpus[v]]++;
			}
		}
	}
}

bool place_all(struct plan *plan, const struct plan_range *hyp, uint64_t bundle_bytes,
	       bool bundle_low, struct findings *f)
{
	if (!place_memory(plan, hyp, bundle_bytes, bundle_low, f)) {
		return false;
	}
	place_vcpus(plan);
	return true;
}
