/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entry of the boot CPU and of the others: from 32-bit mode without paging to C in our own space.
 *
 * The boot CPU comes by multiboot2's entry, or by the PVH entry (Xen public elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY; arch-x86/hvm/start_info.h):
 * flat segments, paging off, interrupts off, EBX = the machine address of struct hvm_start_info. The others come from
 * boot/trampoline.S. Both go through a table in which one more block is mapped than in ours: that with this code, at
 * its machine address.
 * Spec: AMD APM vol. 2 section 14.6, "Enabling and Activating Long Mode".
 */
#include <asm/layout.h>

#define MULTIBOOT2_HEADER 0xe85250d6
#define MULTIBOOT2_LOADED 0x36d76289	/* BOOT_MULTIBOOT2 */

#define PHYS(symbol) (symbol - HYP_VIRT_BASE + HYP_LOAD_BASE)

	/* Xen public elfnote.h: owner, type 18; the entry as 64 bits, which is how a 64-bit file has it */
	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 8, 18
	.asciz	"Xen"
	.quad	PHYS(pvh_entry)

	.section .head.text, "ax"
	.code32

/*
 * For GRUB, within the file's first 32 KiB (Multiboot2 Specification 2.0, section 3.1): the entry, and modules on pages.
 * Where it is loaded says the ELF file.
 */
	.balign	8
multiboot2_header:
	.long	MULTIBOOT2_HEADER, 0, multiboot2_end - multiboot2_header
	.long	-(MULTIBOOT2_HEADER + multiboot2_end - multiboot2_header)
	.word	3, 0			/* entry address */
	.long	12, PHYS(multiboot2_entry)
	.balign	8
	.word	6, 0			/* modules aligned to pages */
	.long	8
	.word	0, 0			/* no more */
	.long	8
multiboot2_end:

/* map the pages between two symbols; clobbers eax, ecx, edx, ebp, edi */
.macro map_pages from, to, attr
	movl	$PHYS(\from), %eax
	movl	$PHYS(\to), %ecx
	movl	$((\attr) & 0xffffffff), %edx
	movl	$((\attr) >> 32), %ebp
	call	map_run
.endm

/* table entry number \slot of \table leads to \next */
.macro link table, slot, next
	movl	$(PHYS(\next) + PTE_TABLE), PHYS(\table) + \slot * 8
.endm

	.globl	pvh_entry, multiboot2_entry
/* GRUB leaves what we ask for here too: flat segments, paging off; EAX = its number, EBX = its information */
multiboot2_entry:
	cmpl	$MULTIBOOT2_LOADED, %eax
	je	entry32
	jmp	dead
pvh_entry:
	xorl	%eax, %eax		/* BOOT_PVH */
/* a loader left us: eax says which kind, ebx points to what it says */
entry32:
	cli
	cld
	movl	%eax, PHYS(boot_from)
	movl	%ebx, %esi
	movl	$PHYS(__boot_stack_top), %esp

	/* identity: the one 2 MiB block that holds this code, read only and executable */
	link	boot_pml4, 0, idmap_pdpt
	link	idmap_pdpt, 0, idmap_pd
	movl	$(HYP_LOAD_BASE + PTE_HYP_RX + PTE_PS), PHYS(idmap_pd) + (HYP_LOAD_BASE >> 21) * 8

	/* ours: both level-4 tables lead to the same others */
	link	boot_pml4, 511, image_pdpt
	link	hyp_pml4, 511, image_pdpt
	link	hyp_pml4, 510, hyp_map_pdpt
	link	image_pdpt, 510, image_pd
	link	image_pd, 0, image_pt

	map_pages __image_start, __rodata_start, PTE_HYP_RX
	map_pages __rodata_start, __data_start, PTE_HYP_RO
	map_pages __data_start, __boot_stack_guard, PTE_HYP_RW
	map_pages (__boot_stack_guard + 4096), (__image_start + 0x200000), PTE_HYP_RW
	/* the pool: blocks */
	movl	$(HYP_LOAD_BASE + 0x200000), %eax
	movl	$PHYS(image_pd), %edi
1:	cmpl	$PHYS(__image_end), %eax
	jae	start64
	addl	$8, %edi
	movl	%eax, %edx
	orl	$((PTE_HYP_RW | PTE_PS) & 0xffffffff), %edx
	movl	%edx, (%edi)
	movl	$(PTE_HYP_RW >> 32), 4(%edi)
	addl	$0x200000, %eax
	jmp	1b

/* eax..ecx: machine range within the image's first block; ebp:edx the bits of its entries */
map_run:
	movl	%eax, %edi
	subl	$HYP_LOAD_BASE, %edi
	shrl	$9, %edi
	addl	$PHYS(image_pt), %edi
1:	cmpl	%ecx, %eax
	jae	2f
	movl	%eax, %ebx
	orl	%edx, %ebx
	movl	%ebx, (%edi)
	movl	%ebp, 4(%edi)
	addl	$8, %edi
	addl	$4096, %eax
	jmp	1b
2:	ret

/* esi goes to C. Without long mode and NX there is nothing that we could do, nor say. */
	.globl	start64
start64:
	movl	$PHYS(boot_gdt_ptr), %eax
	lgdt	(%eax)
	movl	$0x80000001, %eax
	cpuid
	andl	$0x20100000, %edx	/* LM, NX */
	cmpl	$0x20100000, %edx
	jne	dead
	movl	$(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
	movl	%eax, %cr4
	movl	$PHYS(boot_pml4), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$(EFER_LME | EFER_NXE), %eax
	xorl	%edx, %edx
	wrmsr
	movl	$(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG), %eax
	movl	%eax, %cr0
	ljmp	$SEL_CODE, $PHYS(low64)
dead:
	hlt
	jmp	dead

	.code64
low64:
	movq	$high64, %rax
	jmp	*%rax

	.text
high64:
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	/* leave the identity mapping behind */
	movl	$PHYS(hyp_pml4), %eax
	movq	%rax, %cr3
	lgdt	boot_gdt_high_ptr
	movq	ap_cpu, %rdi
	testq	%rdi, %rdi
	jnz	1f
	movq	$__boot_stack_top, %rsp
	/* a canary no guest can know; its low byte ends strings */
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movabsq	$0x9e3779b97f4a7c15, %rcx
	imulq	%rcx, %rax
	movq	%rax, %rcx
	shrq	$29, %rcx
	xorq	%rcx, %rax
	movb	$0, %al
	movq	%rax, __stack_chk_guard
	movl	%esi, %edi
	xorl	%ebp, %ebp
	call	boot_main
1:	movq	CPU_STACK(%rdi), %rsp
	xorl	%ebp, %ebp
	call	secondary_main

	.section .rodata
	.balign	16
	.globl	boot_gdt
boot_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
	.quad	0x00af9b000000ffff	/* SEL_CODE */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
boot_gdt_end:
boot_gdt_ptr:
	.word	boot_gdt_end - boot_gdt - 1
	.quad	PHYS(boot_gdt)
boot_gdt_high_ptr:
	.word	boot_gdt_end - boot_gdt - 1
	.quad	boot_gdt

	.section .tables, "aw", @nobits
	.balign	4096
	.globl	hyp_pml4, hyp_map_pdpt
boot_pml4:    .skip 4096
idmap_pdpt:   .skip 4096
idmap_pd:     .skip 4096
hyp_pml4:     .skip 4096
hyp_map_pdpt: .skip 4096
image_pdpt:   .skip 4096
image_pd:     .skip 4096
image_pt:     .skip 4096
