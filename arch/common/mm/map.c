/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own address space after boot/head.S made it: mappings that come and go. For every CPU whose tables
 * have 512 entries of 64 bits; what the bits mean is the architecture's, <asm/map_format.h>.
 *
 * Two areas: small mappings are page granular, large ones 2 MiB granular so that blocks can be used. Each mapping is
 * followed by an unmapped unit. Tables are never freed: an area's tables serve its next mapping. What is taken back is
 * gone from the TLBs of all CPUs on return.
 * Lock: map_lock, a leaf (page_alloc() inside).
 */
#include <asm/arch.h>
#include <asm/layout.h>
#include <asm/map_format.h>
#include <hyp/arch/mm.h>
#include <hyp/errno.h>
#include <hyp/lock.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/plan.h>
#include <hyp/pool.h>

#define LARGE_SHIFT 21
#define LARGE_SIZE  BIT(LARGE_SHIFT)
#define SMALL_LIMIT MIB

struct area {
	uint64_t base;
	unsigned int shift;
	size_t units;
	uint64_t *used; /* one bit a unit */
};

static uint64_t small_used[HYP_SMALL_PAGES / 64];
static uint64_t large_used[HYP_LARGE_UNITS / 64];
static struct area small_area = { HYP_SMALL_BASE, PAGE_SHIFT, HYP_SMALL_PAGES, small_used };
static struct area large_area = { HYP_LARGE_BASE, LARGE_SHIFT, HYP_LARGE_UNITS, large_used };
static spinlock_t map_lock;

static bool area_is_used(const struct area *a, size_t unit)
{
	return (a->used[unit / 64] >> (unit % 64)) & 1;
}

static void area_mark(struct area *a, size_t first, size_t count, bool used)
{
	for (size_t i = first; i < first + count; i++) {
		if (used) {
			a->used[i / 64] |= BIT(i % 64);
		} else {
			a->used[i / 64] &= ~BIT(i % 64);
		}
	}
}

/* First fit of @count units. Return: its address; 0 when there is none. */
static uint64_t area_take(struct area *a, size_t count)
{
	size_t run = 0;

	for (size_t i = 0; i < a->units; i++) {
		run = area_is_used(a, i) ? 0 : run + 1;
		if (run == count) {
			area_mark(a, i + 1 - count, count, true);
			return a->base + ((i + 1 - count) << a->shift);
		}
	}
	return 0;
}

static struct area *area_for(uint64_t size)
{
	return size <= SMALL_LIMIT ? &small_area : &large_area;
}

/* Units of a mapping of @size bytes that begins @offset bytes into its first unit, with the guard behind. */
static size_t area_units(const struct area *a, uint64_t offset, uint64_t size)
{
	return (size_t)(ALIGN_UP(offset + size, BIT(a->shift)) >> a->shift) + 1;
}

static uint64_t *table_va(uint64_t entry)
{
	return arch_phys_to_virt(paddr(entry & MAP_ADDR));
}

static uint64_t *next_table(uint64_t *entry)
{
	if ((*entry & MAP_VALID) == 0) {
		uint64_t *table = page_alloc(0);

		if (table == NULL) {
			return NULL;
		}
		map_publish(); /* its zeros before it is reachable */
		__atomic_store_n(entry, arch_virt_to_phys(table).v | PTE_TABLE, __ATOMIC_RELEASE);
	}
	return table_va(*entry);
}

/* The entry of 2 MiB for @va. */
static uint64_t *block_entry(uint64_t va)
{
	uint64_t *table = next_table(map_top_entry(va));

	return table == NULL ? NULL : &table[(va >> LARGE_SHIFT) & 511];
}

static uint64_t *page_entry(uint64_t va)
{
	uint64_t *block = block_entry(va);
	uint64_t *table = block == NULL ? NULL : next_table(block);

	return table == NULL ? NULL : &table[(va >> PAGE_SHIFT) & 511];
}

/* Map one block or page; *@va and *@pa move on. */
static int map_step(uint64_t *va, uint64_t *pa, uint64_t end, uint64_t attr)
{
	uint64_t *entry = block_entry(*va);
	bool block;

	if (entry == NULL) {
		return -ENOMEM;
	}
	block = IS_ALIGNED(*va | *pa, LARGE_SIZE) && end - *va >= LARGE_SIZE && *entry == 0;
	if (block) {
		*entry = *pa | attr | PTE_BLOCK;
	} else {
		entry = page_entry(*va);
		if (entry == NULL) {
			return -ENOMEM;
		}
		*entry = *pa | attr | PTE_PAGE;
	}
	*va += block ? LARGE_SIZE : PAGE_SIZE;
	*pa += block ? LARGE_SIZE : PAGE_SIZE;
	return 0;
}

static int map_range(uint64_t va, uint64_t pa, uint64_t end, uint64_t attr)
{
	int err = 0;

	while (err == 0 && va < end) {
		err = map_step(&va, &pa, end, attr);
	}
	map_publish();
	return err;
}

static void unmap_range(uint64_t va, uint64_t end)
{
	while (va < end) {
		uint64_t *entry = block_entry(va);
		uint64_t step = LARGE_SIZE;

		if (entry != NULL && map_is_table(*entry)) {
			entry = &table_va(*entry)[(va >> PAGE_SHIFT) & 511];
			step = PAGE_SIZE;
		}
		if (entry != NULL) {
			__atomic_store_n(entry, 0, __ATOMIC_RELEASE);
		}
		map_forget(va);
		va = ALIGN_DOWN(va, step) + step;
	}
	map_forgotten();
}

static uint64_t attr_of(enum arch_map_type type)
{
	switch (type) {
	case MAP_RW:
		return PTE_HYP_RW;
	case MAP_DEVICE:
		return PTE_HYP_DEV;
	case MAP_RO:
	default:
		return PTE_HYP_RO;
	}
}

void tables_init(void)
{
	/* the first unit of each area stays free: nothing adjoins what lies below */
	area_mark(&small_area, 0, 1, true);
	area_mark(&large_area, 0, 1, true);
}

void *arch_map(paddr_t pa, size_t size, enum arch_map_type type)
{
	uint64_t offset = pa.v & (PAGE_SIZE - 1);
	uint64_t bytes = ALIGN_UP(offset + size, PAGE_SIZE);
	struct area *a = area_for(bytes);
	uint64_t in_unit = ALIGN_DOWN(pa.v, PAGE_SIZE) & (BIT(a->shift) - 1);
	size_t units = area_units(a, in_unit, bytes);
	unsigned long flags;
	uint64_t base, va;

	if (size == 0 || bytes > ((uint64_t)HYP_LARGE_UNITS << LARGE_SHIFT) ||
	    pa.v > MAP_ADDR - bytes) {
		return NULL;
	}
	flags = spin_lock_irqsave(&map_lock);
	base = area_take(a, units);
	va = base + in_unit;
	if (base != 0 && map_range(va, ALIGN_DOWN(pa.v, PAGE_SIZE), va + bytes, attr_of(type))) {
		unmap_range(va, va + bytes);
		area_mark(a, (base - a->base) >> a->shift, units, false);
		base = 0;
	}
	spin_unlock_irqrestore(&map_lock, flags);
	return base == 0 ? NULL : (void *)(va + offset);
}

/* First fit: as many mappings as there are lie in so many units, if what the boot maps for good is not much. */
int arch_map_reserve(unsigned int nr)
{
	static size_t units = 64; /* devices, rings */
	static size_t reserved_tables;
	unsigned long flags = spin_lock_irqsave(&map_lock);
	int err = 0;

	for (units += 2UL * nr; err == 0 && reserved_tables * 512 < units; reserved_tables++) {
		err = page_entry(HYP_SMALL_BASE + (reserved_tables << LARGE_SHIFT)) == NULL
			      ? -ENOMEM
			      : 0;
	}
	spin_unlock_irqrestore(&map_lock, flags);
	return err;
}

void arch_unmap(void *ptr, size_t size)
{
	uint64_t va = ALIGN_DOWN((uint64_t)ptr, PAGE_SIZE);
	uint64_t bytes = ALIGN_UP(((uint64_t)ptr & (PAGE_SIZE - 1)) + size, PAGE_SIZE);
	struct area *a = area_for(bytes);
	uint64_t base = ALIGN_DOWN(va, BIT(a->shift));
	unsigned long flags;

	if (base < a->base || base >= a->base + ((uint64_t)a->units << a->shift)) {
		panic("arch_unmap(%p): not from arch_map()", ptr);
	}
	flags = spin_lock_irqsave(&map_lock);
	unmap_range(va, va + bytes);
	area_mark(a, (base - a->base) >> a->shift, area_units(a, va - base, bytes), false);
	spin_unlock_irqrestore(&map_lock, flags);
}

_Static_assert(PLAN_MAX_CPUS * 2 * HYP_WINDOW_STEP <= 2 * MIB,
	       "all their entries are in one table");

/* Two pages a CPU; those between stay unmapped. */
int window_init(struct cpu *cpu)
{
	uint64_t va = HYP_WINDOW_BASE + 2UL * cpu->id * HYP_WINDOW_STEP + PAGE_SIZE;

	cpu->arch.window_pte = page_entry(va);
	cpu->arch.window = (void *)va;
	return cpu->arch.window_pte == NULL ? -ENOMEM : 0;
}
