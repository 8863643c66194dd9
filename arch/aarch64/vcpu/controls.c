/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HCR_EL2, MDCR_EL2 and CPTR_EL2 while a guest runs: whatever trap/idview.c hides is trapped, where
 * the CPU has it and the architecture has a trap. Pure decision, but for the last function.
 * Spec: Arm ARM D19.2.48 (HCR_EL2), D19.3.16 (MDCR_EL2), D19.2.34 (CPTR_EL2).
 */
#include <asm/controls.h>
#include <asm/sysreg.h>

#define FIELD(reg, at) (((reg) >> (at)) & 0xf)

/*
 * Not trapped: WFI and WFE (but where vCPUs share a CPU: vcpu.c), set/way cache operations (SWIO makes invalidation
 * clean too), FP. API, APK, ATA, EnSCXT and NV are clear: pointer authentication, tags, SCXTNUM_ELx
 * and nesting are trapped.
 */
#define HCR_BASE                                                                          \
	(HCR_VM | HCR_SWIO | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TID3 | HCR_TSC | \
	 HCR_TIDCP | HCR_TACR | HCR_RW)

/* TDRA 11, TDOSA 10 (debug ROM and OS lock), TPM 6, TPMCR 5 (PMU); buffers E2PB, E2TB are EL2's */
#define MDCR_BASE (BIT(11) | BIT(10) | BIT(6) | BIT(5))
#define MDCR_TPMS BIT(14)
#define MDCR_TTRF BIT(19)

/* RES1 bits (which trap SVE and SME), TTA 20 (trace), TAM 30 (activity monitors) */
#define CPTR_BASE (0x33ffUL | BIT(20) | BIT(30))

void controls_make(const struct controls_ids *ids, struct controls *c)
{
	c->has_ras = FIELD(ids->pfr0, 28) != 0;
	c->has_hcrx = FIELD(ids->mmfr1, 40) != 0;
	c->has_fgt = FIELD(ids->mmfr0, 56) != 0;
	c->hcr = HCR_BASE;
	c->hcr |= FIELD(ids->mmfr1, 16) != 0 ? HCR_TLOR : 0;
	c->hcr |= c->has_ras ? HCR_TERR : 0;
	c->hcr |= FIELD(ids->pfr1, 8) >= 2 ? HCR_TID5 : 0; /* MTE */
	/* HPMN: all counters that there are, for 0 is reserved where there are some */
	c->mdcr = MDCR_BASE | ids->nr_counters;
	c->mdcr |= FIELD(ids->dfr0, 32) != 0 ? MDCR_TPMS : 0; /* SPE */
	c->mdcr |= FIELD(ids->dfr0, 40) != 0 ? MDCR_TTRF : 0; /* trace filter */
	c->cptr = CPTR_BASE;
}
