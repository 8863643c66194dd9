/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's image. Linked at a fixed virtual address, loaded at any 2 MiB-aligned machine
 * address. boot/head.S maps it by these symbols: text RX, rodata RO, the rest RW, all within the
 * first 2 MiB by pages, the pool behind it by 2 MiB blocks. The file ends with what .data begins with,
 * behind .rodata without a gap; boot/head.S copies it to its place, and everything after it is made at boot.
 */
#include <asm/layout.h>

OUTPUT_ARCH(aarch64)
ENTRY(_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	. = HYP_VIRT_BASE;
	__image_start = .;
	.text : {
		KEEP(*(.head.text))
		*/boot/spectre.o(.text .text.*) /* these fill what is left before 2 KiB */
		*/boot/boot.o(.text .text.*)
		*/boot/errata.o(.text .text.*)
		*/gnttab/no_v2.o(.text .text.*)
		/* The vectors, on 2 KiB, come first: elsewhere up to 2 KiB before them would be lost by chance. */
		*(SORT_BY_ALIGNMENT(.text) SORT_BY_ALIGNMENT(.text.*))
	} :text
	. = ALIGN(4096);
	__rodata_start = .;
	.rodata : {
		*(.rodata .rodata.*)
	} :rodata
	.note.gnu.build-id : {
		/* 16 bytes of head, then the number (ELF specification, "Note Section") */
		__build_id = . + 16;
		KEEP(*(.note.gnu.build-id))
	} :rodata
	. = ALIGN(16);
	__data_load = .;
	. = ALIGN(__data_load + SIZEOF(.data), 4096);
	__data_start = .;
	.data : AT(__data_load) {
		*(.data .data.*)
		. = ALIGN(16);
	} :data
	__data_end = __data_start + SIZEOF(.data);
	. = ALIGN(4096);
	.tables (NOLOAD) : {
		__tables_start = .;
		*(.tables)
		__tables_end = .;
	} :data
	.stacks (NOLOAD) : {
		__boot_stack_guard = .;
		. += 4096;
		. += HYP_STACK_SIZE;
		__boot_stack_top = .;
	} :data
	.bss (NOLOAD) : {
		__bss_start = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(4096);
		__bss_end = .;
	} :data
	/* The pool takes the rest of its last 2 MiB block too: nobody else could use it. */
	__pool_start = .;
	. = ALIGN(. + CONFIG_HYP_POOL_KIB * 1024, 0x200000);
	__pool_end = .;
	__image_end = .;
	__image_size = __image_end - __image_start;

	/DISCARD/ : { *(.comment) *(.eh_frame*) *(.ARM.attributes) *(.interp) *(.dyn*) }

	ASSERT(__pool_start - __image_start < 0x200000,
	       "image without pool exceeds one level-3 table")
	ASSERT(__image_size <= 0x40000000, "image exceeds one level-2 table")
}
