/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own address space, what is AArch64's: windows, caches. Mappings are made in arch/common/mm/map.c.
 * Spec: Arm ARM D8.2-D8.3 (stage 1, 4 KiB, 48 bits), D8.14 (break before make).
 */
#include <asm/arch.h>
#include <asm/layout.h>
#include <asm/sysreg.h>
#include <hyp/arch/mm.h>
#include <hyp/percpu.h>
#include <string.h>

#define ZERO_LINE_MAX 6 /* words, as a power of two: what cache_zero_clean() takes */

void cache_flush_poc(const void *start, const void *end);
void cache_clean_poc(const void *start, const void *end);
void cache_zero_clean(void *start, void *end);

/*
 * Only this CPU ever uses its window's address, so only its TLB matters: what others may have
 * cached speculatively is never used. Break before make holds because closing invalidates.
 */
void *arch_window(paddr_t page)
{
	struct arch_cpu *cpu = &this_cpu()->arch;

	__atomic_store_n(cpu->window_pte, ALIGN_DOWN(page.v, PAGE_SIZE) | PTE_HYP_RW | PTE_PAGE,
			 __ATOMIC_RELAXED);
	dsb(nshst);
	isb();
	return cpu->window;
}

void arch_window_close(void)
{
	struct arch_cpu *cpu = &this_cpu()->arch;

	__atomic_store_n(cpu->window_pte, 0, __ATOMIC_RELEASE);
	dsb(nshst);
	__asm__ volatile("tlbi vae2, %0" : : "r"((uint64_t)cpu->window >> PAGE_SHIFT) : "memory");
	dsb(nsh);
	isb();
}

/* The second page's entry is made and unmade by the same barriers. */
void *arch_window_pair(paddr_t first, paddr_t second, void **other)
{
	struct arch_cpu *cpu = &this_cpu()->arch;

	*other = (uint8_t *)cpu->window + HYP_WINDOW_STEP;
	__atomic_store_n(cpu->window_pte + HYP_WINDOW_STEP / PAGE_SIZE,
			 ALIGN_DOWN(second.v, PAGE_SIZE) | PTE_HYP_RW | PTE_PAGE, __ATOMIC_RELAXED);
	return arch_window(first);
}

void arch_window_pair_close(void)
{
	struct arch_cpu *cpu = &this_cpu()->arch;

	__atomic_store_n(cpu->window_pte + HYP_WINDOW_STEP / PAGE_SIZE, 0, __ATOMIC_RELEASE);
	dsb(nshst);
	__asm__ volatile("tlbi vae2, %0"
			 :
			 : "r"(((uint64_t)cpu->window + HYP_WINDOW_STEP) >> PAGE_SHIFT)
			 : "memory");
	arch_window_close();
}

paddr_t arch_virt_to_phys(const void *va)
{
	return paddr((uint64_t)va - HYP_VIRT_BASE + image_pa);
}

void *arch_phys_to_virt(paddr_t pa)
{
	return (void *)(pa.v - image_pa + HYP_VIRT_BASE);
}

void arch_cache_clean(const void *va, size_t size)
{
	if (size > 0) {
		cache_clean_poc(va, (const uint8_t *)va + size);
	}
}

void arch_cache_flush(const void *va, size_t size)
{
	if (size > 0) {
		cache_flush_poc(va, (const uint8_t *)va + size);
	}
}

/* DCZID_EL0: DZP bit 4 forbids it, BS 3:0 is the block in words, as CTR_EL0.DminLine 19:16 is the line. */
void arch_zero_clean(void *va, size_t size)
{
	uint64_t line = (read_sysreg(ctr_el0) >> 16) & 0xf;

	if ((read_sysreg(dczid_el0) & 0x1f) == line && line <= ZERO_LINE_MAX) {
		cache_zero_clean(va, (uint8_t *)va + size);
	} else {
		memset(va, 0, size);
		arch_cache_clean(va, size);
	}
}
