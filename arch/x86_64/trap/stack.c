/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What arch/common/trap/stack.c asks of x86.
 * Spec: AMD APM vol. 3, CALL (Near): E8 with 32 bits, FF /2.
 */
#include <asm/arch.h>
#include <hyp/percpu.h>

#define LONGEST 7U /* bytes of a call through memory or a register, with its prefix */

bool stack_is_behind_call(uint64_t word)
{
	extern const uint8_t __image_start[], __rodata_start[];
	const uint8_t *at = (const uint8_t *)word;

	if (word < (uint64_t)__image_start + LONGEST || word >= (uint64_t)__rodata_start) {
		return false;
	}
	if (at[-5] == 0xe8) {
		return true;
	}
	for (unsigned int n = 2; n <= LONGEST; n++) {
		if (at[-(int)n] == 0xff && (at[1 - (int)n] & 0x38) == 0x10) {
			return true;
		}
	}
	return false;
}

uint64_t stack_end(uint64_t sp)
{
	const struct arch_cpu *a = &this_cpu()->arch;

	if (sp < a->stack && sp >= a->stack - HYP_STACK_SIZE) {
		return a->stack;
	}
	for (unsigned int i = 0; i < IST_COUNT; i++) {
		if (sp < a->ist[i] && sp >= a->ist[i] - PAGE_SIZE) {
			return a->ist[i];
		}
	}
	return 0;
}
