/* SPDX-License-Identifier: Apache-2.0 */
/* One struct cpu per physical CPU; this_cpu() finds it. */
#ifndef HYP_PERCPU_H
#define HYP_PERCPU_H

#include <asm/percpu.h> /* struct arch_cpu; struct cpu *arch_this_cpu(void) */
#include <hyp/timer.h>
#include <hyp/types.h>

struct vcpu;

struct cpu {
	unsigned int id; /* index into plan.cpus; 0 boots */
	bool is_online;	 /* set by the CPU itself, read by all */
	bool must_choose; /* (a) a vCPU on it leaves before the guest is entered: sched_next() is due */
	struct vcpu *current; /* the vCPU that it runs or whose trap it handles; NULL: none */
	struct arch_cpu arch;
	struct cpu_timers timers;
};

/** this_cpu() - the CPU we run on. Context: any, stable because nothing migrates. */
static inline struct cpu *this_cpu(void)
{
	return arch_this_cpu();
}

/** cpu_must_choose() - is sched_next() due on @cpu, which is ours? */
static inline bool cpu_must_choose(const struct cpu *cpu)
{
	return __atomic_load_n(&cpu->must_choose, __ATOMIC_RELAXED);
}

/** cpu_get() - by index; NULL when there is none. */
struct cpu *cpu_get(unsigned int id);

/** cpu_main() - what every CPU does once it is up: run its vCPUs, sleep between. */
void __noreturn cpu_main(void);

#endif
