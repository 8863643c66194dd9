/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's page tables, walked in software: its tables are its own memory, read an entry at a time through this CPU's
 * window, and may change meanwhile; what comes out is held against the domain's own space by the caller.
 *
 * Of privilege level 3, which reaches devices' registers but makes no hypercalls, only a user's pages are touched. Accessed
 * and dirty bits are not set.
 * Spec: AMD APM vol. 2 sections 5.2 and 5.3.
 */
#include <asm/arch.h>
#include <asm/hvm.h>
#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/p2m.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <string.h>

#define ADDR_MASK  0xffffffffff000UL
#define CR3_PAE	   0xffffffe0UL
#define CR3_LEGACY 0xfffff000UL

static int entry_read(struct domain *d, uint64_t at, unsigned int bytes, uint64_t *entry)
{
	unsigned long irq;
	enum p2m_type type;
	const char *window;
	paddr_t pa;

	if (arch_p2m_lookup(d, gpa(at), &pa, &type) != 0 ||
	    (type != P2M_RAM && type != P2M_RAM_RO)) {
		return -EFAULT;
	}
	*entry = 0;
	irq = arch_irq_save();
	window = (const char *)arch_window(paddr(ALIGN_DOWN(pa.v, PAGE_SIZE))) +
		 (pa.v & (PAGE_SIZE - 1));
	memcpy(entry, window, bytes);
	arch_window_close();
	arch_irq_restore(irq);
	return 0;
}

/* A pointer table of 32-bit PAE has no bits for who may. */
static bool is_pae_top(const struct hvm_modes *m, unsigned int level)
{
	return level == 3 && (m->efer & EFER_LMA) == 0;
}

/* @level: of the first table. */
static int walk(struct vcpu *v, const struct hvm_modes *m, uint64_t table, unsigned int level,
		uint64_t va, bool is_write, uint64_t *at)
{
	bool is_legacy = (m->cr4 & CR4_PAE) == 0;
	unsigned int bits = is_legacy ? 10 : 9, bytes = is_legacy ? 4 : 8;
	bool may_write = true, is_user = m->cpl == 3;

	for (;; level--) {
		unsigned int shift = PAGE_SHIFT + bits * (level - 1);
		uint64_t entry, slot = (va >> shift) & (BIT(bits) - 1);

		if (entry_read(v->domain, table + slot * bytes, bytes, &entry) != 0 ||
		    (entry & PTE_P) == 0) {
			return -EFAULT;
		}
		if (is_user && (entry & PTE_U) == 0 && !is_pae_top(m, level)) {
			return -EFAULT;
		}
		may_write = may_write && ((entry & PTE_W) != 0 || is_pae_top(m, level));
		if (level == 1 || ((entry & PTE_PS) != 0 && level < 4 &&
				   (!is_legacy || (m->cr4 & CR4_PSE) != 0))) {
			if (is_write && !may_write && (is_user || (m->cr0 & CR0_WP) != 0)) {
				return -EFAULT;
			}
			*at = (entry & ADDR_MASK & ~(BIT(shift) - 1)) | (va & (BIT(shift) - 1));
			return 0;
		}
		table = entry & ADDR_MASK;
	}
}

int guest_walk(struct vcpu *v, const struct hvm_modes *m, uint64_t va, bool is_write, uint64_t *at)
{
	if ((m->cr0 & CR0_PG) == 0) {
		*at = va & UINT32_MAX;
		return 0;
	}
	if ((m->efer & EFER_LMA) != 0) {
		if ((uint64_t)((int64_t)(va << 16) >> 16) != va) {
			return -EFAULT; /* not canonical */
		}
		return walk(v, m, m->cr3 & ADDR_MASK, 4, va, is_write, at);
	}
	if ((m->cr4 & CR4_PAE) != 0) {
		return walk(v, m, m->cr3 & CR3_PAE, 3, va & UINT32_MAX, is_write, at);
	}
	return walk(v, m, m->cr3 & CR3_LEGACY, 2, va & UINT32_MAX, is_write, at);
}
