/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entry of the boot CPU and of the others: from MMU off at any 2 MiB-aligned address to C in our
 * own space.
 *
 * Called as a Linux kernel is (Documentation/arch/arm64/booting.rst): EL2, MMU and data cache off,
 * x0 = the loader's device tree; the image is clean to the point of coherency, what lies behind it
 * may not be. So memory written before the MMU is on (the tables) is invalidated before and after;
 * all else waits for caches.
 */
#include <asm/layout.h>

#define L0_SLOT_HYP 511

	.section .head.text, "ax"
	.globl _start
_start:
	b	boot_cpu		/* code0 */
	.long	0			/* code1 */
	.quad	0			/* text_offset */
	.quad	__image_size		/* image_size: with bss and pool */
	.quad	0xa			/* little endian, 4 KiB pages, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

/* map the pages between two symbols; clobbers x1-x5 */
.macro map_pages from, to, attr
	adrp	x1, \from
	adrp	x2, \to
	ldr	x3, =(\attr | PTE_PAGE)
	bl	map_run
.endm

boot_cpu:
	msr	daifset, #15
	mov	x19, x0
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.ne	wrong_el
	bl	el2_sane

	adrp	x0, __tables_start
	adrp	x1, __tables_end
	bl	invalidate
	adrp	x0, __tables_start
	adrp	x1, __tables_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b

	/* identity: the one 2 MiB block that holds this code, read only and executable */
	adrp	x21, _start
	adrp	x0, boot_l0
	adrp	x1, idmap_l1
	ubfx	x2, x21, #39, #9
	orr	x3, x1, #PTE_TABLE
	str	x3, [x0, x2, lsl #3]
	adrp	x3, idmap_l2
	ubfx	x2, x21, #30, #9
	orr	x4, x3, #PTE_TABLE
	str	x4, [x1, x2, lsl #3]
	ubfx	x2, x21, #21, #9
	ldr	x4, =(PTE_HYP_RX | PTE_BLOCK)
	orr	x4, x4, x21
	str	x4, [x3, x2, lsl #3]

	/* ours: both level-0 tables lead to the same level 1 */
	adrp	x1, hyp_l1
	orr	x2, x1, #PTE_TABLE
	str	x2, [x0, #(L0_SLOT_HYP * 8)]
	adrp	x0, hyp_l0
	str	x2, [x0, #(L0_SLOT_HYP * 8)]
	adrp	x0, hyp_l2
	orr	x2, x0, #PTE_TABLE
	str	x2, [x1]
	adrp	x20, hyp_l3
	orr	x2, x20, #PTE_TABLE
	str	x2, [x0]

	map_pages _start, __rodata_start, PTE_HYP_RX
	map_pages __rodata_start, __data_start, PTE_HYP_RO
	map_pages __data_start, __boot_stack_guard, PTE_HYP_RW
	adrp	x1, __boot_stack_guard
	add	x1, x1, #4096
	adrp	x2, __pool_start
	ldr	x3, =(PTE_HYP_RW | PTE_PAGE)
	bl	map_run
	/* the pool: the rest of the first 2 MiB by pages, then blocks */
	adrp	x1, __pool_start
	add	x2, x21, #0x200000
	bl	map_run
	ldr	x3, =(PTE_HYP_RW | PTE_BLOCK)
	adrp	x0, hyp_l2
	add	x1, x21, #0x200000
	ldr	x2, =__image_size
	add	x2, x2, x21
2:	cmp	x1, x2
	b.hs	3f
	orr	x4, x1, x3
	str	x4, [x0, #8]!
	add	x1, x1, #0x200000
	b	2b
3:	adrp	x0, __tables_start
	adrp	x1, __tables_end
	bl	invalidate

	bl	mmu_on
	ldr	x0, =boot_cpu_virt
	br	x0

/* x1..x2: machine range within the image, x3: descriptor bits; x20 = hyp_l3, x21 = image base */
map_run:
	cmp	x1, x2
	b.hs	1f
	sub	x4, x1, x21
	lsr	x4, x4, #12
	orr	x5, x1, x3
	str	x5, [x20, x4, lsl #3]
	add	x1, x1, #4096
	b	map_run
1:	ret

/*
 * x0..x1, page aligned: drop cache lines of memory that is accessed with the MMU off; clobbers x2,
 * x3
 */
invalidate:
	dmb	sy
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2
1:	dc	ivac, x0
	add	x0, x0, x3
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret

/* a known EL2 whatever ran before us; SCTLR_EL2: only the RES1 bits (Arm ARM D19.2.120) */
el2_sane:
	msr	SPSel, #1
	ldr	x0, =0x30c50830
	msr	sctlr_el2, x0
	mov	x0, #(1 << 31)		/* HCR_EL2.RW */
	msr	hcr_el2, x0
	/* CPTR_EL2: RES1 bits (SVE traps with them); TFP off, the digest code uses SIMD */
	ldr	x0, =0x33ff
	msr	cptr_el2, x0
	msr	mdcr_el2, xzr
	msr	cntvoff_el2, xzr
	isb
	ret

/* boot_l0 becomes the table, MMU, caches, WXN and stack alignment checks come on; clobbers x0-x2 */
mmu_on:
	adrp	x0, boot_l0
	msr	ttbr0_el2, x0
	ldr	x0, =MAIR_VALUE
	msr	mair_el2, x0
	/*
	 * TCR_EL2: 48 bits, 4 KiB, inner shareable write-back walks, RES1 bits 31 and 23; PS from
	 * the CPU
	 */
	ldr	x0, =0x80803510
	mrs	x1, id_aa64mmfr0_el1
	and	x1, x1, #0xf
	mov	x2, #5
	cmp	x1, x2
	csel	x1, x1, x2, lo
	bfi	x0, x1, #16, #3
	msr	tcr_el2, x0
	isb
	tlbi	alle2
	ic	iallu
	dsb	nsh
	isb
	mrs	x0, sctlr_el2
	ldr	x1, =(1 | (1 << 2) | (1 << 3) | (1 << 12) | (1 << 19)) /* M C SA I WXN */
	orr	x0, x0, x1
	msr	sctlr_el2, x0
	isb
	ret

/* Not in EL2: there is no console yet, and nothing can be done. */
wrong_el:
	wfe
	b	wrong_el

/* A secondary CPU, from PSCI CPU_ON: x0 = its struct cpu, virtual. */
	.globl secondary_cpu
secondary_cpu:
	msr	daifset, #15
	mov	x19, x0
	bl	el2_sane
	bl	mmu_on
	ldr	x0, =secondary_cpu_virt
	br	x0
	.ltorg

	.text
/* leave the identity mapping behind: x0 = machine address of the image */
.macro own_tables
	ldr	x1, =HYP_VIRT_BASE
	adrp	x2, hyp_l0
	sub	x2, x2, x1
	add	x2, x2, x0
	msr	ttbr0_el2, x2
	isb
	tlbi	alle2
	dsb	nsh
	isb
	adr	x1, vectors
	msr	vbar_el2, x1
.endm

boot_cpu_virt:
	mov	x0, x21
	own_tables
	adrp	x0, __bss_start
	adrp	x1, __bss_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	adrp	x0, __data_start
	adrp	x1, __data_end
	add	x1, x1, #:lo12:__data_end
	adrp	x2, __data_load
	add	x2, x2, #:lo12:__data_load
2:	ldp	x3, x4, [x2], #16
	stp	x3, x4, [x0], #16
	cmp	x0, x1
	b.lo	2b
	adrp	x0, __boot_stack_top
	mov	sp, x0
	adrp	x0, image_pa
	str	x21, [x0, #:lo12:image_pa]
	/* a canary no guest can know; its low byte ends strings */
	mrs	x1, cntpct_el0
	ldr	x2, =0x9e3779b97f4a7c15
	mul	x1, x1, x2
	eor	x1, x1, x19, ror #17
	eor	x1, x1, x1, lsr #29
	bic	x1, x1, #0xff
	adrp	x0, __stack_chk_guard
	str	x1, [x0, #:lo12:__stack_chk_guard]
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, x19
	bl	boot_main

secondary_cpu_virt:
	adrp	x0, image_pa
	ldr	x0, [x0, #:lo12:image_pa]
	own_tables
	msr	tpidr_el2, x19
	ldr	x0, [x19, #CPU_STACK]
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, x19
	bl	secondary_main
	.ltorg

	.section .tables, "aw", %nobits
	.balign	4096
	.globl hyp_l0, hyp_l1
boot_l0:  .skip 4096
idmap_l1: .skip 4096
idmap_l2: .skip 4096
hyp_l0:   .skip 4096
hyp_l1:   .skip 4096
hyp_l2:   .skip 4096
hyp_l3:   .skip 4096
