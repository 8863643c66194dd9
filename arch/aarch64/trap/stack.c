/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a CPU came from, by its stack alone: words that point behind a call instruction of ours. Frames keep no
 * pointer that one could follow, so an address may be left over from a call that has returned; none is missing.
 * Spec: Arm ARM C6.2, BL and BLR.
 */
#include <asm/arch.h>
#include <asm/layout.h>
#include <hyp/arch/cpu.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

#define MAX_SHOWN 24U
#define A_LINE	  4U

static bool is_behind_call(uint64_t word)
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

/* End of the stack of this CPU that @sp is in; 0: of none. */
static uint64_t stack_end(uint64_t sp)
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
