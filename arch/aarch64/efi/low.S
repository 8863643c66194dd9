/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the firmware's EL2 to the hypervisor's entry: memory is mapped one to one, so code goes on where it is when the MMU
 * goes off; what is fetched or read from then on until the hypervisor's own MMU is on has to be in memory itself.
 * Spec: Linux Documentation/arch/arm64/booting.rst; Arm ARM D7.5 (cache maintenance).
 */

/* \from..\to: clean and invalidate to the point of coherency; clobbers \from, x9, x10 */
.macro clean from, to
	mrs	x9, ctr_el0
	ubfx	x9, x9, #16, #4
	mov	x10, #4
	lsl	x9, x10, x9
	sub	x10, x9, #1
	bic	\from, \from, x10
1:	dc	civac, \from
	add	\from, \from, x9
	cmp	\from, \to
	b.lo	1b
.endm

	.section .text.efi_leave, "ax"
	.globl	efi_leave
	.hidden	efi_leave
efi_leave:
	msr	daifset, #15
	mov	x19, x2
	mov	x20, x4
	clean	x0, x1
	clean	x2, x3
	adr	x0, leave_off
	adr	x1, leave_end
	clean	x0, x1
	dsb	sy
	isb
	mov	x0, x19
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	b	leave_off

	.balign	64
leave_off:
	mrs	x9, sctlr_el2
	bic	x9, x9, #(1 << 0)	/* M */
	bic	x9, x9, #(1 << 2)	/* C */
	bic	x9, x9, #(1 << 12)	/* I */
	msr	sctlr_el2, x9
	isb
	ic	iallu
	dsb	nsh
	isb
	br	x20
leave_end:
