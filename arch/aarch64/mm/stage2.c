/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage 2, what is AArch64's: registers, attributes, TLBs. The tables are made in arch/common/mm/p2m.c.
 * Spec: Arm ARM D8.3.1 (stage 2 descriptors), D24.2 (VTCR_EL2, VTTBR_EL2).
 */
#include <asm/arch.h>
#include <asm/errata.h>
#include <asm/p2m_format.h>
#include <asm/sysreg.h>
#include <hyp/arch/mm.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/pool.h>

#define S2_IPA_BITS 40U

#define S2_AF	    BIT(10)
#define S2_SH_INNER (3UL << 8)
#define S2_READ	    BIT(6)
#define S2_WRITE    BIT(7)
#define S2_XN	    BIT(54)
#define S2_NORMAL   (0xfUL << 2)
#define S2_DEVICE   (0x1UL << 2) /* Device-nGnRE */

unsigned int p2m_bits(void)
{
	static const uint8_t pa_bits[] = { 32, 36, 40, 42, 44, 48 };
	uint64_t range = read_sysreg(id_aa64mmfr0_el1) & 0xf;

	return MIN((unsigned int)pa_bits[MIN(range, 5UL)], S2_IPA_BITS);
}

void stage2_cpu_init(void)
{
	uint64_t ps = MIN(read_sysreg(id_aa64mmfr0_el1) & 0xf, 5UL);

	/* RES1 bit 31; PS; inner shareable, write-back walks; SL0 = 1: begin at level 1 */
	write_sysreg(BIT(31) | ps << 16 | 3UL << 12 | 1UL << 10 | 1UL << 8 | 1UL << 6 |
			     (64 - p2m_bits()),
		     vtcr_el2);
	isb();
}

int arch_p2m_init(struct domain *d)
{
	d->arch.p2m_root = page_alloc(1);
	if (d->arch.p2m_root == NULL) {
		return -ENOMEM;
	}
	d->arch.vttbr = (uint64_t)(d->id & 0xff) << 48 | arch_virt_to_phys(d->arch.p2m_root).v;
	return 0;
}

uint64_t p2m_attr(enum p2m_type type)
{
	uint64_t attr = S2_VALID | S2_AF | (uint64_t)type << S2_SW_TYPE | S2_READ;

	switch (type) {
	case P2M_RAM:
		return attr | S2_NORMAL | S2_SH_INNER | S2_WRITE;
	case P2M_DEVICE:
		return attr | S2_DEVICE | S2_WRITE | S2_XN;
	case P2M_GRANT:
		return attr | S2_NORMAL | S2_SH_INNER | S2_WRITE | S2_XN;
	case P2M_RAM_RO:
	case P2M_GRANT_RO:
	default:
		return attr | S2_NORMAL | S2_SH_INNER | S2_XN;
	}
}

/* All stage-2 and combined entries of @d, on all CPUs: TLBI works on the VMID in VTTBR_EL2. */
void p2m_forget(struct domain *d)
{
	uint64_t old = read_sysreg(vttbr_el2);
	unsigned long flags = arch_irq_save();

	dsb(ishst);
	write_sysreg(d->arch.vttbr, vttbr_el2);
	isb();
	for (int again = errata_tlbi_rounds(); again > 0; again--) {
		__asm__ volatile("tlbi vmalls12e1is" : : : "memory");
		dsb(ish);
	}
	isb();
	write_sysreg(old, vttbr_el2);
	isb();
	arch_irq_restore(flags);
}
