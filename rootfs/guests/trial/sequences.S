/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions one behind the other whose addresses matter. Called with interrupts masked, and return so. Registers that C
 * keeps stay; an interrupt is pending where its name does not say otherwise.
 */
	.text

.macro sequence name
	.balign	16
	.globl	\name
\name:
	pushq	%rbx
.endm

.macro over
	cli
	popq	%rbx
	ret
.endm

/* by the CPU vendor's instruction: pc.c writes it */
.macro call_hypervisor
900:	vmmcall
	.section .sites, "a"
	.quad	900b
	.text
.endm

.macro place name
	.globl	\name
\name:
.endm

	/* taken behind the instruction that follows STI */
sequence seq_sti
	sti
	nop
place at_sti
	nop
	nop
	over

	/* that one exits */
sequence seq_sti_cpuid
	xorl	%eax, %eax
	xorl	%ecx, %ecx
	sti
	cpuid
place at_sti_cpuid
	nop
	nop
	over

	/* and this one is made in software */
sequence seq_sti_mmio
	movl	$0xfee00030, %ebx
	sti
	movl	(%rbx), %eax
place at_sti_mmio
	nop
	nop
	over

sequence seq_sti_call
	movl	$17, %eax
	xorl	%edi, %edi
	xorl	%esi, %esi
	sti
	call_hypervisor
place at_sti_call
	nop
	nop
	over

	/* at once */
sequence seq_popf
	pushfq
	orq	$0x200, (%rsp)
	popfq
place at_popf
	nop
	nop
	over

sequence seq_sti_hlt
	sti
	hlt
place at_sti_hlt
	nop
	over

	/* an interrupt of the hypervisor's may leave the guest anywhere here */
sequence seq_sti_race
	sti
place at_sti_race
	nop
	nop
	over

	/* lets in what CR8 held back: nothing here exits by itself */
sequence seq_cr8
	movl	$15, %eax
	sti
	movq	%rax, %cr8
	nop
	xorl	%eax, %eax
	movq	%rax, %cr8
	nop
	nop
	nop
	over

	/* a self-IPI (x2APIC) in the shadow of MOV SS: taken behind it */
sequence seq_ss
	movl	$0x83f, %ecx
	movl	$0x40, %eax
	xorl	%edx, %edx
	sti
	nop
	movl	%ss, %ebx
	movl	%ebx, %ss
	wrmsr
place at_ss
	nop
	nop
	over

	/* an NMI to itself (x2APIC, ID 0) in the shadow of STI, and in that of MOV SS: behind it */
sequence seq_sti_nmi
	movl	$0x830, %ecx
	movl	$0x4400, %eax
	xorl	%edx, %edx
	sti
	wrmsr
place at_sti_nmi
	nop
	over

sequence seq_ss_nmi
	movl	$0x830, %ecx
	movl	$0x4400, %eax
	xorl	%edx, %edx
	movl	%ss, %ebx
	movl	%ebx, %ss
	wrmsr
place at_ss_nmi
	nop
	over

	/* behind STI an INT n is executed first, by a gate that masks: what waits comes behind its IRET */
sequence seq_sti_int
	sti
	int	$0x60
place at_sti_int
	nop
	nop
	over

	/* what was loaded into SS is watched: its #DB waits until the next instruction, which exits, is done */
sequence seq_ss_watched
	movl	%ss, %eax
	movw	%ax, watched_ss
	xorl	%eax, %eax
	xorl	%ecx, %ecx
	movl	$0x00070402, %ebx	/* DR0: two bytes, read or written, by any task */
	movq	$watched_ss, %rdx
	movq	%rdx, %dr0
	movq	%rbx, %dr7
	movw	watched_ss, %ss
	cpuid
place at_ss_watched
	nop
	over

sequence seq_int
	int	$0x60
place at_int
	nop
	over

	/* DR0 says where */
sequence seq_break
	nop
place at_break
	nop
	over

	/* every instruction once: plain, those that exit, one made in software, and MOV SS, which is none of its own */
sequence seq_step
	movl	$0xfee00030, %ebx
	xorl	%esi, %esi
	xorl	%edi, %edi
	pushfq
	orq	$0x100, (%rsp)
	popfq
	nop
11:	xorl	%eax, %eax
12:	xorl	%ecx, %ecx
13:	cpuid
14:	movl	$0x1b, %ecx
15:	rdmsr
16:	wrmsr
17:	inb	$0x80, %al
18:	outb	%al, $0x80
19:	movl	$0xfee00030, %ebx
20:	movl	(%rbx), %eax
21:	movl	$17, %eax
22:	call_hypervisor
23:	movl	%ss, %eax
24:	movl	%eax, %ss
	nop
25:	movl	%eax, %ss
	cpuid
26:	pushfq
27:	andq	$~0x100, (%rsp)
28:	popfq
29:	nop
	over

	.section .rodata
	.balign	8
	.globl	want_steps, nr_want_steps
want_steps:
	.quad	11b, 12b, 13b, 14b, 15b, 16b, 17b, 18b, 19b, 20b, 21b, 22b, 23b, 24b, 25b, 26b, 27b, 28b, 29b
nr_want_steps:
	.long	19
	.text

	/* asleep with interrupts masked: the step itself wakes it */
sequence seq_step_hlt
	pushfq
	orq	$0x100, (%rsp)
	popfq
	hlt
place at_step_hlt
	pushfq
	andq	$~0x100, (%rsp)
	popfq
	nop
	over

	.section .bss
watched_ss:
	.skip	8
