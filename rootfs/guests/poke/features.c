/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is hidden from guests must not be there: ID fields zero, registers and instructions undefined. What is shown
 * must work: breakpoints and watchpoints. And no way leads into AArch32 at EL1.
 */
#include "poke.h"

#define MRS(op0, op1, crn, crm, op2) \
	(0xd5200002U | (op0) << 19 | (op1) << 16 | (crn) << 12 | (crm) << 8 | (op2) << 5)

#define EC(esr)	      ((esr) >> 26)
#define EC_UNDEFINED  0x00
#define EC_ILLEGAL    0x0e
#define EC_BREAKPOINT 0x31
#define EC_WATCHPOINT 0x35

static const uint32_t hidden[] = {
	MRS(3, 3, 9, 12, 0),			  /* PMCR_EL0 */
	MRS(3, 3, 9, 13, 0),			  /* PMCCNTR_EL0 */
	MRS(3, 3, 14, 15, 7),			  /* PMCCFILTR_EL0 */
	MRS(3, 0, 9, 9, 0),			  /* PMSCR_EL1 */
	MRS(3, 0, 9, 10, 0),			  /* PMBLIMITR_EL1 */
	MRS(3, 0, 9, 11, 0),			  /* TRBLIMITR_EL1 */
	MRS(3, 0, 1, 2, 1),			  /* TRFCR_EL1 */
	MRS(2, 1, 0, 8, 7),			  /* TRCIDR0 */
	MRS(3, 0, 1, 2, 0),			  /* ZCR_EL1 */
	MRS(3, 0, 1, 2, 6),			  /* SMCR_EL1 */
	MRS(3, 3, 4, 2, 2),			  /* SVCR */
	MRS(3, 0, 2, 1, 0),			  /* APIAKeyLo_EL1 */
	MRS(3, 0, 2, 3, 1),			  /* APGAKeyHi_EL1 */
	MRS(3, 0, 1, 0, 5),			  /* RGSR_EL1 */
	MRS(3, 0, 1, 0, 6),			  /* GCR_EL1 */
	MRS(3, 0, 5, 6, 0),			  /* TFSR_EL1 */
	MRS(3, 0, 5, 3, 0),			  /* ERRIDR_EL1 */
	MRS(3, 0, 5, 4, 2),			  /* ERXSTATUS_EL1 */
	MRS(3, 3, 13, 2, 0),			  /* AMCR_EL0 */
	MRS(3, 3, 13, 4, 0),			  /* AMEVCNTR00_EL0 */
	MRS(3, 0, 10, 4, 3),			  /* LORC_EL1 */
	MRS(3, 0, 10, 4, 7),			  /* LORID_EL1 */
	MRS(3, 0, 13, 0, 7),			  /* SCXTNUM_EL1 */
	MRS(3, 3, 13, 0, 7),			  /* SCXTNUM_EL0 */
	MRS(3, 0, 13, 0, 5),			  /* ACCDATA_EL1 */
	MRS(3, 0, 1, 0, 3),			  /* SCTLR2_EL1 */
	MRS(3, 0, 2, 0, 3),			  /* TCR2_EL1 */
	MRS(3, 0, 11, 0, 0),			  /* implementation defined */
	MRS(3, 0, 15, 0, 0),  MRS(3, 4, 1, 1, 0), /* HCR_EL2 */
	MRS(3, 6, 1, 1, 0),			  /* SCR_EL3 */
	0x04bf5022,				  /* rdvl, SVE */
	0x04bf5822,				  /* rdsvl, SME */
	0xd503477f,				  /* smstart */
	0x9ac23042,				  /* pacga */
	0xd5233062,				  /* tstart */
};

static const struct {
	uint32_t reg; /* ID register */
	uint8_t first, last;
} zero[] = {
	{ MRS(3, 0, 0, 4, 0), 28, 47 }, /* PFR0: RAS, SVE, SEL2, MPAM, AMU */
	{ MRS(3, 0, 0, 4, 1), 8, 31 },	/* PFR1: MTE, RAS, MPAM, SME */
	{ MRS(3, 0, 0, 4, 4), 0, 63 },	/* ZFR0 */
	{ MRS(3, 0, 0, 4, 5), 0, 63 },	/* SMFR0 */
	{ MRS(3, 0, 0, 5, 0), 4, 11 },	/* DFR0: trace, PMU */
	{ MRS(3, 0, 0, 5, 0), 32, 35 }, /* SPE */
	{ MRS(3, 0, 0, 6, 1), 4, 11 },	/* ISAR1: pointer authentication */
	{ MRS(3, 0, 0, 6, 1), 24, 31 }, { MRS(3, 0, 0, 6, 2), 8, 15 },
	{ MRS(3, 0, 0, 7, 0), 56, 63 }, /* MMFR0: FGT, ECV */
	{ MRS(3, 0, 0, 7, 1), 8, 11 },	/* MMFR1: VHE */
	{ MRS(3, 0, 0, 7, 1), 16, 19 }, /* LO regions */
	{ MRS(3, 0, 0, 7, 1), 40, 43 }, /* HCRX_EL2 */
	{ MRS(3, 0, 0, 7, 2), 24, 27 }, /* MMFR2: nesting */
	{ MRS(3, 0, 0, 7, 7), 0, 63 },	/* not assigned */
};

/* Which row of a table it was, for whoever looks into the log. */
static bool expect(bool good, const char *table, unsigned int row)
{
	if (!good) {
		say(table);
		say_number(row);
		say(" is there\n");
	}
	return good;
}

static unsigned int fields_are_zero(void)
{
	unsigned int good = 0;

	for (unsigned int i = 0; i < sizeof(zero) / sizeof(zero[0]); i++) {
		uint64_t value = run_word(zero[i].reg, 0) >> zero[i].first;
		unsigned int width = zero[i].last - zero[i].first + 1U;

		good += expect((width < 64 ? value & ((1UL << width) - 1) : value) == 0, "field ",
			       i);
	}
	return good;
}

static unsigned int are_undefined(void)
{
	unsigned int good = 0;
	uint64_t cpacr;

	/* no trap of our own to EL1 comes first: FPEN, ZEN, SMEN */
	__asm__ volatile("mrs %0, cpacr_el1" : "=r"(cpacr));
	__asm__ volatile("msr cpacr_el1, %0\n\tisb"
			 :
			 : "r"(cpacr | 3UL << 16 | 3UL << 20 | 3UL << 24));
	for (unsigned int i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		unsigned long before = exceptions;

		(void)run_word(hidden[i], 0);
		good += expect(exceptions == before + 1 && EC(last_esr) == EC_UNDEFINED, "hidden ",
			       i);
	}
	return good;
}

/* EL1 alone, each byte of the word or of the doubleword. */
#define BREAK_CONTROL (1UL | 1UL << 1 | 0xfUL << 5)
#define WATCH_CONTROL (1UL | 1UL << 1 | 3UL << 3 | 0xffUL << 5)
#define MDSCR_KDE_MDE (1UL << 13 | 1UL << 15)

static bool debug_works(void)
{
	static volatile uint64_t watched __attribute__((aligned(8)));
	bool breaks, watches;
	uint64_t at;

	last_esr = 0;
	__asm__ volatile("msr oslar_el1, xzr\n\tmsr mdscr_el1, %0" : : "r"(MDSCR_KDE_MDE));
	__asm__ volatile(
		"adr %0, 1f\n\tmsr dbgbvr0_el1, %0\n\tmsr dbgbcr0_el1, %1\n\tmsr daifclr, #8\n\tisb\n"
		"1:\tnop\n\tmsr daifset, #8\n\tmsr dbgbcr0_el1, xzr\n\tisb"
		: "=&r"(at)
		: "r"(BREAK_CONTROL)
		: "memory");
	breaks = EC(last_esr) == EC_BREAKPOINT;
	watched = 1;
	__asm__ volatile("msr dbgwvr0_el1, %0\n\tmsr dbgwcr0_el1, %1\n\tmsr daifclr, #8\n\tisb\n\t"
			 "str %0, [%0]\n\tmsr daifset, #8\n\tmsr dbgwcr0_el1, xzr\n\tisb"
			 :
			 : "r"(&watched), "r"(WATCH_CONTROL)
			 : "memory");
	watches = EC(last_esr) == EC_WATCHPOINT && watched == 1;
	__asm__ volatile("msr mdscr_el1, xzr\n\tisb");
	return breaks && watches;
}

#define MDSCR_SS  1UL
#define SPSR_STEP (5UL | 7UL << 6 | 1UL << 21) /* EL1h; debug exceptions alone; one instruction */

/* One step over an instruction that is trapped ends behind it, not behind the next. */
static bool step_is_one(void)
{
	uint64_t at, behind;

	stepped_to = 0;
	__asm__ volatile("msr mdscr_el1, %2\n\tadr %0, 1f\n\tadr %1, 2f\n\tmsr elr_el1, %0\n\t"
			 "msr spsr_el1, %3\n\tisb\n\teret\n"
			 "1:\tmrs %0, id_aa64pfr0_el1\n"
			 "2:\tnop\n\tnop\n\tmsr daifset, #8"
			 : "=&r"(at), "=&r"(behind)
			 : "r"(MDSCR_KDE_MDE | MDSCR_SS), "r"(SPSR_STEP)
			 : "memory");
	__asm__ volatile("msr mdscr_el1, xzr\n\tisb");
	return stepped_to == behind;
}

/* To AArch32 supervisor mode: an illegal exception return, wherever EL1 is AArch64. */
static bool aarch32_is_refused(void)
{
	uint64_t at;

	last_esr = 0;
	__asm__ volatile(
		"adr %0, 1f\n\tmsr elr_el1, %0\n\tmsr spsr_el1, %1\n\tisb\n\teret\n1:\tnop\n\tnop"
		: "=&r"(at)
		: "r"(0x1d3UL)
		: "memory");
	return EC(last_esr) == EC_ILLEGAL;
}

void poke_features(void)
{
	unsigned int good = fields_are_zero() + are_undefined();

	say_number(good);
	say(" of ");
	say_number(sizeof(zero) / sizeof(zero[0]) + sizeof(hidden) / sizeof(hidden[0]));
	say(" features are hidden\n");
	say(debug_works() ? "breakpoint and watchpoint hit\n" : "no breakpoint or watchpoint\n");
	say(step_is_one() ? "a step is one instruction\n" : "a step is not one instruction\n");
	say(aarch32_is_refused() ? "AArch32 at EL1 is refused\n" : "AArch32 at EL1 was entered\n");
	accesses = 0;
	exceptions = 0;
}
