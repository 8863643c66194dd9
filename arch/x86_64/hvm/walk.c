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
#include <hyp/arch/p2m.h>
#include <hyp/domain.h>
#include <hyp/errno.h>
#include <hyp/percpu.h>

#define ADDR_MASK  0xffffffffff000UL
#define CR3_PAE	   0xffffffe0UL
#define CR3_LEGACY 0xfffff000UL

/* The eight bytes that @pa is one of. Interrupts are masked here, as in all that guests leave for. */
static uint64_t window_read(paddr_t pa)
{
	struct arch_cpu *cpu = &this_cpu()->arch;
	uint64_t value;

	__atomic_store_n(cpu->window_pte, ALIGN_DOWN(pa.v, PAGE_SIZE) | PTE_HYP_RO,
			 __ATOMIC_RELEASE);
	value = *(const volatile uint64_t *)((const char *)cpu->window +
					     (pa.v & (PAGE_SIZE - sizeof(value))));
	__atomic_store_n(cpu->window_pte, 0, __ATOMIC_RELEASE);
	invlpg((uint64_t)cpu->window);
	return value;
}

/* The eight bytes around @at, of a guest's own memory. */
static __forceinline bool table_read(struct domain *d, uint64_t at, uint64_t *value)
{
	enum p2m_type type;
	paddr_t pa;

	if (arch_p2m_lookup(d, gpa(at), &pa, &type) != 0 ||
	    (type != P2M_RAM && type != P2M_RAM_RO)) {
		return false;
	}
	*value = window_read(pa);
	return true;
}

static int entry_read(struct domain *d, uint64_t at, unsigned int bytes, uint64_t *entry)
{
	if (!table_read(d, at, entry)) {
		return -EFAULT;
	}
	if (bytes != sizeof(*entry)) {
		*entry = *entry >> (at & 4) * 8 & UINT32_MAX;
	}
	return 0;
}

#define LONG_TOP_SHIFT 39
#define LONG_BITS      9

/* In long mode: what every entry allows is allowed. */
static int walk_long(struct vcpu *v, const struct hvm_modes *m, uint64_t va, bool is_write,
		     uint64_t *at)
{
	uint64_t entry = m->cr3, allowed = UINT64_MAX, wanted = PTE_P;
	unsigned int shift = LONG_TOP_SHIFT;

	wanted |= m->cpl == 3 ? PTE_U : 0;
	wanted |= is_write && (m->cpl == 3 || (m->cr0 & CR0_WP) != 0) ? PTE_W : 0;
	for (;; shift -= LONG_BITS) {
		uint64_t slot = (va >> shift) & (BIT(LONG_BITS) - 1);

		if (!table_read(v->domain, (entry & ADDR_MASK) + slot * sizeof(entry), &entry)) {
			return -EFAULT;
		}
		allowed &= entry;
		if ((allowed & wanted) != wanted) {
			return -EFAULT;
		}
		if (shift == PAGE_SHIFT || ((entry & PTE_PS) != 0 && shift < LONG_TOP_SHIFT)) {
			*at = (entry & ADDR_MASK & ~(BIT(shift) - 1)) | (va & (BIT(shift) - 1));
			return 0;
		}
	}
}

/* Without long mode. @level: of the first table; 3 is PAE's, whose entries have no bits for who may. */
static int walk_legacy(struct vcpu *v, const struct hvm_modes *m, uint64_t table,
		       unsigned int level, uint64_t va, bool is_write, uint64_t *at)
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
		if (is_user && (entry & PTE_U) == 0 && level != 3) {
			return -EFAULT;
		}
		may_write = may_write && ((entry & PTE_W) != 0 || level == 3);
		if (level == 1 || ((entry & PTE_PS) != 0 && level < 3 &&
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
		return walk_long(v, m, va, is_write, at);
	}
	if ((m->cr4 & CR4_PAE) != 0) {
		return walk_legacy(v, m, m->cr3 & CR3_PAE, 3, va & UINT32_MAX, is_write, at);
	}
	return walk_legacy(v, m, m->cr3 & CR3_LEGACY, 2, va & UINT32_MAX, is_write, at);
}
