/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vmx_switch(rdi = registers, esi = has it been launched).
 *
 * Interrupts are masked in the hypervisor; one of ours that comes makes the guest exit and waits until it is asked for.
 * The control structure keeps RSP, RIP, RFLAGS, segments and control registers: Intel SDM vol. 3 sections 27.3, 28.5.
 */
#define VMCS_HOST_RSP 0x6c14

	.text
	.balign	16
	.globl	vmx_switch, vmx_exit_point
vmx_switch:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdi
	movl	$VMCS_HOST_RSP, %eax
	vmwrite	%rsp, %rax
	testb	%sil, %sil
	movq	0(%rdi), %rax
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
	jnz	1f
	vmlaunch
	jmp	2f
1:	vmresume
2:	addq	$8, %rsp
	movl	$1, %eax
	jmp	3f
vmx_exit_point:
	xchgq	%rdi, (%rsp)
	movq	%rax, 0(%rdi)
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
	xorl	%eax, %eax
	/* nothing of the guest's is left where speculation could use it */
3:	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
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
