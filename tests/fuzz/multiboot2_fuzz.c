// SPDX-License-Identifier: Apache-2.0
/*
 * What GRUB says, any list at all. The oracle: it ends, reads nothing beyond its input (the sanitizer), counts no more memory
 * than there is room for, and ACPI's root lies within the list.
 */
#include <asm/multiboot2.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define AT 0x10000U

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct boot_info b;
	uint8_t *copy = malloc(size + 1);

	must(copy != NULL);
	memcpy(copy, data, size);
	memset(&b, 0, sizeof(b));
	(void)!multiboot2_read(copy, size, AT, &b);
	must(b.nr_memory <= BOOT_MAX_MEMORY);
	must(b.rsdp == 0 || (b.rsdp >= AT + 16 && b.rsdp <= AT + size));
	must(b.bundle.base + b.bundle.size <= UINT32_MAX);
	free(copy);
	return 0;
}
