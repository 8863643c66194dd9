/* SPDX-License-Identifier: Apache-2.0 */
/* MRS and MSR of every encoding: written as an instruction, run, whatever comes of it. */
#include "poke.h"

#define MSR 0xd5000002U /* from x2 */
#define MRS 0xd5200002U /* to x2 */

/* Not written: what the guest itself stands on, and what has its vCPU's clock or interrupts. */
static bool is_own_ground(uint32_t op0, uint32_t crn)
{
	return op0 == 3 && (crn <= 2 || crn == 4 || crn == 5 || crn == 6 || crn == 10 ||
			    crn == 12 || crn == 14);
}

void poke_sysregs(void)
{
	for (uint32_t i = 0; i < 2 * 8 * 16 * 16 * 8; i++) {
		uint32_t op0 = 2 + (i >> 14);
		uint32_t op1 = i >> 11 & 7;
		uint32_t crn = i >> 7 & 15;
		uint32_t crm = i >> 3 & 15;
		uint32_t op = op0 << 19 | op1 << 16 | crn << 12 | crm << 8 | (i & 7) << 5;

		(void)run_word(MRS | op, next_random());
		if (!is_own_ground(op0, crn)) {
			(void)run_word(MSR | op, next_random());
		}
	}
	done("system registers");
}

/*
 * Every SYS and SYSL instruction: caches by address and by set and way, address translation, TLBs of this CPU and of
 * all. Their register holds an address of ours, or a set and way, or nonsense.
 */
void poke_maintenance(void)
{
	for (uint32_t i = 0; i < 8 * 16 * 16 * 8; i++) {
		uint32_t op = 1U << 19 | i << 5;
		uint64_t x = (i & 1) != 0 ? SCRATCH + (i & 0xfff00) : next_random() & 0xfffffff;

		(void)run_word(MSR | op, (i & 3) == 3 ? next_random() : x);
		(void)run_word(MRS | op, x);
	}
	__asm__ volatile("dsb sy\n\tisb");
	done("cache and TLB instructions");
}
