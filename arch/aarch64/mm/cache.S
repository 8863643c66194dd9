/* SPDX-License-Identifier: Apache-2.0 */
/* Cache maintenance by address (Arm ARM D7.5.9). */

/* The lines of [x0, x1), to memory. */
	.macro	flush_lines
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2
	sub	x4, x3, #1
	bic	x0, x0, x4
1:	dc	civac, x0
	add	x0, x0, x3
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	.endm

/* void cache_flush_poc(const void *start, const void *end) */
	.text
	.globl	cache_flush_poc
cache_flush_poc:
	flush_lines
	ret

/* void cache_clean_poc(const void *start, const void *end): then drop all instruction caches */
	.globl	cache_clean_poc
cache_clean_poc:
	flush_lines
	ic	ialluis
	dsb	ish
	isb
	ret

/*
 * void cache_zero_clean(void *start, void *end): pages, by DC ZVA, whose block is a cache line here,
 * of at most 256 bytes (the caller knows)
 */
	.globl	cache_zero_clean
cache_zero_clean:
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4
	mov	x3, #4
	lsl	x3, x3, x2
1:	.rept	16
	dc	zva, x0
	dc	civac, x0
	add	x0, x0, x3
	.endr
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret
