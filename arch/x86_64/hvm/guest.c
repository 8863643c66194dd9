/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a PVH guest begins (pvh/ knows the formats): its kernel where its file or its note says, at the end of its low
 * memory a block of its own with the start info in front, then a device tree if it has one, and ACPI's tables in the last
 * page; below that its ramdisk.
 *
 *   0 ... its own place    kernel
 *   below the block        ramdisk, page aligned
 *   last 64 KiB            start info and what it points to; ACPI tables
 *   0x9fc00                for a kernel that is told acpi=off, an MP table
 */
#include <asm/arch.h>
#include <asm/guest_acpi.h>
#include <asm/guest_map.h>
#include <asm/guest_mp.h>
#include <asm/pvh.h>
#include <hyp/arch/image.h>
#include <hyp/domain.h>
#include <hyp/errno.h>

#include <string.h>

#define BLOCK_BYTES (64 * KIB)
#define MEMORY_RAM  1 /* types of the memory map: XEN_HVM_MEMMAP_TYPE_* */
#define MEMORY_ACPI 3

/* End of the memory that begins at 0. */
static uint64_t low_end(const struct domain *d)
{
	uint64_t end = 0;

	for (unsigned int i = 0; i < d->nr_ram && d->ram[i].gpa == end; i++) {
		end += d->ram[i].size;
	}
	return end;
}

/* Everything's place but the kernel's. Return: what is left for that, from 0; 0: nothing. */
static uint64_t place_others(const struct domain *d, struct guest_layout *at)
{
	uint64_t end = ALIGN_DOWN(low_end(d), BLOCK_BYTES), ramdisk = d->plan->ramdisk.size;

	at->ramdisk_size = d->plan->ramdisk.name != NULL ? ramdisk : 0;
	at->ramdisk = 0;
	if (end < 2 * BLOCK_BYTES || at->ramdisk_size > end - 2 * BLOCK_BYTES) {
		return 0;
	}
	at->info = end - BLOCK_BYTES;
	if (at->ramdisk_size == 0) {
		return at->info;
	}
	at->ramdisk = ALIGN_DOWN(at->info - at->ramdisk_size, PAGE_SIZE);
	return at->ramdisk;
}

/* Kernel @k and by how much it is moved. */
static int place_kernel(const struct domain *d, const void *image, uint64_t room,
			struct pvh_kernel *k, uint64_t *by, const char **why)
{
	struct pvh_range ram = { 0, room };
	int err = pvh_read(image, d->plan->kernel.size, k, why);

	if (err == 0 && pvh_place(k, &ram, 1, by) != 0) {
		*why = "the domain's memory does not hold its images";
		err = -ENOMEM;
	}
	return err;
}

int arch_image_place(const struct domain *d, const void *image, struct guest_layout *at,
		     const char **why)
{
	struct pvh_kernel k;
	uint64_t by = 0, room = place_others(d, at);
	int err = place_kernel(d, image, room, &k, &by, why);

	at->kernel = k.entry + by;
	return err;
}

bool arch_image_piece(const struct domain *d, const void *image, unsigned int n,
		      struct image_piece *out)
{
	struct guest_layout at;
	struct pvh_kernel k;
	const char *why;
	uint64_t by = 0;

	if (place_kernel(d, image, place_others(d, &at), &k, &by, &why) != 0 ||
	    n >= k.nr_segments) {
		return false;
	}
	*out = (struct image_piece){ .offset = k.segments[n].offset,
				     .bytes = k.segments[n].bytes,
				     .at = k.segments[n].at + by };
	return true;
}

static void add_memory(struct pvh_start *s, uint64_t base, uint64_t bytes, uint32_t type)
{
	if (bytes > 0 && s->nr_memory < PVH_MAX_MEMORY) {
		s->memory[s->nr_memory++] = (struct pvh_memory){ base, bytes, type };
	}
}

/* Pieces that follow each other for the guest are one line, but for the page with ACPI's tables. */
static void describe_memory(const struct domain *d, struct pvh_start *s, uint64_t acpi)
{
	uint64_t end = low_end(d);

	add_memory(s, 0, acpi, MEMORY_RAM);
	add_memory(s, acpi, PAGE_SIZE, MEMORY_ACPI);
	add_memory(s, acpi + PAGE_SIZE, end - acpi - PAGE_SIZE, MEMORY_RAM);
	for (unsigned int i = 0; i < d->nr_ram; i++) {
		if (d->ram[i].gpa >= GUEST_RAM1_BASE) {
			add_memory(s, d->ram[i].gpa, d->ram[i].size, MEMORY_RAM);
		}
	}
}

/* The bus of its PCI functions, which are all on one. Return: false: it has none. */
static bool describe_pci(const struct domain *d, struct guest_pci *pci)
{
	const struct plan_device *dev = &d->board->devices[d->plan->first_device];

	*pci = (struct guest_pci){ .memory = UINT32_MAX };
	for (uint32_t n = 0; n < d->plan->nr_devices; n++, dev++) {
		pci->bus = (uint8_t)(dev->function >> 8);
		pci->config = dev->regs[0].base - (uint64_t)dev->function * PAGE_SIZE;
		for (uint32_t i = 1; i < dev->nr_regs; i++) {
			const struct plan_range *r = &dev->regs[i];

			pci->memory = MIN(pci->memory, (uint32_t)r->base);
			pci->memory_end = MAX(pci->memory_end, (uint32_t)(r->base + r->size));
		}
	}
	return pci->memory < pci->memory_end;
}

/* The same map that the start info has: a boot loader asks by hypercall, and hands that on. */
bool arch_guest_memory(const struct domain *d, unsigned int n, struct guest_memory *line)
{
	uint64_t block = ALIGN_DOWN(low_end(d), BLOCK_BYTES) - BLOCK_BYTES;
	struct pvh_start s = { .nr_memory = 0 };

	describe_memory(d, &s, block + BLOCK_BYTES - PAGE_SIZE);
	if (n >= s.nr_memory) {
		return false;
	}
	*line = (struct guest_memory){ s.memory[n].base, s.memory[n].bytes, s.memory[n].type };
	return true;
}

/* Of the seed for this life, if there is one. */
static int write_acpi(const struct domain *d, uint64_t at, void *page)
{
	uint32_t ids[PLAN_MAX_VCPUS];
	struct guest_acpi g = {
		.at = at, .nr_cpus = d->nr_vcpus, .apic_id = ids, .has_uart = d->vpl011 != NULL
	};
	struct guest_pci pci;
	int err;

	g.pci = describe_pci(d, &pci) ? &pci : NULL;
	for (uint32_t i = 0; i < d->nr_vcpus; i++) {
		ids[i] = i;
	}
	_Static_assert(GUEST_SEED_BYTES >= GUEST_GENERATION_BYTES, "enough for it");
	g.generation = d->restart.has_seed ? at + GUEST_GENERATION_AT : 0;
	err = guest_acpi_write(&g, page);
	if (err == 0 && d->restart.has_seed) {
		memcpy((char *)page + GUEST_GENERATION_AT, d->restart.seed, GUEST_GENERATION_BYTES);
	}
	return err;
}

static void add_module(struct pvh_start *s, uint64_t at, uint64_t bytes, const char *cmdline)
{
	if (bytes > 0) {
		s->modules[s->nr_modules++] = (struct pvh_module){ at, bytes, cmdline };
	}
}

int arch_guest_block(const struct domain *d, const struct guest_layout *at, uint32_t tree_bytes,
		     void *buf, size_t size)
{
	uint64_t acpi = at->info + BLOCK_BYTES - PAGE_SIZE;
	struct pvh_start s = { .at = at->info, .cmdline = d->plan->bootargs, .rsdp = acpi };
	int err;

	_Static_assert(GUEST_ACPI_BYTES <= PAGE_SIZE, "ACPI's page");
	if (size < BLOCK_BYTES) {
		return -E2BIG;
	}
	_Static_assert(GUEST_TREE_AT + GUEST_TREE_BYTES <= BLOCK_BYTES - PAGE_SIZE, "its part");
	add_module(&s, at->ramdisk, at->ramdisk_size, NULL);
	add_module(&s, at->info + GUEST_TREE_AT, tree_bytes, "device-tree");
	describe_memory(d, &s, acpi);
	err = pvh_start_write(&s, buf, tree_bytes > 0 ? GUEST_TREE_AT : BLOCK_BYTES - PAGE_SIZE);
	if (err == 0) {
		err = write_acpi(d, acpi, (char *)buf + BLOCK_BYTES - PAGE_SIZE);
	}
	return err == 0 ? (int)BLOCK_BYTES : err;
}

size_t arch_guest_low(const struct domain *d, void *buf, size_t size, uint64_t *gpa)
{
	*gpa = GUEST_MP_AT;
	if (!guest_mp_is_asked(d->plan->bootargs) || size < GUEST_MP_BYTES ||
	    low_end(d) < GUEST_MP_AT + GUEST_MP_BYTES) {
		return 0;
	}
	return guest_mp_write(d->nr_vcpus, buf);
}
