/* SPDX-License-Identifier: Apache-2.0 */
/* This CPU's features, for controls.c; and EL2 registers that are the same for every guest. */
#include <asm/arch.h>
#include <asm/debug.h>
#include <hyp/percpu.h>

static unsigned int nr_counters(uint64_t dfr0)
{
	uint64_t pmu = (dfr0 >> 8) & 0xf;

	return pmu == 0 || pmu == 0xf ? 0 : (unsigned int)(read_sysreg(pmcr_el0) >> 11) & 0x1f;
}

/* Their value at reset is not known. As zero they trap or switch off what is newer than all of this. */
static void clear_newer(const struct controls *c)
{
	if (c->has_hcrx) {
		write_sysreg(0, S3_4_C1_C2_2); /* HCRX_EL2 */
	}
	if (c->has_fgt) {
		write_sysreg(0, S3_4_C1_C1_4); /* HFGRTR_EL2 */
		write_sysreg(0, S3_4_C1_C1_5); /* HFGWTR_EL2 */
		write_sysreg(0, S3_4_C1_C1_6); /* HFGITR_EL2 */
		write_sysreg(0, S3_4_C3_C1_4); /* HDFGRTR_EL2 */
		write_sysreg(0, S3_4_C3_C1_5); /* HDFGWTR_EL2 */
	}
}

void controls_cpu_init(struct cpu *cpu)
{
	const struct controls_ids ids = {
		.pfr0 = read_sysreg(id_aa64pfr0_el1),
		.pfr1 = read_sysreg(id_aa64pfr1_el1),
		.dfr0 = read_sysreg(id_aa64dfr0_el1),
		.mmfr0 = read_sysreg(id_aa64mmfr0_el1),
		.mmfr1 = read_sysreg(id_aa64mmfr1_el1),
		.nr_counters = nr_counters(read_sysreg(id_aa64dfr0_el1)),
	};

	controls_make(&ids, &cpu->arch.controls);
	clear_newer(&cpu->arch.controls);
	debug_cpu_init();
}
