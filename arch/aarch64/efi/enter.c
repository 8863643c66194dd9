// SPDX-License-Identifier: Apache-2.0
/*
 * The last steps on Arm: the hypervisor is entered as a Linux kernel is, with a device tree that says where memory and the
 * bundle are, and nothing else. The firmware's own tree, if it has one, is not looked at.
 * Spec: Linux Documentation/arch/arm64/booting.rst.
 */
#include <libfdt.h>

#include "efi.h"
#include "handoff.h"

#define TREE_BYTES EFI_PAGE_SIZE

/**
 * efi_leave() - low.S: clean the caches of these two, switch MMU and caches off, enter at EL2.
 * @hyp, @hyp_end: the hypervisor; @tree, @tree_end: its device tree; @entry: machine address
 */
void __noreturn efi_leave(uint64_t hyp, uint64_t hyp_end, uint64_t tree, uint64_t tree_end,
			  uint64_t entry) __attribute__((visibility("hidden")));

static void *tree;

const char *arch_efi_prepare(const struct efi_boot_services *boot)
{
	uint64_t el, at = 0;

	__asm__("mrs %0, CurrentEL" : "=r"(el));
	if (el != 2U << 2) {
		return "the firmware does not run in EL2";
	}
	if (boot->allocate_pages(EFI_ALLOCATE_ANY, EFI_LOADER_DATA, 1, &at) != EFI_SUCCESS) {
		return "no page for the device tree";
	}
	tree = (void *)at;
	return NULL;
}

static int put_range(const struct efi_range *r)
{
	const fdt64_t reg[2] = { cpu_to_fdt64(r->base), cpu_to_fdt64(r->bytes) };
	int err = fdt_begin_node(tree, "memory");

	err = err == 0 ? fdt_property(tree, "device_type", "memory", sizeof("memory")) : err;
	err = err == 0 ? fdt_property(tree, "reg", reg, sizeof(reg)) : err;
	return err == 0 ? fdt_end_node(tree) : err;
}

static int put_chosen(const struct efi_handoff *h)
{
	int err = fdt_begin_node(tree, "chosen");

	err = err == 0 ? fdt_property_u64(tree, "linux,initrd-start", h->bundle.base) : err;
	err = err == 0
		      ? fdt_property_u64(tree, "linux,initrd-end", h->bundle.base + h->bundle.bytes)
		      : err;
	err = err == 0 ? fdt_property_u32(tree, "ashlar,lowest", h->lowest) : err;
	if (err == 0 && h->seed_bytes > 0) {
		err = fdt_property(tree, "rng-seed", h->seed, (int)h->seed_bytes);
	}
	return err == 0 ? fdt_end_node(tree) : err;
}

static int write_tree(const struct efi_handoff *h)
{
	int err = fdt_create_with_flags(tree, (int)TREE_BYTES, FDT_CREATE_FLAG_NO_NAME_DEDUP);

	err = err == 0 ? fdt_finish_reservemap(tree) : err;
	err = err == 0 ? fdt_begin_node(tree, "") : err;
	err = err == 0 ? fdt_property_u32(tree, "#address-cells", 2) : err;
	err = err == 0 ? fdt_property_u32(tree, "#size-cells", 2) : err;
	for (unsigned int i = 0; i < h->nr_ram; i++) {
		err = err == 0 ? put_range(&h->ram[i]) : err;
	}
	err = err == 0 ? put_chosen(h) : err;
	err = err == 0 ? fdt_end_node(tree) : err;
	return err == 0 ? fdt_finish(tree) : err;
}

/* Should the tree not fit, which its bounds exclude, the hypervisor finds none and says so. */
void arch_efi_enter(const struct efi_handoff *h)
{
	uint64_t at = (uint64_t)tree;

	(void)write_tree(h);
	efi_leave(h->hyp.base, h->hyp.base + h->hyp.bytes, at, at + TREE_BYTES, h->entry);
}
