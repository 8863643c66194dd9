/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest may know of the CPU, field by field. A field is shown only when a guest may use the
 * feature, and at most with the value that somebody has looked at: a feature of a newer CPU, and a
 * newer form of an old one, are hidden until then.
 *
 * Not shown: SVE, SME, MTE, pointer authentication, PMU, SPE, trace, RAS, AMU, MPAM, nested
 * virtualization, LO regions, TME, fine-grained traps, LS64, everything behind HCRX_EL2, AArch32 at
 * EL1. What is hidden is also trapped or switched off in EL2 (vcpu/controls.c), but where the
 * architecture has no means for it: README.md, "Known limits".
 * Spec: Arm ARM D19.2.55 and following.
 */
#include <asm/idregs.h>

#define EL0_AARCH32 2U
#define IS_SIGNED   BIT(7) /* 0xf is minus one: not there */

struct field {
	uint8_t reg;
	uint8_t at;
	uint8_t max; /* IS_SIGNED, and the highest value that is shown */
};

static const struct field fields[] = {
	{ ID_AA64PFR0, 0, 2 },		    /* EL0: AArch32 too */
	{ ID_AA64PFR0, 16, IS_SIGNED | 1 }, /* FP */
	{ ID_AA64PFR0, 20, IS_SIGNED | 1 }, /* AdvSIMD */
	{ ID_AA64PFR0, 48, 1 },		    /* DIT */
	{ ID_AA64PFR0, 56, 1 },		    /* CSV2: from 2 on SCXTNUM_ELx come with it */
	{ ID_AA64PFR0, 60, 1 },		    /* CSV3 */
	{ ID_AA64PFR1, 0, 1 },		    /* BT */
	{ ID_AA64PFR1, 4, 2 },		    /* SSBS */
	{ ID_AA64ISAR0, 4, 2 },		    /* AES */
	{ ID_AA64ISAR0, 8, 1 },		    /* SHA1 */
	{ ID_AA64ISAR0, 12, 2 },	    /* SHA2 */
	{ ID_AA64ISAR0, 16, 1 },	    /* CRC32 */
	{ ID_AA64ISAR0, 20, 2 },	    /* Atomic */
	{ ID_AA64ISAR0, 28, 1 },	    /* RDM */
	{ ID_AA64ISAR0, 32, 1 },	    /* SHA3 */
	{ ID_AA64ISAR0, 36, 1 },	    /* SM3 */
	{ ID_AA64ISAR0, 40, 1 },	    /* SM4 */
	{ ID_AA64ISAR0, 44, 1 },	    /* DP */
	{ ID_AA64ISAR0, 48, 1 },	    /* FHM */
	{ ID_AA64ISAR0, 52, 2 },	    /* TS */
	{ ID_AA64ISAR0, 56, 2 },	    /* TLB */
	{ ID_AA64ISAR0, 60, 1 },	    /* RNDR */
	{ ID_AA64ISAR1, 0, 2 },		    /* DPB */
	{ ID_AA64ISAR1, 12, 1 },	    /* JSCVT */
	{ ID_AA64ISAR1, 16, 1 },	    /* FCMA */
	{ ID_AA64ISAR1, 20, 2 },	    /* LRCPC */
	{ ID_AA64ISAR1, 32, 1 },	    /* FRINTTS */
	{ ID_AA64ISAR1, 36, 1 },	    /* SB */
	{ ID_AA64ISAR1, 40, 1 },	    /* SPECRES */
	{ ID_AA64ISAR1, 44, 1 },	    /* BF16 */
	{ ID_AA64ISAR1, 48, 1 },	    /* DGH */
	{ ID_AA64ISAR1, 52, 1 },	    /* I8MM */
	{ ID_AA64ISAR2, 4, 1 },		    /* RPRES */
	{ ID_AA64ISAR2, 20, 1 },	    /* BC */
	{ ID_AA64ISAR2, 28, 1 },	    /* CLRBHB */
	{ ID_AA64MMFR0, 0, 2 },		    /* PARange: 40 bits, as stage 2 spans */
	{ ID_AA64MMFR0, 4, 2 },		    /* ASIDBits */
	{ ID_AA64MMFR0, 8, 1 },		    /* BigEnd */
	{ ID_AA64MMFR0, 12, 1 },	    /* SNSMem */
	{ ID_AA64MMFR0, 16, 1 },	    /* BigEndEL0 */
	{ ID_AA64MMFR0, 20, 1 },	    /* TGran16; 2 has 52 bits of address */
	{ ID_AA64MMFR0, 24, IS_SIGNED },    /* TGran64 */
	{ ID_AA64MMFR0, 28, IS_SIGNED },    /* TGran4; 1 has 52 bits of address */
	{ ID_AA64MMFR1, 0, 2 },		    /* HAFDBS */
	{ ID_AA64MMFR1, 12, 2 },	    /* HPDS */
	{ ID_AA64MMFR1, 20, 3 },	    /* PAN */
	{ ID_AA64MMFR1, 24, 1 },	    /* SpecSEI */
	{ ID_AA64MMFR1, 36, 2 },	    /* ETS */
	{ ID_AA64MMFR1, 44, 1 },	    /* AFP */
	{ ID_AA64MMFR1, 48, 1 },	    /* nTLBPA */
	{ ID_AA64MMFR1, 60, 1 },	    /* ECBHB */
	{ ID_AA64MMFR2, 0, 1 },		    /* CnP */
	{ ID_AA64MMFR2, 4, 1 },		    /* UAO */
	{ ID_AA64MMFR2, 8, 1 },		    /* LSM */
	{ ID_AA64MMFR2, 16, 1 },	    /* VARange */
	{ ID_AA64MMFR2, 20, 1 },	    /* CCIDX: CCSIDR_EL1, not trapped, has that form */
	{ ID_AA64MMFR2, 28, 1 },	    /* ST */
	{ ID_AA64MMFR2, 32, 1 },	    /* AT */
	{ ID_AA64MMFR2, 36, 1 },	    /* IDS */
	{ ID_AA64MMFR2, 48, 1 },	    /* TTL */
	{ ID_AA64MMFR2, 52, 2 },	    /* BBM */
	{ ID_AA64MMFR2, 60, 1 },	    /* E0PD */
};

/* Of use where EL0 may be AArch32: what a 32-bit application can do. */
static const struct field fields_32[] = {
	{ ID_PFR0_32, 0, 15 }, /* State0: A32 */
	{ ID_PFR0_32, 4, 15 }, /* State1: T32 */
	{ ID_PFR0_32, 8, 15 }, /* State2: Jazelle */
	{ ID_PFR0_32, 12, 1 }, /* State3: T32EE */
	{ ID_PFR0_32, 16, 1 }, /* CSV2 */
	{ ID_PFR0_32, 24, 1 }, /* DIT */
	{ ID_PFR1_32, 0, 1 },  /* ProgMod */
	{ ID_PFR1_32, 16, 1 }, /* GenTimer */
	{ ID_DFR0_32, 0, 6 },  /* CopDbg */
	{ ID_PFR2_32, 0, 1 },  /* CSV3 */
	{ ID_PFR2_32, 4, 1 },  /* SSBS */
};

/* Instruction sets, memory model and floating point of AArch32, as they are. */
static const uint8_t whole_32[] = {
	IDREG(1, 4), IDREG(1, 5), IDREG(1, 6), IDREG(1, 7), /* MMFR0-3 */
	IDREG(2, 0), IDREG(2, 1), IDREG(2, 2), IDREG(2, 3), /* ISAR0-3 */
	IDREG(2, 4), IDREG(2, 5), IDREG(2, 6), IDREG(2, 7), /* ISAR4, 5, MMFR4, ISAR6 */
	IDREG(3, 0), IDREG(3, 1), IDREG(3, 2), IDREG(3, 6), /* MVFR0-2, MMFR5 */
};

static uint64_t field_get(const uint64_t *regs, const struct field *f)
{
	return (regs[f->reg] >> f->at) & 0xf;
}

static void show(const uint64_t *hw, uint64_t *view, const struct field *f, size_t count)
{
	for (; count > 0; count--, f++) {
		uint64_t value = field_get(hw, f), max = f->max & 0xf;

		if ((f->max & IS_SIGNED) == 0 || value < 8) {
			value = MIN(value, max);
		}
		view[f->reg] |= value << f->at;
	}
}

/*
 * Armv8 debug with the breakpoints and watchpoints that there are, all of them switched with the
 * guest (vcpu/debug.c); no double lock.
 */
static uint64_t dfr0(uint64_t hw)
{
	return 6UL | (hw & (0xfUL << 12 | 0xfUL << 20 | 0xfUL << 28)) | 0xfUL << 36;
}

void idview_make(const uint64_t hw[IDREG_COUNT], uint64_t view[IDREG_COUNT])
{
	for (unsigned int i = 0; i < IDREG_COUNT; i++) {
		view[i] = 0;
	}
	show(hw, view, fields, ARRAY_SIZE(fields));
	view[ID_AA64PFR0] |= 1UL << 4 | 1UL << 24; /* EL1: AArch64 only; GIC registers */
	view[ID_AA64DFR0] = dfr0(hw[ID_AA64DFR0]);
	if ((view[ID_AA64PFR0] & 0xf) != EL0_AARCH32) {
		return;
	}
	show(hw, view, fields_32, ARRAY_SIZE(fields_32));
	for (unsigned int i = 0; i < ARRAY_SIZE(whole_32); i++) {
		view[whole_32[i]] = hw[whole_32[i]];
	}
}
