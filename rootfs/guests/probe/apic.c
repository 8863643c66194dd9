// SPDX-License-Identifier: Apache-2.0
/*
 * The local APIC: its registers, IPIs to itself, its timer. From the write that arms the timer to the handler, without the
 * time that was programmed: what a count takes is measured by two shots of different length.
 */
#include "probe.h"

#define APIC_ID	     0x20U
#define APIC_TPR     0x80U
#define APIC_SVR     0xf0U
#define APIC_ICR     0x300U
#define LVT_TIMER    0x320U
#define TIMER_COUNT  0x380U
#define TIMER_DIVIDE 0x3e0U
#define DIVIDE_BY_1  0xbU
#define LVT_MASKED   0x10000U
#define LVT_DEADLINE 0x40000U
#define ICR_SELF     0x44000U

#define MSR_DEADLINE	 0x6e0U
#define CPUID_1_DEADLINE (1U << 24) /* ECX */

#define TIMEOUT_US 400U
#define SHORT_SHOT 20000U
#define LONG_SHOT  120000U
#define SHOT	   40000U /* 400 us: the APIC's clock is Xen's, 10 ns */
#define SHOTS	   9U

/* Ticks from the write to the handler. */
static uint64_t shot(uint32_t count, bool is_asleep)
{
	uint64_t seen = irq_count, from = counter();

	apic_write(TIMER_COUNT, count);
	wait(seen, is_asleep);
	return irq_at - from;
}

/* The least of several: something else may come between. */
static uint64_t ticks_per_count(void)
{
	uint64_t best = UINT64_MAX;

	for (unsigned int i = 0; i < SHOTS; i++) {
		uint64_t from = shot(SHORT_SHOT, false), to = shot(LONG_SHOT, false);
		uint64_t found =
			(to - from + (LONG_SHOT - SHORT_SHOT) / 2) / (LONG_SHOT - SHORT_SHOT);

		best = found < best ? found : best;
	}
	return best;
}

static void measure_timer(const char *spinning, const char *asleep)
{
	uint64_t period;

	apic_write(TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(LVT_TIMER, VECTOR_TIMER);
	sti();
	period = ticks_per_count();
	must(period != 0, "the APIC's timer");
	for (unsigned int pass = 0; pass < 2; pass++) {
		for (unsigned int i = 0; i < wanted; i++) {
			add_sample(shot(SHOT, pass != 0) - SHOT * period);
		}
		report(pass == 0 ? spinning : asleep);
	}
	cli();
	apic_write(LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
}

static void measure_deadline(void)
{
	uint64_t ahead = tsc_khz() / 1000 * TIMEOUT_US;

	apic_write(LVT_TIMER, LVT_DEADLINE | VECTOR_TIMER);
	MEASURE("wrmsr_tsc_deadline_0", wrmsr(MSR_DEADLINE, 0));
	sti();
	for (unsigned int pass = 0; pass < 2; pass++) {
		for (unsigned int i = 0; i < wanted; i++) {
			uint64_t seen = irq_count, deadline = counter() + ahead;

			wrmsr(MSR_DEADLINE, deadline);
			wait(seen, pass != 0);
			add_sample(irq_at - deadline);
		}
		report(pass == 0 ? "tsc_deadline_to_handler_spin" : "tsc_deadline_to_handler_hlt");
	}
	cli();
	apic_write(LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
}

void measure_xapic(void)
{
	apic_write(APIC_TPR, 0);
	MEASURE("xapic_mmio_id_read", (void)mmio_read(APIC_PAGE + APIC_ID));
	MEASURE("xapic_mmio_tpr_write", mmio_write(APIC_PAGE + APIC_TPR, 0));
	MEASURE_IRQ("xapic_icr_self_ipi", mmio_write(APIC_PAGE + APIC_ICR, ICR_SELF | VECTOR_IPI));
	measure_timer("xapic_timer_to_handler_spin", "xapic_timer_to_handler_hlt");
}

void measure_x2apic(void)
{
	apic_go_x2();
	MEASURE("x2apic_rdmsr_id", (void)rdmsr(MSR_X2APIC + APIC_ID / 16));
	MEASURE("x2apic_wrmsr_tpr", wrmsr(MSR_X2APIC + APIC_TPR / 16, 0));
	MEASURE_IRQ("x2apic_icr_self_ipi", wrmsr(X2APIC_ICR, ICR_SELF | VECTOR_IPI));
	MEASURE_IRQ("x2apic_selfipi_msr", wrmsr(X2APIC_SELF, VECTOR_IPI));
	measure_timer("x2apic_timer_to_handler_spin", "x2apic_timer_to_handler_hlt");
	if ((cpuid(1, 0).ecx & CPUID_1_DEADLINE) != 0) {
		measure_deadline();
	}
}
