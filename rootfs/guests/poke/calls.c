/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI and SMCCC calls by HVC and SMC, with nonsense. */
#include "poke.h"

bool is_end(uint64_t fn)
{
	uint32_t f = (uint32_t)fn;

	return f == CPU_OFF || f == SYSTEM_OFF || f == SYSTEM_RESET ||
	       (f & ~SMC64) == SYSTEM_RESET2 || (f & ~SMC64) == CPU_SUSPEND;
}

void poke_calls(void)
{
	static const uint32_t bases[] = { 0,	       0x80000000U, 0x84000000U,
					  0xc4000000U, 0xc0000000U, 0x86000000U };

	for (unsigned int b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
		for (uint32_t i = 0; i < 0x200; i++) {
			uint64_t fn = bases[b] + i;

			if (!is_end(fn)) {
				accesses += 2;
				(void)hvc0(fn, next_random(), next_random(), next_random());
				(void)smc0(fn, next_random() & 7, next_random(), 0);
			}
		}
	}
	(void)hvc0(CPU_ON_64, 0, RAM, 0); /* oneself */
	(void)hvc0(CPU_ON_64, 99, RAM, 0);
	(void)hvc0(CPU_ON_64, ~0UL, 1, 0);
	(void)hvc1(0);
	(void)hvc_last(0);
	(void)smc1(0);
	done("PSCI and SMCCC calls");
}

/* Any number by either instruction, with any arguments. */
void flood_calls(unsigned long n)
{
	while (accesses < n) {
		uint64_t fn = next_random(), since;

		if ((fn >> 40 & 3) != 0) {
			fn = (fn & 0xff0001ff) | 0x80000000U; /* a fast call of some owner */
		}
		if (is_end(fn)) {
			continue;
		}
		accesses++;
		since = counter();
		if ((fn >> 45 & 1) != 0) {
			(void)hvc0(fn, next_random(), next_random(), next_random());
		} else {
			(void)smc0(fn, next_random() & 15, next_random(), next_random());
		}
		timed(since, fn);
	}
	done("call flood");
}
