/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included by the first assembly of bare-metal PVH guests: from a loader's 32-bit mode without paging to C in 64-bit mode, with
 * memory mapped as it is.
 * Spec: Xen public elfnote.h (XEN_ELFNOTE_PHYS32_ENTRY); AMD APM vol. 2 section 14.6.
 */
#ifndef GUEST_START_H
#define GUEST_START_H

#define NOTE_PHYS32_ENTRY 18
#define MSR_EFER	  0xc0000080
#define EFER_LME	  0x100
#define EFER_NXE	  0x800
#define CR0_LONG	  0x80000011 /* PG, ET, PE */
#define CR0_WP		  0x10000
#define CR0_FPU		  0x22 /* NE, MP */
#define CR4_PAE		  0x20
#define CR4_FPU		  0x600 /* OSFXSR, OSXMMEXCPT */
#define LEAF		  0x83 /* present, writable, 2 MiB */
#define LEAF_USER	  0x87
#define TABLE		  7 /* present, writable, user: the leaf decides */
#define INTEL_EBX	  0x756e6547 /* "Genu", how Intel's name begins */

	/* The note, and code up to `call main`, with what the loader has in EBX. @gib: that are mapped */
	.macro	pvh_start main, gib, leaf, cr4, efer, cr0
	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 4, NOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	start32

	.section .head, "ax"
	.code32
	.globl	start32
start32:
	movl	$stack_top, %esp
	movl	%ebx, %esi
	movl	$(first_level3 + TABLE), first_level4
	/* tables of the second level, one behind the other */
	movl	$first_level3, %edi
	movl	$(first_level2 + TABLE), %eax
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x1000, %eax
	cmpl	$(first_level3 + 8 * \gib), %edi
	jb	1b
	movl	$first_level2, %edi
	movl	$\leaf, %eax
2:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	cmpl	$(first_level2 + 4096 * \gib), %edi
	jb	2b
	movl	$\cr4, %eax
	movl	%eax, %cr4
	movl	$first_level4, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$\efer, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$\cr0, %eax
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$8, $start64
	.code64
start64:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	cpuid
	cmpl	$INTEL_EBX, %ebx
	sete	is_intel
	movl	%esi, %edi
	xorl	%ebp, %ebp
	call	\main
1:	hlt
	jmp	1b

	.section .bss
is_intel:
	.skip	1
	.balign	4096
first_level4:
	.skip	4096
first_level3:
	.skip	4096
first_level2:
	.skip	4096 * \gib
	.text
	.endm

	/* Code at 8, data at 16. */
	.macro	pvh_segments
	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff
	.endm

	/* What makes a hypercall is the CPU vendor's. */
	.macro	hypercall_by_vendor
	cmpb	$0, is_intel
	jne	1f
	vmmcall
	ret
1:	vmcall
	ret
	.endm

#endif
