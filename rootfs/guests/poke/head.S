/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First instructions of the poke guest, and its exception vectors: an exception is counted and its
 * instruction skipped. MMU and caches stay off. Entered as Linux's booting.rst says.
 */
	.section .head, "ax"
	.global _start
_start:
	b	entry
	.long	0
	.quad	0			/* text_offset */
	/* Here the linker script writes image_size: as a number, not a relocation. */
	.section .head.rest, "a"
	.quad	0xa
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

	.text
entry:
	mov	x19, x0
	adrp	x0, bss_start
	adrp	x1, image_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	adrp	x0, stack_top
	mov	sp, x0
	adr	x0, vectors
	msr	vbar_el1, x0
	mov	x0, #(3 << 20)
	msr	cpacr_el1, x0		/* FP may be used */
	isb
	mov	x0, x19
	bl	poke_main
2:	wfi
	b	2b

	/* uint64_t hvc0(x0..x3), smc0(...), xen_call(nr, a0..a3): everything the callee may clobber is */
	.macro	call name, insn
	.global	\name
\name:
	stp	x29, x30, [sp, #-16]!
	\insn
	ldp	x29, x30, [sp], #16
	ret
	.endm
	call	hvc0, "hvc #0"
	call	smc0, "smc #0"
	call	hvc1, "hvc #1"
	call	smc1, "smc #1"
	call	hvc_last, "hvc #0xffff"

	.global	xen_call
xen_call:
	mov	x16, x0
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	mov	x3, x4
	mov	x4, #0
	hvc	#0xea1
	ret

	/* void call_code(code, x1): run one instruction that main.c wrote; its x2 is returned */
	.global	call_code
call_code:
	stp	x29, x30, [sp, #-16]!
	mov	x2, x1
	blr	x0
	mov	x0, x2
	ldp	x29, x30, [sp], #16
	ret

	.macro	save
	sub	sp, sp, #176
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x30, [sp, #144]
	mrs	x0, elr_el1
	mrs	x1, spsr_el1
	stp	x0, x1, [sp, #160]
	.endm

	.macro	stray
	.balign	128
	mov	x0, #-1
	b	poke_stray
	.endm

	.balign	2048
vectors:
	.rept	4
	stray
	.endr
	.balign	128
	save
	mrs	x0, esr_el1
	bl	poke_exception
	ldp	x0, x1, [sp, #160]
	add	x0, x0, #4
	bic	x1, x1, #(1 << 20)	/* an illegal state is not gone back to */
	b	back
	.balign	128
	save
	bl	poke_irq
	ldp	x0, x1, [sp, #160]
	b	back
	.rept	10
	stray
	.endr

back:
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
