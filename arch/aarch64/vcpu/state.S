/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers of a guest that stay in the hardware while it runs: to and from a struct el1_state and a struct
 * fp_state (asm/domain.h), whose order is this file's. What the hypervisor traps is not among them: debug, PMU, the
 * physical timer; nor is what is hidden from guests: pointer authentication, SVE, MTE.
 * Spec: Arm ARM D19.2; D12.
 */

/* EL1 registers in pairs: the n-th pair lies at byte 16 * n. */
.macro each_pair do
	\do	0, cntv_cval_el0, cntv_ctl_el0
	\do	1, cpacr_el1, cntkctl_el1
	\do	2, mdscr_el1, mair_el1
	\do	3, ttbr0_el1, ttbr1_el1
	\do	4, amair_el1, vbar_el1
	\do	5, esr_el1, far_el1
	\do	6, afsr0_el1, afsr1_el1
	\do	7, elr_el1, spsr_el1
	\do	8, sp_el0, sp_el1
	\do	9, tpidr_el0, tpidrro_el0
	\do	10, tpidr_el1, contextidr_el1
	\do	11, csselr_el1, par_el1
.endm

/* These go last: no walk before its tables are there (vcpu.c: stage1_off()). */
.macro last_pair do
	\do	12, tcr_el1, sctlr_el1
.endm

.macro save_pair n, a, b
	mrs	x1, \a
	mrs	x2, \b
	stp	x1, x2, [x0, #(16 * \n)]
.endm

.macro load_pair n, a, b
	ldp	x1, x2, [x0, #(16 * \n)]
	msr	\a, x1
	msr	\b, x2
.endm

	.text
	.globl	el1_save
el1_save:
	each_pair save_pair
	last_pair save_pair
	ret

	.globl	el1_load
el1_load:
	each_pair load_pair
	isb
	last_pair load_pair
	ret

	.arch_extension fp
	.arch_extension simd

.macro each_q do
	\do	0, 0, 1
	\do	1, 2, 3
	\do	2, 4, 5
	\do	3, 6, 7
	\do	4, 8, 9
	\do	5, 10, 11
	\do	6, 12, 13
	\do	7, 14, 15
	\do	8, 16, 17
	\do	9, 18, 19
	\do	10, 20, 21
	\do	11, 22, 23
	\do	12, 24, 25
	\do	13, 26, 27
	\do	14, 28, 29
	\do	15, 30, 31
.endm

.macro save_q n, a, b
	stp	q\a, q\b, [x0, #(32 * \n)]
.endm

.macro load_q n, a, b
	ldp	q\a, q\b, [x0, #(32 * \n)]
.endm

	.globl	fp_save
fp_save:
	each_q save_q
	mrs	x1, fpcr
	mrs	x2, fpsr
	str	x1, [x0, #512]
	str	x2, [x0, #520]
	ret

	.globl	fp_load
fp_load:
	each_q load_q
	ldr	x1, [x0, #512]
	ldr	x2, [x0, #520]
	msr	fpcr, x1
	msr	fpsr, x2
	ret
