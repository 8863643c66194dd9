/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exception vectors of EL2 (Arm ARM D1.3.1) and the way into a guest and back.
 *
 * While a guest runs, SP_EL2 points at its struct guest_regs on the CPU's stack, so that a trap
 * stores registers at once. ELR_EL2 and SPSR_EL2 stay in the registers: interrupts are masked in
 * EL2, nothing overwrites them.
 */
#include <asm/layout.h>

#define X(n) ((n) * 8)

.macro save_caller
	stp	x0, x1, [sp, #X(0)]
	stp	x2, x3, [sp, #X(2)]
	stp	x4, x5, [sp, #X(4)]
	stp	x6, x7, [sp, #X(6)]
	stp	x8, x9, [sp, #X(8)]
	stp	x10, x11, [sp, #X(10)]
	stp	x12, x13, [sp, #X(12)]
	stp	x14, x15, [sp, #X(14)]
	stp	x16, x17, [sp, #X(16)]
	stp	x18, x19, [sp, #X(18)]
	str	x30, [sp, #X(30)]
.endm

.macro save_callee
	stp	x20, x21, [sp, #X(20)]
	stp	x22, x23, [sp, #X(22)]
	stp	x24, x25, [sp, #X(24)]
	stp	x26, x27, [sp, #X(26)]
	stp	x28, x29, [sp, #X(28)]
.endm

/* x2 to x29, in pairs. */
.macro each_saved do, from
	\do	x2, x3, [\from, #X(2)]
	\do	x4, x5, [\from, #X(4)]
	\do	x6, x7, [\from, #X(6)]
	\do	x8, x9, [\from, #X(8)]
	\do	x10, x11, [\from, #X(10)]
	\do	x12, x13, [\from, #X(12)]
	\do	x14, x15, [\from, #X(14)]
	\do	x16, x17, [\from, #X(16)]
	\do	x18, x19, [\from, #X(18)]
	\do	x20, x21, [\from, #X(20)]
	\do	x22, x23, [\from, #X(22)]
	\do	x24, x25, [\from, #X(24)]
	\do	x26, x27, [\from, #X(26)]
	\do	x28, x29, [\from, #X(28)]
.endm

/*
 * the hypervisor's own fault: nothing to return to, so x0 may go; a fresh stack, for the old one
 * may be the cause
 */
.macro own_fault kind
	.balign	0x80
	own_fault_at \kind
.endm

.macro own_fault_at kind
	msr	sp_el0, x0
	mov	x0, sp
	msr	tpidr_el0, x0
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #CPU_FAULT_STACK]
	mov	sp, x0
	mov	x0, #\kind
	b	own_fault_common
.endm


/*
 * What the first indirect branch in EL2 must not be led by (boot/spectre.c), with the guest's
 * registers saved; x0 to x3 may go. Each is the exit's part of one set of vectors.
 */
.macro exit_plain
.endm

.macro exit_loop
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #CPU_SPECTRE_ARG]
9:	b	8f
8:	subs	x0, x0, #1
	b.ne	9b
	dsb	nsh
	isb
.endm

.macro exit_clrbhb
	hint	#22			/* CLRBHB */
	isb
.endm

.macro exit_firmware
	mrs	x0, tpidr_el2
	ldr	x0, [x0, #CPU_SPECTRE_ARG]
	smc	#0			/* SMCCC 1.1: x4 and above are kept */
.endm

/* a lower exception level's four: synchronous, IRQ, FIQ (physical group 0 is not ours), SError */
.macro lower_el exit
	.balign	0x80
	save_caller
	save_callee
	\exit
	mov	x0, sp
	bl	trap_sync
	b	guest_return_full
	.balign	0x80
	save_caller
	\exit
	bl	trap_irq
	cbz	w0, guest_leave_irq
	b	guest_restore
	.balign	0x80
	save_caller
	\exit
	bl	trap_fiq
	cbz	w0, guest_leave_irq
	b	guest_restore
	.balign	0x80
	save_caller
	save_callee
	\exit
	bl	trap_serror
	b	guest_return_full
.endm

.macro vector_table exit
	.balign	0x800
	own_fault 0			/* current EL, SP_EL0: never used */
	own_fault 1
	own_fault 2
	own_fault 3
	own_fault 4			/* current EL, SP_EL2 */
	own_fault 5
	own_fault 6
	.balign	0x80			/* SError, and perhaps the one that serror_take waits for */
	b	el2_serror
	lower_el \exit			/* AArch64 */
	lower_el \exit			/* AArch32: a 32-bit application */
	.balign	0x80
.endm

	.text
	.balign	0x800
	.globl	vectors
vectors:				/* in the order of enum spectre_vectors */
	vector_table exit_plain
	vector_table exit_loop
	vector_table exit_clrbhb
	vector_table exit_firmware

/* From the window of serror_take it is taken and gone; from anywhere else it is our own fault. */
el2_serror:
	stp	x1, x2, [sp, #-16]!
	mrs	x1, elr_el2
	adr	x2, serror_window
	sub	x1, x1, x2
	cmp	x1, #(serror_window_end - serror_window)
	b.hi	1f
	add	sp, sp, #16
	mrs	x0, esr_el2
	mrs	x1, spsr_el2
	orr	x1, x1, #(1 << 8)	/* PSTATE.A */
	msr	spsr_el2, x1
	eret
	dsb	nsh
	isb
1:	ldp	x1, x2, [sp], #16
	own_fault_at 7

/* uint64_t serror_take(void): ELR_EL2 and SPSR_EL2 are lost */
	.globl	serror_take
serror_take:
	mov	x0, xzr
	msr	daifclr, #4
serror_window:
	isb
serror_window_end:
	msr	daifset, #4
	ret

guest_return_full:
	cbz	w0, guest_leave
	ldp	x20, x21, [sp, #X(20)]
	ldp	x22, x23, [sp, #X(22)]
	ldp	x24, x25, [sp, #X(24)]
	ldp	x26, x27, [sp, #X(26)]
	ldp	x28, x29, [sp, #X(28)]
guest_restore:
	ldp	x0, x1, [sp, #X(0)]
	ldp	x2, x3, [sp, #X(2)]
	ldp	x4, x5, [sp, #X(4)]
	ldp	x6, x7, [sp, #X(6)]
	ldp	x8, x9, [sp, #X(8)]
	ldp	x10, x11, [sp, #X(10)]
	ldp	x12, x13, [sp, #X(12)]
	ldp	x14, x15, [sp, #X(14)]
	ldp	x16, x17, [sp, #X(16)]
	ldp	x18, x19, [sp, #X(18)]
	ldr	x30, [sp, #X(30)]
	eret
	dsb	nsh			/* no speculation past eret */
	isb

/*
 * void guest_enter(struct guest_regs **frame, struct guest_saved *state): run the guest from
 * @state; returns when the vCPU leaves this CPU, its registers in @state again
 */
	.globl	guest_enter
guest_enter:
	stp	x29, x30, [sp, #-112]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	str	x1, [sp, #96]
	sub	sp, sp, #GUEST_REGS_SIZE
	mov	x4, sp
	str	x4, [x0]
	ldr	x30, [x1, #X(30)]
	ldp	x2, x3, [x1, #X(31)]
	msr	elr_el2, x2
	msr	spsr_el2, x3
	mov	x0, x1
	each_saved ldp, x0
	ldp	x0, x1, [x0, #X(0)]
	eret
	dsb	nsh
	isb

/* From an interrupt: the callee's registers are the guest's still, and not in the frame. */
guest_leave_irq:
	save_callee
guest_leave:
	ldr	x0, [sp, #(GUEST_REGS_SIZE + 96)]
	ldp	x2, x3, [sp, #X(0)]
	stp	x2, x3, [x0, #X(0)]
	.irp	r, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
	ldp	x2, x3, [sp, #X(\r)]
	stp	x2, x3, [x0, #X(\r)]
	.endr
	ldr	x1, [sp, #X(30)]
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	str	x1, [x0, #X(30)]
	stp	x2, x3, [x0, #X(31)]
	add	sp, sp, #GUEST_REGS_SIZE
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #112
	ret

own_fault_common:
	sub	sp, sp, #GUEST_REGS_SIZE
	stp	x1, x2, [sp, #X(1)]
	mrs	x1, sp_el0
	str	x1, [sp, #X(0)]
	stp	x3, x4, [sp, #X(3)]
	stp	x5, x6, [sp, #X(5)]
	stp	x7, x8, [sp, #X(7)]
	stp	x9, x10, [sp, #X(9)]
	stp	x11, x12, [sp, #X(11)]
	stp	x13, x14, [sp, #X(13)]
	stp	x15, x16, [sp, #X(15)]
	stp	x17, x18, [sp, #X(17)]
	stp	x19, x20, [sp, #X(19)]
	stp	x21, x22, [sp, #X(21)]
	stp	x23, x24, [sp, #X(23)]
	stp	x25, x26, [sp, #X(25)]
	stp	x27, x28, [sp, #X(27)]
	stp	x29, x30, [sp, #X(29)]
	mrs	x2, tpidr_el0
	mov	x1, sp
	mov	x29, xzr
	bl	trap_own_fault
