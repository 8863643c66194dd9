/* SPDX-License-Identifier: Apache-2.0 */
/* A CPU that comes out of a spin table: MMU off, registers hold nothing; spin_cpu says which it is. */
	.text
	.globl	spin_entry
spin_entry:
	adrp	x0, spin_cpu
	ldr	x0, [x0, #:lo12:spin_cpu]
	b	secondary_cpu
