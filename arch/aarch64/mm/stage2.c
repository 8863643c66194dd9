/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's physical address space: 40 bits (or what the CPU has), 4 KiB granule, blocks of 1 GiB
 * and 2 MiB.
 *
 * The walk begins at level 1, whose two tables lie side by side. Tables are never freed while the
 * domain lives, so that arch_p2m_lookup() needs no lock: an entry is read once. Changes: under
 * d->lock or while building.
 * Spec: Arm ARM D8.2.2 (concatenated tables), D8.3.1 (stage 2 descriptors), D8.14 (break before
 * make).
 */
#include <asm/arch.h>
#include <asm/errata.h>
#include <asm/sysreg.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/pool.h>
#include <string.h>

#define S2_IPA_BITS 40U
#define S2_VALID    BIT(0)
#define S2_TABLE    BIT(1) /* with S2_VALID: a table at level 1 and 2, a page at level 3 */
#define S2_SW_TYPE  55	   /* software bits: enum p2m_type */
#define S2_SW_MASK  0xfUL
#define S2_ADDR	    0xfffffffff000UL

#define S2_AF	    BIT(10)
#define S2_SH_INNER (3UL << 8)
#define S2_READ	    BIT(6)
#define S2_WRITE    BIT(7)
#define S2_XN	    BIT(54)
#define S2_NORMAL   (0xfUL << 2)
#define S2_DEVICE   (0x1UL << 2) /* Device-nGnRE */

#define LAST_LEVEL   3
#define RESET_TABLES 16U /* freed at once: 64 KiB */

static unsigned int ipa_bits(void)
{
	static const uint8_t pa_bits[] = { 32, 36, 40, 42, 44, 48 };
	uint64_t range = read_sysreg(id_aa64mmfr0_el1) & 0xf;

	return MIN((unsigned int)pa_bits[MIN(range, 5UL)], S2_IPA_BITS);
}

static unsigned int level_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * (LAST_LEVEL - level);
}

void stage2_cpu_init(void)
{
	uint64_t ps = MIN(read_sysreg(id_aa64mmfr0_el1) & 0xf, 5UL);

	/* RES1 bit 31; PS; inner shareable, write-back walks; SL0 = 1: begin at level 1 */
	write_sysreg(BIT(31) | ps << 16 | 3UL << 12 | 1UL << 10 | 1UL << 8 | 1UL << 6 |
			     (64 - ipa_bits()),
		     vtcr_el2);
	isb();
}

int arch_p2m_init(struct domain *d)
{
	d->arch.s2_root = page_alloc(1);
	if (d->arch.s2_root == NULL) {
		return -ENOMEM;
	}
	d->arch.vttbr = (uint64_t)(d->id & 0xff) << 48 | arch_virt_to_phys(d->arch.s2_root).v;
	return 0;
}

static uint64_t leaf_attr(enum p2m_type type)
{
	uint64_t attr = S2_VALID | S2_AF | (uint64_t)type << S2_SW_TYPE | S2_READ;

	switch (type) {
	case P2M_RAM:
		return attr | S2_NORMAL | S2_SH_INNER | S2_WRITE;
	case P2M_DEVICE:
		return attr | S2_DEVICE | S2_WRITE | S2_XN;
	case P2M_GRANT:
		return attr | S2_NORMAL | S2_SH_INNER | S2_WRITE | S2_XN;
	case P2M_RAM_RO:
	case P2M_GRANT_RO:
	default:
		return attr | S2_NORMAL | S2_SH_INNER | S2_XN;
	}
}

static uint64_t entry_read(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

static bool is_table(uint64_t entry, unsigned int level)
{
	return level < LAST_LEVEL && (entry & (S2_VALID | S2_TABLE)) == (S2_VALID | S2_TABLE);
}

static uint64_t *table_of(uint64_t entry)
{
	return arch_phys_to_virt(paddr(entry & S2_ADDR));
}

static size_t slot(uint64_t at, unsigned int level)
{
	size_t mask = level == 1 ? 1023 : 511;

	return (size_t)(at >> level_shift(level)) & mask;
}

/* The entry for @at at its deepest existing level; *level says which. */
static uint64_t *walk(struct domain *d, uint64_t at, unsigned int *level)
{
	uint64_t *table = d->arch.s2_root;

	for (*level = 1;; (*level)++) {
		uint64_t *entry = &table[slot(at, *level)];
		uint64_t value = entry_read(entry);

		if (!is_table(value, *level)) {
			return entry;
		}
		table = table_of(value);
	}
}

/* A page of zeroes: the pool's while the domain is first built, then one of those set aside, which are a list. */
static uint64_t *table_alloc(struct domain *d)
{
	uint64_t *table = d->arch.s2_spare;

	if (!d->arch.s2_is_sealed) {
		return page_alloc(0);
	}
	if (table != NULL) {
		d->arch.s2_spare = (uint64_t *)table[0];
		d->arch.nr_s2_spare--;
		table[0] = 0;
	}
	return table;
}

int arch_p2m_reserve(struct domain *d, unsigned int nr)
{
	while (d->arch.nr_s2_spare < nr) {
		uint64_t *table = page_alloc(0);

		if (table == NULL) {
			return -ENOMEM;
		}
		table[0] = (uint64_t)d->arch.s2_spare;
		d->arch.s2_spare = table;
		d->arch.nr_s2_spare++;
	}
	d->arch.s2_is_sealed = true;
	return 0;
}

/* Set aside like the others: the next life needs what this one had. */
static void table_free(struct domain *d, uint64_t *table)
{
	memset(table, 0, PAGE_SIZE);
	table[0] = (uint64_t)d->arch.s2_spare;
	d->arch.s2_spare = table;
	d->arch.nr_s2_spare++;
}

/*
 * The same, making tables down to @want. A leaf in the way stays (the caller looks). Return: NULL
 * no page.
 */
static uint64_t *walk_make(struct domain *d, uint64_t at, unsigned int want, unsigned int *level)
{
	uint64_t *entry = walk(d, at, level);

	while (*level < want && (*entry & S2_VALID) == 0) {
		uint64_t *table = table_alloc(d);

		if (table == NULL) {
			return NULL;
		}
		dsb(ishst);
		__atomic_store_n(entry, arch_virt_to_phys(table).v | S2_VALID | S2_TABLE,
				 __ATOMIC_RELEASE);
		(*level)++;
		entry = &table[slot(at, *level)];
	}
	return entry;
}

/* The largest block that fits, as its level. */
static unsigned int fit(uint64_t at, uint64_t pa, uint64_t size)
{
	for (unsigned int level = 1; level < LAST_LEVEL; level++) {
		uint64_t block = BIT(level_shift(level));

		if (IS_ALIGNED(at | pa, block) && size >= block) {
			return level;
		}
	}
	return LAST_LEVEL;
}

static bool is_range_ok(uint64_t at, uint64_t size)
{
	return IS_ALIGNED(at | size, PAGE_SIZE) && size != 0 && at < BIT(ipa_bits()) &&
	       size <= BIT(ipa_bits()) - at;
}

/*
 * One pass over the range: first with @attr 0 (tables are made, leaves looked for), then for real.
 */
static int map_pass(struct domain *d, uint64_t at, uint64_t pa, uint64_t size, uint64_t attr)
{
	while (size > 0) {
		unsigned int want = fit(at, pa, size);
		unsigned int level;
		uint64_t *entry = walk_make(d, at, want, &level);
		uint64_t step;

		if (entry == NULL) {
			return -ENOMEM;
		}
		if ((*entry & S2_VALID) != 0) {
			return -EEXIST;
		}
		/* an existing table may lie deeper than the block that would fit */
		step = BIT(level_shift(level));
		if (attr != 0) {
			__atomic_store_n(entry, pa | attr | (level == LAST_LEVEL ? S2_TABLE : 0),
					 __ATOMIC_RELEASE);
		}
		at += step;
		pa += step;
		size -= step;
	}
	return 0;
}

int arch_p2m_map(struct domain *d, gpa_t at, paddr_t pa, uint64_t size, enum p2m_type type)
{
	int err;

	if (!is_range_ok(at.v, size) || !IS_ALIGNED(pa.v, PAGE_SIZE) || pa.v > S2_ADDR - size) {
		return -EINVAL;
	}
	err = map_pass(d, at.v, pa.v, size, 0);
	if (err == 0) {
		err = map_pass(d, at.v, pa.v, size, leaf_attr(type));
	}
	dsb(ishst);
	return err;
}

/* All stage-2 and combined entries of @d, on all CPUs: TLBI works on the VMID in VTTBR_EL2. */
static void flush_tlb(struct domain *d)
{
	uint64_t old = read_sysreg(vttbr_el2);
	unsigned long flags = arch_irq_save();

	dsb(ishst);
	write_sysreg(d->arch.vttbr, vttbr_el2);
	isb();
	for (int again = errata_tlbi_rounds(); again > 0; again--) {
		__asm__ volatile("tlbi vmalls12e1is" : : : "memory");
		dsb(ish);
	}
	isb();
	write_sysreg(old, vttbr_el2);
	isb();
	arch_irq_restore(flags);
}

/* Tables of pages, and the one above them that held them all. @left: how many may be freed. Return: are all gone? */
static bool free_below(struct domain *d, uint64_t entry, unsigned int *left)
{
	uint64_t *table = table_of(entry);

	for (size_t i = 0; i < 512; i++) {
		if (!is_table(table[i], 2)) {
			continue;
		}
		if (*left == 0) {
			return false;
		}
		(*left)--;
		table_free(d, table_of(table[i]));
		table[i] = 0;
	}
	if (*left == 0) {
		return false;
	}
	(*left)--;
	table_free(d, table);
	return true;
}

/* Return: was anything within reach of a walk? */
static bool cut_off(struct domain *d)
{
	uint64_t *root = d->arch.s2_root, had = 0;

	for (size_t i = 0; i < 1024; i++) {
		had |= root[i] & S2_VALID;
		__atomic_store_n(&root[i], root[i] & ~S2_VALID, __ATOMIC_RELEASE);
	}
	return had != 0;
}

/* Out of reach of every walk first, then freed. At most two levels lie below the root's. */
bool arch_p2m_reset(struct domain *d)
{
	uint64_t *root = d->arch.s2_root;
	unsigned int left = RESET_TABLES;

	if (cut_off(d)) {
		flush_tlb(d);
	}
	for (size_t i = 0; i < 1024; i++) {
		if (is_table(root[i] | S2_VALID, 1) && !free_below(d, root[i] | S2_VALID, &left)) {
			return true;
		}
		root[i] = 0;
	}
	return false;
}

/* Replace a block by a table of the next level that maps the same. Break before make. */
static int split(struct domain *d, uint64_t *entry, unsigned int level)
{
	uint64_t *table = table_alloc(d);
	uint64_t step = BIT(level_shift(level + 1));
	uint64_t leaf = *entry | (level + 1 == LAST_LEVEL ? S2_TABLE : 0);

	if (table == NULL) {
		return -ENOMEM;
	}
	for (uint64_t i = 0; i < 512; i++) {
		table[i] = leaf + i * step;
	}
	__atomic_store_n(entry, 0, __ATOMIC_RELEASE);
	flush_tlb(d);
	__atomic_store_n(entry, arch_virt_to_phys(table).v | S2_VALID | S2_TABLE, __ATOMIC_RELEASE);
	dsb(ishst);
	return 0;
}

/*
 * First pass (@remove false) splits blocks that the range covers in part, so that the second cannot
 * fail.
 */
static int unmap_pass(struct domain *d, uint64_t at, uint64_t size, bool remove)
{
	uint64_t end = at + size;

	while (at < end) {
		unsigned int level;
		uint64_t *entry = walk(d, at, &level);
		uint64_t block = BIT(level_shift(level));
		uint64_t base = ALIGN_DOWN(at, block);

		if ((*entry & S2_VALID) != 0 && (base < at || end - base < block)) {
			int err = split(d, entry, level);

			if (err) {
				return err;
			}
			continue;
		}
		if (remove) {
			__atomic_store_n(entry, 0, __ATOMIC_RELEASE);
		}
		at = base + block;
	}
	return 0;
}

int arch_p2m_unmap(struct domain *d, gpa_t at, uint64_t size)
{
	int err;

	if (!is_range_ok(at.v, size)) {
		return -EINVAL;
	}
	err = unmap_pass(d, at.v, size, false);
	if (err == 0) {
		err = unmap_pass(d, at.v, size, true);
		flush_tlb(d);
	}
	return err;
}

static void page_entry_set(struct domain *d, gpa_t at, uint64_t value)
{
	unsigned int level;
	uint64_t *entry = walk(d, at.v, &level);

	if (level == LAST_LEVEL) {
		__atomic_store_n(entry, value, __ATOMIC_RELEASE);
	}
}

void arch_p2m_replace(struct domain *d, const gpa_t at[], unsigned int nr, paddr_t pa,
		      enum p2m_type type)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		page_entry_set(d, at[i], 0);
	}
	flush_tlb(d);
	for (i = 0; i < nr; i++) {
		page_entry_set(d, at[i], pa.v | leaf_attr(type) | S2_TABLE);
	}
	dsb(ishst);
}

int arch_p2m_lookup(struct domain *d, gpa_t at, paddr_t *pa, enum p2m_type *type)
{
	unsigned int level;
	uint64_t value;

	if (at.v >= BIT(ipa_bits())) {
		return -EFAULT;
	}
	value = entry_read(walk(d, at.v, &level));
	if ((value & S2_VALID) == 0) {
		return -EFAULT;
	}
	*pa = paddr((value & S2_ADDR & ~(BIT(level_shift(level)) - 1)) |
		    (at.v & (BIT(level_shift(level)) - 1)));
	*type = (value >> S2_SW_TYPE) & S2_SW_MASK;
	return 0;
}
