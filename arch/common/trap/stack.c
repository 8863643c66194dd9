/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a CPU came from, by its stack alone: words that point behind a call instruction of ours. Frames keep no
 * pointer that one could follow, so an address may be left over from a call that has returned; none is missing.
 */
#include <asm/arch.h>
#include <hyp/arch/cpu.h>
#include <hyp/log.h>

#define MAX_SHOWN 24U
#define A_LINE	  4U

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

		if (stack_is_behind_call(word)) {
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
