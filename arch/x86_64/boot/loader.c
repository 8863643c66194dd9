/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a PVH loader says, put into the device tree that the core expects of a loader: where memory is, and the first
 * module, which is the bundle. The core believes it for that alone, and checks it as anybody's.
 *
 * Every number is the loader's: what it points to is mapped for as long as it is read, each list is bounded.
 * Spec: Xen public arch-x86/hvm/start_info.h.
 */
#include <asm/arch.h>
#include <hyp/arch/mm.h>
#include <hyp/percpu.h>
#include <libfdt.h>
#include <string.h>
#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>

#define TREE_BYTES  4096
#define MAX_ENTRIES 128U

static uint8_t tree[TREE_BYTES] __aligned(8);

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

static int put_range(const char *name, uint64_t base, uint64_t size)
{
	const fdt64_t reg[2] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };
	int err = fdt_begin_node(tree, name);

	err = err == 0 ? fdt_property(tree, "device_type", "memory", sizeof("memory")) : err;
	err = err == 0 ? fdt_property(tree, "reg", reg, sizeof(reg)) : err;
	return err == 0 ? fdt_end_node(tree) : err;
}

/* The core joins nodes of one name, so names need not differ. */
static int put_memory(const struct hvm_start_info *info)
{
	int err = 0;

	for (uint32_t i = 0; err == 0 && i < info->memmap_entries; i++) {
		struct hvm_memmap_table_entry e;

		if (!fetch(info->memmap_paddr + i * sizeof(e), &e, sizeof(e))) {
			return -FDT_ERR_BADVALUE;
		}
		if (e.type == XEN_HVM_MEMMAP_TYPE_RAM) {
			err = put_range("memory", e.addr, e.size);
		}
	}
	return err;
}

static int put_chosen(const struct hvm_start_info *info)
{
	struct hvm_modlist_entry bundle = { 0 };
	int err = fdt_begin_node(tree, "chosen");

	if (info->nr_modules > 0 && fetch(info->modlist_paddr, &bundle, sizeof(bundle))) {
		err = err == 0 ? fdt_property_u64(tree, "linux,initrd-start", bundle.paddr) : err;
		err = err == 0 ? fdt_property_u64(tree, "linux,initrd-end",
						  bundle.paddr + bundle.size)
			       : err;
	}
	return err == 0 ? fdt_end_node(tree) : err;
}

static int write_tree(const struct hvm_start_info *info)
{
	int err = fdt_create_with_flags(tree, TREE_BYTES, FDT_CREATE_FLAG_NO_NAME_DEDUP);

	err = err == 0 ? fdt_finish_reservemap(tree) : err;
	err = err == 0 ? fdt_begin_node(tree, "") : err;
	err = err == 0 ? fdt_property_u32(tree, "#address-cells", 2) : err;
	err = err == 0 ? fdt_property_u32(tree, "#size-cells", 2) : err;
	err = err == 0 ? put_memory(info) : err;
	err = err == 0 ? put_chosen(info) : err;
	err = err == 0 ? fdt_end_node(tree) : err;
	return err == 0 ? fdt_finish(tree) : err;
}

uint64_t loader_tree(uint64_t start_info, uint64_t *rsdp)
{
	struct hvm_start_info info;

	if (!fetch(start_info, &info, sizeof(info)) || info.magic != XEN_HVM_START_MAGIC_VALUE ||
	    info.version < 1 || info.memmap_entries > MAX_ENTRIES) {
		return 0;
	}
	*rsdp = info.rsdp_paddr;
	return write_tree(&info) == 0 ? arch_virt_to_phys(tree).v : 0;
}
