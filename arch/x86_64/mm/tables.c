/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own address space, what is x86's: the use of windows, and how the other CPUs forget what is taken back; they are
 * told by NMI, for they take nothing else while they wait for a lock. Mappings are made in arch/common/mm/map.c.
 * Spec: AMD APM vol. 2 sections 5.3 (tables), 5.5 (TLB).
 */
#include <asm/arch.h>
#include <asm/layout.h>
#include <hyp/arch/mm.h>
#include <hyp/log.h>
#include <hyp/percpu.h>

void tables_flush_all(void)
{
	write_cr3(read_cr3()); /* no page of ours is global */
}

/* A CPU that panics does not wait for the others, which it has stopped. */
void tables_sync_others(void)
{
	struct cpu *cpu;

	for (unsigned int i = 0; (cpu = cpu_get(i)) != NULL; i++) {
		if (cpu != this_cpu() && __atomic_load_n(&cpu->is_online, __ATOMIC_ACQUIRE)) {
			__atomic_store_n(&cpu->arch.must_flush, true, __ATOMIC_SEQ_CST);
			apic_ipi(cpu->arch.apic_id, IPI_NMI);
		}
	}
	for (unsigned int i = 0; (cpu = cpu_get(i)) != NULL; i++) {
		while (__atomic_load_n(&cpu->arch.must_flush, __ATOMIC_ACQUIRE) &&
		       cpu != this_cpu() && !__atomic_load_n(&is_panicking, __ATOMIC_ACQUIRE)) {
			cpu_relax();
		}
	}
}

/* Only this CPU ever uses its window's address, so only its TLB matters. */
void *arch_window(paddr_t page)
{
	struct arch_cpu *cpu = &this_cpu()->arch;

	__atomic_store_n(cpu->window_pte, ALIGN_DOWN(page.v, PAGE_SIZE) | PTE_HYP_RW,
			 __ATOMIC_RELEASE);
	return cpu->window;
}

void arch_window_close(void)
{
	struct arch_cpu *cpu = &this_cpu()->arch;

	__atomic_store_n(cpu->window_pte, 0, __ATOMIC_RELEASE);
	invlpg((uint64_t)cpu->window);
}

void *arch_window_pair(paddr_t first, paddr_t second, void **other)
{
	struct arch_cpu *cpu = &this_cpu()->arch;

	*other = (uint8_t *)cpu->window + HYP_WINDOW_STEP;
	__atomic_store_n(cpu->window_pte + HYP_WINDOW_STEP / PAGE_SIZE,
			 ALIGN_DOWN(second.v, PAGE_SIZE) | PTE_HYP_RW, __ATOMIC_RELEASE);
	return arch_window(first);
}

void arch_window_pair_close(void)
{
	struct arch_cpu *cpu = &this_cpu()->arch;

	__atomic_store_n(cpu->window_pte + HYP_WINDOW_STEP / PAGE_SIZE, 0, __ATOMIC_RELEASE);
	invlpg((uint64_t)cpu->window + HYP_WINDOW_STEP);
	arch_window_close();
}

paddr_t arch_virt_to_phys(const void *va)
{
	return paddr((uint64_t)va - HYP_VIRT_BASE + HYP_LOAD_BASE);
}

void *arch_phys_to_virt(paddr_t pa)
{
	return (void *)(pa.v - HYP_LOAD_BASE + HYP_VIRT_BASE);
}
