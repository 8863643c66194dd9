/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the virtual local APIC share. */
#ifndef VLAPIC_INTERNAL_H
#define VLAPIC_INTERNAL_H

#include <asm/vlapic.h>

#define ESR_SEND_VECTOR	   0x20U
#define ESR_RECEIVE_VECTOR 0x40U
#define ESR_REGISTER	   0x80U

#define ICR_LOGICAL	    BIT(11)
#define ICR_ASSERT	    BIT(14)
#define ICR_LEVEL	    BIT(15)
#define ICR_MODE_SHIFT	    8
#define ICR_SHORTHAND_SHIFT 18
#define ICR_DEST_SHIFT	    32

/* Order of lvt[]. */
enum {
	LVT_TIMER,
	LVT_THERM,
	LVT_PMC,
	LVT_LINT0,
	LVT_LINT1,
	LVT_ERROR
};

static inline bool vlapic_is_present(const struct vlapic *l)
{
	return (__atomic_load_n(&l->base, __ATOMIC_RELAXED) & APIC_BASE_ENABLE) != 0;
}

static inline bool vlapic_is_x2apic(const struct vlapic *l)
{
	return (__atomic_load_n(&l->base, __ATOMIC_RELAXED) & APIC_BASE_EXTD) != 0;
}

/** vlapic_accepts() - does it take fixed interrupts: there, and enabled by its guest? Context: any CPU. */
static inline bool vlapic_accepts(const struct vlapic *l)
{
	return vlapic_is_present(l) &&
	       (__atomic_load_n(&l->svr, __ATOMIC_RELAXED) & APIC_SVR_ENABLE) != 0;
}

/** vlapic_error() - note @esr, and interrupt if LVT_ERROR says so. Context: own CPU. */
void vlapic_error(struct vlapic *l, uint32_t esr);

/** vlapic_raise_lvt() - what the entry says: an interrupt of its vector, unless it is masked. Context: own CPU. */
void vlapic_raise_lvt(struct vlapic *l, unsigned int n);

/** vlapic_ppr() - the processor's priority: of TPR and of what is in service. */
uint32_t vlapic_ppr(const struct vlapic *l);

/** vlapic_eoi() - what is in service with the highest priority is done. */
void vlapic_eoi(struct vlapic *l);

/** vlapic_send() - the IPI that @icr says. */
void vlapic_send(struct vlapic *l, uint64_t icr);

/**
 * vlapic_timer_*() - registers of the timer were written: LVT_TIMER (@old: before), TMICT, TDCR; the current count; the
 * deadline's MSR; or all was reset.
 */
void vlapic_timer_lvt(struct vlapic *l, uint32_t old);
void vlapic_timer_start(struct vlapic *l, uint32_t count);
void vlapic_timer_divide(struct vlapic *l, uint32_t tdcr);
uint32_t vlapic_timer_count(const struct vlapic *l);
uint64_t vlapic_deadline(const struct vlapic *l);
void vlapic_set_deadline(struct vlapic *l, uint64_t tsc);

#endif
