// SPDX-License-Identifier: Apache-2.0
/* The header of an arm64 Image (Linux Documentation/arch/arm64/booting.rst, section 4). */
#include <string.h>

#include "ashlar.h"

#define HEADER_BYTES 64
#define SIZE_AT	     16
#define MAGIC_AT     56

/* What may be mistaken for one. A zImage: Linux arch/arm/boot/compressed/head.S; ELF: its specification, chapter 1. */
#define ZIMAGE_AT	36
#define ELF_CLASS_AT	4
#define ELF_MACHINE_AT	18
#define ELF_CLASS_32	1
#define ELF_MACHINE_ARM 40

uint64_t kernel_image_size(const uint8_t *data, size_t bytes)
{
	uint64_t size = 0;
	int i;

	if (bytes < HEADER_BYTES || memcmp(data + MAGIC_AT, "ARM\x64", 4) != 0) {
		return 0;
	}
	for (i = 7; i >= 0; i--) {
		size = size << 8 | data[SIZE_AT + i];
	}
	return size > 0 ? size : bytes; /* 0: before Linux 3.17 */
}

const char *kernel_image_why_not(const uint8_t *data, size_t bytes)
{
	bool is_elf = bytes >= HEADER_BYTES && memcmp(data, "\177ELF", 4) == 0;

	if (bytes > 2 && data[0] == 0x1f && data[1] == 0x8b) {
		return "; it is compressed, unpack it";
	}
	if (bytes >= HEADER_BYTES && memcmp(data + ZIMAGE_AT, "\x18\x28\x6f\x01", 4) == 0) {
		return "; it is a 32-bit zImage, and guests are 64-bit in EL1: build it for arm64";
	}
	if (is_elf && data[ELF_CLASS_AT] == ELF_CLASS_32 &&
	    data[ELF_MACHINE_AT] == ELF_MACHINE_ARM) {
		return "; it is a 32-bit Arm ELF file, and guests are 64-bit in EL1: build it for arm64";
	}
	return is_elf ? "; it is an ELF file, take the Image that was made of it" : "";
}

/* An Image runs wherever it is loaded. */
uint64_t hypervisor_image(const uint8_t *data, size_t bytes, uint64_t *base)
{
	*base = 0;
	return kernel_image_size(data, bytes);
}

const char *kernel_image_kind(void)
{
	return "an arm64 Image";
}

struct file hypervisor_in_memory(const struct file *image, uint64_t base, uint64_t *room,
				 uint64_t *entry)
{
	struct file flat = { xalloc(image->size + 1), image->size };

	*room = kernel_image_size(image->data, image->size);
	*entry = base;
	if (*room < image->size) {
		fail("the hypervisor says that it needs less memory than its file has bytes");
	}
	memcpy(flat.data, image->data, image->size);
	return flat;
}
