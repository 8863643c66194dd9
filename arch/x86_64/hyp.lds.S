/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's image: an ELF file with a PVH note, linked in the top 2 GiB and loaded at HYP_LOAD_BASE. boot/head.S
 * maps it by these symbols: text RX, rodata RO, the rest RW, all within the first 2 MiB by pages, the pool behind it
 * by 2 MiB blocks. What lies behind .data is zeroed by whoever loads the file.
 */
#include <asm/layout.h>

OUTPUT_FORMAT("elf64-x86-64")
OUTPUT_ARCH(i386:x86-64)
ENTRY(pvh_entry)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

#define LOADED_AT(section) AT(ADDR(section) - HYP_VIRT_BASE + HYP_LOAD_BASE)

SECTIONS
{
	. = HYP_VIRT_BASE;
	__image_start = .;
	.text : LOADED_AT(.text) {
		KEEP(*(.head.text))
		*(SORT_BY_ALIGNMENT(.text) SORT_BY_ALIGNMENT(.text.*))
	} :text
	. = ALIGN(4096);
	__rodata_start = .;
	.rodata : LOADED_AT(.rodata) {
		*(.rodata .rodata.*)
	} :rodata
	. = ALIGN(4);
	.note.Xen : LOADED_AT(.note.Xen) {
		KEEP(*(.note.Xen))
	} :rodata :note
	.note.gnu.build-id : LOADED_AT(.note.gnu.build-id) {
		/* 16 bytes of head, then the number (ELF specification, "Note Section") */
		__build_id = . + 16;
		KEEP(*(.note.gnu.build-id))
	} :rodata
	. = ALIGN(4096);
	__data_start = .;
	.data : LOADED_AT(.data) {
		*(.data .data.*)
		. = ALIGN(16);
	} :data
	. = ALIGN(4096);
	.tables (NOLOAD) : LOADED_AT(.tables) {
		*(.tables)
	} :data
	.stacks (NOLOAD) : LOADED_AT(.stacks) {
		__boot_stack_guard = .;
		. += 4096;
		. += HYP_STACK_SIZE;
		__boot_stack_top = .;
	} :data
	.bss (NOLOAD) : LOADED_AT(.bss) {
		*(.bss .bss.* COMMON)
		. = ALIGN(4096);
		/* The pool takes the rest of its last 2 MiB block too: nobody else could use it. */
		__pool_start = .;
		. = ALIGN(. + CONFIG_HYP_POOL_KIB * 1024, 0x200000);
		__pool_end = .;
	} :data
	__image_end = .;
	__image_size = __image_end - __image_start;

	/DISCARD/ : { *(.comment) *(.eh_frame*) *(.interp) *(.dyn*) *(.note.GNU-stack) *(.note.gnu.property) }

	ASSERT(__pool_start - __image_start < 0x200000,
	       "image without pool exceeds one level-1 table")
	ASSERT(__image_size <= 0x40000000, "image exceeds one level-2 table")
}
