/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This CPU's local APIC: by its registers (x2APIC) where the CPU has them, else by its page.
 * Spec: AMD APM vol. 2 chapter 16; Intel SDM vol. 3 chapter 11.
 */
#include <asm/arch.h>
#include <asm/vlapic.h> /* the registers are the same */
#include <hyp/arch/mm.h>
#include <hyp/errno.h>

#define APIC_PAGE	 0xffffff000UL
#define CPUID_ECX_X2APIC BIT(21)
#define ICR_BUSY	 BIT(12)
#define DIVIDE_BY_1	 0xbU

static volatile uint8_t *page; /* NULL: x2APIC */

static uint32_t reg_read(unsigned int at)
{
	return page != NULL ? *(volatile uint32_t *)(page + at)
			    : (uint32_t)rdmsr(MSR_X2APIC + at / 16);
}

static void reg_write(unsigned int at, uint32_t value)
{
	if (page != NULL) {
		*(volatile uint32_t *)(page + at) = value;
	} else {
		wrmsr(MSR_X2APIC + at / 16, value);
	}
}

int apic_init(void)
{
	if ((cpuid(1, 0).ecx & CPUID_ECX_X2APIC) != 0) {
		return 0;
	}
	page = arch_map(paddr(rdmsr(MSR_APIC_BASE) & APIC_PAGE), PAGE_SIZE, MAP_DEVICE);
	return page == NULL ? -ENOMEM : 0;
}

void apic_cpu_init(void)
{
	static const uint16_t unused[] = { APIC_LVT_TIMER, APIC_LVT_LINT0, APIC_LVT_LINT1,
					   APIC_LVT_ERROR };
	uint64_t base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	wrmsr(MSR_APIC_BASE, base);
	if (page == NULL) {
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_EXTD);
	}
	reg_write(APIC_SVR, APIC_SVR_ENABLE | VECTOR_SPURIOUS);
	for (unsigned int i = 0; i < ARRAY_SIZE(unused); i++) {
		reg_write(unused[i], APIC_LVT_MASKED);
	}
	reg_write(APIC_TPR, 0);
	reg_write(APIC_TDCR, DIVIDE_BY_1);
	reg_write(APIC_LVT_TIMER, VECTOR_TIMER);
}

uint32_t apic_id(void)
{
	uint32_t id = reg_read(APIC_ID);

	return page != NULL ? id >> 24 : id;
}

void apic_eoi(void)
{
	reg_write(APIC_EOI, 0);
}

/* x2APIC: one write, which need not wait. Before it, what the other CPU is to see (Intel SDM vol. 3 section 11.12.3). */
void apic_ipi(uint32_t id, uint32_t low)
{
	if (page == NULL) {
		__asm__ volatile("mfence\n\tlfence" : : : "memory");
		wrmsr(MSR_X2APIC + APIC_ICR / 16, (uint64_t)id << 32 | low);
		return;
	}
	while ((reg_read(APIC_ICR) & ICR_BUSY) != 0) {
		cpu_relax();
	}
	reg_write(APIC_ICR_HIGH, id << 24);
	reg_write(APIC_ICR, low);
}

/* The priority is what it was; said again, it makes an emulator look at IRR, too. */
void apic_look_again(void)
{
	reg_write(APIC_TPR, 0);
}

void apic_timer_set(uint32_t count)
{
	reg_write(APIC_TMICT, count);
}

uint32_t apic_timer_read(void)
{
	return reg_read(APIC_TMCCT);
}
