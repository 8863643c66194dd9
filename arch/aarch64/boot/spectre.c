/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each CPU needs against speculation across the border of a guest. One that needs nothing gets
 * vectors without a single instruction for it.
 *
 * Store bypass: where the CPU has PSTATE.SSBS it is clear in EL2 (SCTLR_EL2.DSSBS is zero) and a
 * guest's own affair; where the firmware's workaround 2 does it, that is switched on for good and
 * guests are told that nothing is required of them: their request could only be to weaken it.
 * Spectre-v3a (EL2's registers read by speculation) gives away addresses that are no secret here.
 * Lists of CPUs: Arm's "Speculative processor vulnerability" pages.
 */
#include <asm/midr.h>
#include <asm/psci.h>
#include <asm/spectre.h>

#define FIELD(reg, at) ((unsigned int)((reg) >> (at)) & 0xf)
#define CSV2(ids)      FIELD((ids)->pfr0, 56)
#define CSV2_BHB       3 /* branch history is part of the context too */

enum {
	WA1,
	WA2,
	WA3
};

/* Neither v2 nor v4: they do not speculate so far. */
static const uint32_t in_order[] = { MIDR_CORTEX_A35, MIDR_CORTEX_A53, MIDR_CORTEX_A55,
				     MIDR_BRAHMA_B53 };

static const struct {
	uint32_t model;
	uint8_t rounds; /* of taken branches that fill the branch history */
} history[] = {
	{ MIDR_CORTEX_A57, 8 },	  { MIDR_CORTEX_A72, 8 },    { MIDR_AMPERE1, 11 },
	{ MIDR_CORTEX_A76, 24 },  { MIDR_CORTEX_A76AE, 24 }, { MIDR_CORTEX_A77, 24 },
	{ MIDR_NEOVERSE_N1, 24 }, { MIDR_CORTEX_A78, 32 },   { MIDR_CORTEX_A78AE, 32 },
	{ MIDR_CORTEX_A78C, 32 }, { MIDR_CORTEX_X1, 32 },    { MIDR_CORTEX_X1C, 32 },
	{ MIDR_CORTEX_A710, 32 }, { MIDR_CORTEX_X2, 32 },    { MIDR_NEOVERSE_N2, 32 },
	{ MIDR_NEOVERSE_V1, 32 }, { MIDR_CORTEX_X3, 132 },   { MIDR_NEOVERSE_V2, 132 },
};

static bool is_in_order(uint32_t midr)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(in_order); i++) {
		if (midr_is(midr, in_order[i])) {
			return true;
		}
	}
	return false;
}

static uint32_t loop_rounds(uint32_t midr)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(history); i++) {
		if (midr_is(midr, history[i].model)) {
			return history[i].rounds;
		}
	}
	return 0;
}

static enum spectre_state decide_v2(const struct spectre_ids *ids)
{
	if (CSV2(ids) != 0 || is_in_order(ids->midr) || midr_is(ids->midr, MIDR_TSV110) ||
	    ids->firmware[WA1] == SMCCC_UNAFFECTED) {
		return SPECTRE_UNAFFECTED;
	}
	return ids->firmware[WA1] == SMCCC_SUCCESS ? SPECTRE_MITIGATED : SPECTRE_VULNERABLE;
}

static enum spectre_state decide_v4(const struct spectre_ids *ids)
{
	int32_t firmware = ids->firmware[WA2];

	if (is_in_order(ids->midr) || firmware == SMCCC_UNAFFECTED ||
	    firmware == SMCCC_NOT_REQUIRED) {
		return SPECTRE_UNAFFECTED;
	}
	if (FIELD(ids->pfr1, 4) != 0 || firmware == SMCCC_SUCCESS) {
		return SPECTRE_MITIGATED;
	}
	return SPECTRE_VULNERABLE;
}

static void set_vectors(struct spectre *s, enum spectre_vectors vectors, uint32_t arg)
{
	s->vectors = vectors;
	s->arg = arg;
}

/* The history is of use to a guest only where targets are shared with EL2, or are CSV2's own. */
static enum spectre_state decide_bhb(const struct spectre_ids *ids, struct spectre *s)
{
	uint32_t rounds = loop_rounds(ids->midr);
	bool by_firmware = midr_is(ids->midr, MIDR_CORTEX_A73) ||
			   midr_is(ids->midr, MIDR_CORTEX_A75);

	if (CSV2(ids) >= CSV2_BHB || ids->firmware[WA3] == SMCCC_UNAFFECTED) {
		return SPECTRE_UNAFFECTED;
	}
	if (FIELD(ids->mmfr1, 60) != 0) {
		return SPECTRE_MITIGATED; /* an exception clears the history */
	}
	if (s->v2 == SPECTRE_VULNERABLE) {
		/* alone it would be of no use */
		return rounds != 0 || by_firmware ? SPECTRE_VULNERABLE : SPECTRE_UNAFFECTED;
	}
	if (FIELD(ids->isar2, 28) != 0) {
		set_vectors(s, SPECTRE_VECTORS_CLRBHB, 0);
	} else if (rounds != 0) {
		set_vectors(s, SPECTRE_VECTORS_LOOP, rounds);
	} else if (ids->firmware[WA3] == SMCCC_SUCCESS) {
		set_vectors(s, SPECTRE_VECTORS_FIRMWARE, SMCCC_WORKAROUND_3);
	} else {
		return by_firmware ? SPECTRE_VULNERABLE : SPECTRE_UNAFFECTED;
	}
	return SPECTRE_MITIGATED;
}

/* Invalidating the predictor does for the history too, on the CPUs that need it (A57, A72, A73). */
static void prefer_firmware(const struct spectre_ids *ids, struct spectre *s)
{
	if (s->v2 == SPECTRE_MITIGATED) {
		set_vectors(s, SPECTRE_VECTORS_FIRMWARE,
			    ids->firmware[WA3] == SMCCC_SUCCESS ? SMCCC_WORKAROUND_3
								: SMCCC_WORKAROUND_1);
	}
}

/* Each exit does what the guest asks for by the call, so a call that is needed succeeds. */
static int32_t tell(enum spectre_state state)
{
	switch (state) {
	case SPECTRE_UNAFFECTED:
		return SMCCC_UNAFFECTED;
	case SPECTRE_MITIGATED:
		return SMCCC_SUCCESS;
	default:
		return SMCCC_NOT_SUPPORTED;
	}
}

static int32_t tell_v4(const struct spectre_ids *ids, enum spectre_state state)
{
	if (state == SPECTRE_MITIGATED) {
		/* by PSTATE.SSBS, which the guest sees in its ID registers; or for good */
		return FIELD(ids->pfr1, 4) != 0 ? SMCCC_NOT_SUPPORTED : SMCCC_NOT_REQUIRED;
	}
	return tell(state);
}

void spectre_decide(const struct spectre_ids *ids, struct spectre *s)
{
	*s = (struct spectre){ .vectors = SPECTRE_VECTORS_PLAIN };
	s->v2 = decide_v2(ids);
	s->v4 = decide_v4(ids);
	s->bhb = decide_bhb(ids, s);
	prefer_firmware(ids, s);
	s->asks_firmware_v4 = ids->firmware[WA2] == SMCCC_SUCCESS && FIELD(ids->pfr1, 4) == 0 &&
			      s->v4 == SPECTRE_MITIGATED;
	s->workaround[WA1] = tell(s->v2);
	s->workaround[WA2] = tell_v4(ids, s->v4);
	s->workaround[WA3] = tell(s->bhb);
}

const char *spectre_state_name(enum spectre_state state)
{
	static const char *const names[] = { "not affected", "mitigated", "vulnerable" };

	return names[state];
}
