/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What arch/common/trap/stack.c asks of AArch64.
 * Spec: Arm ARM C6.2, BL and BLR.
 */
#include <asm/arch.h>
#include <asm/layout.h>
#include <hyp/percpu.h>

bool stack_is_behind_call(uint64_t word)
{
	extern const uint32_t __image_start[], __rodata_start[];
	uint32_t insn;

	if (word <= (uint64_t)__image_start || word >= (uint64_t)__rodata_start ||
	    (word & 3) != 0) {
		return false;
	}
	insn = ((const uint32_t *)word)[-1];
	return (insn & 0xfc000000U) == 0x94000000U || (insn & 0xfffffc1fU) == 0xd63f0000U;
}

uint64_t stack_end(uint64_t sp)
{
	const struct arch_cpu *a = &this_cpu()->arch;

	if (sp < a->stack && sp >= a->stack - HYP_STACK_SIZE) {
		return a->stack;
	}
	if (sp < a->fault_stack && sp >= a->fault_stack - PAGE_SIZE) {
		return a->fault_stack;
	}
	return 0;
}
