/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bare-metal guests of a PC share: the first instructions, from 32-bit mode without paging to 64-bit C with the first
 * 4 GiB mapped as they are, and an entry for each vector, which reads the TSC as soon as it has a register for it.
 * Spec: Xen public elfnote.h (XEN_ELFNOTE_PHYS32_ENTRY); AMD APM vol. 2 sections 14.6 and 8.9.
 */
	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 4, 18
	.asciz	"Xen"
	.long	start32

	.section .head, "ax"
	.code32
	.globl	start32
start32:
	movl	$stack_top, %esp
	movl	%ebx, %esi
	movl	$(pdpt + 7), pml4
	/* four tables, one behind the other */
	movl	$pdpt, %edi
	movl	$(pd + 7), %eax
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x1000, %eax
	cmpl	$(pdpt + 32), %edi
	jb	1b
	movl	$pd, %edi
	movl	$0x87, %eax		/* user's too */
2:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	cmpl	$(pd + 4 * 4096), %edi
	jb	2b
	movl	$0x620, %eax		/* CR4.PAE, OSFXSR, OSXMMEXCPT */
	movl	%eax, %cr4
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER.LME */
	movl	$0x100, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$0x80000033, %eax	/* CR0.PG, NE, ET, MP, PE */
	movl	%eax, %cr0
	lgdt	gdt_ptr
	ljmp	$8, $start64
	.code64
start64:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%esi, %edi
	xorl	%ebp, %ebp
	call	pc_start
1:	hlt
	jmp	1b

/* int64_t hypercall(uint64_t nr, a0, a1, a2, a3): Xen public arch-x86/xen-x86_64.h */
	.text
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
pc_gdt:	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff	/* 8: code; 16: data */
	.quad	0x00affb000000ffff, 0x00cff3000000ffff		/* 24, 32: a user's */
	.quad	0, 0						/* 40: pc_start() puts a task there */
gdt_ptr:
	.word	55
	.long	pc_gdt
	.long	0

	.section .bss
	.balign	4096
pml4:	.skip	4096
pdpt:	.skip	4096
pd:	.skip	16384
	.skip	16384
	.globl	stack_top
stack_top:
