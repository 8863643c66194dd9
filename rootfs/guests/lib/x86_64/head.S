/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First and last instructions of a bare-metal PVH guest: from 32-bit mode without paging to 64-bit C with its first GiB
 * mapped as it is, hypercalls, and what an exception or the upcall enters.
 * Spec: Xen public elfnote.h (XEN_ELFNOTE_PHYS32_ENTRY), arch-x86/xen-x86_64.h; AMD APM vol. 2 sections 8.9, 14.6.
 */
#include "start.S"

	pvh_start machine_begin, 1, LEAF, CR4_PAE, EFER_LME + EFER_NXE, CR0_LONG + CR0_WP

	/* xen_hypercall2(number, arg0, arg1), ...3(number, arg0, arg1, arg2) */
	.globl	xen_hypercall2, xen_hypercall3
xen_hypercall2:
xen_hypercall3:
	movl	%edi, %eax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	hypercall_by_vendor

	/* The upcall: RDI becomes the TSC. Registers that C keeps are the interrupted program's still. */
	.globl	upcall_entry
upcall_entry:
	pushq	%rax
	pushq	%rdx
	rdtsc
	pushq	%rdi
	pushq	%rsi
	pushq	%rcx
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	shlq	$32, %rdx
	leaq	(%rax,%rdx), %rdi
	cld
	call	upcall
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rcx
	popq	%rsi
	popq	%rdi
	popq	%rdx
	popq	%rax
	iretq

	/* Exceptions: 16 bytes each. Those with an error code have pushed it; none is expected, none returns. */
	.balign	16
	.globl	exception_entries
exception_entries:
	.set	vector, 0
	.rept	32
	.balign	16
	.if	(vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17) || (vector == 21)
	.else
	pushq	$0
	.endif
	pushq	$vector
	jmp	exception
	.set	vector, vector + 1
	.endr

exception:
	popq	%rdi
	popq	%rax
	shlq	$32, %rdi
	orq	%rax, %rdi		/* vector << 32 | error */
	movq	(%rsp), %rsi		/* RIP */
	movq	%cr2, %rdx
	andq	$-16, %rsp
	cld
	call	guest_exception

	.section .rodata
	.balign	8
gdt:	pvh_segments
gdt_pointer:
	.word	23
	.long	gdt

	.section .note.GNU-stack, "", %progbits
