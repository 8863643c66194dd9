// SPDX-License-Identifier: Apache-2.0
/*
 * The last steps on a PC: the hypervisor is entered as by any PVH loader, with a start info. What it reads, and the code
 * that leaves long mode, lie below 4 GiB.
 * Spec: Xen public arch-x86/hvm/start_info.h.
 */
#include <hyp/types.h> /* Xen's headers want <stdint.h> before them */
#include <string.h>
#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>

#include <asm/boot_info.h>

#include "efi.h"
#include "handoff.h"

#define BELOW_4G 0xffffffffUL

/* One page that is read, one that is run. */
struct block {
	struct hvm_start_info info;
	struct hvm_modlist_entry modules[3]; /* the bundle, random bytes, the lowest version */
	uint8_t seed[EFI_SEED_BYTES];
	struct boot_lowest lowest;
	struct hvm_memmap_table_entry map[EFI_MAX_RANGES];
};

_Static_assert(sizeof(struct block) <= EFI_PAGE_SIZE, "one page");

extern const char efi_low[] __attribute__((visibility("hidden")));
extern const char efi_low_end[] __attribute__((visibility("hidden")));

static struct block *block;
static void *low;

static void *page_below_4g(const struct efi_boot_services *boot, uint32_t type)
{
	uint64_t at = BELOW_4G;

	return boot->allocate_pages(EFI_ALLOCATE_MAX, type, 1, &at) == EFI_SUCCESS ? (void *)at
										   : NULL;
}

const char *arch_efi_prepare(const struct efi_boot_services *boot)
{
	block = page_below_4g(boot, EFI_LOADER_DATA);
	low = page_below_4g(boot, EFI_LOADER_CODE);
	if (block == NULL || low == NULL) {
		return "no page below 4 GiB";
	}
	memcpy(low, efi_low, (size_t)(efi_low_end - efi_low));
	return NULL;
}

static void fill(const struct efi_handoff *h)
{
	memset(block, 0, sizeof(*block));
	for (unsigned int i = 0; i < h->nr_ram; i++) {
		block->map[i].addr = h->ram[i].base;
		block->map[i].size = h->ram[i].bytes;
		block->map[i].type = XEN_HVM_MEMMAP_TYPE_RAM;
	}
	block->modules[0].paddr = h->bundle.base;
	block->modules[0].size = h->bundle.bytes;
	memcpy(block->seed, h->seed, h->seed_bytes);
	block->modules[1].paddr = (uint64_t)block->seed;
	block->modules[1].size = h->seed_bytes;
	block->modules[2].paddr = (uint64_t)&block->lowest;
	block->modules[2].size = sizeof(block->lowest);
	block->lowest = (struct boot_lowest){ BOOT_LOWEST_MAGIC, h->lowest };
	block->info.magic = XEN_HVM_START_MAGIC_VALUE;
	block->info.version = 1;
	block->info.nr_modules = ARRAY_SIZE(block->modules);
	block->info.modlist_paddr = (uint64_t)block->modules;
	block->info.rsdp_paddr = h->rsdp;
	block->info.memmap_paddr = (uint64_t)block->map;
	block->info.memmap_entries = h->nr_ram;
}

void arch_efi_enter(const struct efi_handoff *h)
{
	void __noreturn (*enter)(const void *info, uint64_t entry);

	fill(h);
	memcpy(&enter, &low, sizeof(enter));
	enter(block, h->entry);
}
