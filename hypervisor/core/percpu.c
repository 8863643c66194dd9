/* SPDX-License-Identifier: Apache-2.0 */
/* The table of CPUs, and what each does for the rest of its life. */
#include <hyp/arch/cpu.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/hwdog.h>
#include <hyp/percpu.h>
#include <hyp/plan.h>
#include <hyp/sched.h>

static struct cpu cpus[PLAN_MAX_CPUS];

struct cpu *cpu_get(unsigned int id)
{
	if (id >= PLAN_MAX_CPUS) {
		return NULL;
	}
	cpus[id].id = id;
	return &cpus[id];
}

/*
 * is_on_cpu is set before the vCPU is looked at once more, and domain_shutdown() changes the state
 * before it reads is_on_cpu: one of the two sees the other, so no vCPU enters a domain that was
 * taken for stopped.
 */
static void run(struct cpu *cpu, struct vcpu *v)
{
	__atomic_store_n(&v->is_on_cpu, true, __ATOMIC_SEQ_CST);
	cpu->current = v;
	if (vcpu_is_runnable(v)) {
		arch_vcpu_run(v);
	}
	cpu->current = NULL;
	vcpu_left_cpu(v);
}

/* A turn of housekeeping ends as a guest's does, when the CPU has to choose again. */
static void keep_house(struct cpu *cpu, struct vcpu *v)
{
	do {
		domain_work(v);
		arch_cpu_serve();
	} while (vcpu_has_work(v) && !cpu_must_choose(cpu));
}

void cpu_main(void)
{
	struct cpu *cpu = this_cpu();
	struct vcpu *v;

	hwdog_cpu_start();
	for (;;) {
		v = sched_next(cpu->id);
		if (v == NULL) {
			arch_cpu_idle();
		} else if (vcpu_has_work(v)) {
			keep_house(cpu, v);
		} else {
			run(cpu, v);
		}
	}
}
