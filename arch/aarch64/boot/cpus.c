/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical CPUs: start by the firmware's PSCI (SMC), kick, sleep, stop.
 * Spec: Arm DEN0022 (PSCI) 5.6 CPU_ON, 5.10 SYSTEM_OFF.
 */
#include <asm/arch.h>
#include <asm/layout.h>
#include <asm/psci.h>
#include <asm/sysreg.h>
#include <hyp/arch/cpu.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/time.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/plan.h>
#include <hyp/pool.h>

#define SERVE_MAX 4U /* interrupts taken at once */

#define START_TIMEOUT_NS 1000000000UL
#define STACK_ORDER	 2

_Static_assert((PAGE_SIZE << STACK_ORDER) == HYP_STACK_SIZE, "STACK_ORDER");

/* Memory for a stack, used through an arch_map() mapping, which has an unmapped page on either side. */
static int stack_create(unsigned int order, uint64_t *top)
{
	uint8_t *stack = page_alloc(order);
	uint8_t *va;

	if (stack == NULL) {
		return -ENOMEM;
	}
	va = arch_map(arch_virt_to_phys(stack), PAGE_SIZE << order, MAP_RW);
	if (va == NULL) {
		return -ENOMEM;
	}
	*top = (uint64_t)(va + (PAGE_SIZE << order));
	return 0;
}

int cpu_fault_stack_create(struct cpu *cpu)
{
	return stack_create(0, &cpu->arch.fault_stack);
}

static int cpu_start(struct cpu *cpu)
{
	uint64_t deadline = arch_now_ns() + START_TIMEOUT_NS;
	int64_t ret;

	if (stack_create(STACK_ORDER, &cpu->arch.stack) || cpu_fault_stack_create(cpu) ||
	    window_init(cpu)) {
		hyp_printf("CPU %u: no memory for its stack", cpu->id);
		return -EIO;
	}
	ret = psci_call(PSCI_CPU_ON_64, cpu->arch.affinity,
			arch_virt_to_phys((void *)(uintptr_t)secondary_cpu).v, (uint64_t)cpu);
	if (ret != PSCI_SUCCESS) {
		hyp_printf("CPU %u (affinity 0x%lx): firmware refuses to start it: %ld", cpu->id,
			   cpu->arch.affinity, (long)ret);
		return -EIO;
	}
	while (!__atomic_load_n(&cpu->is_online, __ATOMIC_ACQUIRE)) {
		if (arch_now_ns() > deadline) {
			hyp_printf("CPU %u (affinity 0x%lx) did not come up", cpu->id,
				   cpu->arch.affinity);
			return -EIO;
		}
	}
	return 0;
}

/* A CPU that no vCPU runs on has nothing to do: it stays off. */
static bool is_needed(const struct plan *plan, unsigned int cpu)
{
	for (uint32_t i = 0; i < plan->nr_domains; i++) {
		for (uint32_t v = 0; v < plan->domains[i].nr_vcpus; v++) {
			if (plan->domains[i].cpus[v] == cpu) {
				return true;
			}
		}
	}
	return false;
}

/* The boot CPU is plan.cpus[0]: the check is here because only now both are known. */
int arch_cpus_start(const struct plan *plan)
{
	int err;

	if (plan->cpus[0] != this_cpu()->arch.affinity) {
		hyp_printf("boot CPU has affinity 0x%lx, the plan's CPU 0 has 0x%lx",
			   this_cpu()->arch.affinity, plan->cpus[0]);
		return -EIO;
	}
	for (unsigned int i = 1; i < plan->nr_cpus; i++) {
		struct cpu *cpu = cpu_get(i);

		if (!is_needed(plan, i)) {
			continue;
		}
		cpu->arch.affinity = plan->cpus[i];
		err = cpu_start(cpu);
		if (err) {
			return err;
		}
	}
	quirks_report(plan);
	return 0;
}

void arch_cpu_idle(void)
{
	dsb(sy);
	__asm__ volatile("wfi" : : : "memory");
	arch_cpu_serve();
}

/* A few at a time: a device that never stops must not keep its CPU from everything else. */
void arch_cpu_serve(void)
{
	uint32_t intid;

	for (unsigned int i = 0; i < SERVE_MAX; i++) {
		intid = gic_ack();
		if (intid >= GIC_SPURIOUS) {
			return;
		}
		gic_drop(intid);
		gic_handle(intid);
	}
}

void arch_cpu_stop(void)
{
	for (;;) {
		__asm__ volatile("wfi" : : : "memory");
	}
}

bool arch_cpu_has_sha256(void)
{
	return ((read_sysreg(id_aa64isar0_el1) >> 12) & 0xf) != 0;
}

static void __noreturn firmware_end(uint64_t fn)
{
	console_flush_sync();
	psci_call(fn, 0, 0, 0);
	arch_cpu_stop();
}

void arch_power_off(void)
{
	firmware_end(PSCI_SYSTEM_OFF);
}

void arch_reset(void)
{
	firmware_end(PSCI_SYSTEM_RESET);
}

bool arch_random(uint64_t *value)
{
	uint64_t is_good;

	if (read_sysreg(id_aa64isar0_el1) >> 60 == 0) {
		return false;
	}
	/* RNDR by its encoding, for older assemblers; it sets Z when there is no number. */
	__asm__ volatile("mrs %0, s3_3_c2_c4_0\n\tcset %1, ne"
			 : "=r"(*value), "=r"(is_good)
			 :
			 : "cc");
	return is_good != 0;
}
