/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vmx_switch(rdi = registers, esi = has it been launched).
 *
 * Interrupts are masked in the hypervisor; one of ours that comes makes the guest exit and waits until it is asked for.
 * The control structure keeps RSP, RIP, RFLAGS, segments and control registers: Intel SDM vol. 3 sections 27.3, 28.5.
 */
#include "../enter_common.S"

#define VMCS_HOST_RSP 0x6c14

	.text
	.balign	16
	.globl	vmx_switch, vmx_exit_point
vmx_switch:
	keep_ours
	pushq	%rdi
	movl	$VMCS_HOST_RSP, %eax
	vmwrite	%rsp, %rax
	testb	%sil, %sil
	movq	0(%rdi), %rax
	load_guest
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
	save_guest
	xorl	%eax, %eax
3:	xorl	%edi, %edi
	forget_guest
	take_ours
	ret
