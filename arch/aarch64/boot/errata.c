/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errata that concern a hypervisor, by Arm's Software Developers Errata Notices; those of EL1, EL0
 * and EL3 alone are a guest's and the firmware's. Most are worked around for every CPU, since that
 * costs nothing; the row then says where, for whoever changes that code.
 */
#include <asm/errata.h>
#include <asm/midr.h>

const struct erratum errata[] = {
	{ MIDR_CORTEX_A53, REV(0, 0), REV(0, 1), ERRATUM_NOTED, false, "819472",
	  "mm/cache.S cleans by clean and invalidate" },
	{ MIDR_CORTEX_A53, REV(0, 0), REV(0, 2), ERRATUM_NOTED, false, "824069, 826319, 827319",
	  "mm/cache.S cleans by clean and invalidate" },
	{ MIDR_CORTEX_A53, REV(0, 0), REV(0, 4), ERRATUM_NOTED, false, "835769",
	  "compiled with -mfix-cortex-a53-835769" },
	{ MIDR_CORTEX_A53, REV(0, 0), REV(0, 4), ERRATUM_NOTED, false, "843419",
	  "linked with --fix-cortex-a53-843419" },
	{ MIDR_CORTEX_A55, REV(0, 0), REV(2, 0), ERRATUM_NOTED, false, "1530923",
	  "stage 1 is off while stage 2 changes" },
	{ MIDR_CORTEX_A55, REV(0, 0), REV_ALL, ERRATUM_REPEAT_TLBI, false, "2441007",
	  "TLB invalidations are repeated" },
	{ MIDR_CORTEX_A57, REV(0, 0), REV(1, 2), ERRATUM_NOTED, true, "832075",
	  "a guest without its workaround can stop the CPU: trust them" },
	{ MIDR_CORTEX_A57, REV(0, 0), REV(1, 2), ERRATUM_CROSSING, false, "834220",
	  "stage 1 is asked again where a page ends" },
	{ MIDR_CORTEX_A57, REV(0, 0), REV_ALL, ERRATUM_NOTED, false, "852523",
	  "cannot come: no guest has AArch32 at EL1" },
	{ MIDR_CORTEX_A57, REV(0, 0), REV_ALL, ERRATUM_NOTED, false, "1319537",
	  "stage 1 is off while stage 2 changes" },
	{ MIDR_CORTEX_A72, REV(0, 0), REV_ALL, ERRATUM_NOTED, false, "853709",
	  "cannot come: no guest has AArch32 at EL1" },
	{ MIDR_CORTEX_A72, REV(0, 0), REV_ALL, ERRATUM_NOTED, false, "1319367",
	  "stage 1 is off while stage 2 changes" },
	{ MIDR_CORTEX_A76, REV(0, 0), REV(2, 0), ERRATUM_NOTED, false, "1165522",
	  "stage 1 is off while stage 2 changes" },
	{ MIDR_CORTEX_A76, REV(0, 0), REV(3, 0), ERRATUM_REPEAT_TLBI, false, "1286807",
	  "TLB invalidations are repeated" },
	{ MIDR_CORTEX_A510, REV(0, 0), REV(1, 1), ERRATUM_REPEAT_TLBI, false, "2441009",
	  "TLB invalidations are repeated" },
	{ MIDR_NEOVERSE_N1, REV(0, 0), REV_ALL, ERRATUM_NOTED, false, "1349291",
	  "an SError's severity is not relied on" },
};

const unsigned int nr_errata = ARRAY_SIZE(errata);

bool erratum_matches(const struct erratum *e, uint32_t midr)
{
	return midr_is(midr, e->model) && midr_rev(midr) >= e->first && midr_rev(midr) <= e->last;
}

uint32_t errata_needs(uint32_t midr)
{
	uint32_t needs = 0;

	for (unsigned int i = 0; i < nr_errata; i++) {
		if (erratum_matches(&errata[i], midr)) {
			needs |= errata[i].need;
		}
	}
	return needs;
}
