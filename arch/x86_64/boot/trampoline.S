/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first instructions of every CPU but the first: a copy of this lies in a page below 1 MiB, and they begin in real
 * mode with CS at that page. From here to 32-bit mode, and into boot/head.S.
 * Spec: Intel SDM vol. 3 section 9.4, "Multiple-Processor (MP) Initialization".
 */
#include <asm/layout.h>

	.section .rodata
	.balign	16
	.code16
	.globl	trampoline, trampoline_end
trampoline:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	gdt_ptr - trampoline
	movl	$(CR0_PE | CR0_ET), %eax
	movl	%eax, %cr0
	ljmpl	$SEL_CODE32, $(secondary32 - HYP_VIRT_BASE + HYP_LOAD_BASE)
	.balign	4
gdt_ptr:
	.word	4 * 8 - 1
	.long	boot_gdt - HYP_VIRT_BASE + HYP_LOAD_BASE
trampoline_end:

	.section .head.text, "ax"
	.code32
secondary32:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	jmp	start64
