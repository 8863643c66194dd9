// SPDX-License-Identifier: Apache-2.0
/* Kernels of a PC's guests, ELF files with a PVH note, read as the hypervisor reads them; and itself, which is one. */
#include <asm/pvh.h>
#include <string.h>

#include "ashlar.h"

/* What may be mistaken for one: Linux Documentation/arch/x86/boot.rst. */
#define BZIMAGE_AT    0x202
#define BZIMAGE_MAGIC "HdrS"
#define ARM64_AT      56 /* Linux Documentation/arch/arm64/booting.rst */
#define ARM64_MAGIC   "ARM\x64"

const char *const kernel_foreign_boards[] = { "arm,gic-v3", "arm,gic-400", "arm,cortex-a15-gic",
					      "arm,armv8-timer", NULL };

const char *const kernel_foreign_props[] = { NULL };

static bool read(const uint8_t *data, size_t bytes, struct pvh_kernel *k, const char **why)
{
	return pvh_read(data, bytes, k, why) == 0;
}

uint64_t kernel_image_size(const uint8_t *data, size_t bytes)
{
	struct pvh_kernel k;
	const char *why;

	return read(data, bytes, &k, &why) ? k.end - k.start : 0;
}

/* Its segments were looked for in the file when it was read. */
uint64_t kernel_image_bytes(const uint8_t *data, size_t bytes)
{
	(void)data;
	(void)bytes;
	return 0;
}

const char *kernel_image_why_not(const uint8_t *data, size_t bytes)
{
	struct pvh_kernel k;
	const char *why = "";

	if (bytes > BZIMAGE_AT + 4 && memcmp(data + BZIMAGE_AT, BZIMAGE_MAGIC, 4) == 0) {
		return "; it is a bzImage, take the vmlinux that is packed in it";
	}
	if (bytes > ARM64_AT + 4 && memcmp(data + ARM64_AT, ARM64_MAGIC, 4) == 0) {
		return "; it is an arm64 Image, and the board is a PC: take a kernel for x86";
	}
	if (read(data, bytes, &k, &why)) {
		return "";
	}
	return xasprintf("; %s", why);
}

uint64_t hypervisor_image(const uint8_t *data, size_t bytes, uint64_t *base)
{
	struct pvh_kernel k;
	const char *why;

	if (!read(data, bytes, &k, &why)) {
		return 0;
	}
	*base = k.start;
	return k.end - k.start;
}

const char *kernel_image_kind(void)
{
	return "a PVH kernel";
}

struct file hypervisor_in_memory(const struct file *image, uint64_t base, uint64_t *room,
				 uint64_t *entry)
{
	struct file flat = { NULL, 0 };
	struct pvh_kernel k;
	const char *why = "";

	if (!read(image->data, image->size, &k, &why) || k.start != base) {
		fail("the hypervisor cannot be put at 0x%lx: %s", base, why);
	}
	*room = k.end - k.start;
	*entry = k.entry;
	for (unsigned int i = 0; i < k.nr_segments; i++) {
		flat.size = MAX(flat.size, (size_t)(k.segments[i].at + k.segments[i].bytes - base));
	}
	flat.data = xalloc(flat.size + 1);
	for (unsigned int i = 0; i < k.nr_segments; i++) {
		memcpy(flat.data + (k.segments[i].at - base), image->data + k.segments[i].offset,
		       k.segments[i].bytes);
	}
	return flat;
}
