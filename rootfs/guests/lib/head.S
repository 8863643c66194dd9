/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First and last instructions of a bare-metal guest: Image header, entry at EL1, vectors.
 *
 * Entered as the arm64 boot protocol says (Linux Documentation/arch/arm64/booting.rst): MMU off, x0 = device
 * tree, interrupts masked, the image anywhere 2 MiB-aligned. Nothing here or in C needs relocation.
 */
	.section .head, "ax"
	.global _start
_start:
	b	entry
	.long	0
	.quad	0			/* text_offset */
	/* Here the linker script writes image_size, bss and stack included: as a number, not a relocation. */
	.section .head.rest, "a"
	.quad	0xa			/* little endian, 4 KiB pages, anywhere in memory */
	.quad	0
	.quad	0
	.quad	0
	.ascii	"ARM\x64"
	.long	0

	.text
entry:
	mov	x19, x0
	/*
	 * What is written with the MMU off goes past the caches: drop what they hold of bss and stack, lest
	 * an old line covers it when they are switched on (Arm ARM, "Data cache maintenance operations").
	 */
	adrp	x0, bss_start
	adrp	x1, image_end
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2		/* bytes in the smallest data cache line */
1:	dc	ivac, x0
	add	x0, x0, x3
	cmp	x0, x1
	b.lo	1b
	dsb	sy

	adrp	x0, bss_start		/* both ends are page aligned */
2:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	2b

	adrp	x0, stack_top
	mov	sp, x0
	adr	x0, vectors
	msr	vbar_el1, x0
	isb
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, x19
	bl	guest_main
3:	wfi
	b	3b

	/* mmu_switch_on(ttbr0, tcr, mair, sctlr): the tables are in memory, nothing of them is cached. */
	.global mmu_switch_on
mmu_switch_on:
	msr	ttbr0_el1, x0
	msr	tcr_el1, x1
	msr	mair_el1, x2
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	msr	sctlr_el1, x3
	isb
	ret

	/* psci_call(function, use_smc), xen_hypercall2(number, arg0, arg1), ...3(number, arg0, arg1, arg2): results in x0. */
	.global psci_call
psci_call:
	cbnz	w1, 1f
	hvc	#0
	ret
1:	smc	#0
	ret

	.global xen_hypercall2
xen_hypercall2:
	mov	x16, x0
	mov	x0, x1
	mov	x1, x2
	hvc	#0xea1
	ret

	.global xen_hypercall3
xen_hypercall3:
	mov	x16, x0
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	hvc	#0xea1
	ret

	/* x0 becomes the counter, as early as can be: an exception synchronizes, so it is not read ahead. */
	.macro	save
	sub	sp, sp, #176
	stp	x0, x1, [sp]
	mrs	x0, cntvct_el0
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x30, [sp, #144]
	.endm

	.macro	unexpected
	.balign	128
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
	b	guest_exception
	.endm

	/* Arm ARM, "Exception vectors": sixteen entries of 128 bytes. Only an IRQ taken at EL1h is ever expected. */
	.balign	2048
vectors:
	.rept	5
	unexpected
	.endr
	.balign	128
	save
	mrs	x1, elr_el1
	mrs	x2, spsr_el1
	stp	x1, x2, [sp, #160]
	b	irq_entry
	.rept	10
	unexpected
	.endr

irq_entry:
	bl	guest_irq
	ldp	x0, x1, [sp, #160]
	msr	elr_el1, x0
	msr	spsr_el1, x1
	ldp	x0, x1, [sp]
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x30, [sp, #144]
	add	sp, sp, #176
	eret

	.section .note.GNU-stack, "", %progbits
