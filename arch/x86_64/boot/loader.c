/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a loader says (asm/boot_info.h), put into the device tree that the core expects of a loader: where memory is,
 * and the bundle. The core believes it for that alone, and checks it as anybody's.
 *
 * Every number is the loader's: what it points to is mapped for as long as it is read, each list is bounded.
 * Spec: Xen public arch-x86/hvm/start_info.h.
 */
#include <asm/arch.h>
#include <asm/boot_info.h>
#include <asm/multiboot2.h>
#include <hyp/arch/mm.h>
#include <hyp/percpu.h>
#include <libfdt.h>
#include <string.h>
#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>

#define TREE_BYTES 16384
#define SEED_BYTES 64

static uint8_t tree[TREE_BYTES] __aligned(8);
static struct boot_info said;

/* @size bytes at machine address @pa into @to. */
static bool fetch(uint64_t pa, void *to, size_t size)
{
	const void *from = pa == 0 ? NULL : arch_map(paddr(pa), size, MAP_RO);

	if (from == NULL) {
		return false;
	}
	memcpy(to, from, size);
	arch_unmap((void *)(uintptr_t)from, size);
	return true;
}

/* A module that is ours by its size and first word; any other is nothing. */
static void read_lowest(const struct hvm_modlist_entry *module, struct boot_info *b)
{
	struct boot_lowest said;

	if (module->size == sizeof(said) && fetch(module->paddr, &said, sizeof(said)) &&
	    said.magic == BOOT_LOWEST_MAGIC) {
		b->has_lowest = true;
		b->lowest = (uint32_t)said.lowest;
	}
}

static bool read_pvh(uint64_t at, struct boot_info *b)
{
	struct hvm_modlist_entry bundle = { 0 }, seed = { 0 }, lowest = { 0 };
	struct hvm_start_info info;

	if (!fetch(at, &info, sizeof(info)) || info.magic != XEN_HVM_START_MAGIC_VALUE ||
	    info.version < 1 || info.memmap_entries > BOOT_MAX_MEMORY) {
		return false;
	}
	for (uint32_t i = 0; i < info.memmap_entries; i++) {
		struct hvm_memmap_table_entry e;

		if (!fetch(info.memmap_paddr + i * sizeof(e), &e, sizeof(e))) {
			return false;
		}
		if (e.type == XEN_HVM_MEMMAP_TYPE_RAM) {
			(void)boot_info_add_memory(b, e.addr, e.size);
		}
	}
	if (info.nr_modules > 0 && fetch(info.modlist_paddr, &bundle, sizeof(bundle))) {
		b->bundle = (struct boot_range){ bundle.paddr, bundle.size };
	}
	/* our own stub's: what the firmware has for guests' seeds */
	if (info.nr_modules > 1 &&
	    fetch(info.modlist_paddr + sizeof(bundle), &seed, sizeof(seed)) &&
	    seed.size <= SEED_BYTES) {
		b->seed = (struct boot_range){ seed.paddr, seed.size };
	}
	if (info.nr_modules > 2 &&
	    fetch(info.modlist_paddr + 2 * sizeof(bundle), &lowest, sizeof(lowest))) {
		read_lowest(&lowest, b);
	}
	b->rsdp = info.rsdp_paddr;
	return true;
}

static bool read_multiboot2(uint64_t at, struct boot_info *b)
{
	uint32_t size;
	const void *info;
	int err;

	if (!fetch(at, &size, sizeof(size)) || size > MULTIBOOT2_MAX_BYTES) {
		return false;
	}
	info = arch_map(paddr(at), size, MAP_RO);
	if (info == NULL) {
		return false;
	}
	err = multiboot2_read(info, size, at, b);
	arch_unmap((void *)(uintptr_t)info, size);
	return err == 0;
}

static bool read_info(enum boot_from from, uint64_t at, struct boot_info *b)
{
	switch (from) {
	case BOOT_PVH:
		return read_pvh(at, b);
	case BOOT_MULTIBOOT2:
		return read_multiboot2(at, b);
	case BOOT_INFO:
		return fetch(at, b, sizeof(*b)) && b->nr_memory <= BOOT_MAX_MEMORY;
	default:
		return false;
	}
}

/* The core joins nodes of one name, so names need not differ. */
static int put_range(const struct boot_range *r)
{
	const fdt64_t reg[2] = { cpu_to_fdt64(r->base), cpu_to_fdt64(r->size) };
	int err = fdt_begin_node(tree, "memory");

	err = err == 0 ? fdt_property(tree, "device_type", "memory", sizeof("memory")) : err;
	err = err == 0 ? fdt_property(tree, "reg", reg, sizeof(reg)) : err;
	return err == 0 ? fdt_end_node(tree) : err;
}

static int put_seed(const struct boot_range *from)
{
	uint8_t seed[SEED_BYTES];

	if (from->size == 0 || from->size > sizeof(seed) || !fetch(from->base, seed, from->size)) {
		return 0;
	}
	return fdt_property(tree, "rng-seed", seed, (int)from->size);
}

static int put_chosen(const struct boot_info *b)
{
	const struct boot_range *bundle = &b->bundle;
	int err = fdt_begin_node(tree, "chosen");

	err = err == 0 ? put_seed(&b->seed) : err;

	if (bundle->size > 0) {
		err = err == 0 ? fdt_property_u64(tree, "linux,initrd-start", bundle->base) : err;
		err = err == 0 ? fdt_property_u64(tree, "linux,initrd-end",
						  bundle->base + bundle->size)
			       : err;
	}
	if (err == 0 && b->has_lowest) {
		err = fdt_property_u32(tree, "ashlar,lowest", b->lowest);
	}
	return err == 0 ? fdt_end_node(tree) : err;
}

static int write_tree(const struct boot_info *b)
{
	int err = fdt_create_with_flags(tree, TREE_BYTES, FDT_CREATE_FLAG_NO_NAME_DEDUP);

	err = err == 0 ? fdt_finish_reservemap(tree) : err;
	err = err == 0 ? fdt_begin_node(tree, "") : err;
	err = err == 0 ? fdt_property_u32(tree, "#address-cells", 2) : err;
	err = err == 0 ? fdt_property_u32(tree, "#size-cells", 2) : err;
	for (uint32_t i = 0; err == 0 && i < b->nr_memory; i++) {
		err = put_range(&b->memory[i]);
	}
	err = err == 0 ? put_chosen(b) : err;
	err = err == 0 ? fdt_end_node(tree) : err;
	return err == 0 ? fdt_finish(tree) : err;
}

uint64_t loader_tree(enum boot_from from, uint64_t at, uint64_t *rsdp)
{
	if (!read_info(from, at, &said)) {
		return 0;
	}
	*rsdp = said.rsdp;
	return write_tree(&said) == 0 ? arch_virt_to_phys(tree).v : 0;
}
