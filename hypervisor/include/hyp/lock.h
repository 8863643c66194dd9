/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spin locks, and the whole lock order in one place (take left before right):
 *
 *   links lock (evtchn/link.c), a mapper's track_lock -> a granter's gnttab.lock (gnttab/internal.h)
 *   -> domain.lock -> arch (vgic) locks -> a CPU's scheduling lock (hyp/sched.h) -> console.lock -> pool / map locks
 *
 * Every lock is taken with interrupts masked (spin_lock_irqsave) unless its owner says otherwise.
 */
#ifndef HYP_LOCK_H
#define HYP_LOCK_H

#include <hyp/arch/irq.h>
#include <hyp/types.h>

typedef struct {
	uint32_t next;
	uint32_t owner;
} spinlock_t;

static inline void spin_lock(spinlock_t *l)
{
	uint32_t ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket) {
	}
}

/** spin_trylock() - take @l only if nobody holds it. */
static inline bool spin_trylock(spinlock_t *l)
{
	uint32_t ticket = __atomic_load_n(&l->owner, __ATOMIC_RELAXED);

	return __atomic_compare_exchange_n(&l->next, &ticket, ticket + 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static inline void spin_unlock(spinlock_t *l)
{
	__atomic_store_n(&l->owner, __atomic_load_n(&l->owner, __ATOMIC_RELAXED) + 1,
			 __ATOMIC_RELEASE);
}

static inline unsigned long spin_lock_irqsave(spinlock_t *l)
{
	unsigned long flags = arch_irq_save();

	spin_lock(l);
	return flags;
}

static inline void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags)
{
	spin_unlock(l);
	arch_irq_restore(flags);
}

#endif
