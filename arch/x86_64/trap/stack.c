/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a CPU came from, by its stack alone: words that point behind a call instruction of ours. Frames keep no
 * pointer that one could follow, so an address may be left over from a call that has returned; none is missing.
 * Spec: AMD APM vol. 3, CALL (Near): E8 with 32 bits, FF /2.
 */
#include <asm/arch.h>
#include <hyp/arch/cpu.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

#define MAX_SHOWN 24U
#define A_LINE	  4U
#define LONGEST	  7U /* bytes of a call through memory or a register, with its prefix */

static bool is_behind_call(uint64_t word)
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

/* End of the stack of this CPU that @sp is in; 0: of none. */
static uint64_t stack_end(uint64_t sp)
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

void arch_stack_dump(uintptr_t sp)
{
	uint64_t at = ALIGN_UP(sp, 8UL), end = stack_end(sp);
	unsigned int shown = 0, n = 0;
	char line[A_LINE * 20 + 1];

	if (end == 0) {
		hyp_printf("  SP 0x%lx is in no stack of this CPU", (unsigned long)sp);
		return;
	}
	hyp_printf("  return addresses on the stack, the latest first:");
	for (; at < end && shown < MAX_SHOWN; at += 8) {
		uint64_t word = *(const uint64_t *)at;

		if (is_behind_call(word)) {
			n += (unsigned int)hyp_snprintf(line + n, sizeof(line) - n, "  0x%lx",
							word);
			shown++;
		}
		if (n > 0 && (shown % A_LINE == 0 || shown == MAX_SHOWN)) {
			hyp_printf("%s", line);
			n = 0;
		}
	}
	if (n > 0) {
		hyp_printf("%s", line);
	}
}
