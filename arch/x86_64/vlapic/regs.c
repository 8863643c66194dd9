// SPDX-License-Identifier: Apache-2.0
/*
 * The registers of the virtual local APIC, as words in memory or as MSRs: asm/vlapic.h.
 *
 * Both views share what reading and writing means. They differ in what there is, and in what happens to bits that are
 * reserved: in memory they are dropped, in an MSR they are a #GP.
 * Spec: Intel SDM vol. 3A, 11.4 (xAPIC), 11.12.1 (x2APIC registers), 11.12.5 (changes of mode), 11.5.1 (LVT).
 */
#include "internal.h"

#define VERSION		(VLAPIC_VERSION | (VLAPIC_NR_LVT - 1) << 16)
#define ID_SHIFT	24
#define SVR_BITS	0x1ffU
#define DFR_RESERVED	0x0fffffffU
#define ICR_BITS	0xccfffU
#define ICR_STATUS	0x1000U /* delivery status: read only, nothing is ever under way */
#define TDCR_BITS	0xbU
#define LVT_REMOTE_BITS 0x5000U /* delivery status, remote IRR: read only */
#define BASE_BITS	(APIC_BASE_BSP | APIC_BASE_EXTD | APIC_BASE_ENABLE)

/* What a guest may set in each entry, in their order. */
static const uint32_t lvt_bits[VLAPIC_NR_LVT] = { 0x700ff, 0x107ff, 0x107ff,
						  0x1a7ff, 0x1a7ff, 0x100ff };

static unsigned int lvt_index(uint32_t reg)
{
	return (reg - APIC_LVT_TIMER) / 16;
}

static uint32_t read_id(const struct vlapic *l)
{
	return vlapic_is_x2apic(l) ? l->id : l->id << ID_SHIFT;
}

static uint32_t read_ldr(const struct vlapic *l)
{
	return vlapic_is_x2apic(l) ? l->id >> 4 << 16 | 1U << (l->id & 15) : l->ldr;
}

static uint32_t read_set(const struct vlapic *l, uint32_t reg)
{
	const uint32_t *bits = reg >= APIC_IRR ? l->irr : reg >= APIC_TMR ? l->tmr : l->isr;

	return __atomic_load_n(&bits[(reg - APIC_ISR) / 16 % 8], __ATOMIC_RELAXED);
}

/* A register that is there to be read; @reg is a multiple of 16 below 0x400. */
static bool reg_read(const struct vlapic *l, uint32_t reg, uint32_t *value)
{
	if (reg >= APIC_ISR && reg < APIC_ESR) {
		*value = read_set(l, reg);
		return true;
	}
	if (reg >= APIC_LVT_TIMER && reg <= APIC_LVT_ERROR) {
		*value = l->lvt[lvt_index(reg)];
		return true;
	}
	switch (reg) {
	case APIC_ID:
		*value = read_id(l);
		return true;
	case APIC_VERSION:
		*value = VERSION;
		return true;
	case APIC_TPR:
		*value = l->tpr;
		return true;
	case APIC_PPR:
		*value = vlapic_ppr(l);
		return true;
	case APIC_LDR:
		*value = read_ldr(l);
		return true;
	case APIC_SVR:
		*value = l->svr;
		return true;
	case APIC_ESR:
		*value = l->esr;
		return true;
	case APIC_TMICT:
		*value = l->tmict;
		return true;
	case APIC_TMCCT:
		*value = vlapic_timer_count(l);
		return true;
	case APIC_TDCR:
		*value = l->tdcr;
		return true;
	default:
		return false;
	}
}

static void write_svr(struct vlapic *l, uint32_t value)
{
	__atomic_store_n(&l->svr, value & SVR_BITS, __ATOMIC_RELAXED);
	for (unsigned int n = 0; (value & APIC_SVR_ENABLE) == 0 && n < VLAPIC_NR_LVT; n++) {
		l->lvt[n] |= APIC_LVT_MASKED;
	}
}

static void write_lvt(struct vlapic *l, unsigned int n, uint32_t value)
{
	uint32_t old = l->lvt[n];

	l->lvt[n] = value & lvt_bits[n];
	if ((l->svr & APIC_SVR_ENABLE) == 0) {
		l->lvt[n] |= APIC_LVT_MASKED;
	}
	if (n == LVT_TIMER) {
		vlapic_timer_lvt(l, old);
	}
}

/* Bits of a register that may be written, both views; 0: it is not there, or read only. */
static uint32_t writable(uint32_t reg)
{
	if (reg >= APIC_LVT_TIMER && reg <= APIC_LVT_ERROR) {
		return lvt_bits[lvt_index(reg)] | LVT_REMOTE_BITS;
	}
	switch (reg) {
	case APIC_TPR:
		return 0xff;
	case APIC_SVR:
		return SVR_BITS;
	case APIC_TMICT:
		return UINT32_MAX;
	case APIC_TDCR:
		return TDCR_BITS;
	default:
		return 0;
	}
}

static void reg_write(struct vlapic *l, uint32_t reg, uint32_t value)
{
	switch (reg) {
	case APIC_TPR:
		l->tpr = value & 0xff;
		break;
	case APIC_SVR:
		write_svr(l, value);
		break;
	case APIC_TMICT:
		vlapic_timer_start(l, value);
		break;
	case APIC_TDCR:
		vlapic_timer_divide(l, value);
		break;
	default:
		write_lvt(l, lvt_index(reg), value);
		break;
	}
}

/* What was noted since the last write can be read after it. */
static void write_esr(struct vlapic *l)
{
	l->esr = l->esr_pending;
	l->esr_pending = 0;
}

static bool mmio_reg_read(const struct vlapic *l, uint32_t reg, uint32_t *value)
{
	switch (reg) {
	case APIC_DFR:
		*value = l->dfr;
		return true;
	case APIC_ICR:
		*value = (uint32_t)l->icr;
		return true;
	case APIC_ICR_HIGH:
		*value = (uint32_t)(l->icr >> ICR_DEST_SHIFT) << ID_SHIFT;
		return true;
	default:
		return reg_read(l, reg, value);
	}
}

bool vlapic_mmio_read(struct vlapic *l, uint32_t offset, unsigned int bytes, uint64_t *value)
{
	unsigned int shift = 8 * (offset & 15);
	uint32_t word = 0;

	if (!vlapic_is_present(l) || vlapic_is_x2apic(l)) {
		return false;
	}
	if (offset < 0x400 && shift < 32 && !mmio_reg_read(l, offset & ~15U, &word)) {
		l->esr_pending |= ESR_REGISTER;
	}
	*value = shift < 32 ? word >> shift : 0;
	if (bytes < 4) {
		*value &= (1UL << 8 * bytes) - 1;
	}
	return true;
}

static void mmio_write_word(struct vlapic *l, uint32_t reg, uint32_t value)
{
	switch (reg) {
	case APIC_EOI:
		vlapic_eoi(l);
		break;
	case APIC_LDR:
		__atomic_store_n(&l->ldr, value & 0xffU << ID_SHIFT, __ATOMIC_RELAXED);
		break;
	case APIC_DFR:
		__atomic_store_n(&l->dfr, value | DFR_RESERVED, __ATOMIC_RELAXED);
		break;
	case APIC_ESR:
		write_esr(l);
		break;
	case APIC_ICR:
		l->icr = (l->icr & ~0xffffffffUL) | (value & ICR_BITS);
		vlapic_send(l, l->icr);
		break;
	case APIC_ICR_HIGH:
		l->icr = (uint32_t)l->icr | (uint64_t)(value >> ID_SHIFT) << ICR_DEST_SHIFT;
		break;
	default:
		if (writable(reg) != 0) {
			reg_write(l, reg, value);
		} else {
			l->esr_pending |= ESR_REGISTER;
		}
		break;
	}
}

bool vlapic_mmio_write(struct vlapic *l, uint32_t offset, unsigned int bytes, uint64_t value)
{
	if (!vlapic_is_present(l) || vlapic_is_x2apic(l)) {
		return false;
	}
	if (bytes == 4 && (offset & 15) == 0) {
		mmio_write_word(l, offset, (uint32_t)value);
	}
	return true;
}

bool vlapic_has_msr(uint32_t msr)
{
	return msr == MSR_APIC_BASE || msr == MSR_TSC_DEADLINE ||
	       (msr >= MSR_X2APIC && msr < MSR_X2APIC_END);
}

bool vlapic_msr_read(struct vlapic *l, uint32_t msr, uint64_t *value)
{
	uint32_t reg = (msr - MSR_X2APIC) * 16;
	uint32_t word;

	if (msr == MSR_APIC_BASE) {
		*value = l->base;
		return true;
	}
	if (msr == MSR_TSC_DEADLINE) {
		*value = vlapic_deadline(l);
		return true;
	}
	if (!vlapic_is_present(l) || !vlapic_is_x2apic(l)) {
		return false;
	}
	if (reg == APIC_ICR) {
		*value = l->icr;
		return true;
	}
	if (!reg_read(l, reg, &word)) {
		return false;
	}
	*value = word;
	return true;
}

/* Off, xAPIC, x2APIC: from one to the next, and from each to off; off forgets everything. */
static bool write_base(struct vlapic *l, uint64_t value)
{
	uint64_t mode = value & (APIC_BASE_ENABLE | APIC_BASE_EXTD);
	uint64_t old = l->base & (APIC_BASE_ENABLE | APIC_BASE_EXTD);

	if ((value & ~BASE_BITS) != VLAPIC_BASE || mode == APIC_BASE_EXTD ||
	    ((value ^ l->base) & APIC_BASE_BSP) != 0) {
		return false;
	}
	if ((old == 0 && (mode & APIC_BASE_EXTD) != 0) ||
	    ((old & APIC_BASE_EXTD) != 0 && mode == APIC_BASE_ENABLE)) {
		return false;
	}
	__atomic_store_n(&l->base, value, __ATOMIC_RELAXED);
	if (mode == 0 && old != 0) {
		vlapic_init_signal(l);
	} else if (mode != old) {
		l->icr = (uint32_t)l->icr; /* the upper half has another format */
	}
	return true;
}

static bool x2apic_write(struct vlapic *l, uint32_t reg, uint64_t value)
{
	switch (reg) {
	case APIC_EOI:
	case APIC_ESR:
		if (value != 0) {
			return false;
		}
		if (reg == APIC_EOI) {
			vlapic_eoi(l);
		} else {
			write_esr(l);
		}
		return true;
	case APIC_ICR:
		if ((value & 0xffffffffUL & ~(uint64_t)(ICR_BITS | ICR_STATUS)) != 0) {
			return false;
		}
		l->icr = value & ~(uint64_t)ICR_STATUS;
		vlapic_send(l, l->icr);
		return true;
	case APIC_SELF_IPI:
		if (value > 0xff) {
			return false;
		}
		vlapic_send(l, value | 1UL << ICR_SHORTHAND_SHIFT);
		return true;
	default:
		if ((value & ~(uint64_t)writable(reg)) != 0 || writable(reg) == 0) {
			return false;
		}
		reg_write(l, reg, (uint32_t)value);
		return true;
	}
}

bool vlapic_msr_write(struct vlapic *l, uint32_t msr, uint64_t value)
{
	if (msr == MSR_APIC_BASE) {
		return write_base(l, value);
	}
	if (msr == MSR_TSC_DEADLINE) {
		vlapic_set_deadline(l, value);
		return true;
	}
	return vlapic_is_present(l) && vlapic_is_x2apic(l) &&
	       x2apic_write(l, (msr - MSR_X2APIC) * 16, value);
}
