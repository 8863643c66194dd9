/* SPDX-License-Identifier: Apache-2.0 */
/* Every register of the virtual GIC's frames at every width, and whether it still works afterwards. */
#include "poke.h"

/* One register at all widths, read and written. */
static void poke_place(uint64_t at, uint64_t value)
{
	uint64_t v;

	accesses += 8;
	__asm__ volatile("ldrb %w0, [%1]" : "=r"(v) : "r"(at) : "memory");
	__asm__ volatile("ldrh %w0, [%1]" : "=r"(v) : "r"(at & ~1UL) : "memory");
	__asm__ volatile("ldrsw %0, [%1]" : "=r"(v) : "r"(at & ~3UL) : "memory");
	__asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(at & ~7UL) : "memory");
	__asm__ volatile("strb %w0, [%1]" : : "r"(value), "r"(at) : "memory");
	__asm__ volatile("strh %w0, [%1]" : : "r"(value), "r"(at & ~1UL) : "memory");
	__asm__ volatile("str %w0, [%1]" : : "r"(value), "r"(at & ~3UL) : "memory");
	__asm__ volatile("str xzr, [%0]" : : "r"(at & ~7UL) : "memory");
}

static void poke_frame(uint64_t base, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += at < 0x1000 ? 3 : 61) {
		poke_place(base + at, next_random());
	}
	poke_place(base + size - 8, ~0UL);
}

void poke_gic(void)
{
	poke_frame(GICD, 0x10000);
	done("distributor");
	poke_frame(GICR, 0x20000);
	done("redistributor");
}

/* After all that the interrupt controller must still work, set up as a kernel does it. */
void interrupts_work(void)
{
	uint64_t sgir = 3UL << 24 | 1;

	__asm__ volatile("msr icc_sre_el1, %0\n\tisb" : : "r"(7UL));
	for (uint64_t i = 0; i < 32; i += 4) {
		write32(GICR + 0x10400 + i, 0xa0a0a0a0);
	}
	write32(GICR + 0x10380, ~0U);
	write32(GICR + 0x10280, ~0U);
	write32(GICR + 0x10180, ~0U);
	write32(GICD + 0x184, ~0U);
	write32(GICD + 0x284, ~0U);
	write32(GICD + 0x384, ~0U);
	write32(GICR + 0x10100, 1U << 3);
	write32(GICD, 0x12);
	__asm__ volatile("msr icc_pmr_el1, %0" : : "r"(0xf0UL));
	__asm__ volatile("msr icc_ctlr_el1, xzr");
	__asm__ volatile("msr icc_igrpen1_el1, %0\n\tisb" : : "r"(1UL));
	interrupts = 0;
	__asm__ volatile("msr daifclr, #2");
	for (unsigned int i = 0; i < 100; i++) {
		__asm__ volatile("msr icc_sgi1r_el1, %0\n\tisb" : : "r"(sgir));
	}
	__asm__ volatile("msr daifset, #2");
	say("");
	say_number(interrupts);
	say(" of 100 interrupts\n");
}
