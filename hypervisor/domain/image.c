/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's kernel and ramdisk: where they go, and there.
 *
 *   RAM start, 2 MiB aligned, + text_offset   kernel, with room for its bss (image_size)
 *   ...
 *   below the device tree, page aligned       ramdisk
 *   last 64 KiB of the first bank             device tree
 *
 * Spec: Linux Documentation/arch/arm64/booting.rst ("Call the kernel image", "Setup the device tree").
 */
#include "internal.h"

#include <hyp/arch/mm.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/xen.h>

#include <string.h>

/* The header's fields are little endian, and so are we. */
struct arm64_image {
	uint32_t code0;
	uint32_t code1;
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	uint64_t reserved[3];
	uint32_t magic;
	uint32_t pe_offset;
};

#define ARM64_IMAGE_MAGIC 0x644d5241U /* "ARM\x64" */
#define OLD_TEXT_OFFSET	  0x80000U    /* of images without image_size (before Linux 3.17) */
#define LOAD_ALIGN	  (2 * MIB)

_Static_assert(sizeof(struct arm64_image) == 64, "arm64 Image header");

static int read_header(const struct plan_image *image, struct arm64_image *h)
{
	const void *va;

	if (image->size < sizeof(*h)) {
		return -ENOEXEC;
	}
	va = arch_map(paddr(image->base), sizeof(*h), MAP_RO);
	if (va == NULL) {
		return -ENOMEM;
	}
	memcpy(h, va, sizeof(*h));
	arch_unmap((void *)(uintptr_t)va, sizeof(*h));
	if (h->magic != ARM64_IMAGE_MAGIC) {
		return -ENOEXEC;
	}
	if (h->image_size == 0) {
		h->text_offset = OLD_TEXT_OFFSET;
		h->image_size = image->size;
	}
	return 0;
}

/* Where guest memory that begins with the first piece ends, or has its first hole. */
static uint64_t first_bank_end(const struct domain *d)
{
	uint64_t end = d->ram[0].gpa;
	unsigned int i;

	for (i = 0; i < d->nr_ram && d->ram[i].gpa == end; i++) {
		end += d->ram[i].size;
	}
	return end;
}

static int place(const struct domain *d, const struct arm64_image *h, struct guest_layout *at)
{
	uint64_t start = ALIGN_UP(d->ram[0].gpa, LOAD_ALIGN); /* as it is, but for direct-map */
	uint64_t end = MAX(first_bank_end(d), start);
	uint64_t kernel_bytes = MAX(h->image_size, d->plan->kernel.size);
	uint64_t need = kernel_bytes + h->text_offset + d->plan->ramdisk.size + PAGE_SIZE +
			2 * GUEST_FDT_BYTES;

	/* Each is bounded first, so that the sum cannot wrap. */
	if (kernel_bytes >= GUEST_RAM0_SIZE || h->text_offset >= LOAD_ALIGN ||
	    d->plan->ramdisk.size >= GUEST_RAM0_SIZE || need > end - start) {
		hyp_printf("%s: %llu KiB of memory do not hold its images\n", d->name,
			   (unsigned long long)(end - start) / KIB);
		return -ENOMEM;
	}
	at->kernel = start + h->text_offset;
	at->info = ALIGN_DOWN(end, GUEST_FDT_BYTES) - GUEST_FDT_BYTES;
	at->ramdisk_size = d->plan->ramdisk.name != NULL ? d->plan->ramdisk.size : 0;
	at->ramdisk = at->ramdisk_size > 0 ? ALIGN_DOWN(at->info - at->ramdisk_size, PAGE_SIZE) : 0;
	return 0;
}

int image_load(struct domain *d, struct guest_layout *at)
{
	const struct plan_domain *p = d->plan;
	struct arm64_image header;
	int rc = read_header(&p->kernel, &header);

	if (rc != 0) {
		hyp_printf("%s: kernel %s is not an arm64 Image\n", d->name, p->kernel.name);
		return rc;
	}
	rc = place(d, &header, at);
	if (rc == 0) {
		rc = ram_load(d, at->kernel, p->kernel.base, p->kernel.size, NULL);
	}
	if (rc == 0 && at->ramdisk_size > 0) {
		rc = ram_load(d, at->ramdisk, p->ramdisk.base, p->ramdisk.size, NULL);
	}
	return rc;
}

int image_kernel_step(struct domain *d, uint64_t done, uint64_t n)
{
	return ram_load(d, d->restart.layout.kernel + done, d->plan->kernel.base + done, n,
			&d->restart.sum);
}
