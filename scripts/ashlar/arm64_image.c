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
#define ELF_MACHINE_X86 62
#define BZIMAGE_AT	0x202 /* Linux Documentation/arch/x86/boot.rst */
#define BZIMAGE_MAGIC	"HdrS"

/* Of the PE header that an Image with CONFIG_EFI has (PE format, sections 3.1 to 4). */
#define PE_OFFSET_AT	  0x3c
#define PE_NR_SECTIONS_AT 6
#define PE_OPTIONAL_AT	  20
#define PE_HEADER_BYTES	  24
#define SECTION_BYTES	  40
#define SECTION_SIZE_AT	  16
#define SECTION_PLACE_AT  20

const char *const kernel_foreign_boards[] = {
	"intel,ce4100-lapic", "intel,ce4100-ioapic", "ashlar,pc", "arm,cortex-a7",
	"arm,cortex-a9",      "arm,cortex-a15",	     NULL
};

const char *const kernel_foreign_props[] = { "ashlar,tsc-frequency", NULL };

static uint32_t little(const uint8_t *p, int bytes)
{
	uint32_t value = 0;

	while (bytes-- > 0) {
		value = value << 8 | p[bytes];
	}
	return value;
}

uint64_t kernel_image_bytes(const uint8_t *data, size_t bytes)
{
	uint64_t end = 0, at;
	uint32_t pe, i, n;

	if (bytes < HEADER_BYTES || memcmp(data, "MZ", 2) != 0) {
		return 0;
	}
	pe = little(data + PE_OFFSET_AT, 4);
	if (pe > bytes || bytes - pe < PE_HEADER_BYTES || memcmp(data + pe, "PE\0\0", 4) != 0) {
		return 0;
	}
	n = little(data + pe + PE_NR_SECTIONS_AT, 2);
	at = pe + PE_HEADER_BYTES + little(data + pe + PE_OPTIONAL_AT, 2);
	for (i = 0; i < n && at + SECTION_BYTES <= bytes; i++, at += SECTION_BYTES) {
		uint64_t place = little(data + at + SECTION_PLACE_AT, 4);

		end = MAX(end, place + little(data + at + SECTION_SIZE_AT, 4));
	}
	return end;
}

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
	    little(data + ELF_MACHINE_AT, 2) == ELF_MACHINE_ARM) {
		return "; it is a 32-bit Arm ELF file, and guests are 64-bit in EL1: build it for arm64";
	}
	if (bytes > BZIMAGE_AT + 4 && memcmp(data + BZIMAGE_AT, BZIMAGE_MAGIC, 4) == 0) {
		return "; it is a bzImage of x86, and the board is AArch64: take a kernel for arm64";
	}
	if (is_elf && little(data + ELF_MACHINE_AT, 2) == ELF_MACHINE_X86) {
		return "; it is an ELF file of x86, and the board is AArch64: take a kernel for arm64";
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
