/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First C on a CPU: its struct cpu, descriptor tables, stacks, windows; then the core.
 * Our own page tables are on. Interrupts are masked in the hypervisor, but where it says so: before a guest is
 * entered they are open for an instruction, and while a CPU idles.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <asm/mitigate.h>
#include <hyp/arch/cpu.h>
#include <hyp/arch/mm.h>
#include <hyp/core.h>
#include <hyp/errno.h>
#include <hyp/log.h>
#include <hyp/percpu.h>
#include <hyp/pool.h>

uintptr_t __stack_chk_guard __section(".data");
struct cpu *ap_cpu;
uint32_t boot_from __section(".data"); /* written by head.S, before .bss is anybody's */

static uint8_t boot_ist[IST_COUNT][PAGE_SIZE] __aligned(16); /* until there is the pool */
extern char __boot_stack_top[];
extern const uint64_t boot_gdt[];

_Static_assert(offsetof(struct cpu, arch.self) == CPU_SELF, "CPU_SELF");
_Static_assert(offsetof(struct cpu, arch.stack) == CPU_STACK, "CPU_STACK");

/** __stack_chk_fail() - called by the compiler's canary check. */
void __noreturn __stack_chk_fail(void);

void __noreturn __stack_chk_fail(void)
{
	panic("stack canary overwritten, caller %p", __builtin_return_address(0));
}

int cpu_stacks_create(struct cpu *cpu)
{
	for (unsigned int i = 0; i < IST_COUNT; i++) {
		uint8_t *stack = page_alloc(0), *va;

		va = stack == NULL ? NULL : arch_map(arch_virt_to_phys(stack), PAGE_SIZE, MAP_RW);
		if (va == NULL) {
			return -ENOMEM;
		}
		cpu->arch.ist[i] = (uint64_t)va + PAGE_SIZE;
	}
	return 0;
}

/* AMD APM vol. 2 section 4.8.3: a system descriptor has 16 bytes. */
static void make_tables(struct arch_cpu *a)
{
	uint64_t tss = (uint64_t)&a->tss;

	for (unsigned int i = 0; i < SEL_TSS / 8; i++) {
		a->gdt[i] = boot_gdt[i];
	}
	a->gdt[SEL_TSS / 8] = (sizeof(a->tss) - 1) | (tss & 0xffffff) << 16 | 0x89UL << 40 |
			      (tss & 0xff000000UL) << 32;
	a->gdt[SEL_TSS / 8 + 1] = tss >> 32;
	a->tss.io_map = sizeof(a->tss);
	for (unsigned int i = 0; i < IST_COUNT; i++) {
		a->tss.ist[i] = a->ist[i];
	}
}

static void load_tables(struct arch_cpu *a)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) gdtr = { sizeof(a->gdt) - 1, (uint64_t)a->gdt };

	__asm__ volatile("lgdt %0\n\tltr %w1" : : "m"(gdtr), "r"(SEL_TSS));
}

/* Supervisor-mode protection where there is some: no page of ours is a user's, so nothing is ever let through. */
static void protect(void)
{
	uint64_t cr4 = read_cr4();
	uint32_t features = cpuid(0, 0).eax >= 7 ? cpuid(7, 0).ebx : 0;

	cr4 |= (features & BIT(7)) != 0 ? CR4_SMEP : 0;
	cr4 |= (features & BIT(20)) != 0 ? CR4_SMAP : 0;
	write_cr4(cr4);
}

void cpu_init(struct cpu *cpu)
{
	cpu->arch.self = cpu;
	make_tables(&cpu->arch);
	load_tables(&cpu->arch);
	wrmsr(MSR_GS_BASE, (uint64_t)cpu);
	traps_load();
	protect();
	fp_cpu_init();
	mitigate_cpu_init();
}

void __noreturn boot_main(uint64_t loader_info)
{
	struct cpu *cpu = cpu_get(0);
	uint64_t tree, rsdp = 0;

	for (unsigned int i = 0; i < IST_COUNT; i++) {
		cpu->arch.ist[i] = (uint64_t)boot_ist[i] + PAGE_SIZE;
	}
	cpu->arch.stack = (uint64_t)__boot_stack_top;
	traps_init();
	cpu_init(cpu);
	pool_init();
	tables_init();
	if (window_init(cpu) || cpu_stacks_create(cpu)) {
		panic("no page for the boot CPU's window or stacks");
	}
	for (unsigned int i = 0; i < IST_COUNT; i++) {
		cpu->arch.tss.ist[i] = cpu->arch.ist[i];
	}
	tree = loader_tree(boot_from, loader_info, &rsdp);
	firmware_read(rsdp);
	if (apic_init()) {
		panic("no room to map the local APIC");
	}
	apic_cpu_init();
	time_calibrate();
	cpu->is_online = true;
	hyp_main(paddr(tree));
}

void __noreturn secondary_main(struct cpu *cpu)
{
	cpu_init(cpu);
	apic_cpu_init();
	if (hvm->cpu_init(cpu)) {
		arch_cpu_stop();
	}
	__atomic_store_n(&cpu->is_online, true, __ATOMIC_RELEASE);
	cpu_main();
}
