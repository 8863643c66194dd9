/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included by the assembly of svm/ and vmx/: what is the same in a guest's entry and exit. The registers' array has them by their
 * numbers in instructions; RAX and RSP are each vendor's own matter.
 */
#ifndef HVM_ENTER_H
#define HVM_ENTER_H

	/* What C keeps, before a guest takes all registers; and behind it. */
	.macro	keep_ours
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	.endm

	.macro	take_ours
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	.endm

	/* The guest's, from the array at RDI, which is its last. */
	.macro	load_guest
	movq	8(%rdi), %rcx
	movq	16(%rdi), %rdx
	movq	24(%rdi), %rbx
	movq	40(%rdi), %rbp
	movq	48(%rdi), %rsi
	movq	64(%rdi), %r8
	movq	72(%rdi), %r9
	movq	80(%rdi), %r10
	movq	88(%rdi), %r11
	movq	96(%rdi), %r12
	movq	104(%rdi), %r13
	movq	112(%rdi), %r14
	movq	120(%rdi), %r15
	movq	56(%rdi), %rdi
	.endm

	/* Into the array at RDI, where the guest's own RDI lies on the stack. */
	.macro	save_guest
	movq	%rcx, 8(%rdi)
	movq	%rdx, 16(%rdi)
	movq	%rbx, 24(%rdi)
	movq	%rbp, 40(%rdi)
	movq	%rsi, 48(%rdi)
	movq	%r8, 64(%rdi)
	movq	%r9, 72(%rdi)
	movq	%r10, 80(%rdi)
	movq	%r11, 88(%rdi)
	movq	%r12, 96(%rdi)
	movq	%r13, 104(%rdi)
	movq	%r14, 112(%rdi)
	movq	%r15, 120(%rdi)
	popq	%rcx
	movq	%rcx, 56(%rdi)
	.endm

	/* Nothing of the guest's is left where speculation could use it. RAX and RDI: the caller's. */
	.macro	forget_guest
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	cld
	.endm

#endif
