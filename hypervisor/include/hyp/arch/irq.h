/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arch contract, physical interrupts: the hypervisor's own (the console's UART), those of devices
 * that a domain was given, and masking.
 */
#ifndef HYP_ARCH_IRQ_H
#define HYP_ARCH_IRQ_H

#include <hyp/types.h>

struct domain;
struct plan;

/**
 * arch_irq_init() - the interrupt controller as the plan says; boot CPU's part too. Return: 0;
 * -ENODEV.
 */
int __must_check arch_irq_init(const struct plan *plan);

/**
 * arch_irq_request() - call @handler in interrupt context on the boot CPU, level triggered. Return:
 * 0; -EINVAL; -EBUSY.
 */
int __must_check arch_irq_request(unsigned int irq, void (*handler)(void *arg), void *arg);

/**
 * arch_irq_assign() - shared interrupt @intid, edge-triggered or level, is @d's: delivered under the same
 * number, deactivated by the guest, enabled when the guest enables it.
 * Context: while @d is built, after its vCPUs; off until then and in the end.
 * Return:  0; -EINVAL no such interrupt, or beyond what guests can have; -EBUSY ours or another domain's.
 */
int __must_check arch_irq_assign(struct domain *d, unsigned int intid, bool is_edge);

/**
 * arch_irq_quiesce() - @d's interrupts as arch_irq_assign() left them: disabled, not pending, not active.
 * Context: @d's vCPUs are off their CPUs.
 */
void arch_irq_quiesce(struct domain *d);

/** arch_irq_save() / arch_irq_restore() - mask interrupts on this CPU; nestable. */
unsigned long arch_irq_save(void);
void arch_irq_restore(unsigned long flags);

#endif
