/* SPDX-License-Identifier: Apache-2.0 */
/* What a multiboot2 loader says. */
#ifndef ASM_MULTIBOOT2_H
#define ASM_MULTIBOOT2_H

#include <asm/boot_info.h>

#define MULTIBOOT2_MAX_BYTES 0x10000U

/**
 * multiboot2_read() - the loader's list of tags into @b, which is empty before.
 * @info: the list, as it lies in memory
 * @size: bytes that may be read there
 * @at:   machine address of @info: ACPI's root lies in the list itself
 * @b:    set as far as the list goes
 * Return: 0; -EINVAL: the list has no end, or a tag reaches beyond it.
 */
int __must_check multiboot2_read(const void *info, size_t size, uint64_t at, struct boot_info *b);

#endif
