/* SPDX-License-Identifier: Apache-2.0 */
/* What EL2 traps of a guest on a CPU, by the CPU's features; the other side of trap/idview.c. */
#ifndef ASM_CONTROLS_H
#define ASM_CONTROLS_H

#include <hyp/types.h>

/** struct controls_ids - the ID registers that it depends on. */
struct controls_ids {
	uint64_t pfr0, pfr1, dfr0, mmfr0, mmfr1;
	unsigned int nr_counters; /* PMCR_EL0.N; 0: no PMU */
};

struct controls {
	uint64_t hcr;
	uint64_t mdcr;
	uint64_t cptr;
	bool has_ras;  /* VDISR_EL2 and VSESR_EL2 exist */
	bool has_hcrx; /* HCRX_EL2 */
	bool has_fgt;  /* HFGRTR_EL2 and its like */
};

/** controls_make() - for a CPU. */
void controls_make(const struct controls_ids *ids, struct controls *c);

/** controls_cpu_init() - this CPU's, into its struct cpu; what no guest changes is written at once. */
struct cpu;
void controls_cpu_init(struct cpu *cpu);

#define MDCR_TDA BIT(9)

#endif
