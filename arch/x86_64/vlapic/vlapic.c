// SPDX-License-Identifier: Apache-2.0
/*
 * The virtual local APIC, what is pending and what is in service: asm/vlapic.h.
 *
 * IRR and TMR are sets of bits that any CPU may add to. Who adds first says how the interrupt is triggered, then that it
 * is there, then kicks; the own CPU looks at IRR after it has seen the kick. So nothing is lost without a lock.
 * Spec: Intel SDM vol. 3A, 11.8 (priorities, IRR, ISR, EOI), 11.5.3 (errors).
 */
#include "internal.h"

#define FIRST_VECTOR 16
#define CLASS(v)     ((v)&0xf0U)

/* @words: which of @bits may be other than 0. */
static int highest(const uint32_t *bits, uint32_t words)
{
	while (words != 0) {
		unsigned int n = 31 - (unsigned int)__builtin_clz(words);
		uint32_t word = __atomic_load_n(&bits[n], __ATOMIC_RELAXED);

		if (word != 0) {
			return (int)(n * 32 + 31) - __builtin_clz(word);
		}
		words &= ~(1U << n);
	}
	return VLAPIC_NO_VECTOR;
}

static int highest_irr(const struct vlapic *l)
{
	return highest(l->irr, __atomic_load_n(&l->irr_words, __ATOMIC_RELAXED));
}

/* Behind its bit: whoever finds the word named finds that too. */
static void name_word(struct vlapic *l, uint8_t vector)
{
	__atomic_fetch_or(&l->irr_words, 1U << vector / 32, __ATOMIC_SEQ_CST);
}

/* A word that is empty is named no more; looked at again, for somebody may have added to it before it was not. */
static void forget_word(struct vlapic *l, uint8_t vector)
{
	const uint32_t *word = &l->irr[vector / 32];

	if (__atomic_load_n(word, __ATOMIC_RELAXED) == 0) {
		__atomic_fetch_and(&l->irr_words, ~(1U << vector / 32), __ATOMIC_SEQ_CST);
		if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != 0) {
			name_word(l, vector);
		}
	}
}

static void isr_clear(struct vlapic *l, uint8_t vector, uint32_t bit)
{
	l->isr[vector / 32] &= ~bit;
	if (l->isr[vector / 32] == 0) {
		l->isr_words &= ~(1U << vector / 32);
	}
}

static uint32_t bit_of(uint8_t vector)
{
	return 1U << (vector & 31);
}

void vlapic_raise(struct vlapic *l, uint8_t vector, bool is_level)
{
	uint32_t bit = bit_of(vector);

	if (vector < FIRST_VECTOR || !vlapic_accepts(l)) {
		return;
	}
	if (is_level) {
		__atomic_fetch_or(&l->tmr[vector / 32], bit, __ATOMIC_RELAXED);
	} else {
		__atomic_fetch_and(&l->tmr[vector / 32], ~bit, __ATOMIC_RELAXED);
	}
	if ((__atomic_fetch_or(&l->irr[vector / 32], bit, __ATOMIC_SEQ_CST) & bit) == 0) {
		name_word(l, vector);
		vlapic_hw_kick(l);
	}
}

void vlapic_nmi(struct vlapic *l)
{
	if (vlapic_is_present(l)) {
		__atomic_store_n(&l->nmis, 1,
				 __ATOMIC_SEQ_CST); /* one waits at most, as in a CPU */
		vlapic_hw_kick(l);
	}
}

bool vlapic_take_nmi(struct vlapic *l)
{
	return __atomic_load_n(&l->nmis, __ATOMIC_RELAXED) != 0 &&
	       __atomic_exchange_n(&l->nmis, 0, __ATOMIC_ACQUIRE) != 0;
}

uint32_t vlapic_ppr(const struct vlapic *l)
{
	int in_service = highest(l->isr, l->isr_words);
	uint32_t isrv = in_service < 0 ? 0 : CLASS((uint32_t)in_service);

	return CLASS(l->tpr) >= isrv ? l->tpr : isrv;
}

int vlapic_pending(const struct vlapic *l)
{
	int vector = highest_irr(l);

	if (vector < 0 || !vlapic_is_present(l) ||
	    CLASS((uint32_t)vector) <= CLASS(vlapic_ppr(l))) {
		return VLAPIC_NO_VECTOR;
	}
	return vector;
}

void vlapic_take(struct vlapic *l, uint8_t vector)
{
	__atomic_fetch_and(&l->irr[vector / 32], ~bit_of(vector), __ATOMIC_ACQUIRE);
	forget_word(l, vector);
	l->isr[vector / 32] |= bit_of(vector);
	l->isr_words |= 1U << vector / 32;
}

void vlapic_untake(struct vlapic *l, uint8_t vector)
{
	uint32_t bit = bit_of(vector);

	if (highest(l->isr, l->isr_words) == vector) {
		isr_clear(l, vector, bit);
		__atomic_fetch_or(&l->irr[vector / 32], bit, __ATOMIC_SEQ_CST);
		name_word(l, vector);
	}
}

unsigned int vlapic_threshold(const struct vlapic *l)
{
	int vector = highest_irr(l), in_service = highest(l->isr, l->isr_words);
	uint32_t wanted = vector < 0 ? 0 : CLASS((uint32_t)vector);

	if (wanted == 0 || !vlapic_is_present(l) ||
	    (in_service >= 0 && wanted <= CLASS((uint32_t)in_service)) || wanted > CLASS(l->tpr)) {
		return 0;
	}
	return wanted >> 4;
}

void vlapic_eoi(struct vlapic *l)
{
	int vector = highest(l->isr, l->isr_words);
	uint32_t bit;

	if (vector < 0) {
		return;
	}
	bit = bit_of((uint8_t)vector);
	isr_clear(l, (uint8_t)vector, bit);
	if ((__atomic_load_n(&l->tmr[vector / 32], __ATOMIC_RELAXED) & bit) != 0) {
		vlapic_hw_eoi(l, (uint8_t)vector);
	}
}

void vlapic_raise_lvt(struct vlapic *l, unsigned int n)
{
	uint32_t entry = l->lvt[n];

	if ((entry & APIC_LVT_MASKED) != 0) {
		return;
	}
	if ((uint8_t)entry < FIRST_VECTOR &&
	    n != LVT_ERROR) { /* the error's own error would never end */
		vlapic_error(l, ESR_RECEIVE_VECTOR);
		return;
	}
	vlapic_raise(l, (uint8_t)entry, false);
}

void vlapic_error(struct vlapic *l, uint32_t esr)
{
	l->esr_pending |= esr;
	vlapic_raise_lvt(l, LVT_ERROR);
}

bool vlapic_set_cr8(struct vlapic *l, uint64_t value)
{
	if (value > 15) {
		return false;
	}
	l->tpr = (uint32_t)value << 4;
	return true;
}

/* All that an INIT resets; the timer's hardware is the caller's. */
static void clear(struct vlapic *l)
{
	for (unsigned int n = 0; n < 8; n++) {
		__atomic_store_n(&l->irr[n], 0, __ATOMIC_RELAXED);
		__atomic_store_n(&l->tmr[n], 0, __ATOMIC_RELAXED);
		l->isr[n] = 0;
	}
	__atomic_store_n(&l->irr_words, 0, __ATOMIC_RELAXED);
	l->isr_words = 0;
	for (unsigned int n = 0; n < VLAPIC_NR_LVT; n++) {
		l->lvt[n] = APIC_LVT_MASKED;
	}
	__atomic_store_n(&l->svr, 0xff, __ATOMIC_RELAXED);
	__atomic_store_n(&l->nmis, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&l->ldr, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&l->dfr, UINT32_MAX, __ATOMIC_RELAXED);
	l->tpr = 0;
	l->esr = l->esr_pending = 0;
	l->icr = 0;
	l->tmict = l->tdcr = 0;
	l->tsc_deadline = 0;
	l->is_timer_on = false;
	l->timer_due = UINT64_MAX;
}

void vlapic_init_signal(struct vlapic *l)
{
	clear(l);
	vlapic_hw_timer(l, UINT64_MAX);
}

void vlapic_reset(struct vlapic *l)
{
	__atomic_store_n(&l->base,
			 VLAPIC_BASE | APIC_BASE_ENABLE | (l->id == 0 ? APIC_BASE_BSP : 0),
			 __ATOMIC_RELAXED);
	clear(l);
}

void vlapic_init(struct vlapic_set *set, struct vlapic *l)
{
	l->set = set;
	l->id = set->nr;
	set->cpus[set->nr++] = l;
	vlapic_reset(l);
}
