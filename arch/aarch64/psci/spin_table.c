// SPDX-License-Identifier: Apache-2.0
/*
 * A board without PSCI firmware, in psci.c's place: its CPUs spin until an address to go to appears in memory. There is no
 * firmware to call: nothing here executes SMC. One CPU is started at a time, and never again.
 * Spec: Linux Documentation/arch/arm64/booting.rst, "spin-table"; Devicetree Specification v0.4, 3.8.1, cpu-release-addr.
 */
#include <asm/arch.h>
#include <asm/psci.h>
#include <asm/spin_table.h>
#include <asm/sysreg.h>
#include <hyp/arch/mm.h>
#include <hyp/types.h>

#define RELEASE_PAGE  ALIGN_DOWN((uint64_t)CONFIG_CPU_RELEASE_BASE, PAGE_SIZE)
#define RELEASE_MAX   4U
#define AFFINITY_BITS 0xffU

uint64_t spin_cpu;

static int64_t release(uint64_t affinity, uint64_t arg)
{
	uint64_t entry = arch_virt_to_phys((const void *)(uintptr_t)spin_entry).v;
	uint8_t *page;
	uint64_t *slot;

	if ((affinity & ~(uint64_t)AFFINITY_BITS) != 0 || affinity >= RELEASE_MAX) {
		return PSCI_INVALID_PARAMETERS;
	}
	page = arch_map((paddr_t){ RELEASE_PAGE }, PAGE_SIZE, MAP_RW);
	if (page == NULL) {
		return PSCI_NOT_SUPPORTED;
	}
	spin_cpu = arg;
	arch_cache_flush(&spin_cpu, sizeof(spin_cpu));
	slot = (uint64_t *)(void *)(page + (CONFIG_CPU_RELEASE_BASE - RELEASE_PAGE)) + affinity;
	*slot = entry;
	arch_cache_flush(slot, sizeof(*slot));
	__asm__ volatile("sev" : : : "memory");
	arch_unmap(page, PAGE_SIZE);
	return PSCI_SUCCESS;
}

int64_t psci_call(uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
	(void)a2;
	switch (fn) {
	case PSCI_CPU_ON_64:
		return release(a1, a3);
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
		bcm_pm_end(fn == PSCI_SYSTEM_OFF);
		return PSCI_NOT_SUPPORTED;
	default:
		return PSCI_NOT_SUPPORTED;
	}
}

int32_t firmware_call(uint32_t fn, uint32_t a1)
{
	(void)fn;
	(void)a1;
	return SMCCC_NOT_SUPPORTED;
}
