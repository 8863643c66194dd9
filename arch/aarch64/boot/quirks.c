/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errata and speculation, per CPU: asked of the ID registers and of the firmware when the CPU
 * starts, acted upon, and reported once all are up. A board may have CPUs of several kinds.
 */
#include <asm/arch.h>
#include <asm/errata.h>
#include <asm/midr.h>
#include <asm/psci.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/plan.h>

uint32_t errata_needed;
static uint32_t midrs[PLAN_MAX_CPUS];

static void ask_soc_id(struct smccc_facts *facts)
{
	if (firmware_call(SMCCC_ARCH_FEATURES, SMCCC_ARCH_SOC_ID) != SMCCC_SUCCESS) {
		return;
	}
	facts->has_soc_id = true;
	facts->soc_version = (uint32_t)firmware_call(SMCCC_ARCH_SOC_ID, 0);
	facts->soc_revision = (uint32_t)firmware_call(SMCCC_ARCH_SOC_ID, 1);
}

void quirks_cpu_init(struct cpu *cpu)
{
	struct spectre *s = &cpu->arch.spectre;
	const struct spectre_ids ids = {
		.midr = (uint32_t)read_sysreg(midr_el1),
		.pfr0 = read_sysreg(id_aa64pfr0_el1),
		.pfr1 = read_sysreg(id_aa64pfr1_el1),
		.isar2 = read_sysreg(S3_0_C0_C6_2), /* ID_AA64ISAR2_EL1 */
		.mmfr1 = read_sysreg(id_aa64mmfr1_el1),
		.firmware = { firmware_call(SMCCC_ARCH_FEATURES, SMCCC_WORKAROUND_1),
			      firmware_call(SMCCC_ARCH_FEATURES, SMCCC_WORKAROUND_2),
			      firmware_call(SMCCC_ARCH_FEATURES, SMCCC_WORKAROUND_3) },
	};

	midrs[cpu->id] = ids.midr;
	__atomic_fetch_or(&errata_needed, errata_needs(ids.midr), __ATOMIC_RELAXED);
	spectre_decide(&ids, s);
	if (s->asks_firmware_v4) {
		(void)firmware_call(SMCCC_WORKAROUND_2, 1);
	}
	cpu->arch.spectre_arg = s->arg;
	write_sysreg((uint64_t)vectors[s->vectors], vbar_el2);
	isb();
	for (unsigned int i = 0; i < ARRAY_SIZE(s->workaround); i++) {
		cpu->arch.facts.workaround[i] = s->workaround[i];
	}
	ask_soc_id(&cpu->arch.facts);
}

const struct smccc_facts *smccc_facts(void)
{
	return &this_cpu()->arch.facts;
}

/* Was a CPU of the same kind reported already? */
static bool is_known(unsigned int cpu)
{
	for (unsigned int i = 0; i < cpu; i++) {
		if (cpu_get(i)->is_online && midrs[i] == midrs[cpu]) {
			return true;
		}
	}
	return false;
}

/* The names; what is done about each stands in boot/errata.c, unless guests can do harm with it. */
static void report_errata(unsigned int cpu, uint32_t midr)
{
	char names[160];
	size_t len = 0;

	names[0] = '\0';
	for (unsigned int i = 0; i < nr_errata; i++) {
		if (!erratum_matches(&errata[i], midr)) {
			continue;
		}
		len += (size_t)hyp_snprintf(names + len, sizeof(names) - len, " %s",
					    errata[i].name);
		len = MIN(len, sizeof(names) - 1);
		if (errata[i].is_warning) {
			hyp_printf("CPU %u: WARNING: erratum %s: %s", cpu, errata[i].name,
				   errata[i].done);
		}
	}
	if (len != 0) {
		hyp_printf("CPU %u: errata:%s", cpu, names);
	}
}

static void report(unsigned int cpu)
{
	static const char *const exits[SPECTRE_VECTORS_COUNT] = { "", ", branches at each exit",
								  ", CLRBHB at each exit",
								  ", firmware at each exit" };
	const struct spectre *s = &cpu_get(cpu)->arch.spectre;
	uint32_t midr = midrs[cpu];

	hyp_printf("CPU %u: MIDR 0x%x (r%up%u), Spectre v2 %s, BHB %s, v4 %s%s", cpu, midr,
		   MIDR_R(midr), MIDR_P(midr), spectre_state_name(s->v2),
		   spectre_state_name(s->bhb), spectre_state_name(s->v4), exits[s->vectors]);
	report_errata(cpu, midr);
}

void quirks_report(const struct plan *plan)
{
	for (unsigned int i = 0; i < plan->nr_cpus; i++) {
		if (cpu_get(i)->is_online && !is_known(i)) {
			report(i);
		}
	}
}
