// SPDX-License-Identifier: Apache-2.0
/* Requirement: static-memory */
/*
 * What concerns more than one part of the plan: memory that two want, more memory promised than there is.
 */
#include <libfdt.h>
#include <string.h>

#include "plan_reader.h"

/* One use of memory, and who to tell when it is in another's way. */
struct claim {
	struct plan_range range;
	const char *what[2]; /* around the owner's name */
	const char *owner;
	const char *prop;
	int node;
};

/* Each shared memory once, as far as it has its place. */
static bool shm_claim(const struct plan *p, uint32_t n, struct claim *out)
{
	uint32_t i;

	for (i = 0; i < p->nr_shms; i++) {
		const struct plan_shm *s = &p->shms[i];

		if (s->has_host && plan_shm_first(p, i) == i && n-- == 0) {
			*out = (struct claim){ { s->host, s->size },
					       { "shared memory \"", "\"" },
					       s->id,
					       "xen,shared-mem",
					       s->node };
			return true;
		}
	}
	return false;
}

/* The n-th claim, in the order in which they may stay: of two that overlap the later one must move. */
static bool claim_get(const struct plan *p, uint32_t n, struct claim *out)
{
	uint32_t d;

	if (n < p->nr_reserved) {
		*out = (struct claim){ p->reserved[n], { "", "" }, "reserved memory", "reg", -1 };
		return true;
	}
	n -= p->nr_reserved;
	if (n == 0) {
		*out = (struct claim){ p->hyp, { "", "" }, "the hypervisor", "reg", -1 };
		return true;
	}
	if (n == 1) {
		*out = (struct claim){ p->bundle, { "", "" }, "the bundle", "reg", -1 };
		return true;
	}
	n -= 2;
	for (d = 0; d < p->nr_domains; d++) {
		const struct plan_domain *dom = &p->domains[d];

		if (n < dom->nr_mem) {
			*out = (struct claim){ dom->mem[n],
					       { "domain \"", "\"" },
					       dom->name,
					       "xen,static-mem",
					       dom->node };
			return true;
		}
		n -= dom->nr_mem;
	}
	return shm_claim(p, n, out);
}

static bool is_inside_ram(const struct plan *p, const struct plan_range *range)
{
	uint32_t i;

	for (i = 0; i < p->nr_ram; i++) {
		if (range->base >= p->ram[i].base && range->size <= p->ram[i].size &&
		    range->base - p->ram[i].base <= p->ram[i].size - range->size) {
			return true;
		}
	}
	return false;
}

static void check_in_ram(struct plan_reader *r, const struct claim *c)
{
	const struct plan_range *ram = &r->plan->ram[0];

	if (r->plan->nr_ram > 0 && !is_inside_ram(r->plan, &c->range)) {
		plan_error(
			r, c->node, c->prop,
			"%s%s%s: memory 0x%lx-0x%lx is not in the board's memory (0x%lx-0x%lx%s)",
			c->what[0], c->owner, c->what[1], c->range.base,
			c->range.base + c->range.size, ram->base, ram->base + ram->size,
			r->plan->nr_ram > 1 ? ", ..." : "");
	}
}

static void check_overlaps(struct plan_reader *r, const struct claim *c, uint32_t before)
{
	struct claim other;
	uint32_t i;

	for (i = 0; i < before && claim_get(r->plan, i, &other); i++) {
		uint64_t end = other.range.base + other.range.size;

		if (plan_overlap(&c->range, &other.range)) {
			plan_error(
				r, c->node, c->prop,
				"%s%s%s: memory 0x%lx-0x%lx overlaps %s%s%s (0x%lx-0x%lx); move it to 0x%lx or above",
				c->what[0], c->owner, c->what[1], c->range.base,
				c->range.base + c->range.size, other.what[0], other.owner,
				other.what[1], other.range.base, end, ALIGN_UP(end, 2 * MIB));
		}
	}
}

static void check_banks(struct plan_reader *r)
{
	const struct plan *p = r->plan;
	uint32_t i, j;

	for (i = 0; i < p->nr_ram; i++) {
		for (j = 0; j < i; j++) {
			if (plan_overlap(&p->ram[i], &p->ram[j])) {
				plan_error(
					r, -1, NULL,
					"the board's memory 0x%lx-0x%lx and 0x%lx-0x%lx overlap; mend board.dts",
					p->ram[j].base, p->ram[j].base + p->ram[j].size,
					p->ram[i].base, p->ram[i].base + p->ram[i].size);
			}
		}
	}
}

static void check_total(struct plan_reader *r)
{
	const struct plan *p = r->plan;
	const struct plan_domain *largest = NULL;
	uint64_t have = 0, used = p->hyp.size + p->bundle.size, want = 0;
	uint32_t i;

	for (i = 0; i < p->nr_ram; i++) {
		have += p->ram[i].size;
	}
	for (i = 0; i < p->nr_reserved; i++) {
		used += is_inside_ram(p, &p->reserved[i]) ? p->reserved[i].size : 0;
	}
	for (i = 0; i < p->nr_shms; i++) {
		used += plan_shm_first(p, i) == i ? p->shms[i].size : 0;
	}
	for (i = 0; i < p->nr_domains; i++) {
		want += p->domains[i].memory_bytes;
		if (largest == NULL || p->domains[i].memory_bytes > largest->memory_bytes) {
			largest = &p->domains[i];
		}
	}
	if (have > 0 && largest != NULL && (used > have || want > have - used)) {
		plan_error(
			r, largest->node, "memory",
			"the domains want %lu MiB, the board has %lu MiB of which %lu MiB are taken; take %lu MiB away, \"%s\" is the largest with %lu MiB",
			want / MIB, have / MIB, used / MIB, (want + used - have + MIB - 1) / MIB,
			largest->name, largest->memory_bytes / MIB);
	}
}

void plan_check_memory(struct plan_reader *r)
{
	struct claim c;
	uint32_t n;

	check_banks(r);
	for (n = r->plan->nr_reserved; claim_get(r->plan, n, &c); n++) {
		if (c.range.size > 0) {
			check_in_ram(r, &c);
			check_overlaps(r, &c, n);
		}
	}
	check_total(r);
	c = (struct claim){ r->plan->crash_record,
			    { "", "" },
			    "crash records",
			    "reg",
			    r->plan->crash_record_node };
	if (c.range.size > 0) {
		check_in_ram(r, &c);
	}
}
