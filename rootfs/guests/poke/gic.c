/* SPDX-License-Identifier: Apache-2.0 */
/* Every register of the virtual GIC's frames at every width, and whether it still works afterwards. */
#include "poke.h"

#define GICD_BYTES 0x10000UL
#define GICR_BYTES 0x20000UL /* of one vCPU */

/* A system register of op0 3, as its number lies in an instruction, five bits further down. */
#define REG(op1, crn, crm, op2) ((op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))
#define FOUR(crm, op2)                                                                \
	REG(0, 12, crm, op2), REG(0, 12, crm, (op2) + 1), REG(0, 12, crm, (op2) + 2), \
		REG(0, 12, crm, (op2) + 3)

static uint64_t load(uint64_t at, unsigned int bytes)
{
	uint64_t v;

	switch (bytes) {
	case 1:
		__asm__ volatile("ldrb %w0, [%1]" : "=r"(v) : "r"(at) : "memory");
		break;
	case 2:
		__asm__ volatile("ldrsh %0, [%1]" : "=r"(v) : "r"(at) : "memory");
		break;
	case 4:
		__asm__ volatile("ldrsw %0, [%1]" : "=r"(v) : "r"(at) : "memory");
		break;
	default:
		__asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(at) : "memory");
		break;
	}
	return v;
}

static void store(uint64_t at, unsigned int bytes, uint64_t v)
{
	switch (bytes) {
	case 1:
		__asm__ volatile("strb %w0, [%1]" : : "r"(v), "r"(at) : "memory");
		break;
	case 2:
		__asm__ volatile("strh %w0, [%1]" : : "r"(v), "r"(at) : "memory");
		break;
	case 4:
		__asm__ volatile("str %w0, [%1]" : : "r"(v), "r"(at) : "memory");
		break;
	default:
		__asm__ volatile("str %0, [%1]" : : "r"(v), "r"(at) : "memory");
		break;
	}
}

/* At one place every width, aligned to it as device memory wants it: what is not, is this guest's own exception. */
static void poke_place(uint64_t at)
{
	for (unsigned int bytes = 1; bytes <= 8; bytes *= 2) {
		uint64_t since = counter();

		(void)load(at & ~(uint64_t)(bytes - 1), bytes);
		timed(since, at);
		since = counter();
		store(at & ~(uint64_t)(bytes - 1), bytes, next_random());
		timed(since, at);
		accesses += 2;
	}
	if ((at & 63) == 5) {
		(void)load(at, 4);
		accesses++;
	}
}

/* Each byte of what has registers, in every @step-th place; and the end. */
static void poke_frame(uint64_t base, uint64_t size, unsigned int step)
{
	for (uint64_t at = 0; at < size; at += step) {
		poke_place(base + at);
	}
	poke_place(base + size - 8);
}

void poke_gic(unsigned int step)
{
	poke_frame(GICD, GICD_BYTES, step);
	done("distributor");
	poke_frame(GICR, GICR_BYTES, step);
	done("redistributor");
}

/* CPU interface and timers: any value into each, those that send interrupts to anybody too. */
void poke_icc(void)
{
	static const uint16_t regs[] = {
		FOUR(8, 0),	  FOUR(8, 4),	    FOUR(9, 0),	      FOUR(11, 0),
		FOUR(11, 4),	  FOUR(12, 0),	    FOUR(12, 4),      REG(0, 4, 6, 0),
		REG(3, 14, 2, 0), REG(3, 14, 2, 1), REG(3, 14, 2, 2), REG(3, 14, 3, 0),
		REG(3, 14, 3, 1), REG(3, 14, 3, 2), REG(3, 14, 8, 0), REG(3, 14, 15, 7),
	};

	for (unsigned int i = 0; i < 20 * ARRAY_SIZE(regs); i++) {
		uint32_t reg = regs[next_random() % ARRAY_SIZE(regs)];
		uint32_t op = 3U << 19 | reg << 5;

		(void)run_word(0xd5000002U | op, next_random());
		(void)run_word(0xd5200002U | op, 0);
	}
	__asm__ volatile("msr cntv_ctl_el0, xzr\n\tisb");
	done("interrupt interface");
}

/* As a kernel does it, from whatever state it is in. */
void interrupts_ready(uint64_t on)
{
	uint64_t intid;

	write32(GICD, 0x12);
	__asm__ volatile("msr icc_sre_el1, %0\n\tisb" : : "r"(7UL));
	for (uint64_t i = 0; i < 32; i += 4) {
		write32(GICR + 0x10400 + i, 0xa0a0a0a0);
		write32(GICD + 0x420 + i, 0xa0a0a0a0);
	}
	write32(GICR + 0x10380, ~0U);
	write32(GICR + 0x10280, ~0U);
	write32(GICR + 0x10180, ~0U);
	write32(GICD + 0x184, ~0U);
	write32(GICD + 0x284, ~0U);
	write32(GICD + 0x384, ~0U);
	write32(GICR + 0x10080, ~0U); /* group 1 */
	write32(GICD + 0x84, ~0U);
	write32(GICR + 0x10c04, 0); /* levels */
	write32(GICD + 0xc08, 0);
	write32(GICD + 0xc0c, 0);
	for (intid = 32; intid < 64; intid++) {
		__asm__ volatile("str xzr, [%0]" : : "r"(GICD + 0x6000 + 8 * intid) : "memory");
	}
	write32(GICR + 0x10100, (uint32_t)on);
	write32(GICD + 0x104, (uint32_t)(on >> 32));
	__asm__ volatile(
		"msr icc_ap0r0_el1, xzr\n\tmsr icc_ap1r0_el1, xzr"); /* nothing is being handled */
	__asm__ volatile("msr icc_pmr_el1, %0" : : "r"(0xf0UL));
	__asm__ volatile("msr icc_bpr1_el1, xzr");
	__asm__ volatile("msr icc_ctlr_el1, xzr");
	__asm__ volatile("msr icc_igrpen1_el1, %0\n\tisb" : : "r"(1UL));
	interrupts = 0;
}

/* After all that it must still work. */
void interrupts_work(void)
{
	uint64_t sgir = 3UL << 24 | 1;

	interrupts_ready(1U << 3);
	__asm__ volatile("msr daifclr, #2");
	for (unsigned int i = 0; i < 100; i++) {
		__asm__ volatile("msr icc_sgi1r_el1, %0\n\tisb" : : "r"(sgir));
	}
	__asm__ volatile("msr daifset, #2");
	say("");
	say_number(interrupts);
	say(" of 100 interrupts\n");
}
