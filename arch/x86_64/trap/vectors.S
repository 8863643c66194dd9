/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry a vector, 16 bytes each, then the registers in the order of struct trap_regs. What comes here came in the
 * hypervisor: guests' exits do not go through the IDT.
 * Spec: AMD APM vol. 2 section 8.9, "Long-Mode Interrupt Control Transfers".
 */
	.text
	.balign	16
	.globl	trap_vectors
trap_vectors:
	.set	vector, 0
	.rept	256
	.balign	16
	/* these push an error code by themselves */
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

trap_common:
	pushq	%rax
	pushq	%rbx
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cld
	movq	%rsp, %rdi
	call	trap_entry
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rbp
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rbx
	popq	%rax
	addq	$16, %rsp
	iretq
