/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speculation between domains: asm/mitigate.h. What is done was decided by the boot CPU.
 * Spec: Intel SDM vol. 4 (IA32_PRED_CMD, IA32_FLUSH_CMD); AMD APM vol. 2 section 3.2.9, DE_CFG in each family's guide.
 */
#include <asm/arch.h>
#include <asm/mitigate.h>
#include <hyp/log.h>

#define MSR_PRED_CMD  0x49U
#define MSR_FLUSH_CMD 0x10bU
#define MSR_DE_CFG    0xc0011029U
#define DE_CFG_LFENCE BIT(1)

#define WANTED (CONFIG_MITIGATE_BITS | MITIGATE_SET_LFENCE)

static unsigned int offered, done; /* the same on all CPUs */

static void host(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *r)
{
	*r = cpuid(leaf, subleaf);
}

void mitigate_cpu_init(void)
{
	offered = mitigate_offered(host);
	done = offered & WANTED;
	if ((done & MITIGATE_SET_LFENCE) != 0) {
		wrmsr(MSR_DE_CFG, rdmsr(MSR_DE_CFG) | DE_CFG_LFENCE);
	}
}

static const char *state(unsigned int what)
{
	return (done & what) != 0 ? "yes" : (offered & what) != 0 ? "switched off" : "not offered";
}

void mitigate_say(void)
{
	hyp_printf("PC: between domains: IBPB %s, VERW %s, L1D flush %s; LFENCE %s",
		   state(MITIGATE_IBPB), state(MITIGATE_VERW), state(MITIGATE_L1D),
		   (done & MITIGATE_SET_LFENCE) != 0 ? "made to serialise" : "as it is");
}

void mitigate_switch(void)
{
	static const uint16_t selector = SEL_DATA;

	if ((done & MITIGATE_IBPB) != 0) {
		wrmsr(MSR_PRED_CMD, 1);
	}
	if ((done & MITIGATE_L1D) != 0) {
		wrmsr(MSR_FLUSH_CMD, 1);
	}
	if ((done & MITIGATE_VERW) != 0) {
		__asm__ volatile("verw %0" : : "m"(selector) : "cc");
	}
}
