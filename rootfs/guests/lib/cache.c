// SPDX-License-Identifier: Apache-2.0
/*
 * Data caches by address, for devices that do not see them.
 * Spec: Arm ARM (DDI 0487) D7.5.9, CTR_EL0.
 */
#include "guest.h"

static uint64_t line_bytes(void)
{
	return 4ull << (read_sysreg(ctr_el0) >> 16 & 0xf);
}

void cache_clean(uint64_t addr, uint64_t size)
{
	uint64_t line = line_bytes(), end = addr + size;

	for (addr &= ~(line - 1); addr < end; addr += line) {
		__asm__ volatile("dc cvac, %0" : : "r"(addr) : "memory");
	}
	dsb();
}

void cache_drop(uint64_t addr, uint64_t size)
{
	uint64_t line = line_bytes(), end = addr + size;

	for (addr &= ~(line - 1); addr < end; addr += line) {
		__asm__ volatile("dc ivac, %0" : : "r"(addr) : "memory");
	}
	dsb();
}
