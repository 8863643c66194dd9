/* SPDX-License-Identifier: Apache-2.0 */
/* The errata of CPUs that concern EL2: a row an erratum. boot/errata.c. */
#ifndef ASM_ERRATA_H
#define ASM_ERRATA_H

#include <hyp/types.h>

/** enum erratum_need - what code has to ask for; the rest is done for every CPU, or cannot be done. */
enum erratum_need {
	ERRATUM_NOTED = 0,	 /* nothing is asked anywhere */
	ERRATUM_REPEAT_TLBI = 1, /* a TLB invalidation takes effect only when done twice */
	ERRATUM_CROSSING = 2,	 /* a fault of stage 1 may be called one of stage 2 */
};

/** struct erratum - one row. */
struct erratum {
	uint32_t model;
	uint32_t first, last; /* REV() */
	uint32_t need;	      /* enum erratum_need */
	bool is_warning;      /* guests can do harm with it */
	const char *name;
	const char *done; /* about it */
};

extern const struct erratum errata[];
extern const unsigned int nr_errata;

/** erratum_matches() - does it concern the CPU with this MIDR_EL1? */
bool erratum_matches(const struct erratum *e, uint32_t midr);

/** errata_needs() - all enum erratum_need bits of a CPU. */
uint32_t errata_needs(uint32_t midr);

/** errata_needed - what any CPU of the board needs; complete once all have started. */
extern uint32_t errata_needed;

/** errata_tlbi_rounds() - how often TLBI and DSB are to be done, for one CPU's fault concerns all. */
static inline int errata_tlbi_rounds(void)
{
	return (errata_needed & ERRATUM_REPEAT_TLBI) != 0 ? 2 : 1;
}

#endif
