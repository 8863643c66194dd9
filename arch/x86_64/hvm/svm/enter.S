/* SPDX-License-Identifier: Apache-2.0 */
/*
 * svm_switch(rdi = registers, rsi = machine address of the control block, rdx = that of our own state's).
 *
 * GIF is clear: nothing is taken; IF is set meanwhile, so that an interrupt of ours that comes makes the guest exit, and
 * cleared again before GIF is set: it waits until it is asked for. An NMI that waits is taken at STGI.
 * VMRUN keeps RAX, RSP, RIP and what VMSAVE does not: AMD APM vol. 2 section 15.5.
 */
#include "../enter_common.S"

	.text
	.balign	16
	.globl	svm_switch
svm_switch:
	keep_ours
	pushq	%rdx
	pushq	%rdi
	movq	%rsi, %rax
	sti
	vmload	%rax
	load_guest
	vmrun	%rax
	vmsave	%rax
	xchgq	%rdi, (%rsp)
	save_guest
	popq	%rax
	vmload	%rax
	cli
	stgi
	forget_guest
	take_ours
	ret
