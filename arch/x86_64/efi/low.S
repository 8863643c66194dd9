/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the firmware's 64-bit mode to the hypervisor's PVH entry: 32 bits, flat segments, no paging. It runs in a copy below
 * 4 GiB, at the address that the firmware's page tables map it at.
 * rdi: the start info, rsi: the entry, both below 4 GiB.
 * Spec: AMD APM vol. 2 section 14.7, "Leaving Long Mode".
 */
#include <asm/layout.h>

#define LOW_CODE32 0x08
#define LOW_DATA   0x10

	.section .text.efi_low, "ax"
	.globl	efi_low, efi_low_end
	.hidden	efi_low, efi_low_end
efi_low:
	cli
	cld
	leaq	low_gdt(%rip), %rax
	subq	$16, %rsp
	movw	$(low_gdt_end - low_gdt - 1), (%rsp)
	movq	%rax, 2(%rsp)
	lgdt	(%rsp)
	movl	%edi, %ebx
	leaq	1f(%rip), %rax
	pushq	$LOW_CODE32
	pushq	%rax
	lretq

	.code32
1:	movl	$LOW_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	rdmsr
	andl	$~EFER_LME, %eax
	wrmsr
	xorl	%eax, %eax
	movl	%eax, %cr4
	jmp	*%esi

	.balign	8
low_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
low_gdt_end:
efi_low_end:
