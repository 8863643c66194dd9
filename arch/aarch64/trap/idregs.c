/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest may know of the CPU: the ID registers (op0 = 3, op1 = 0, CRn = 0, CRm = 1-7), all
 * trapped by HCR_EL2.TID3. A field is shown only when a guest may use the feature: fields not
 * listed read as zero, so a feature of a newer CPU is hidden until someone has looked at it.
 *
 * Not shown: SVE, SME, MTE, pointer authentication, PMU, SPE, trace, RAS, AMU, MPAM, nested
 * virtualization, AArch32 at EL1 (all of whose registers read as zero), and debug beyond what the
 * architecture demands.
 * Spec: Arm ARM D19.2.55 and following.
 */
#include <asm/arch.h>
#include <asm/sysreg.h>

#define FIELD(at)  (0xfUL << (at))
#define PARANGE_40 2UL

/* What is not set is AArch32's or not assigned, hence reserved: it reads as zero. */
uint64_t guest_id[GUEST_ID_COUNT];

#define ID(crm, op2) guest_id[(crm)*8 + (op2)]

/*
 * PFR0: EL0 as it is, EL1 64-bit only, EL2 and EL3 none, FP, SIMD, GIC system registers, DIT, CSV2,
 * CSV3
 */
static uint64_t pfr0(uint64_t hw)
{
	return (hw & (FIELD(0) | FIELD(16) | FIELD(20) | FIELD(48) | FIELD(56) | FIELD(60))) |
	       1UL << 4 | 1UL << 24;
}

/*
 * MMFR0: PARange at most what stage 2 spans; ASID bits, endianness, granules; ECV, FGT and ExS
 * hidden
 */
static uint64_t mmfr0(uint64_t hw)
{
	uint64_t range = MIN(hw & 0xf, PARANGE_40);

	return (hw &
		(FIELD(4) | FIELD(8) | FIELD(12) | FIELD(16) | FIELD(20) | FIELD(24) | FIELD(28))) |
	       range;
}

/*
 * DFR0: Armv8 debug (6) with the fewest breakpoints and watchpoints there can be, one pair of each
 * and one context: fields hold the number minus one; two breakpoints are the least.
 */
#define DFR0_VALUE (6UL | 1UL << 12 | 1UL << 20)

void idreg_init(void)
{
	ID(4, 0) = pfr0(read_sysreg(id_aa64pfr0_el1));
	/* BT needs nothing of us, SSBS neither */
	ID(4, 1) = read_sysreg(id_aa64pfr1_el1) & (FIELD(0) | FIELD(4));
	ID(5, 0) = DFR0_VALUE;
	/* all instruction sets but TME (27:24) */
	ID(6, 0) = read_sysreg(id_aa64isar0_el1) & ~FIELD(24) & ~0xfUL;
	/*
	 * DPB, JSCVT, FCMA, LRCPC, FRINTTS, SB, SPECRES, BF16, DGH, I8MM; pointer authentication
	 * hidden
	 */
	ID(6, 1) = read_sysreg(id_aa64isar1_el1) &
		   (FIELD(0) | FIELD(12) | FIELD(16) | FIELD(20) | FIELD(32) | FIELD(36) |
		    FIELD(40) | FIELD(44) | FIELD(48) | FIELD(52));
	/* RPRES; the rest would need HCRX_EL2 or is pointer authentication */
	ID(6, 2) = read_sysreg(S3_0_C0_C6_2) & FIELD(4);
	ID(7, 0) = mmfr0(read_sysreg(id_aa64mmfr0_el1));
	/* HAFDBS, VMIDBits, HPDS, PAN, XNX; LO regions, VHE, TWED and newer hidden */
	ID(7, 1) = read_sysreg(id_aa64mmfr1_el1) &
		   (FIELD(0) | FIELD(4) | FIELD(12) | FIELD(20) | FIELD(28));
	/*
	 * CnP, UAO, LSM, IESB hidden with RAS, VARange, ST, AT, IDST, TTL, BBM; NV, FWB and EVT
	 * hidden
	 */
	ID(7, 2) = read_sysreg(id_aa64mmfr2_el1) &
		   (FIELD(0) | FIELD(4) | FIELD(8) | FIELD(16) | FIELD(28) | FIELD(32) | FIELD(36) |
		    FIELD(48) | FIELD(52));
}
