/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PVH guest's first instructions: from 32-bit mode without paging to 64-bit C, its first GiB mapped as it is.
 * Spec: Xen public elfnote.h (XEN_ELFNOTE_PHYS32_ENTRY); AMD APM vol. 2 section 14.6.
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
	movl	$(pd + 7), pdpt
	movl	$pd, %edi
	movl	$0x83, %eax
1:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	cmpl	$(pd + 4096), %edi
	jb	1b
	movl	$0x20, %eax		/* CR4.PAE */
	movl	%eax, %cr4
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* EFER.LME */
	movl	$0x100, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$0x80000011, %eax	/* CR0.PG, ET, PE */
	movl	%eax, %cr0
	lgdt	gdt_ptr
	ljmp	$8, $start64
	.code64
start64:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	/* the instruction for hypercalls is the CPU vendor's: "GenuineIntel" ends ECX */
	xorl	%eax, %eax
	cpuid
	cmpl	$0x6c65746e, %ecx
	sete	is_intel
	movl	%esi, %edi
	xorl	%ebp, %ebp
	call	ticker_main
1:	hlt
	jmp	1b

/* uint64_t hypercall(uint64_t nr, uint64_t a0, uint64_t a1, uint64_t a2): Xen public arch-x86/xen-x86_64.h */
	.text
	.globl	hypercall
hypercall:
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

	.section .rodata
	.balign	8
gdt:	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_ptr:
	.word	23
	.long	gdt

	.section .bss
is_intel: .skip 1
	.balign	4096
pml4:	.skip	4096
pdpt:	.skip	4096
pd:	.skip	4096
	.skip	8192
stack_top:
