/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First and last instructions of a bare-metal PVH guest: from 32-bit mode without paging to 64-bit C with its first GiB
 * mapped as it is, hypercalls, and what an exception or the upcall enters.
 * Spec: Xen public elfnote.h (XEN_ELFNOTE_PHYS32_ENTRY), arch-x86/xen-x86_64.h; AMD APM vol. 2 sections 8.9, 14.6.
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
	movl	$(first_level3 + 3), first_level4
	movl	$(first_level2 + 3), first_level3
	movl	$first_level2, %edi
	movl	$0x83, %eax		/* present, writable, 2 MiB */
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	cmpl	$(first_level2 + 4096), %edi
	jb	1b
	movl	$0x20, %eax		/* CR4.PAE */
	movl	%eax, %cr4
	movl	$first_level4, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER: LME, NXE */
	movl	$0x900, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$0x80010011, %eax	/* CR0: PG, WP, ET, PE */
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$8, $start64
	.code64
start64:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	cpuid
	cmpl	$0x756e6547, %ebx	/* "Genu", Intel's */
	sete	is_intel
	movl	%esi, %edi
	xorl	%ebp, %ebp
	call	machine_begin
1:	hlt
	jmp	1b

	/* xen_hypercall2(number, arg0, arg1), ...3(number, arg0, arg1, arg2) */
	.text
	.globl	xen_hypercall2, xen_hypercall3
xen_hypercall2:
xen_hypercall3:
	movl	%edi, %eax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	cmpb	$0, is_intel
	jne	1f
	vmmcall
	ret
1:	vmcall
	ret

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
gdt:	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
	.word	23
	.long	gdt

	.section .bss
is_intel:
	.skip	1
	.balign	4096
first_level4:
	.skip	4096
first_level3:
	.skip	4096
first_level2:
	.skip	4096

	.section .note.GNU-stack, "", %progbits
