// SPDX-License-Identifier: Apache-2.0
/*
 * The TSC: it begins with the domain, is read the same by all ways, is written by WRMSR, and is nobody else's. Xen's time and
 * the local APIC's deadline go by it. Spec: Intel SDM vol. 3, 18.17, 11.5.4.1; Xen public xen.h, struct vcpu_time_info.
 */
#include "trial.h"

#include <xen/sched.h>

#define MSR_DEADLINE  0x6e0U
#define EDX_RDTSCP    (1U << 27)
#define LEAF_EXTENDED 0x80000001U
#define LVT_TIMER     0x320U
#define LVT_DEADLINE  0x40000U
#define LVT_MASKED    0x10000U
#define PATIENCE_MS   20000UL /* a loaded machine's, and less than what is written here differs by */
#define NS_PER_MS     1000000UL
#define APIC_CURRENT  0x390U
#define BUS_KHZ	      100000UL /* what the APIC's timer counts */
#define COUNTS	      (10 * BUS_KHZ)
#define TRIES	      50U
#define FAR_AHEAD     (1UL << 60)
#define TURNS	      20U
#define LOOKS	      100000U

static uint64_t rdtscp(void)
{
	uint32_t lo, hi, aux;

	__asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(aux) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* From @from on, and not long after. Both may have wrapped. */
static bool is_soon(uint64_t from, uint64_t at)
{
	return at - from < PATIENCE_MS * tsc_khz();
}

static bool is_soon_ns(uint64_t from, uint64_t at)
{
	return at - from < PATIENCE_MS * NS_PER_MS;
}

static bool ways_agree(void)
{
	bool has_rdtscp = (cpuid(LEAF_EXTENDED, 0).edx & EDX_RDTSCP) != 0;
	uint64_t first = rdtsc(), by_msr = rdmsr(MSR_TSC);
	uint64_t by_rdtscp = has_rdtscp ? rdtscp() : by_msr;

	return is_soon(first, by_msr) && is_soon(by_msr, by_rdtscp) && is_soon(by_rdtscp, rdtsc());
}

/* A sleep ends by the hypervisor's clock, not before the guest's says so. */
static bool time_agrees(void)
{
	struct sched_poll poll = { .timeout = time_ns(rdtsc()) + 2 * NS_PER_MS };

	hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uint64_t)&poll, 0, 0);
	return is_soon_ns(poll.timeout, time_ns(rdtsc()));
}

static bool is_written(uint64_t value)
{
	uint64_t before = time_ns(rdtsc());

	wrmsr(MSR_TSC, value);
	return is_soon(value, rdtsc()) && ways_agree() && is_soon_ns(before, time_ns(rdtsc())) &&
	       time_agrees();
}

/* To a twentieth, against the APIC's timer; a loaded machine does not always let both be read together. */
static bool is_at_rate(uint64_t khz)
{
	bool is_right = false;

	apic_write(LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	apic_write(0x3e0, 0xb);
	for (unsigned int i = 0; i < TRIES && !is_right; i++) {
		uint64_t from, ticks, counted = 0, want;

		apic_write(0x380, UINT32_MAX);
		from = rdtsc();
		while (counted < COUNTS) {
			counted = UINT32_MAX - apic_read(APIC_CURRENT);
		}
		ticks = rdtsc() - from;
		want = counted * khz / BUS_KHZ;
		is_right = ticks - want + want / 20 < want / 10;
	}
	apic_write(0x380, 0);
	return is_right;
}

/* By Xen's leaf, by that of the hardware if it is there, and by Xen's time. */
static bool is_rate_told(uint64_t khz)
{
	uint64_t now = rdtsc(), ns = time_ns(now + khz * 1000) - time_ns(now);
	struct cpuid_regs r = cpuid(0x15, 0);

	if (cpuid(0, 0).eax >= 0x15 && (uint64_t)r.ecx * r.ebx / r.eax / 1000 != khz) {
		return false;
	}
	return ns > 990000000 && ns < 1010000000;
}

static void say_rate(void)
{
	say("TSC at ");
	say_number(tsc_khz());
	say(" kHz\n");
}

/* Another domain does the same with another number, on the same CPU. */
static bool is_own(void)
{
	bool is_right = true;

	for (uint64_t i = 0; i < TURNS; i++) {
		uint64_t before = ((uint64_t)domain_id() << 48) + (i << 44);

		wrmsr(MSR_TSC, before);
		let_others_run();
		is_right = is_right && is_soon(before, rdtsc()) && ways_agree();
	}
	return is_right;
}

static bool comes(void)
{
	sti();
	for (unsigned int i = 0; i < LOOKS && timer.count == 0; i++) {
		(void)cpuid(0, 0);
	}
	cli();
	return timer.count == 1;
}

/*
 * Far ahead, then there at once by a write of the TSC; and by itself. CPUID shows deadlines only where the TSC is invariant;
 * they are there all the same.
 */
static bool deadline_moves(void)
{
	bool is_right;

	apic_write(LVT_TIMER, LVT_DEADLINE | VECTOR_TIMER);
	forget();
	wrmsr(MSR_DEADLINE, rdtsc() + FAR_AHEAD);
	wrmsr(MSR_TSC, rdtsc() + 2 * FAR_AHEAD);
	is_right = comes() && rdmsr(MSR_DEADLINE) == 0;
	forget();
	wrmsr(MSR_DEADLINE, rdtsc() + tsc_khz() * 2UL);
	is_right = is_right && comes();
	apic_write(LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	return is_right;
}

void try_tsc(uint64_t at_main)
{
	uint64_t ns = shared_map() ? time_ns(at_main) : 0;

	verdict("the TSC began with the domain", at_main / tsc_khz() < ns / NS_PER_MS / 2);
	verdict("RDTSC, RDTSCP and RDMSR agree", ways_agree());
	say_rate();
	verdict("the TSC's rate is the one that is told",
		is_at_rate(tsc_khz()) && is_rate_told(tsc_khz()));
	verdict("Xen's time goes by the TSC", time_agrees());
	verdict("its vCPUs' TSCs agree", (pc_shared.info.vcpu_info[0].time.flags & 1) != 0);
	verdict("the TSC is written", is_written(FAR_AHEAD));
	verdict("the TSC wraps", is_written(0UL - 1000) && rdtsc() < FAR_AHEAD);
	verdict("its vCPUs' TSCs need not agree then",
		(pc_shared.info.vcpu_info[0].time.flags & 1) == 0);
	verdict("the TSC is one's own", is_own());
	verdict("a TSC deadline moves with the TSC", deadline_moves());
	wrmsr(MSR_TSC, at_main);
}
