/* SPDX-License-Identifier: Apache-2.0 */
/*
 * svm_switch(rdi = registers, rsi = machine address of the control block, rdx = that of our own state's).
 *
 * GIF is clear: nothing is taken; IF is set meanwhile, so that an interrupt of ours that comes makes the guest exit, and
 * cleared again before GIF is set: it waits until it is asked for. An NMI that waits is taken at STGI.
 * VMRUN keeps RAX, RSP, RIP and what VMSAVE does not: AMD APM vol. 2 section 15.5.
 */
	.text
	.balign	16
	.globl	svm_switch
svm_switch:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdx
	pushq	%rdi
	movq	%rsi, %rax
	sti
	vmload	%rax
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
	vmrun	%rax
	vmsave	%rax
	xchgq	%rdi, (%rsp)
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
	popq	%rax
	vmload	%rax
	cli
	stgi
	/* nothing of the guest's is left where speculation could use it */
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	cld
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
