// SPDX-License-Identifier: Apache-2.0
/* When interrupts come: Intel SDM vol. 3 sections 6.8.1 and 6.8.3 (IF, STI, MOV SS), 11.8.3 (priorities). */
#include "trial.h"

#define LVT_TIMER    0x320U
#define TIMER_COUNT  0x380U
#define TIMER_DIVIDE 0x3e0U
#define DIVIDE_BY_1  0xbU
#define PERIODIC     0x20000U
#define TICKS	     200U

/* A self-IPI waits while @sequence runs; @at: where it has to come. */
static void expect_at(const char *what, void (*sequence)(void), const char *at)
{
	forget();
	apic_self_ipi(VECTOR_IPI);
	sequence();
	verdict(what, ipi.count == 1 && ipi.rip == (uint64_t)at);
}

/* Exits with IF clear, one behind the other, let nothing in. */
static void masked(void)
{
	forget();
	apic_self_ipi(VECTOR_IPI);
	for (unsigned int i = 0; i < 20; i++) {
		(void)cpuid(0, 0);
		(void)rdmsr(MSR_APIC_BASE);
		(void)apic_read(0x30);
	}
	verdict("interrupts masked over exits", ipi.count == 0);
	sti();
	__asm__ volatile("nop\n\tnop");
	cli();
	verdict("interrupt window opens", ipi.count == 1);
}

static void tpr(void)
{
	forget();
	apic_write(0x80, 0xf0);
	apic_self_ipi(VECTOR_IPI);
	sti();
	__asm__ volatile("nop\n\tnop");
	(void)cpuid(0, 0);
	verdict("held back by the priority", ipi.count == 0);
	seq_cr8();
	verdict("CR8 lets it in", ipi.count == 1);
}

static void start_timer(uint32_t lvt, uint32_t count)
{
	apic_write(TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(LVT_TIMER, lvt);
	apic_write(TIMER_COUNT, count);
}

static void halts(void)
{
	expect_at("HLT with an interrupt that waits", seq_sti_hlt, at_sti_hlt);
	forget();
	start_timer(VECTOR_TIMER, 100000);
	seq_sti_hlt();
	verdict("HLT until the timer", timer.count == 1 && timer.rip == (uint64_t)at_sti_hlt);
	forget();
	apic_self_nmi();
	verdict("NMI with interrupts masked", nmi.count == 1);
}

/* The timer goes off anywhere, so that the CPU often has an interrupt of its own between STI and the instruction behind it. */
static void race(void)
{
	bool is_kept = true;
	unsigned int ticks = 0;

	start_timer(VECTOR_TIMER | PERIODIC, 50000);
	while (ticks < TICKS) {
		forget();
		seq_sti_race();
		is_kept = is_kept && (timer.count == 0 || timer.rip != (uint64_t)at_sti_race);
		ticks += timer.count;
	}
	apic_write(TIMER_COUNT, 0);
	verdict("the shadow of STI, whenever the timer goes off", is_kept);
}

/* Both come to the same place: the one that waits when the other's handler is done. */
static void soft_behind_sti(void)
{
	forget();
	apic_self_ipi(VECTOR_IPI);
	seq_sti_int();
	verdict("INT n behind STI, then what waits",
		soft.count == 1 && soft.rip == (uint64_t)at_sti_int && ipi.count == 1 &&
			ipi.rip == (uint64_t)at_sti_int);
}

static void soft_race(void)
{
	bool is_right = true;
	unsigned int ticks = 0;

	start_timer(VECTOR_TIMER | PERIODIC, 50000);
	while (ticks < TICKS) {
		forget();
		apic_self_ipi(VECTOR_IPI);
		seq_sti_int();
		is_right = is_right && soft.count == 1 && soft.rip == (uint64_t)at_sti_int &&
			   ipi.count == 1 && ipi.rip == (uint64_t)at_sti_int;
		ticks += timer.count;
	}
	apic_write(TIMER_COUNT, 0);
	verdict("INT n behind STI, whenever the timer goes off", is_right);
}

void try_windows(void)
{
	expect_at("xAPIC: behind the instruction behind STI", seq_sti, at_sti);
	expect_at("xAPIC: behind one that is made in software", seq_sti_mmio, at_sti_mmio);
	apic_go_x2();
	expect_at("behind the instruction behind STI", seq_sti, at_sti);
	expect_at("behind one that exits", seq_sti_cpuid, at_sti_cpuid);
	expect_at("behind a hypercall", seq_sti_call, at_sti_call);
	expect_at("at once behind POPF", seq_popf, at_popf);
	forget();
	seq_ss();
	verdict("in the shadow of MOV SS", ipi.count == 1 && ipi.rip == (uint64_t)at_ss);
	soft_behind_sti();
	masked();
	tpr();
	halts();
	race();
	soft_race();
}

static void nmi_at(const char *what, void (*sequence)(void), const char *at)
{
	forget();
	sequence();
	verdict(what, nmi.count == 1 && nmi.rip == (uint64_t)at);
}

void try_nmis(void)
{
	nmi_at("an NMI in the shadow of STI", seq_sti_nmi, at_sti_nmi);
	nmi_at("an NMI in the shadow of MOV SS", seq_ss_nmi, at_ss_nmi);
	forget();
	nmi_again = true;
	apic_self_nmi();
	verdict("an NMI does not interrupt one", nmi.count == 2 && nmi_deepest == 1);
	forget();
	apic_self_ipi(VECTOR_IPI);
	apic_self_nmi();
	sti();
	__asm__ volatile("nop\n\tnop");
	cli();
	verdict("an NMI and an interrupt", nmi.count == 1 && ipi.count == 1);
}
