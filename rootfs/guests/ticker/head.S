/* SPDX-License-Identifier: Apache-2.0 */
/* The ticker's first instructions, and its hypercalls. */
#include "../lib/x86_64/start.S"

	pvh_start ticker_main, 1, LEAF, CR4_PAE, EFER_LME, CR0_LONG

/* uint64_t hypercall(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2): Xen public arch-x86/xen-x86_64.h */
	.globl	hypercall
hypercall:
	movl	%edi, %eax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	hypercall_by_vendor

	.section .rodata
	.balign	8
gdt:	pvh_segments
gdt_pointer:
	.word	23
	.long	gdt

	.section .bss
	.balign	16
	.skip	8192
stack_top:
