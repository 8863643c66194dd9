// SPDX-License-Identifier: Apache-2.0
/*
 * A domain's kernel and ramdisk where the architecture says into which pieces a kernel's file falls and where they go
 * (hyp/arch/image.h): there, and checked again at a restart.
 */
#include "internal.h"

#include <hyp/arch/image.h>
#include <hyp/arch/mm.h>
#include <hyp/errno.h>
#include <hyp/log.h>

static const void *map_kernel(const struct domain *d)
{
	return arch_map(paddr(d->plan->kernel.base), d->plan->kernel.size, MAP_RO);
}

static void unmap_kernel(const struct domain *d, const void *image)
{
	arch_unmap((void *)(uintptr_t)image, d->plan->kernel.size);
}

/* Those bytes of the pieces that lie in [@from, @from + @len) of the file. */
static int load_pieces(struct domain *d, const void *image, uint64_t from, uint64_t len)
{
	struct image_piece p;
	int rc = 0;

	for (unsigned int i = 0; rc == 0 && arch_image_piece(d, image, i, &p); i++) {
		uint64_t start = MAX(p.offset, from), end = MIN(p.offset + p.bytes, from + len);

		if (start < end) {
			rc = ram_write(d, p.at + (start - p.offset), (const char *)image + start,
				       end - start, NULL);
		}
	}
	return rc;
}

int image_load(struct domain *d, struct guest_layout *at)
{
	const struct plan_domain *p = d->plan;
	const void *image = map_kernel(d);
	const char *why = "";
	int rc;

	if (image == NULL) {
		return -ENOMEM;
	}
	rc = arch_image_place(d, image, at, &why);
	if (rc != 0) {
		hyp_printf("%s: kernel %s: %s", d->name, p->kernel.name, why);
	} else {
		rc = load_pieces(d, image, 0, p->kernel.size);
	}
	unmap_kernel(d, image);
	if (rc == 0 && at->ramdisk_size > 0) {
		rc = ram_load(d, at->ramdisk, p->ramdisk.base, p->ramdisk.size, NULL);
	}
	return rc;
}

/*
 * The digest is the file's, which is ours alone: nobody changes it between that and the copy. It is mapped from the first piece
 * to the last.
 */
int image_kernel_step(struct domain *d, uint64_t done, uint64_t n)
{
	struct domain_restart *r = &d->restart;
	int rc;

	if (r->file == NULL) {
		r->file = map_kernel(d);
	}
	if (r->file == NULL) {
		return -ENOMEM;
	}
	sha256_add(&r->sum, (const uint8_t *)r->file + done, n);
	rc = load_pieces(d, r->file, done, n);
	if (rc != 0 || done + n == d->plan->kernel.size) {
		unmap_kernel(d, r->file);
		r->file = NULL;
	}
	return rc;
}
