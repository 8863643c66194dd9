/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bare-metal guests of a PC share: the first instructions, from 32-bit mode without paging to 64-bit C with the first
 * 4 GiB mapped as they are, and an entry for each vector, which reads the TSC as soon as it has a register for it.
 * Spec: Xen public elfnote.h (XEN_ELFNOTE_PHYS32_ENTRY); AMD APM vol. 2 sections 14.6 and 8.9.
 */
#include "../lib/x86_64/start.S"

	pvh_start pc_start, 4, LEAF_USER, CR4_PAE + CR4_FPU, EFER_LME, CR0_LONG + CR0_FPU

/* int64_t hypercall(uint64_t nr, a0, a1, a2, a3): Xen public arch-x86/xen-x86_64.h */
	.globl	hypercall
hypercall:
	movl	%edi, %eax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	.globl	hypercall_insn
hypercall_insn:
	vmmcall				/* pc.c makes VMCALL of it on Intel's CPUs */
	ret
	.section .sites, "a"
	.quad	hypercall_insn
	.text

/*
 * hypercall_narrow(): as hypercall(), from a segment of 32-bit code. Of R8 to R15 nothing is sure to be kept there.
 * Spec: Xen public arch-x86/xen-x86_32.h; AMD APM vol. 2 section 4.5.
 */
	.globl	hypercall_narrow
hypercall_narrow:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movl	%edi, %eax
	movl	%esi, %ebx
	movl	%ecx, %edi
	movl	%edx, %ecx
	movl	%edi, %edx
	movl	%r8d, %esi
	lcall	*narrow_pointer
	cltq
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.code32
narrow_insn:
	vmmcall
	lret
	.code64
	.section .sites, "a"
	.quad	narrow_insn
	.text

/* bool try_at(code, regs): calls code with RAX, RCX, RDX, RBX, RSI, RDI of regs; false: it ended in an exception */
	.globl	try_call
try_call:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rdi, %r14
	movq	%rsi, %r15
	movq	%rsp, try_sp
	movq	(%r15), %rax
	movq	8(%r15), %rcx
	movq	16(%r15), %rdx
	movq	24(%r15), %rbx
	movq	32(%r15), %rsi
	movq	40(%r15), %rdi
	pushq	%r15
	call	*%r14
	popq	%r15
	movq	%rax, (%r15)
	movq	%rcx, 8(%r15)
	movq	%rdx, 16(%r15)
	movq	%rbx, 24(%r15)
	movl	$1, %eax
1:	movq	$0, try_sp
	cld
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
/* where pc_trap() lets an exception go back to, with the stack of try_sp */
	.globl	try_failed
try_failed:
	xorl	%eax, %eax
	jmp	1b

	.balign	16
	.globl	trap_stubs
trap_stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17)
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

trap_common:
	pushq	%rax
	pushq	%rdx
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	pushq	%rcx
	pushq	%rbx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rax
	cld
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	andq	$-16, %rsp
	call	pc_trap
	movq	%rbp, %rsp
	popq	%rax
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rbp
	popq	%rdi
	popq	%rsi
	popq	%rbx
	popq	%rcx
	popq	%rdx
	popq	%rax
	addq	$16, %rsp
	iretq

	.section .data
	.balign	8
	.globl	pc_gdt
pc_gdt:	pvh_segments
	.quad	0x00affb000000ffff, 0x00cff3000000ffff		/* 24, 32: a user's */
	.quad	0, 0						/* 40: pc_start() puts a task there */
	.quad	0x00cf9b000000ffff				/* 56: 32-bit code */
gdt_pointer:
	.word	63
	.long	pc_gdt
	.long	0

narrow_pointer:
	.long	narrow_insn
	.word	56

	.section .bss
	.balign	4096
	.skip	16384
	.globl	stack_top
stack_top:
