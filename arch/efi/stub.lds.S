/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stub, as it lies in ashlar.efi behind the page of the file's headers: read-execute, read-only, read-write, each on
 * pages of its own and whole in the file. Runs anywhere, without relocations.
 */
ENTRY(efi_main)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

SECTIONS
{
	stub_file = .;
	. = 4096;
	.text : { *(.text .text.*) . = ALIGN(4096); } :text
	.rodata : { *(.rodata .rodata.*) *(.got .got.plt) . = ALIGN(4096); } :rodata
	.data : { *(.data .data.*) *(.bss .bss.* COMMON) BYTE(0) . = ALIGN(4096); } :data
	stub_parts = .;

	.rela.dyn : { *(.rela .rela.*) }
	ASSERT(SIZEOF(.rela.dyn) == 0, "the stub must not need relocations")
	/DISCARD/ : { *(.comment) *(.note .note.*) *(.eh_frame*) *(.dynamic) *(.dynsym) *(.dynstr) *(.hash) *(.gnu.hash) *(.interp) *(.ARM.attributes) }
}
