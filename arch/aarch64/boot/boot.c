/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First C on a CPU: its struct cpu, stacks, windows; then the core.
 * Own stage 1 is on, interrupts stay masked in EL2 for ever: they are taken from a guest or polled
 * when idle.
 */
#include <asm/arch.h>
#include <asm/idregs.h>
#include <asm/layout.h>
#include <asm/serror.h>
#include <asm/sysreg.h>
#include <hyp/arch/cpu.h>
#include <hyp/core.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

uint64_t image_pa;
uintptr_t __stack_chk_guard __section(".data");

static uint8_t boot_fault_stack[PAGE_SIZE] __aligned(16); /* until there is the pool */
extern char __boot_stack_top[];

_Static_assert(offsetof(struct cpu, arch.fault_stack) == CPU_FAULT_STACK, "CPU_FAULT_STACK");
_Static_assert(offsetof(struct cpu, arch.stack) == CPU_STACK, "CPU_STACK");
_Static_assert(offsetof(struct cpu, arch.spectre_arg) == CPU_SPECTRE_ARG, "CPU_SPECTRE_ARG");
_Static_assert(sizeof(struct guest_regs) == GUEST_REGS_SIZE, "GUEST_REGS_SIZE");

/** __stack_chk_fail() - called by the compiler's canary check. */
void __noreturn __stack_chk_fail(void);

void __noreturn __stack_chk_fail(void)
{
	panic("stack canary overwritten, caller %p", __builtin_return_address(0));
}

static uint64_t my_affinity(void)
{
	return read_sysreg(mpidr_el1) & 0xff00ffffffUL;
}

void __noreturn boot_main(uint64_t loader_fdt)
{
	struct cpu *cpu = cpu_get(0);

	cpu->arch.fault_stack = (uint64_t)(boot_fault_stack + sizeof(boot_fault_stack));
	cpu->arch.stack = (uint64_t)__boot_stack_top;
	cpu->arch.affinity = my_affinity();
	write_sysreg((uint64_t)cpu, tpidr_el2);
	isb();
	pool_init();
	tables_init();
	if (window_init(cpu) || cpu_fault_stack_create(cpu)) {
		panic("no page for the boot CPU's window or fault stack");
	}
	idreg_init();
	quirks_cpu_init(cpu);
	controls_cpu_init(cpu);
	stage2_cpu_init();
	serror_unmask();
	cpu->is_online = true;
	hyp_main(paddr(loader_fdt));
}

void __noreturn secondary_main(struct cpu *cpu)
{
	quirks_cpu_init(cpu);
	controls_cpu_init(cpu);
	stage2_cpu_init();
	if (gic_cpu_init(cpu)) {
		arch_cpu_stop();
	}
	serror_unmask();
	__atomic_store_n(&cpu->is_online, true, __ATOMIC_RELEASE);
	cpu_main();
}
