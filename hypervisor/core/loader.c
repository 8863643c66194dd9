/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the boot loader's device tree: memory, reservations, the initrd's place; nothing else is
 * looked at. The tree is not verified by anyone, so every number is held against overflow and every
 * list is bounded.
 * Spec: Devicetree Specification v0.4, 3.4 (/memory), 3.5 (/reserved-memory), 5.3 (memory
 * reservation block).
 */
#include <hyp/errno.h>
#include <hyp/fdt.h>
#include <hyp/loader.h>
#include <libfdt.h>
#include <string.h>

#define ROUND_OUT 1 /* a reservation covers whole pages */
#define ROUND_IN  0 /* memory that is not a whole page is none */

static int fail(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

static int add(struct plan_range *list, unsigned int *nr, uint64_t base, uint64_t size,
	       bool outwards)
{
	uint64_t end;

	if (size == 0) {
		return 0;
	}
	if (__builtin_add_overflow(base, size, &end) || end > UINT64_MAX - PAGE_SIZE) {
		return -EINVAL;
	}
	base = outwards ? ALIGN_DOWN(base, PAGE_SIZE) : ALIGN_UP(base, PAGE_SIZE);
	end = outwards ? ALIGN_UP(end, PAGE_SIZE) : ALIGN_DOWN(end, PAGE_SIZE);
	if (base >= end) {
		return 0;
	}
	if (*nr == LOADER_MAX_RANGES) {
		return -ENOSPC;
	}
	list[(*nr)++] = (struct plan_range){ base, end - base };
	return 0;
}

static uint64_t cells(const fdt32_t *p, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++) {
		v = (v << 32) | fdt32_to_cpu(p[i]);
	}
	return v;
}

/* All (base, size) pairs of @node's reg, in @parent's cells. Return: 0; -EINVAL; -ENOSPC. */
static int add_reg(const void *fdt, int parent, int node, struct plan_range *list, unsigned int *nr,
		   bool outwards)
{
	int ac = fdt_address_cells(fdt, parent);
	int sc = fdt_size_cells(fdt, parent);
	int len = 0;
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &len);
	int words = len / (int)sizeof(fdt32_t);

	if (ac < 1 || ac > 2 || sc < 1 || sc > 2) {
		return -EINVAL;
	}
	for (int i = 0; reg != NULL && i + ac + sc <= words; i += ac + sc) {
		int err = add(list, nr, cells(reg + i, ac), cells(reg + i + ac, sc), outwards);

		if (err) {
			return err;
		}
	}
	return 0;
}

static int read_memory(const void *fdt, struct loader_facts *facts)
{
	int node;
	int err = 0;

	fdt_for_each_subnode(node, fdt, 0) {
		int len = 0;
		const char *type = fdt_getprop(fdt, node, "device_type", &len);

		if (type != NULL && len == (int)sizeof("memory") &&
		    memcmp(type, "memory", (size_t)len) == 0) {
			err = add_reg(fdt, 0, node, facts->ram, &facts->nr_ram, ROUND_IN);
			if (err) {
				return err;
			}
		}
	}
	return facts->nr_ram == 0 ? -EINVAL : 0;
}

static int read_chosen(const void *fdt, struct loader_facts *facts)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	int start_len = 0;
	int end_len = 0;
	const fdt32_t *start;
	const fdt32_t *end;

	if (chosen < 0) {
		return -EINVAL;
	}
	start = fdt_getprop(fdt, chosen, "linux,initrd-start", &start_len);
	end = fdt_getprop(fdt, chosen, "linux,initrd-end", &end_len);
	if (start == NULL || end == NULL || (start_len != 4 && start_len != 8) ||
	    (end_len != 4 && end_len != 8)) {
		return -EINVAL;
	}
	facts->initrd.base = cells(start, start_len / 4);
	facts->initrd.size = cells(end, end_len / 4) - facts->initrd.base;
	return cells(end, end_len / 4) <= facts->initrd.base ? -EINVAL : 0;
}

static bool overlaps(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static bool is_within_pages(uint64_t base, uint64_t size, uint64_t of, uint64_t of_size)
{
	uint64_t first = ALIGN_DOWN(of, PAGE_SIZE);

	return base >= first && base - first <= of - first + of_size &&
	       size <= ALIGN_UP(of + of_size, PAGE_SIZE) - base;
}

/*
 * The loader reserves its own tree and the initrd: both are ours to use once they are read. A
 * reservation that goes beyond their pages stands.
 */
static bool is_loaders_own(const struct loader_facts *facts, uint64_t base, uint64_t size,
			   uint64_t fdt_pa, size_t fdt_len)
{
	return is_within_pages(base, size, facts->initrd.base, facts->initrd.size) ||
	       is_within_pages(base, size, fdt_pa, fdt_len);
}

static int read_memreserve(const void *fdt, uint64_t fdt_pa, size_t fdt_len,
			   struct loader_facts *facts)
{
	int n = fdt_num_mem_rsv(fdt);
	uint64_t base;
	uint64_t size;
	int err;

	for (int i = 0; i < n; i++) {
		if (fdt_get_mem_rsv(fdt, i, &base, &size)) {
			return -EINVAL;
		}
		if (is_loaders_own(facts, base, size, fdt_pa, fdt_len)) {
			continue;
		}
		err = add(facts->reserved, &facts->nr_reserved, base, size, ROUND_OUT);
		if (err) {
			return err;
		}
	}
	return n < 0 ? -EINVAL : 0;
}

/* A region without reg is placed by the system that boots: here nothing is. */
static int read_reserved_memory(const void *fdt, struct loader_facts *facts)
{
	int parent = fdt_path_offset(fdt, "/reserved-memory");
	int node;
	int err;

	if (parent < 0) {
		return 0;
	}
	fdt_for_each_subnode(node, fdt, parent) {
		err = add_reg(fdt, parent, node, facts->reserved, &facts->nr_reserved, ROUND_OUT);
		if (err) {
			return err;
		}
	}
	return 0;
}

static void read_seed(const void *fdt, struct loader_facts *facts)
{
	static const char *const names[] = { "rng-seed", "kaslr-seed" };
	int chosen = fdt_path_offset(fdt, "/chosen");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int len = 0;
		const void *seed = fdt_getprop(fdt, chosen, names[i], &len);
		size_t n = MIN(seed != NULL ? (size_t)len : 0, LOADER_SEED_MAX - facts->seed_len);

		if (n > 0) {
			memcpy(facts->seed + facts->seed_len, seed, n);
			facts->seed_len += n;
		}
	}
}

int loader_read(const void *fdt, size_t len, uint64_t fdt_pa, struct loader_facts *facts,
		const char **why)
{
	memset(facts, 0, sizeof(*facts));
	if (!fdt_is_sound(fdt, len)) {
		return fail(why, "the loader's device tree is malformed");
	}
	if (read_chosen(fdt, facts)) {
		return fail(why, "the loader passed no bundle (no initrd in its device tree)");
	}
	if (read_memory(fdt, facts)) {
		return fail(why, "the loader's device tree has no usable memory node");
	}
	if (read_memreserve(fdt, fdt_pa, fdt_totalsize(fdt), facts) ||
	    read_reserved_memory(fdt, facts)) {
		return fail(why, "the loader's reserved memory cannot be read");
	}
	read_seed(fdt, facts);
	return 0;
}

bool loader_allows(const struct loader_facts *facts, uint64_t base, uint64_t size,
		   struct plan_range *clash)
{
	uint64_t covered = base;

	*clash = (struct plan_range){ 0, 0 };
	if (size > UINT64_MAX - base) {
		return false;
	}
	for (unsigned int i = 0; i < facts->nr_reserved; i++) {
		if (overlaps(base, size, facts->reserved[i].base, facts->reserved[i].size)) {
			*clash = facts->reserved[i];
			return false;
		}
	}
	/* banks may adjoin, in any order: go on as long as one takes us further */
	for (unsigned int i = 0; covered < base + size && i < facts->nr_ram; i++) {
		const struct plan_range *r = &facts->ram[i];

		if (r->base <= covered && covered < r->base + r->size) {
			covered = r->base + r->size;
			i = UINT32_MAX; /* from the first bank again */
		}
	}
	return covered >= base + size;
}
